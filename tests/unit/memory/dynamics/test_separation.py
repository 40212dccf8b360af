"""What memories share does not tell them apart: what is left when it is taken away does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.checks import Floats
from memory.dynamics.separation import SeparationParams, separated
from memory.errors import ParamsInvalid
from retrieval.types import FloatVector

sizes = st.integers(0, 12)
seeds = st.integers(0, 2**16)


def unit(seed: int, count: int, dimension: int = 6) -> FloatVector:
    found = np.random.default_rng(seed).standard_normal((count, dimension))
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def scores(seed: int, count: int) -> Floats:
    return np.random.default_rng((seed, 1)).standard_normal(count)


@given(sizes, sizes, seeds)
def test_what_is_about_one_person_trades_scores_among_itself_alone(count: int, others: int, seed: int) -> None:
    vectors, before = unit(seed, count + others), scores(seed, count + others)
    after = before + separated(unit(seed + 1, 1)[0], vectors, before, [list(range(count))])
    assert sorted(after[:count]) == pytest.approx(sorted(before[:count]))
    assert list(after[count:]) == list(before[count:])


@given(st.integers(3, 12), seeds)
def test_of_memories_that_search_found_equally_near_the_one_that_stands_out_comes_first(count: int, seed: int) -> None:
    vectors, question = unit(seed, count), unit(seed + 1, 1)[0]
    before = np.linspace(0, 1e-6, count)
    around = vectors - vectors.mean(axis=0)
    cosines = around @ (question - vectors.mean(axis=0)) / np.linalg.norm(around, axis=1)
    assert np.argmax(before + separated(question, vectors, before, [list(range(count))])) == np.argmax(cosines)


@given(sizes, seeds)
def test_a_memory_counts_with_the_largest_group_that_it_is_in(count: int, seed: int) -> None:
    question, vectors, before = unit(seed + 1, 1)[0], unit(seed, count + 3), scores(seed, count + 3)
    whole = list(range(count + 3))
    both = separated(question, vectors, before, [whole[:3], whole])
    if count:
        assert list(both) == list(separated(question, vectors, before, [whole]))


@given(sizes, seeds)
def test_the_order_in_which_memories_were_found_makes_no_difference(count: int, seed: int) -> None:
    vectors, question, before = unit(seed, count), unit(seed + 1, 1)[0], scores(seed, count)
    order = np.random.default_rng(seed).permutation(count)
    group = list(range(0, count, 2))
    places = {int(old): new for new, old in enumerate(order)}
    moved = separated(question, vectors[order], before[order], [[places[one] for one in group]])
    assert moved == pytest.approx(separated(question, vectors, before, [group])[order], abs=1e-4)


def test_two_memories_have_no_mean_to_speak_of() -> None:
    assert not separated(unit(1, 1)[0], unit(2, 2), scores(1, 2), [[0, 1]]).any()


def test_memories_that_are_the_same_cannot_be_told_apart() -> None:
    vectors = np.repeat(unit(3, 1), 4, axis=0)
    assert not separated(unit(4, 1)[0], vectors, np.arange(4.0), [[0, 1, 2, 3]]).any()


def test_a_question_about_leisure_is_nearer_to_leisure_than_to_the_name_it_shares_with_everything() -> None:
    name, leisure, talk, work, home = np.eye(5)

    def said(*parts: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> FloatVector:
        total = np.sum(parts, axis=0)
        return np.asarray(total / np.linalg.norm(total), np.float32)

    vectors = np.stack([said(5 * name, work), said(5.5 * name, home), said(2.8 * name, 0.8 * leisure, 1.2 * talk)])
    question = said(3 * name, leisure)
    assert (vectors @ question).argmin() == 2
    before = np.asarray(vectors @ question, np.float64)
    assert (before + separated(question, vectors, before, [[0, 1, 2]])).argmax() == 2


def test_all_params_that_are_out_of_range_are_named() -> None:
    with pytest.raises(ParamsInvalid) as raised:
        SeparationParams(weight=float("nan"), least=1)
    assert {one.field for one in raised.value.problems} == {"weight", "least"}
