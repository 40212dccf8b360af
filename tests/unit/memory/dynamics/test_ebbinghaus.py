"""Exponential forgetting: its laws, its published numbers, and one path for one item and for many."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.checks import DAY
from memory.dynamics.ebbinghaus import (
    COMPAT_MANY,
    COMPAT_ONE,
    Attempt,
    EbbinghausParams,
    best_interval,
    effective_stability,
    learn_profile,
    personal_stability,
    retention,
    retentions,
    review_candidates,
)
from memory.errors import ParamsInvalid

NOW = datetime(2026, 1, 1, tzinfo=UTC)

days = st.floats(0, 5000)
stabilities = st.floats(0.01, 1000)
boosts = st.floats(0, 5)


def attempts(times: list[int], outcomes: list[int]) -> list[Attempt]:
    return [Attempt(NOW + time * DAY, bool(outcome)) for time, outcome in zip(times, outcomes, strict=True)]


def chance(stability: float, waited: float, boost: float = 1.0) -> float:
    return retention(NOW, stability, NOW + waited * DAY, boost).chance


@pytest.mark.parametrize(
    ("stability", "boost", "waited", "left"),
    [
        (1, 1, 1, 0.3678794412),
        (7, 2, 7, 0.6065306597),
        (2, 1, 2.2, 0.3328710837),
        (7, 2.7, 30, 0.204477),
        (7, 1.4, 30, 0.046830),
        (7, 1, 30, 0.013764),
    ],
)
def test_published_numbers(stability: float, boost: float, waited: float, left: float) -> None:
    places = 1e-9 if waited < 30 else 1e-6
    assert chance(stability, waited, boost) == pytest.approx(left, abs=places)
    many = retentions(np.array([waited]), np.array([stability]), np.array([boost]))
    assert many[0] == pytest.approx(left, abs=places)


def test_a_candidate_knows_the_hours_it_has_left() -> None:
    (candidate,) = review_candidates(np.array([2.2]), np.array([2.0]))
    assert candidate.hours_left == pytest.approx(4.99069, abs=1e-5)
    assert candidate.hours_left == pytest.approx(24 * (-2 * math.log(0.3) - 2.2), abs=1e-9)
    assert candidate.urgency == pytest.approx(1 - 0.3328710837, abs=1e-9)


def test_best_interval() -> None:
    assert best_interval(10) == pytest.approx(1.6251892950, abs=1e-9)
    assert best_interval(0.001) == 0.1


@pytest.mark.parametrize(
    ("times", "outcomes", "multiplier"),
    [([0, 2, 6, 14], [1, 1, 0, 1], 1.4), ([0, 1, 2], [0, 0, 1], 1.0), ([0, 30, 60], [1, 1, 1], 2.16)],
)
def test_published_profiles(times: list[int], outcomes: list[int], multiplier: float) -> None:
    profile = learn_profile(attempts(times, outcomes))
    assert profile is not None
    assert profile.multiplier == multiplier
    assert profile.interval == pytest.approx((times[-1] - times[0]) / (len(times) - 1), abs=1e-9)


@given(stabilities, boosts, days, days)
def test_waiting_never_helps(stability: float, boost: float, one: float, other: float) -> None:
    short, longer = sorted((one, other))
    assert 0 <= chance(stability, longer, boost) <= chance(stability, short, boost) <= 1
    assert chance(stability, 0, boost) == 1


@given(stabilities, boosts, days)
def test_emotion_never_lowers_what_is_left(stability: float, boost: float, waited: float) -> None:
    assert chance(stability, waited, boost) >= chance(stability, waited)


@given(stabilities, days)
def test_an_item_needs_review_or_is_faded_never_both(stability: float, waited: float) -> None:
    left = retention(NOW, stability, NOW + waited * DAY)
    assert left.is_faded == (left.chance <= 0.1)
    assert left.needs_review == (0.1 < left.chance <= 0.3)


@given(st.lists(st.tuples(st.floats(-5, 5000), stabilities, boosts), min_size=1, max_size=20))
def test_many_items_get_what_each_gets(items: list[tuple[float, float, float]]) -> None:
    waited, stability, boost = np.array(items).T
    each = [chance(one[1], one[0], one[2]) for one in items]
    assert retentions(waited, stability, boost) == pytest.approx(each, abs=1e-9)


@given(st.lists(st.tuples(days, stabilities), max_size=30))
def test_the_most_urgent_candidate_comes_first(items: list[tuple[float, float]]) -> None:
    waited, stability = np.array(items).reshape(-1, 2).T
    found = review_candidates(waited, stability)
    left = retentions(waited, stability)
    assert {one.position for one in found} == set(np.flatnonzero(1 - left >= 1 - 1.2 * 0.3))
    assert [(-one.urgency, one.position) for one in found] == sorted((-one.urgency, one.position) for one in found)
    assert all((one.hours_left > 0) <= (left[one.position] > 0.3 - 1e-12) for one in found)


@given(st.lists(st.tuples(st.integers(-500, 500), st.booleans()), max_size=20))
def test_a_profile_is_bounded_and_does_not_depend_on_order(events: list[tuple[int, bool]]) -> None:
    given_order = [Attempt(NOW + time * DAY, is_recalled) for time, is_recalled in events]
    profile = learn_profile(given_order)
    assert learn_profile(given_order[::-1]) == profile
    assert (profile is None) == (len(events) < 2)
    if profile is not None:
        assert 0.5 <= profile.multiplier <= 3
        assert profile.interval > 0


def test_a_person_who_forgets_fast_has_a_shorter_stability() -> None:
    profile = learn_profile(attempts([0, 1, 2], [0, 0, 0]))
    assert profile is not None
    assert personal_stability(10, profile) == pytest.approx(6)
    assert personal_stability(0.01, profile) == 0.1


def test_attempts_at_one_moment_count_as_a_day_apart() -> None:
    profile = learn_profile(attempts([0, 0], [1, 0]))
    assert profile is not None
    assert profile.interval == 1


def test_a_memory_from_the_future_is_whole() -> None:
    left = retention(NOW + DAY, 1, NOW)
    assert (left.chance, left.days, left.needs_review) == (1, 0, False)


def test_no_items_give_no_candidates() -> None:
    assert review_candidates(np.array([]), np.array([])) == []
    assert learn_profile([]) is None


def test_the_published_paths_disagree_and_ours_do_not() -> None:
    assert effective_stability(0.2, 1, COMPAT_ONE) == 0.5
    assert effective_stability(0.2, 1, COMPAT_MANY) == 0.2
    assert effective_stability(7, 5, COMPAT_ONE) == 35
    assert effective_stability(7, 5, COMPAT_MANY) == 21
    assert effective_stability(7, 5) == 21
    assert effective_stability(300, 5) == 365


def test_times_without_zone_are_refused_together() -> None:
    naive = Attempt(NOW.replace(tzinfo=None), is_recalled=True)
    with pytest.raises(ParamsInvalid) as caught:
        learn_profile([naive, Attempt(NOW + timedelta(1), is_recalled=True), naive])
    assert [problem.field for problem in caught.value.problems] == ["attempts[0].at", "attempts[2].at"]


def test_all_that_is_wrong_with_the_params_is_in_one_error() -> None:
    with pytest.raises(ParamsInvalid) as caught:
        EbbinghausParams(shortest=0, most_boost=0.5, review_below=0.05, target=math.nan)
    fields = [problem.field for problem in caught.value.problems]
    assert fields == ["shortest", "least_boost", "archive_below", "target"]


def test_numbers_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ParamsInvalid) as caught:
        effective_stability(-1, math.nan)
    assert [problem.field for problem in caught.value.problems] == ["stability", "boost"]
    with pytest.raises(ParamsInvalid):
        best_interval(math.inf)
    with pytest.raises(ParamsInvalid):
        review_candidates(np.array([math.nan]), np.array([1.0]))
    with pytest.raises(ParamsInvalid):
        retentions(np.array([1.0]), np.array([1.0]), math.nan)
