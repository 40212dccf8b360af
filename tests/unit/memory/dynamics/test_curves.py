"""Curves for plotting say what the mechanisms say, point by point."""

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics import fsrs
from memory.dynamics.checks import DAY
from memory.dynamics.curves import PlannedReview, forecast, published_curve, published_timeline, timeline
from memory.dynamics.fsrs import Rating, Strength
from memory.errors import ParamsInvalid

NOW = datetime(2026, 1, 1, tzinfo=UTC)

strengths = st.builds(Strength, st.floats(0.1, 1000), st.floats(1, 10), st.just(NOW))
ratings = st.lists(st.sampled_from(Rating), max_size=10)
reviews = st.lists(st.builds(PlannedReview, st.floats(0, 40), st.sampled_from(Rating)), max_size=6)


def test_published_curve() -> None:
    points = published_curve(7, grades={0: 1, 5: 4})
    left = {int(point.day): point.retrievability for point in points}
    assert [left[day] for day in (4, 5, 6, 10, 14)] == pytest.approx([0.5647, 1, 0.9311, 0.6997, 0.5258], abs=1e-4)
    assert left[4] == pytest.approx(math.exp(-4 / 7), abs=1e-9)
    assert [point.day for point in points if point.rating is not None] == [5]
    assert len(points) == 31


def test_emotion_stretches_the_published_curve() -> None:
    assert published_curve(7, 7, multiplier=2)[7].retrievability == pytest.approx(math.exp(-0.5), abs=1e-9)


def test_published_timeline() -> None:
    points = published_timeline(Strength(7, 5, NOW))
    assert [point.stability for point in points] == pytest.approx(
        [7, 7.173345, 7.354535, 7.543886, 7.741727, 7.948406], abs=1e-6
    )
    assert [point.difficulty for point in points] == pytest.approx([5, 4.85, 4.7, 4.55, 4.4, 4.25], abs=1e-9)
    assert [points[0].interval, points[-1].interval] == pytest.approx([0.737524, 0.837448], abs=1e-6)
    lapsed = published_timeline(Strength(7, 5, NOW), (4, 1, 3))
    assert [point.stability for point in lapsed[1:]] == pytest.approx([7.173345, 0.717335, 0.745117], abs=1e-6)


@given(strengths, st.floats(0, 60), st.floats(0.1, 10))
def test_a_forecast_without_reviews_is_the_forgetting_curve(strength: Strength, days: float, step: float) -> None:
    points = forecast(strength, NOW, days, step)
    assert [points[0].day, points[-1].day] == pytest.approx([0, days], abs=1e-6)  # times are whole microseconds
    for point in points:
        assert point.retrievability == fsrs.retrievability(strength, NOW + point.day * DAY)
    left = [point.retrievability for point in points]
    assert left == sorted(left, reverse=True)


@given(strengths, reviews)
def test_a_review_shows_what_it_found_and_the_curve_goes_on_from_one(
    strength: Strength, planned: list[PlannedReview]
) -> None:
    points = forecast(strength, NOW, 30, 1, planned)
    assert [point.day for point in points] == sorted(point.day for point in points)
    assert all(0 <= point.retrievability <= 1 for point in points)
    kept = sorted((one for one in planned if one.day <= 30), key=lambda one: one.day)
    assert [point.rating for point in points if point.rating is not None] == [one.rating for one in kept]
    for before, after in pairwise(points):
        if before.rating is not None:
            assert after.day == before.day
            assert after.rating is not None or after.retrievability == 1
    end = strength
    for one in kept:
        end = fsrs.review(end, one.rating, NOW + one.day * DAY)
    assert points[-1].retrievability == fsrs.retrievability(end, NOW + 30 * DAY)


@given(strengths, ratings)
def test_a_timeline_is_made_of_reviews_that_are_done_when_due(strength: Strength, given_ratings: list[Rating]) -> None:
    points = timeline(strength, given_ratings)
    assert [point.number for point in points] == list(range(1, len(given_ratings) + 1))
    for point, rating in zip(points, given_ratings, strict=True):
        strength = fsrs.review(strength, rating, fsrs.due(strength))
        assert (point.stability, point.difficulty) == (strength.stability, strength.difficulty)
        assert point.day == pytest.approx((strength.last_recalled - NOW) / DAY, rel=1e-6, abs=1e-6)


def test_good_reviews_spread_out() -> None:
    points = timeline(fsrs.first_strength(Rating.GOOD, NOW), [Rating.GOOD] * 6)
    waits = [point.interval for point in points]
    assert waits == sorted(waits)
    assert waits[-1] > 100


def test_a_memory_from_the_future_begins_whole() -> None:
    points = forecast(Strength(2, 5, NOW + 3 * DAY), NOW, 6)
    assert [point.retrievability for point in points[:4]] == [1, 1, 1, 1]
    assert points[5].retrievability == pytest.approx(0.9)


def test_nothing_planned_gives_an_empty_timeline() -> None:
    assert timeline(Strength(7, 5, NOW), []) == []
    assert [point.day for point in forecast(Strength(7, 5, NOW), NOW, 0)] == [0]


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ParamsInvalid):
        forecast(Strength(7, 5, NOW), (NOW + timedelta(1)).replace(tzinfo=None))


def test_all_that_is_wrong_is_in_one_error() -> None:
    with pytest.raises(ParamsInvalid) as caught:
        forecast(Strength(7, 5, NOW), NOW, -1, 0, [PlannedReview(-1, Rating.GOOD)])
    assert [problem.field for problem in caught.value.problems] == ["days", "step", "reviews[0].day"]
    with pytest.raises(ParamsInvalid, match="days / step"):
        forecast(Strength(7, 5, NOW), NOW, 1000, 0.001)
    with pytest.raises(ParamsInvalid) as caught:
        published_curve(0, -1, {3: 6})
    assert [problem.field for problem in caught.value.problems] == ["stability", "days", "grades[3]"]
