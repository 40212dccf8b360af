"""Support raises, attack lowers, and the order of evidence says nothing."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.confidence import (
    ConfidenceParams,
    Evidence,
    Links,
    Relation,
    combined,
    contributions,
    damped,
    factor_of,
    folded,
    is_significant,
    propagated,
    settle,
    settle_compat,
)
from memory.errors import ParamsInvalid

shares = st.floats(0, 1)
factors = st.floats(-1, 1)
pieces = st.builds(Evidence, shares, shares, factors)
SUPPORT = Evidence(0.8, 0.9, 1.0)
ATTACK = Evidence(0.6, 0.5, -1.0)


def links(*rows: tuple[int, int, float, float]) -> Links:
    table = np.array(rows, dtype=float).reshape(-1, 4)
    return Links(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2], table[:, 3])


@pytest.mark.parametrize(
    ("base", "source", "weight", "relation", "after"),
    [
        (0.5, 0.8, 1, "supports", 0.9),
        (0.8, 0.9, 1, "contradicts", 0.08),
        (0.5, 0.9, 0.5, "causes", 0.68),
        (0.5, 0.9, 0.5, "requires", 0.635),
        (0.6, 0.5, 0.5, "part_of", 0.63),
        (0.5, 0.9, 1, "unheard_of", 0.5),
        (0.5, 0.9, 1, "created_by", 0.5),
    ],
)
def test_published_numbers(base: float, source: float, weight: float, relation: str, after: float) -> None:
    evidence = Evidence(source, weight, factor_of(relation))
    assert propagated(base, evidence) == pytest.approx(after, abs=1e-9)
    assert combined(base, [evidence]) == pytest.approx(after, abs=1e-9)


def test_published_damping() -> None:
    assert damped(0.9, 0.5) == pytest.approx(0.78, abs=1e-9)
    assert damped(0.08, 0.8) == pytest.approx(0.296, abs=1e-9)
    assert is_significant(0.52, 0.5)
    assert not is_significant(0.505, 0.5)


def test_order_matters_only_to_the_published_fold() -> None:
    assert folded(0.5, [SUPPORT, ATTACK]) == pytest.approx(0.602, abs=1e-9)
    assert folded(0.5, [ATTACK, SUPPORT]) == pytest.approx(0.818, abs=1e-9)
    assert combined(0.5, [SUPPORT, ATTACK]) == pytest.approx(0.602, abs=1e-9)
    assert combined(0.5, [ATTACK, SUPPORT]) == pytest.approx(0.602, abs=1e-9)


@pytest.mark.parametrize(("rounds", "belief"), [(1, 0.5714), (2, 0.59282)])
def test_published_rounds(rounds: int, belief: float) -> None:
    base = np.array([0.5, 0.8, 0.6])
    two = links((1, 0, 0.9, 1), (2, 0, 0.5, -1))
    params = ConfidenceParams(rounds=rounds)
    for settled in (settle(base, two, params), settle_compat(base, two, params)):
        assert settled.confidences[0] == pytest.approx(belief, abs=1e-6)
        assert settled.is_changed.tolist() == [True, False, False]


def test_a_third_round_is_too_small_to_keep() -> None:
    base = np.array([0.5, 0.8, 0.6])
    two = links((1, 0, 0.9, 1), (2, 0, 0.5, -1))
    assert settle(base, two).rounds == 2
    exact = ConfidenceParams(significant=0)
    assert settle(base, two, exact).confidences[0] == pytest.approx(0.599246, abs=1e-6)
    assert settle_compat(base, two, exact).confidences[0] == pytest.approx(0.599246, abs=1e-6)


@given(shares, st.lists(pieces, max_size=8), st.randoms())
def test_evidence_counts_the_same_in_any_order(base: float, evidence: list[Evidence], rng: random.Random) -> None:
    shuffled = evidence.copy()
    rng.shuffle(shuffled)
    assert 0 <= combined(base, evidence) <= 1
    assert combined(base, shuffled) == combined(base, evidence)


@given(shares, st.lists(pieces, max_size=6), pieces)
def test_support_never_lowers_and_attack_never_raises(base: float, others: list[Evidence], one: Evidence) -> None:
    change = combined(base, [*others, one]) - combined(base, others)
    assert change * math.copysign(1, one.factor) >= -1e-12
    assert contributions(base, [*others, one])[-1] == pytest.approx(change, abs=1e-12)


@given(shares, shares, shares, shares, factors)
def test_a_surer_source_and_a_stronger_link_say_more(base: float, a: float, b: float, c: float, factor: float) -> None:
    weak, strong = sorted((a, b))
    for less, more in [
        (Evidence(weak, c, factor), Evidence(strong, c, factor)),
        (Evidence(c, weak, factor), Evidence(c, strong, factor)),
    ]:
        assert abs(propagated(base, more) - base) >= abs(propagated(base, less) - base) - 1e-12


@given(shares, shares, factors)
def test_no_link_and_no_confidence_say_nothing(base: float, other: float, factor: float) -> None:
    assert combined(base, [Evidence(0, other, factor), Evidence(other, 0, factor)]) == pytest.approx(base, abs=1e-12)
    assert combined(base, []) == pytest.approx(base, abs=1e-12)


@given(st.lists(pieces, max_size=8))
def test_certainty_stays_under_support_and_disbelief_under_attack(evidence: list[Evidence]) -> None:
    assert combined(1, [one for one in evidence if one.factor > 0]) == 1
    assert combined(0, [one for one in evidence if one.factor < 0]) == 0


@given(
    st.lists(shares, min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), shares, factors), max_size=12),
    st.randoms(),
)
def test_a_network_settles_the_same_in_any_order_of_links(
    base: list[float], rows: list[tuple[int, int, float, float]], rng: random.Random
) -> None:
    here = [(source % len(base), target % len(base), weight, factor) for source, target, weight, factor in rows]
    params = ConfidenceParams(significant=0)
    settled = settle(np.array(base), links(*here), params).confidences
    rng.shuffle(here)
    assert settle(np.array(base), links(*here), params).confidences == pytest.approx(settled, abs=1e-9)
    assert ((settled >= 0) & (settled <= 1)).all()


@given(shares, st.lists(pieces, min_size=1, max_size=6))
def test_one_round_over_arrays_is_what_each_fact_gets(base: float, evidence: list[Evidence]) -> None:
    all_bases = np.array([base, *(one.confidence for one in evidence)])
    rows = [(number + 1, 0, one.weight, one.factor) for number, one in enumerate(evidence)]
    params = ConfidenceParams(damping=1, significant=0, rounds=1)
    assert settle(all_bases, links(*rows), params).confidences[0] == pytest.approx(combined(base, evidence), abs=1e-9)


def test_belief_travels_along_a_chain_but_not_in_the_published_batch() -> None:
    base = np.array([0.0, 0.5, 0.5, 1.0])
    chain = links((3, 0, 1, 1), (0, 1, 1, 1))
    assert settle(base, chain).confidences[1] > 0.5
    assert settle_compat(base, chain).confidences[1] == 0.5


def test_a_fact_cannot_support_itself_and_nothing_settles_to_nothing() -> None:
    assert settle(np.array([0.5]), links((0, 0, 1, 1))).confidences.tolist() == [0.5]
    assert settle(np.array([]), links()).confidences.size == 0


def test_every_relation_has_a_factor() -> None:
    assert [factor_of(relation) for relation in Relation] == [1, -1, 0.8, 0.6, 0.3, 0.2, 0, 0]


def test_all_that_is_wrong_is_in_one_error() -> None:
    with pytest.raises(ParamsInvalid) as caught:
        Evidence(2, -1, math.nan)
    assert [problem.field for problem in caught.value.problems] == ["confidence", "weight", "factor"]
    with pytest.raises(ParamsInvalid) as caught:
        ConfidenceParams(damping=2, significant=-1, rounds=0)
    assert [problem.field for problem in caught.value.problems] == ["damping", "significant", "rounds"]
    with pytest.raises(ParamsInvalid) as caught:
        settle(np.array([math.nan]), links((5, 0, 2, 1)))
    assert [problem.field for problem in caught.value.problems] == ["base", "links.sources", "links.weights"]
    with pytest.raises(ParamsInvalid, match="other lengths"):
        settle(np.array([0.5]), Links(np.zeros(0, np.int64), np.zeros(0, np.int64), np.ones(1), np.ones(1)))


def test_a_base_that_is_no_confidence_is_refused() -> None:
    with pytest.raises(ParamsInvalid):
        propagated(math.nan, SUPPORT)
    with pytest.raises(ParamsInvalid):
        combined(2, [SUPPORT])
