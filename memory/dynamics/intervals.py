"""How sure a rate or a confidence is: an interval around it. Pure.

Sources: E. B. Wilson, JASA 22 (1927), the score interval; zensation-ai/zenbrain, module intervals (b8d3adc), whose Wald
interval shrinks to nothing at rates of 0 and 1.
"""

import math
from dataclasses import dataclass

import numpy as np

from memory.dynamics.checks import Floats, clip, require, within
from memory.dynamics.confidence import Evidence, propagated
from memory.errors import Problem

Z = 1.96  # standard errors: 95 %
WIDENING = 1.1  # of an interval's width, per link
WIDENING_BY_WEIGHT = 0.05


@dataclass(frozen=True, slots=True)
class Interval:
    """A number in [0, 1] and what it may as well be. Raises ParamsInvalid."""

    point: float
    lower: float
    upper: float

    def __post_init__(self) -> None:
        require(
            within("point", self.point, 0, 1),
            within("lower", self.lower, 0, self.point),
            within("upper", self.upper, self.point, 1),
        )

    @property
    def width(self) -> float:
        return self.upper - self.lower


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """Arrays of lower and upper bounds."""

    lower: Floats
    upper: Floats


def wilson(rate: float, count: float, z: float = Z) -> Interval:
    """The interval of a rate in [0, 1] seen in `count` >= 0 cases: all of [0, 1] for 0. Raises ParamsInvalid."""
    require(within("rate", rate, 0, 1), within("count", count, 0), within("z", z, 0))
    if count == 0:
        return Interval(rate, 0.0, 1.0)
    spread = z * z / count
    center = (rate + spread / 2) / (1 + spread)
    half = math.sqrt(spread * (rate * (1 - rate) + spread / 4)) / (1 + spread)
    return Interval(rate, clip(center - half, 0, rate), clip(center + half, rate, 1))


def wilson_bounds(rates: Floats, counts: Floats, z: float = Z) -> Bounds:
    """`wilson` for arrays of one shape. Raises ParamsInvalid."""
    require(
        None if _all_within(rates, 1.0) else Problem("rates", "has a number outside [0, 1]", "use rates"),
        None if _all_within(counts, math.inf) else Problem("counts", "has a number below 0", "use counts"),
        within("z", z, 0),
    )
    known = counts > 0
    spread = z * z / np.where(known, counts, 1.0)
    center = (rates + spread / 2) / (1 + spread)
    half = np.sqrt(spread * (rates * (1 - rates) + spread / 4)) / (1 + spread)
    lower, upper = np.clip(center - half, 0.0, rates), np.clip(center + half, rates, 1.0)
    return Bounds(np.where(known, lower, 0.0), np.where(known, upper, 1.0))


def wald(rate: float, count: float) -> Interval:
    """compat: rate ± 1.96 standard errors, clipped to [0, 1]. Raises ParamsInvalid."""
    require(within("rate", rate, 0, 1), within("count", count, 0))
    half = Z * math.sqrt(rate * (1 - rate) / max(count, 1.0))
    return Interval(rate, clip(rate - half), clip(rate + half))


def through(interval: Interval, evidence: Evidence) -> Interval:
    """The interval of a confidence in the light of one piece of evidence: moved, and a little wider."""
    point = propagated(interval.point, evidence)
    half = min(1.0, WIDENING * interval.width + WIDENING_BY_WEIGHT * evidence.weight) / 2
    return Interval(point, clip(point - half), clip(point + half))


def _all_within(values: Floats, high: float) -> bool:
    return bool(((values >= 0) & (values <= high) & np.isfinite(values)).all())
