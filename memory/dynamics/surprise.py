"""A number per memory that remembers whether it surprised: it is found sooner or later, and reviewed earlier. Pure.

Source: the ZenBrain repository (Apache-2.0), module `surprise-gradient-memory`; after the free-energy principle and
Titans (Behrouz et al. 2025), as an exponential mean of signed, confidence-weighted prediction errors. The original's
comment says that a sign of +1 pulls towards 0; its code pulls towards +1, and that is what helps retrieval, so that
is what is kept.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from memory.dynamics.checks import Floats, above, clip, require, within
from memory.errors import Problem

Sign = Literal[-1, 0, 1]  # it misled, it did neither, it helped


@dataclass(frozen=True, slots=True)
class SurpriseParams:
    """How fast a delta moves and how much it may do."""

    scale: float = 1.0  # the prediction error that counts as full surprise, > 0
    learning_rate: float = 0.1  # share of the way towards the latest contribution, 0 < rate <= 1
    bound: float = 1.0  # a delta stays within plus and minus this, > 0
    boost: float = 0.1  # share of a score that a delta of 1 adds
    interval_slope: float = 0.2  # share of an interval that a delta of plus or minus 1 takes away
    interval_floor: float = 0.2  # share of an interval that always stays

    def __post_init__(self) -> None:
        require(
            above("scale", self.scale, 0),
            above("learning_rate", self.learning_rate, 0),
            within("learning_rate", self.learning_rate, 0, 1) if self.learning_rate > 0 else None,
            above("bound", self.bound, 0),
            within("boost", self.boost, 0, 1),
            within("interval_slope", self.interval_slope, 0),
            within("interval_floor", self.interval_floor, 0, 1),
        )


COMPAT = RECOMMENDED = SurpriseParams()


def contribution(
    prediction_error: float, confidence: float = 1.0, sign: Sign = 1, params: SurpriseParams = RECOMMENDED
) -> float:
    """What one observation says, -1 to 1. A non-finite or negative error says nothing; confidence is clipped to 0-1."""
    if not math.isfinite(prediction_error) or math.isnan(confidence):
        return 0.0
    return sign * clip(prediction_error / params.scale) * clip(confidence)


def updated(delta: float, observed: float, params: SurpriseParams = RECOMMENDED) -> float:
    """The delta after a contribution, within the bound. A non-finite delta counts as 0."""
    kept = delta if math.isfinite(delta) else 0.0
    moved = (1 - params.learning_rate) * kept + params.learning_rate * observed
    return clip(moved, -params.bound, params.bound)


def updated_many(
    deltas: Sequence[float] | Floats, observed: Sequence[float] | Floats, params: SurpriseParams = RECOMMENDED
) -> Floats:
    """`updated` over arrays: float64[n]. Raises ParamsInvalid if the lengths differ."""
    if len(deltas) != len(observed):
        require(Problem("deltas", f"are {len(deltas)} for {len(observed)} contributions", "send one for each"))
    kept = np.nan_to_num(_floats(deltas), nan=0.0, posinf=0.0, neginf=0.0)
    moved = (1 - params.learning_rate) * kept + params.learning_rate * _floats(observed)
    return np.clip(moved, -params.bound, params.bound)


def boosted(score: float, delta: float, params: SurpriseParams = RECOMMENDED) -> float:
    """The score (0 and up) of a memory in retrieval, raised or lowered by at most `boost` for deltas of -1 to 1.

    Raises ParamsInvalid if one of them is not finite.
    """
    require(within("score", score, -math.inf), within("delta", delta, -math.inf))
    return max(0.0, score * (1 + params.boost * delta))


def shortened(interval: float, delta: float, params: SurpriseParams = RECOMMENDED) -> float:
    """Days until the next review: what surprised, either way, is reviewed earlier. 0 for an interval of 0 or less.

    Raises ParamsInvalid if one of them is not finite.
    """
    require(within("interval", interval, -math.inf), within("delta", delta, -math.inf))
    if interval <= 0:
        return 0.0
    return interval * max(params.interval_floor, 1 - params.interval_slope * abs(delta))


def _floats(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)
