"""Exponential forgetting, what is due for review, and how fast one person forgets. Pure.

Sources: H. Ebbinghaus, Über das Gedächtnis (1885); zensation-ai/zenbrain, module ebbinghaus (b8d3adc). There the path
for one item and the path for many disagree about bounds; here both use the same effective stability.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from memory.dynamics.checks import (
    Floats,
    above,
    aware,
    clip,
    days_between,
    finite_arrays,
    ordered,
    require,
    round_half_up,
    within,
)

UNBOUNDED = 1e9


@dataclass(frozen=True, slots=True)
class EbbinghausParams:
    """Bounds and thresholds of exponential forgetting. Raises ParamsInvalid with all that is out of range."""

    shortest: float = 0.1  # days of effective stability
    longest: float = 365.0  # days of effective stability
    least_boost: float = 1.0  # of stability, by emotion
    most_boost: float = 3.0
    review_below: float = 0.3  # retention in (0, 1)
    archive_below: float = 0.1  # retention in (0, 1)
    margin: float = 1.2  # candidates for review are taken up to this multiple of `review_below`
    target: float = 0.85  # retention at which a review is best, (0, 1)

    def __post_init__(self) -> None:
        require(
            above("shortest", self.shortest, 0),
            within("longest", self.longest, 0),
            ordered("shortest", self.shortest, "longest", self.longest),
            within("least_boost", self.least_boost, 0),
            within("most_boost", self.most_boost, 0),
            ordered("least_boost", self.least_boost, "most_boost", self.most_boost),
            above("review_below", self.review_below, 0, 1),
            above("archive_below", self.archive_below, 0, 1),
            ordered("archive_below", self.archive_below, "review_below", self.review_below),
            within("margin", self.margin, 1),
            above("target", self.target, 0, 1),
        )


RECOMMENDED = EbbinghausParams()
COMPAT_ONE = EbbinghausParams(shortest=0.5, longest=UNBOUNDED, most_boost=UNBOUNDED)  # the original's path for one item
COMPAT_MANY = EbbinghausParams(longest=UNBOUNDED, least_boost=0)  # its path for many


@dataclass(frozen=True, slots=True)
class Retention:
    """What is left of an item."""

    chance: float  # of recalling it, [0, 1]
    days: float  # since its last use
    stability: float  # effective, days until `chance` falls to 1/e
    needs_review: bool
    is_faded: bool  # belongs into the archive


@dataclass(frozen=True, slots=True)
class ReviewCandidate:
    """An item that is about to be forgotten."""

    position: int  # in the arrays that were given
    urgency: float  # 1 - retention, [0, 1]
    hours_left: float  # until retention falls below the threshold; 0 if it has


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to recall something."""

    at: datetime
    is_recalled: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """How one person forgets."""

    interval: float  # mean days between attempts
    recall_rate: float  # [0, 1]
    multiplier: float  # of stability, [0.5, 3]


def effective_stability(stability: float, boost: float = 1.0, params: EbbinghausParams = RECOMMENDED) -> float:
    """Days until retention falls to 1/e, with the boost of emotion, within bounds. Raises ParamsInvalid."""
    require(within("stability", stability, 0), within("boost", boost, 0))
    return clip(stability * clip(boost, params.least_boost, params.most_boost), params.shortest, params.longest)


def retention(
    last_used: datetime, stability: float, now: datetime, boost: float = 1.0, params: EbbinghausParams = RECOMMENDED
) -> Retention:
    """What is left now of an item of a stability in days; all of it if it was last used later than `now`.

    Raises ParamsInvalid.
    """
    days = days_between(last_used, now)
    effective = effective_stability(stability, boost, params)
    chance = math.exp(-days / effective)
    is_faded = chance <= params.archive_below
    return Retention(chance, days, effective, not is_faded and chance <= params.review_below, is_faded)


def effective_stabilities(
    stability: Floats, boost: Floats | float = 1.0, params: EbbinghausParams = RECOMMENDED
) -> Floats:
    """`effective_stability` for arrays of one shape. Raises ParamsInvalid."""
    finite_arrays(stability=stability)
    finite_arrays(boost=np.asarray(boost))
    boosted = stability * np.clip(boost, params.least_boost, params.most_boost)
    bounded: Floats = np.clip(boosted, params.shortest, params.longest)
    return bounded


def retentions(
    days: Floats, stability: Floats, boost: Floats | float = 1.0, params: EbbinghausParams = RECOMMENDED
) -> Floats:
    """The chance of `retention` for arrays of one shape; negative `days` count as 0. Raises ParamsInvalid."""
    finite_arrays(days=days, stability=stability)
    left: Floats = np.exp(-np.maximum(days, 0.0) / effective_stabilities(stability, boost, params))
    return left


def review_candidates(
    days: Floats, stability: Floats, boost: Floats | float = 1.0, params: EbbinghausParams = RECOMMENDED
) -> list[ReviewCandidate]:
    """The items near or below the threshold of review, most urgent first; ties keep order. Raises ParamsInvalid."""
    urgency = 1 - retentions(days, stability, boost, params)
    span = -effective_stabilities(stability, boost, params) * math.log(params.review_below)
    hours = 24 * np.maximum(0.0, span - np.maximum(days, 0.0))
    chosen = np.flatnonzero(urgency >= 1 - params.margin * params.review_below)
    urgent = chosen[np.argsort(-urgency[chosen], kind="stable")]
    return [ReviewCandidate(int(one), float(urgency[one]), float(hours[one])) for one in urgent]


def best_interval(stability: float, params: EbbinghausParams = RECOMMENDED) -> float:
    """Days until retention falls to the target, at least 0.1. Raises ParamsInvalid."""
    require(within("stability", stability, 0))
    return max(0.1, -stability * math.log(params.target))


def learn_profile(attempts: Sequence[Attempt]) -> Profile | None:
    """How somebody forgets, from two attempts or more in any order; None from fewer. Raises ParamsInvalid."""
    if len(attempts) < 2:
        return None
    require(*(aware(f"attempts[{number}].at", one.at) for number, one in enumerate(attempts)))
    times = sorted(one.at for one in attempts)
    gaps = [gap for gap in map(days_between, times, times[1:]) if gap > 0]
    mean = sum(gaps) / len(gaps) if gaps else 1.0
    rate = sum(one.is_recalled for one in attempts) / len(attempts)
    multiplier = 0.6 + 1.2 * rate
    if rate > 0.5:
        multiplier *= 0.8 + 0.2 * min(mean / 7, 2)
    return Profile(mean, rate, round_half_up(clip(multiplier, 0.5, 3), 3))


def personal_stability(stability: float, profile: Profile, params: EbbinghausParams = RECOMMENDED) -> float:
    """Effective stability in days for one person, who may also forget faster than most."""
    return clip(stability * profile.multiplier, params.shortest, params.longest)
