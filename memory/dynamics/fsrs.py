"""Forgetting as a power curve, and what a review does to it (FSRS-6). Pure: the caller supplies the time.

Stability is the time in days until retrievability falls to 0.9. Times are fractional days. Source: FSRS-6, its
21 default weights and formulas as published by the Open Spaced Repetition project (awesome-fsrs, "The Algorithm").
Where the published variant of ZenBrain differs: `fsrs_compat`.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum, StrEnum

import numpy as np

from memory.dynamics.checks import (
    Floats,
    above,
    aware,
    clip,
    day_after,
    days_between,
    finite_arrays,
    ordered,
    require,
    within,
)
from memory.errors import Problem

EASIEST, HARDEST = 1.0, 10.0  # difficulty

DEFAULT_WEIGHTS = (
    *(0.212, 1.2931, 2.3065, 8.2956),  # 0-3 first stability for Again, Hard, Good, Easy: days
    *(6.4133, 0.8334, 3.0194, 0.001),  # 4-7 difficulty: first, its slope by rating, step, pull to the mean
    *(1.8722, 0.1666, 0.796),  # 8-10 growth on recall: size, saturation, gain from being nearly forgotten
    *(1.4835, 0.0614, 0.2629, 1.6483),  # 11-14 what a lapse leaves: size, by difficulty, stability, retrievability
    *(0.6014, 1.8729),  # 15-16 penalty of Hard, bonus of Easy
    *(0.5425, 0.0912, 0.0658),  # 17-19 growth within a day: size, offset, saturation
    0.1542,  # 20 exponent of the forgetting curve
)
# The ranges within which FSRS-6 is fitted.
_LOWEST = (*[0.001] * 4, 1, *[0.001] * 3, 0, 0, *[0.001] * 4, 0, 0, 1, 0, 0, 0, 0.1)
_HIGHEST = (*[100] * 4, 10, 4, 4, 0.75, 4.5, 0.8, 3.5, 5, 0.25, 0.9, 4, 1, 6, 2, 2, 0.8, 0.8)


class Rating(IntEnum):
    """How well something was recalled."""

    AGAIN = 1  # not at all: a lapse
    HARD = 2
    GOOD = 3
    EASY = 4


class DecayClass(StrEnum):
    """How long a kind of knowledge holds before its first review."""

    PERMANENT = "permanent"
    SLOW = "slow"
    NORMAL = "normal"
    FAST = "fast"


@dataclass(frozen=True, slots=True)
class Strength:
    """How well an item is remembered. Raises ParamsInvalid."""

    stability: float  # days until retrievability falls to 0.9 (in `fsrs_compat`: to 1/e)
    difficulty: float  # 1 (easy) to 10 (hard)
    last_recalled: datetime  # with a time zone

    def __post_init__(self) -> None:
        require(
            above("stability", self.stability, 0),
            within("difficulty", self.difficulty, EASIEST, HARDEST),
            aware("last_recalled", self.last_recalled),
        )


@dataclass(frozen=True, slots=True)
class FsrsParams:
    """Numbers of FSRS-6. Raises ParamsInvalid with all that is out of range."""

    weights: tuple[float, ...] = DEFAULT_WEIGHTS
    target: float = 0.9  # retrievability at which a review is due, (0, 1)
    shortest: float = 0.001  # days of stability
    longest: float = 36500.0  # days of stability

    def __post_init__(self) -> None:
        require(
            *self._problems_of_weights(),
            above("target", self.target, 0, 1),
            above("shortest", self.shortest, 0),
            within("longest", self.longest, 0),
            ordered("shortest", self.shortest, "longest", self.longest),
        )

    def _problems_of_weights(self) -> list[Problem | None]:
        if len(self.weights) != len(DEFAULT_WEIGHTS):
            return [Problem("weights", f"has {len(self.weights)} numbers", f"use {len(DEFAULT_WEIGHTS)}")]
        ranges = zip(self.weights, _LOWEST, _HIGHEST, strict=True)
        return [within(f"weights[{number}]", *value) for number, value in enumerate(ranges)]

    @property
    def decay(self) -> float:
        return self.weights[20]

    @property
    def factor(self) -> float:
        """Makes retrievability 0.9 after `stability` days."""
        return math.pow(0.9, -1 / self.decay) - 1


RECOMMENDED = FsrsParams()

CLASSES = {  # difficulty, days until 0.9
    DecayClass.PERMANENT: (1.5, 90.0),
    DecayClass.SLOW: (3.0, 30.0),
    DecayClass.NORMAL: (5.0, 7.0),
    DecayClass.FAST: (7.5, 2.0),
}


def retrievability(strength: Strength, now: datetime, params: FsrsParams = RECOMMENDED) -> float:
    """The chance of recalling it now, in [0, 1]; 1 if it was last recalled later than `now`."""
    return retrievability_after(days_between(strength.last_recalled, now), strength.stability, params)


def retrievability_after(days: float, stability: float, params: FsrsParams = RECOMMENDED) -> float:
    """The chance of recalling something `days` >= 0 after it was last recalled. Raises ParamsInvalid."""
    require(within("days", days, 0), above("stability", stability, 0))
    return math.pow(1 + params.factor * days / stability, -params.decay)


def retrievabilities(days: Floats, stability: Floats, params: FsrsParams = RECOMMENDED) -> Floats:
    """`retrievability_after` for arrays of one shape; negative `days` count as 0. Raises ParamsInvalid."""
    finite_arrays(days=days, stability=stability)
    odds: Floats = 1 + params.factor * np.maximum(days, 0.0) / stability
    faded: Floats = odds**-params.decay
    return faded


def interval(stability: float, params: FsrsParams = RECOMMENDED, target: float | None = None) -> float:
    """Days until retrievability falls to `target` in (0, 1), by default that of `params`. Raises ParamsInvalid."""
    target = params.target if target is None else target
    require(above("stability", stability, 0), above("target", target, 0, 1))
    return stability / params.factor * (math.pow(target, -1 / params.decay) - 1)


def due(strength: Strength, params: FsrsParams = RECOMMENDED) -> datetime:
    """When the next review is due."""
    return day_after(strength.last_recalled, interval(strength.stability, params))


def first_strength(rating: Rating, now: datetime, params: FsrsParams = RECOMMENDED, boost: float = 1.0) -> Strength:
    """The strength of something learned now. `boost` multiplies stability (emotion), clipped to [1, 2]."""
    stability = params.weights[rating - 1] * clip(boost, 1, 2)
    return Strength(_bounded(stability, params), clip(_first_difficulty(rating, params), EASIEST, HARDEST), now)


def strength_of(decay: DecayClass, now: datetime, params: FsrsParams = RECOMMENDED, boost: float = 1.0) -> Strength:
    """The strength of knowledge of a class that was learned now. `boost` as in `first_strength`."""
    difficulty, stability = CLASSES[decay]
    return Strength(_bounded(stability * clip(boost, 1, 2), params), difficulty, now)


def review(strength: Strength, rating: Rating, now: datetime, params: FsrsParams = RECOMMENDED) -> Strength:
    """The strength after a review at `now`.

    A review at a time before the last recall counts as one at the last recall, whose time is kept.
    """
    days = days_between(strength.last_recalled, now)
    return replace(
        strength,
        stability=_bounded(_reviewed(strength, rating, days, params), params),
        difficulty=_next_difficulty(strength.difficulty, rating, params),
        last_recalled=max(strength.last_recalled, now),
    )


def _reviewed(strength: Strength, rating: Rating, days: float, params: FsrsParams) -> float:
    """Stability in days, not yet bounded."""
    if days < 1:
        return _within_a_day(strength.stability, rating, params)
    chance = retrievability_after(days, strength.stability, params)
    if rating == Rating.AGAIN:
        return _after_lapse(strength, chance, params)
    return _after_recall(strength, rating, chance, params)


def _within_a_day(stability: float, rating: Rating, params: FsrsParams) -> float:
    w = params.weights
    growth = math.exp(w[17] * (rating - 3 + w[18])) * math.pow(stability, -w[19])
    return stability * (growth if rating == Rating.AGAIN else max(1.0, growth))


def _after_recall(strength: Strength, rating: Rating, chance: float, params: FsrsParams) -> float:
    w = params.weights
    effort = {Rating.HARD: w[15], Rating.EASY: w[16]}.get(rating, 1.0)
    gain = math.exp(w[10] * (1 - chance)) - 1
    growth = math.exp(w[8]) * (11 - strength.difficulty) * math.pow(strength.stability, -w[9]) * gain * effort
    return strength.stability * (1 + growth)


def _after_lapse(strength: Strength, chance: float, params: FsrsParams) -> float:
    w = params.weights
    left = w[11] * math.pow(strength.difficulty, -w[12]) * (math.pow(strength.stability + 1, w[13]) - 1)
    return min(left * math.exp(w[14] * (1 - chance)), strength.stability / math.exp(w[17] * w[18]))


def _first_difficulty(rating: Rating, params: FsrsParams) -> float:
    return params.weights[4] - math.exp(params.weights[5] * (rating - 1)) + 1


def _next_difficulty(difficulty: float, rating: Rating, params: FsrsParams) -> float:
    step, pull = params.weights[6], params.weights[7]
    moved = difficulty - step * (rating - 3) * (10 - difficulty) / 9
    return clip(pull * _first_difficulty(Rating.EASY, params) + (1 - pull) * moved, EASIEST, HARDEST)


def _bounded(stability: float, params: FsrsParams) -> float:
    return clip(stability, params.shortest, params.longest)
