"""Which associations become hints: few, strong, far, and never the same again."""

from dataclasses import replace
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from memory.sleeping.associations import RECOMMENDED, Association, AssociationParams, why, worth_telling
from retrieval.explain import PathStep

ENDS = st.sampled_from("abcdefgh")
ASSOCIATIONS = st.lists(
    st.builds(
        Association,
        source=ENDS,
        target=ENDS,
        activation=st.floats(0, 1),
        days_apart=st.floats(0, 1000),
        days_unused=st.floats(0, 1000),
        is_elsewhere=st.booleans(),
        path=st.just(()),
    ),
    max_size=40,
)
PARAMS = st.builds(
    AssociationParams,
    least_activation=st.floats(0, 1),
    least_days=st.floats(0, 100),
    most_a_night=st.integers(0, 6),
    most_of_one=st.integers(1, 3),
)
PAIRS = st.sets(st.frozensets(ENDS, min_size=2, max_size=2))


@given(ASSOCIATIONS, PAIRS, PARAMS)
def test_hints_are_few_strong_far_and_new(
    found: list[Association], told: set[frozenset[str]], params: AssociationParams
) -> None:
    chosen = worth_telling(found, told, params)
    assert len(chosen) <= params.most_a_night
    assert all(one in found and one.is_elsewhere for one in chosen)
    assert all(one.activation >= params.least_activation for one in chosen)
    assert all(min(one.days_apart, one.days_unused) >= params.least_days for one in chosen)
    pairs = [frozenset((one.source, one.target)) for one in chosen]
    assert len(set(pairs)) == len(pairs)
    assert not told & set(pairs)
    for end in "abcdefgh":
        assert sum(end in (one.source, one.target) for one in chosen) <= params.most_of_one
    assert all(left.activation >= right.activation for left, right in pairwise(chosen))


@given(ASSOCIATIONS, PAIRS, PARAMS, st.randoms())
def test_the_order_in_which_they_were_found_does_not_matter(
    found: list[Association], told: set[frozenset[str]], params: AssociationParams, chance: Random
) -> None:
    shuffled = sorted(found, key=lambda _: chance.random())
    alike = [replace(one, days_apart=9.0, days_unused=9.0, is_elsewhere=True) for one in found]
    other = [replace(one, days_apart=9.0, days_unused=9.0, is_elsewhere=True) for one in shuffled]
    assert worth_telling(alike, told, params) == worth_telling(other, told, params)


@given(ASSOCIATIONS, PARAMS)
def test_the_night_after_tells_something_else(found: list[Association], params: AssociationParams) -> None:
    first = worth_telling(found, set(), params)
    again = worth_telling(found, {frozenset((one.source, one.target)) for one in first}, params)
    assert not {(one.source, one.target) for one in first} & {(one.source, one.target) for one in again}


def step(node: str, label: str = "", edge: str = "mention") -> PathStep:
    return PathStep(node, "", label, edge, 1.0)


def test_a_sentence_says_what_joins_them() -> None:
    ends = step("passage")
    one = Association("a", "b", 0.5, 41.2, 90, True, (ends, step("entity", "Ida Brennock"), ends))
    assert why(one) == "Both name Ida Brennock; 41 days lie between them."
    alike = (ends, step("entity", "Ida Brennock"), step("entity", "Brennock", "synonym"), ends)
    assert why(replace(one, path=alike)).startswith("One names Ida Brennock, the other Brennock, which are alike;")
    known = (ends, step("entity", "Ida Brennock"), step("entity", "Skarrow", "fact"), ends)
    assert "joined by what is known" in why(replace(one, path=known))
    assert RECOMMENDED.most_a_night == 5
