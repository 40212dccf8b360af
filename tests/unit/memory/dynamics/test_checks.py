"""Ranges, times and vectors: every problem is found, and all are raised at once."""

import math
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.checks import (
    above,
    aware,
    clip,
    day_after,
    days_between,
    finite_arrays,
    finite_vectors,
    ordered,
    require,
    round_half_up,
    within,
)
from memory.errors import InvalidInput, ParamsInvalid

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_all_problems_are_in_one_error() -> None:
    with pytest.raises(ParamsInvalid) as caught:
        require(within("a", 2, 0, 1), None, above("b", 0, 0), ordered("low", 3, "high", 2), within("ok", 1, 0, 1))
    assert [problem.field for problem in caught.value.problems] == ["a", "b", "low"]
    assert all(problem.remedy for problem in caught.value.problems)


def test_nothing_wrong_raises_nothing() -> None:
    require(within("a", 0, 0), within("b", 1, 0, 1), above("c", 0.5, 0, 1), aware("t", NOW), ordered("l", 1, "h", 1))


def test_wrong_numbers_are_bad_input_to_whoever_sent_them() -> None:
    assert issubclass(ParamsInvalid, InvalidInput)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_in_no_range(value: float) -> None:
    assert within("a", value, -math.inf) is not None
    assert above("a", value, -math.inf) is not None


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_an_open_range_leaves_out_its_ends(value: float) -> None:
    assert above("a", value, 0, 1) is not None
    assert within("a", value, 0, 1) is None


def test_days_are_counted_in_fractions_and_across_time_zones() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=9)))
    assert days_between(there, NOW + timedelta(hours=6)) == 0.25


def test_a_clock_that_went_backwards_counts_as_no_time() -> None:
    assert days_between(NOW, NOW - timedelta(days=3)) == 0


def test_times_without_a_zone_are_refused_together() -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(ParamsInvalid) as caught:
        days_between(naive, naive)
    assert [problem.field for problem in caught.value.problems] == ["earlier", "later"]


@given(st.floats(allow_nan=False), st.floats(-5, 0), st.floats(0, 5))
def test_clipping_gives_the_nearest_number_of_the_range(value: float, low: float, high: float) -> None:
    assert clip(value, low, high) == min(max(value, low), high)


@pytest.mark.parametrize(
    ("left", "right", "fields"),
    [
        ([1.0, np.nan], [1.0, np.inf], ["left", "right"]),
        ([1.0, 2.0], [1.0], ["left"]),
        ([[1.0]], [1.0], ["left"]),
    ],
)
def test_vectors_that_cannot_be_compared_are_refused(left: object, right: object, fields: list[str]) -> None:
    with pytest.raises(ParamsInvalid) as caught:
        finite_vectors(left=np.array(left), right=np.array(right))
    assert [problem.field for problem in caught.value.problems] == fields


def test_vectors_of_one_length_pass() -> None:
    finite_vectors(left=np.zeros(3), right=np.ones(3))


def test_arrays_must_have_one_shape_and_finite_numbers() -> None:
    finite_arrays(left=np.zeros((2, 2)), right=np.ones((2, 2)))
    with pytest.raises(ParamsInvalid) as caught:
        finite_arrays(left=np.array([1.0, np.nan]), right=np.array([1.0]), other=np.array([np.inf]))
    assert [problem.field for problem in caught.value.problems] == ["left", "right", "other", "other"]


def test_a_day_beyond_the_calendar_is_its_last() -> None:
    assert day_after(NOW, 1.5) == NOW + timedelta(days=1.5)
    assert day_after(NOW, 1e7) == day_after(NOW, 1e300) == datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize(("value", "rounded"), [(0.0005, 0.001), (-0.0005, 0.0), (0.12349, 0.123)])
def test_ties_are_rounded_up(value: float, rounded: float) -> None:
    assert round_half_up(value, 3) == rounded
