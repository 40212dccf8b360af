"""Edges harden with confirmation, resist change in proportion, and soften while idle."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.two_factor import (
    COMPAT,
    Edge,
    TwoFactorParams,
    decayed,
    decayed_weights,
    imported,
    penalty,
    recall_factor,
    softened,
    softened_variances,
    updated,
)
from memory.errors import ParamsInvalid

edges = st.builds(Edge, st.floats(0.05, 10), st.floats(0.01, 1), st.integers(0, 1000))
tags = st.floats(-1, 1)
activations = st.floats(0, 1)
PRESETS = [TwoFactorParams(), COMPAT]


def activated(times: int, tag: float = 0.5, activation: float = 0.8) -> Edge:
    edge = Edge()
    for _ in range(times):
        edge = updated(edge, tag, activation)
    return edge


@pytest.mark.parametrize(
    ("times", "weight", "variance"),
    [
        (1, 1.04, 0.8636363636),
        (2, 1.08, 0.7556818182),
        (5, 1.2, 0.5371776661),
        (10, 1.4, 0.3466461363),
        (50, 3.0, 0.0658646928),
        (100, 5.0, 0.0264573325),
    ],
)
def test_published_course(times: int, weight: float, variance: float) -> None:
    edge = activated(times)
    assert [edge.weight, edge.variance] == pytest.approx([weight, variance], abs=1e-9)
    assert edge.activations == times


def test_published_penalties() -> None:
    assert activated(100).importance == pytest.approx(37.796705, abs=1e-6)
    assert penalty(activated(100), 0.1) == pytest.approx(226.8747241, abs=1e-6)
    assert penalty(Edge(5, 0.05), 3) == pytest.approx(20, abs=1e-9)
    assert penalty(Edge(5, 0.9), 3) == pytest.approx(1.1111111, abs=1e-7)


def test_published_decay() -> None:
    assert decayed(Edge(1, 1), 0.05).weight == pytest.approx(0.9545454545, abs=1e-9)
    assert decayed(Edge(1, 0.01), 0.05).weight == pytest.approx(0.9954545455, abs=1e-9)


def test_a_protected_edge_learns_less() -> None:
    edge = Edge(1, 0.2, 10)
    assert updated(edge, 0.8, 0.9, is_protected=True).weight == pytest.approx(1.0432, abs=1e-9)
    assert updated(edge, 0.8, 0.9).weight == pytest.approx(1.072, abs=1e-9)


def test_recall_factor_of_the_paper() -> None:
    assert recall_factor(Edge()) == pytest.approx(1.2, abs=1e-9)
    assert recall_factor(activated(100)) == pytest.approx(2.438, abs=5e-4)


@given(edges, tags, activations, st.sampled_from(PRESETS), st.booleans())
def test_an_activation_never_softens_and_keeps_to_the_bounds(
    edge: Edge, tag: float, activation: float, params: TwoFactorParams, is_protected: bool
) -> None:
    after = updated(edge, tag, activation, params, is_protected)
    assert 0.01 <= after.variance <= edge.variance
    assert 0.05 <= after.weight <= 10
    assert 1 <= after.importance <= 100 + 1e-9
    assert after.activations == edge.activations + 1


@given(edges, st.floats(0, 10))
def test_only_staying_is_free(edge: Edge, proposed: float) -> None:
    assert penalty(edge, edge.weight) == 0
    assert penalty(edge, proposed) >= 0
    assert (penalty(edge, proposed) > 0) == ((proposed - edge.weight) ** 2 > 0)


@given(st.floats(0.1, 10), st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0, 1))
def test_what_matters_more_fades_more_slowly(weight: float, one: float, other: float, rate: float) -> None:
    certain, open_ = sorted((one, other))
    assert decayed(Edge(weight, certain), rate).weight >= decayed(Edge(weight, open_), rate).weight


@given(edges, st.floats(-10, 1000), st.floats(0, 1000))
def test_an_idle_edge_softens_up_to_a_new_one(edge: Edge, idle: float, more: float) -> None:
    after = softened(edge, idle)
    assert edge.variance <= after.variance <= 1
    assert softened(edge, idle + more).variance >= after.variance
    assert after.weight == edge.weight
    assert softened(edge, idle, COMPAT) == edge


def test_an_idle_edge_regains_two_thousandths_a_day() -> None:
    assert softened(Edge(1, 0.1), 30).variance == pytest.approx(0.16, abs=1e-9)


def test_evidence_against_an_edge_hardens_only_the_published_one() -> None:
    edge = Edge(5, 0.5, 3)
    assert updated(edge, -0.5, 1).weight < 5
    assert updated(edge, -0.5, 1).variance == 0.5
    assert updated(edge, -0.5, 1, COMPAT).variance < 0.5


@given(st.lists(st.tuples(edges, st.floats(-5, 500)), max_size=10), st.floats(0, 1))
def test_many_edges_get_what_each_gets(items: list[tuple[Edge, float]], rate: float) -> None:
    weights = np.array([edge.weight for edge, _ in items])
    variances = np.array([edge.variance for edge, _ in items])
    idle = np.array([days for _, days in items])
    assert decayed_weights(weights, variances, rate) == pytest.approx([decayed(one, rate).weight for one, _ in items])
    assert softened_variances(variances, idle) == pytest.approx([softened(*one).variance for one in items])


@pytest.mark.parametrize(("weight", "variance"), [(0, 1), (2, 0.5), (1e6, 0.01)])
def test_a_bare_weight_is_the_more_certain_the_heavier(weight: float, variance: float) -> None:
    assert imported(weight).variance == pytest.approx(variance)


def test_numbers_out_of_range_are_refused_together() -> None:
    with pytest.raises(ParamsInvalid) as caught:
        Edge(-1, 0, -1)
    assert [problem.field for problem in caught.value.problems] == ["weight", "variance", "activations"]
    with pytest.raises(ParamsInvalid) as caught:
        updated(Edge(), math.nan, 2)
    assert [problem.field for problem in caught.value.problems] == ["tag", "activation"]
    with pytest.raises(ParamsInvalid) as caught:
        TwoFactorParams(rate=-1, hardening=1, least_weight=20, softening=math.inf)
    assert [problem.field for problem in caught.value.problems] == ["rate", "hardening", "least_weight", "softening"]


def test_numbers_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ParamsInvalid):
        penalty(Edge(), math.nan)
    with pytest.raises(ParamsInvalid):
        softened(Edge(), math.inf)
    with pytest.raises(ParamsInvalid):
        decayed(Edge(), -0.1)
    with pytest.raises(ParamsInvalid):
        imported(-1)
    with pytest.raises(ParamsInvalid):
        decayed_weights(np.array([math.nan]), np.array([1.0]), 0.1)
    with pytest.raises(ParamsInvalid):
        softened_variances(np.array([1.0]), np.array([1.0, 2.0]))
