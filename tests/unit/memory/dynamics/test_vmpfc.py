"""Intervals stretch for the expected and shrink for surprises."""

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics import fsrs
from memory.dynamics.checks import DAY, Floats
from memory.dynamics.fsrs import Strength
from memory.dynamics.vmpfc import (
    COMPAT,
    VmpfcParams,
    adaptive_interval,
    adaptive_intervals,
    due,
    prediction_error,
    prediction_errors,
    reactivation,
)
from memory.errors import ParamsInvalid

NOW = datetime(2026, 1, 1, tzinfo=UTC)

errors = st.floats(0, 1)
intervals = st.floats(1, 1000)
vectors = st.lists(st.floats(-10, 10), min_size=4, max_size=4).map(np.array)


@pytest.mark.parametrize(
    ("error", "days"),
    [
        (0, 8.9008113327),
        (0.1, 8.7506746747),
        (0.3, 8.1278040907),
        (0.5, 7),
        (0.9, 5.2493253253),
        (1, 5.0991886673),
    ],
)
def test_published_numbers(error: float, days: float) -> None:
    assert adaptive_interval(7, error, COMPAT) == pytest.approx(days, abs=1e-9)


def test_reactivation() -> None:
    assert reactivation(0.1) == pytest.approx(0.0831726965, abs=1e-9)
    assert adaptive_interval(7, 0.1, COMPAT) / adaptive_interval(7, 0.9, COMPAT) == pytest.approx(1.66701, abs=1e-5)


@pytest.mark.parametrize(("error", "days"), [(0.1, 10.5013493494), (0.9, 3.4986506505)])
def test_recommended_numbers_are_twice_as_strong(error: float, days: float) -> None:
    assert adaptive_interval(7, error) == pytest.approx(days, abs=1e-9)


def test_published_vectors() -> None:
    error = prediction_error(np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.5, 0.4, 0.1, 0.2]))
    assert error == pytest.approx(0.3539417175, abs=1e-9)
    assert adaptive_interval(14, error, COMPAT) == pytest.approx(15.7309478271, abs=1e-9)


@given(intervals, st.floats(0, 1), st.floats(0.01, 1))
def test_surprise_shortens(days: float, error: float, more: float) -> None:
    assert adaptive_interval(days, error + more) < adaptive_interval(days, error)


@given(st.floats(0, 1000), errors, st.sampled_from([COMPAT, VmpfcParams()]))
def test_an_interval_is_never_shorter_than_a_tenth_of_a_day(days: float, error: float, params: VmpfcParams) -> None:
    assert adaptive_interval(days, error, params) >= 0.1
    assert adaptive_interval(days, 0.5, params) == pytest.approx(max(0.1, days))


@given(vectors, vectors, st.floats(0.001, 1000))
def test_the_error_is_symmetric_and_does_not_depend_on_length(one: Floats, other: Floats, scale: float) -> None:
    error = prediction_error(one, other)
    assert 0 <= error <= 2
    assert prediction_error(other, one) == pytest.approx(error, abs=1e-9)
    assert prediction_error(one * scale, other) == pytest.approx(error, abs=1e-6)


@given(st.lists(st.tuples(vectors, vectors, intervals), min_size=1, max_size=8))
def test_many_items_get_what_each_gets(items: list[tuple[Floats, Floats, float]]) -> None:
    before, now = np.array([one[0] for one in items]), np.array([one[1] for one in items])
    found = prediction_errors(before, now)
    assert found == pytest.approx([prediction_error(*pair) for pair in zip(before, now, strict=True)], abs=1e-12)
    each = [adaptive_interval(one[2], float(error)) for one, error in zip(items, found, strict=True)]
    assert adaptive_intervals(np.array([one[2] for one in items]), found) == pytest.approx(each, abs=1e-9)


def test_opposite_vectors_surprise_more_than_unrelated_ones() -> None:
    here, there = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert prediction_error(here, there) == 1
    assert prediction_error(here, -here) == 2
    assert prediction_error(here, -here, COMPAT) == 1


def test_a_zero_vector_surprises_nobody() -> None:
    assert prediction_error(np.zeros(3), np.ones(3)) == 0
    assert prediction_error(np.zeros(0), np.zeros(0)) == 0


def test_huge_and_tiny_vectors_keep_their_direction() -> None:
    assert prediction_error(np.array([1e300, 0]), np.array([1e-300, 0])) == pytest.approx(0)


@pytest.mark.parametrize("wrong", [[1.0, math.nan], [1.0, math.inf], [1.0], [[1.0, 2.0]]])
def test_vectors_that_cannot_be_compared_are_refused(wrong: list[float]) -> None:
    with pytest.raises(ParamsInvalid):
        prediction_error(np.array([1.0, 2.0]), np.array(wrong))


def test_arrays_of_other_shapes_are_refused_and_empty_ones_are_not() -> None:
    with pytest.raises(ParamsInvalid):
        prediction_errors(np.ones((2, 3)), np.ones((3, 2)))
    assert prediction_errors(np.ones((0, 3)), np.ones((0, 3))).size == 0


@given(st.floats(0.1, 1000), st.floats(0, 2))
def test_a_review_is_due_later_for_what_was_met_as_expected(stability: float, error: float) -> None:
    strength = Strength(stability, 5, NOW)
    waited = (due(strength, error) - NOW) / DAY
    assert waited == pytest.approx(adaptive_interval(stability, error), abs=1e-6)
    assert due(strength, 0) >= fsrs.due(strength) >= due(strength, 1) or stability < 0.3


def test_numbers_that_are_no_interval_or_error_are_refused_together() -> None:
    with pytest.raises(ParamsInvalid) as caught:
        adaptive_interval(-1, math.nan)
    assert [problem.field for problem in caught.value.problems] == ["days", "error"]
    with pytest.raises(ParamsInvalid) as caught:
        adaptive_intervals(np.array([1.0]), np.array([math.inf]))
    assert [problem.field for problem in caught.value.problems] == ["errors"]


def test_all_that_is_wrong_with_the_params_is_in_one_error() -> None:
    with pytest.raises(ParamsInvalid) as caught:
        VmpfcParams(reach=3, slope=0, most=0.5, largest_error=math.inf)
    assert [problem.field for problem in caught.value.problems] == ["reach", "slope", "most", "largest_error"]
