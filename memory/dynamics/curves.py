"""Points for plotting: how retrievability falls and rises, and how reviews spread out. Pure.

Source: zensation-ai/zenbrain, module visualization (b8d3adc). There a lapse looks like a recall, because the curve
jumps to 1 without showing how far it had fallen; here a review shows what it found and what it left.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from memory.dynamics import fsrs, fsrs_compat
from memory.dynamics.checks import DAY, above, days_between, require, within
from memory.dynamics.fsrs import FsrsParams, Rating, Strength

MOST_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class PlannedReview:
    """A review that is imagined on a day."""

    day: float  # from the start of the curve
    rating: Rating


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One point of a forgetting curve."""

    day: float
    retrievability: float  # [0, 1]; at a review, what the review found
    rating: Rating | None = None  # of the review at this point; the curve goes on from 1 after it


@dataclass(frozen=True, slots=True)
class TimelinePoint:
    """One review of a schedule."""

    number: int  # from 1
    day: float
    stability: float  # days, after the review
    difficulty: float  # after the review
    interval: float  # days to the next review


def forecast(
    strength: Strength,
    now: datetime,
    days: float = 30.0,
    step: float = 1.0,
    reviews: Sequence[PlannedReview] = (),
    params: FsrsParams = fsrs.RECOMMENDED,
) -> list[CurvePoint]:
    """Retrievability from `now` on for `days`, a point every `step` days and two at each review (before and after it).

    Reviews count from `now`; those after the end are left out. Raises ParamsInvalid.
    """
    require(
        within("days", days, 0, 36500),
        above("step", step, 0),
        within("days / step", days / step if step > 0 else 0.0, 0, MOST_POINTS),
        *(within(f"reviews[{number}].day", one.day, 0) for number, one in enumerate(reviews)),
    )
    points: list[CurvePoint] = []
    planned = sorted((one for one in reviews if one.day <= days), key=lambda one: one.day)
    due = iter([*planned, None])
    upcoming = next(due)
    for day in _days(days, step):
        while upcoming is not None and upcoming.day <= day:
            at = now + upcoming.day * DAY
            points.append(CurvePoint(upcoming.day, fsrs.retrievability(strength, at, params), upcoming.rating))
            strength = fsrs.review(strength, upcoming.rating, at, params)
            if upcoming.day < day:
                points.append(CurvePoint(upcoming.day, fsrs.retrievability(strength, at, params)))
            upcoming = next(due)
        points.append(CurvePoint(day, fsrs.retrievability(strength, now + day * DAY, params)))
    return points


def timeline(
    strength: Strength, ratings: Sequence[Rating], params: FsrsParams = fsrs.RECOMMENDED
) -> list[TimelinePoint]:
    """What comes of reviews that are each done when they are due, with these ratings. Day 0 is the last recall."""
    points, day = [], 0.0
    for number, rating in enumerate(ratings, start=1):
        day += fsrs.interval(strength.stability, params)
        strength = fsrs.review(strength, rating, fsrs.due(strength, params), params)
        until_next = fsrs.interval(strength.stability, params)
        points.append(TimelinePoint(number, day, strength.stability, strength.difficulty, until_next))
    return points


def _days(days: float, step: float) -> Iterator[float]:
    """0, step, 2 step, ... and the end."""
    count = math.floor(days / step + 1e-9)
    yield from (number * step for number in range(count + 1))
    if count * step < days - 1e-9:
        yield days


PUBLISHED_GAINS = {5: 2.5, 4: 2.0, 3: 1.5, 2: 1.0, 1: 0.5}  # of stability, by grade
_RATINGS = {5: Rating.EASY, 4: Rating.GOOD, 3: Rating.GOOD, 2: Rating.HARD, 1: Rating.AGAIN}


def published_curve(
    stability: float, days: int = 30, grades: Mapping[int, int] | None = None, multiplier: float = 1.0
) -> list[CurvePoint]:
    """compat: one point a day, e^(-days since the last review / stability); `grades` 1 to 5 by day. Raises
    ParamsInvalid."""
    require(
        above("stability", stability, 0),
        within("days", days, 0, MOST_POINTS),
        *(within(f"grades[{day}]", grade, 1, 5) for day, grade in (grades or {}).items()),
    )
    reviews = {day: grade for day, grade in (grades or {}).items() if day > 0}
    held, last, points = stability * max(1.0, multiplier), 0, []
    for day in range(days + 1):
        grade = reviews.get(day)
        if grade is not None:
            held, last = held * PUBLISHED_GAINS[grade], day
        points.append(CurvePoint(day, math.exp((last - day) / held), None if grade is None else _RATINGS[grade]))
    return points


def published_timeline(strength: Strength, grades: Sequence[int] = (4, 4, 4, 4, 4)) -> list[TimelinePoint]:
    """compat: the start, and a review at 0.9 for each grade; a recall from 2 up. Day 0 is the last recall."""
    points = [_point(0, 0.0, strength)]
    start = strength.last_recalled
    for number, grade in enumerate(grades, start=1):
        at = strength.last_recalled + fsrs_compat.interval(strength.stability) * DAY
        recalled = fsrs_compat.after_recall(strength, grade, at)
        strength = recalled if grade >= 2 else fsrs_compat.after_lapse(strength, at)
        points.append(_point(number, days_between(start, at), strength))
    return points


def _point(number: int, day: float, strength: Strength) -> TimelinePoint:
    wait = fsrs_compat.interval(strength.stability)
    return TimelinePoint(number, day, strength.stability, strength.difficulty, wait)
