"""Intervals around rates contain them, narrow with cases, and never claim certainty from a few."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.confidence import Evidence
from memory.dynamics.intervals import Interval, through, wald, wilson, wilson_bounds
from memory.errors import ParamsInvalid

rates = st.floats(0, 1)
counts = st.integers(0, 10**6)


@pytest.mark.parametrize(
    ("rate", "count", "lower", "upper"), [(0.9, 1, 0.312, 1), (0.9, 25, 0.7824, 1), (0.5, 4, 0.01, 0.99)]
)
def test_published_numbers(rate: float, count: int, lower: float, upper: float) -> None:
    assert [wald(rate, count).lower, wald(rate, count).upper] == pytest.approx([lower, upper], abs=1e-9)


@pytest.mark.parametrize(
    ("before", "evidence", "after"),
    [
        ((0.7, 0.6, 0.8), Evidence(0.8, 0.5, 0.8), (0.796, 0.6735, 0.9185)),
        ((0.7, 0.6, 0.8), Evidence(0.9, 1, -1), (0.07, 0, 0.205)),
        ((0.5, 0, 1), Evidence(1, 1, 1), (1, 0.5, 1)),
    ],
)
def test_published_propagation(
    before: tuple[float, float, float], evidence: Evidence, after: tuple[float, float, float]
) -> None:
    moved = through(Interval(*before), evidence)
    assert [moved.point, moved.lower, moved.upper] == pytest.approx(after, abs=1e-9)


@pytest.mark.parametrize(
    ("rate", "count", "lower", "upper"), [(0.5, 4, 0.15, 0.85), (1, 10, 0.7225, 1), (0, 10, 0, 0.2775)]
)
def test_wilson_numbers_of_the_textbook(rate: float, count: int, lower: float, upper: float) -> None:
    found = wilson(rate, count)
    assert [found.lower, found.upper] == pytest.approx([lower, upper], abs=5e-4)


@given(rates, counts)
def test_an_interval_holds_its_rate_and_solves_the_score_equation(rate: float, count: int) -> None:
    found = wilson(rate, count)
    assert 0 <= found.lower <= rate <= found.upper <= 1
    for bound in (found.lower, found.upper):
        if 0 < bound < 1 and count:
            assert abs(rate - bound) == pytest.approx(1.96 * math.sqrt(bound * (1 - bound) / count), abs=1e-6)


@given(rates, st.integers(1, 10**5), st.integers(1, 10**5))
def test_more_cases_narrow_it(rate: float, count: int, more: int) -> None:
    assert wilson(rate, count + more).width < wilson(rate, count).width


@given(rates, counts)
def test_it_is_the_same_for_failures(rate: float, count: int) -> None:
    assert wilson(1 - rate, count).lower == pytest.approx(1 - wilson(rate, count).upper, abs=1e-9)


@given(st.lists(st.tuples(rates, counts), max_size=20))
def test_many_rates_get_what_each_gets(items: list[tuple[float, int]]) -> None:
    table = np.array(items, dtype=float).reshape(-1, 2)
    bounds = wilson_bounds(table[:, 0], table[:, 1])
    assert bounds.lower == pytest.approx([wilson(*one).lower for one in items], abs=1e-12)
    assert bounds.upper == pytest.approx([wilson(*one).upper for one in items], abs=1e-12)


@given(rates, st.floats(0, 1), st.floats(-1, 1), counts)
def test_a_link_never_makes_anything_surer(rate: float, weight: float, factor: float, count: int) -> None:
    before = wilson(rate, count)
    after = through(before, Evidence(0.5, weight, factor))
    assert after.lower <= after.point <= after.upper
    inside = after.lower > 0 and after.upper < 1
    assert not inside or after.width >= before.width - 1e-12


def test_only_the_published_interval_is_certain_after_one_case() -> None:
    assert wald(1, 1).width == 0
    assert wilson(1, 1).width > 0.7


def test_no_cases_say_nothing() -> None:
    assert wilson(0.3, 0) == Interval(0.3, 0, 1)


def test_all_that_is_wrong_is_in_one_error() -> None:
    with pytest.raises(ParamsInvalid) as caught:
        wilson(1.5, -1, math.nan)
    assert [problem.field for problem in caught.value.problems] == ["rate", "count", "z"]
    with pytest.raises(ParamsInvalid) as caught:
        wilson_bounds(np.array([math.nan]), np.array([-1.0]))
    assert [problem.field for problem in caught.value.problems] == ["rates", "counts"]
    with pytest.raises(ParamsInvalid) as caught:
        Interval(0.5, 0.6, 0.4)
    assert [problem.field for problem in caught.value.problems] == ["lower", "upper"]
