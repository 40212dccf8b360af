"""Review intervals that stretch while a memory is met as expected, and shrink when it surprises. Pure.

Sources: Zou et al. 2025 (re-encoding in vmPFC predicts the benefit of spacing); arXiv 2604.23878, section on
vmPFC-coupled FSRS; zensation-ai/zenbrain, module fsrs-vmPFC (b8d3adc). The paper's equation has the opposite sign of
its text; the code is right but half as strong, and takes opposite vectors for unrelated ones.
"""

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from memory.dynamics import fsrs
from memory.dynamics.checks import (
    Floats,
    above,
    clip,
    day_after,
    finite_arrays,
    finite_vectors,
    ordered,
    require,
    within,
)
from memory.dynamics.fsrs import FsrsParams, Rating, Strength
from memory.errors import Problem

SHORTEST = 0.1  # days
NATURAL_RATING = Rating.GOOD  # of a recall that nobody rated
MIDPOINT = 0.5  # the error that leaves an interval as it is


@dataclass(frozen=True, slots=True)
class VmpfcParams:
    """How strongly surprise moves an interval. Raises ParamsInvalid with all that is out of range."""

    reach: float = 1.2  # change of the multiplier over the whole of reactivation, [0, 2]
    slope: float = 6.0  # steepness of reactivation by prediction error
    least: float = 0.3  # multiplier
    most: float = 2.0  # multiplier
    largest_error: float = 2.0  # 1 - cosine of opposite vectors; 1 takes them for unrelated ones

    def __post_init__(self) -> None:
        require(
            within("reach", self.reach, 0, 2),
            above("slope", self.slope, 0),
            above("least", self.least, 0),
            within("most", self.most, 1),
            ordered("least", self.least, "most", self.most),
            within("largest_error", self.largest_error, 1, 2),
        )


RECOMMENDED = VmpfcParams()
COMPAT = VmpfcParams(reach=0.6, largest_error=1.0)


def prediction_error(before: Floats, now: Floats, params: VmpfcParams = RECOMMENDED) -> float:
    """1 - cosine of two vectors of one length, in [0, largest error]; 0 if one is zero. Raises ParamsInvalid."""
    finite_vectors(before=before, now=now)
    return float(_errors(before[None], now[None], params)[0])


def prediction_errors(before: Floats, now: Floats, params: VmpfcParams = RECOMMENDED) -> Floats:
    """`prediction_error` of the rows of two arrays [n, d]. Raises ParamsInvalid."""
    if before.ndim != 2 or before.shape != now.shape:
        require(Problem("now", f"has the shape {now.shape}, not {before.shape}", "send two arrays [n, d] of one shape"))
    finite_vectors(before=before.ravel(), now=now.ravel())
    return _errors(before, now, params)


def reactivation(error: float, params: VmpfcParams = RECOMMENDED) -> float:
    """How strongly a surprise of `error` re-encodes a memory, in (0, 1); 0.5 at an error of 0.5."""
    return 1 / (1 + math.exp(-params.slope * (error - MIDPOINT)))


def adaptive_interval(days: float, error: float, params: VmpfcParams = RECOMMENDED) -> float:
    """The interval of `days` >= 0 after a prediction error; at least 0.1 day. Raises ParamsInvalid."""
    require(within("days", days, 0), within("error", error, 0, 2))
    multiplier = 1 - params.reach * (reactivation(error, params) - MIDPOINT)
    return max(SHORTEST, days * clip(multiplier, params.least, params.most))


def due(
    strength: Strength, error: float, params: VmpfcParams = RECOMMENDED, curve: FsrsParams = fsrs.RECOMMENDED
) -> datetime:
    """When a review is due of what was last met with a prediction error; meeting it counts as a NATURAL_RATING."""
    days = adaptive_interval(fsrs.interval(strength.stability, curve), error, params)
    return day_after(strength.last_recalled, days)


def adaptive_intervals(days: Floats, errors: Floats, params: VmpfcParams = RECOMMENDED) -> Floats:
    """`adaptive_interval` for arrays of one shape. Raises ParamsInvalid."""
    finite_arrays(days=days, errors=errors)
    multiplier = 1 - params.reach * (1 / (1 + np.exp(-params.slope * (errors - MIDPOINT))) - MIDPOINT)
    adapted: Floats = np.maximum(SHORTEST, days * np.clip(multiplier, params.least, params.most))
    return adapted


def _errors(before: Floats, now: Floats, params: VmpfcParams) -> Floats:
    left, right = _directions(before), _directions(now)
    known = (left.any(axis=1)) & (right.any(axis=1))
    errors: Floats = np.clip(1 - np.einsum("nd,nd->n", left, right), 0.0, params.largest_error) * known
    return errors


def _directions(vectors: Floats) -> Floats:
    """Rows of length 1, or 0. Scaled by their largest number first, so that no square overflows or vanishes."""
    largest = np.abs(vectors).max(axis=1, initial=0.0, keepdims=True)
    scaled = np.divide(vectors, largest, out=np.zeros(vectors.shape), where=largest > 0)
    lengths = np.linalg.norm(scaled, axis=1, keepdims=True)
    directions: Floats = np.divide(scaled, lengths, out=np.zeros(vectors.shape), where=lengths > 0)
    return directions
