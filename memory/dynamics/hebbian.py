"""Edges between what is recalled together: they grow with use, fade without, and keep to a budget. Pure.

Sources: D. Hebb, The Organization of Behavior (1949); synaptic scaling (Turrigiano 2008); zensation-ai/zenbrain, module
hebbian (b8d3adc). There a dying edge is reset to 1, so that it jumps up, and scaling may push a weight out of bounds.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from memory.dynamics.checks import Floats, above, finite_arrays, ordered, require, within

NOTHING = 1e-10  # a sum of weights below it cannot be scaled


@dataclass(frozen=True, slots=True)
class HebbianParams:
    """Growth, decay and bounds of an edge's weight. Raises ParamsInvalid with all that is out of range."""

    rate: float = 0.1  # growth per co-recall of an edge far from its bound, [0, 10]
    decay: float = 0.02  # share that is lost per cycle, [0, 1)
    least: float = 0.1  # weight; below it an edge is pruned
    most: float = 10.0  # weight
    total: float = 50.0  # what the weights of one item are scaled to
    neutral: float = 1.0  # weight of a new edge
    is_bounded: bool = True  # scaling keeps to [least, most]
    keeps_neutral: bool = False  # an edge at exactly neutral does not decay
    revives: bool = False  # an edge that should be pruned returns to neutral

    def __post_init__(self) -> None:
        require(
            within("rate", self.rate, 0, 10),
            within("decay", self.decay, 0, 0.999),
            within("least", self.least, 0),
            above("most", self.most, 0),
            ordered("least", self.least, "most", self.most),
            above("total", self.total, 0),
            within("neutral", self.neutral, self.least, max(self.least, self.most)),
        )


RECOMMENDED = HebbianParams()
COMPAT = HebbianParams(is_bounded=False, keeps_neutral=True, revives=True)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two different items, the earlier recalled first."""

    first: str
    second: str


def strengthened(weight: float, times: int = 1, params: HebbianParams = RECOMMENDED) -> float:
    """The weight after being recalled together `times` >= 0 times; never above its bound. Raises ParamsInvalid."""
    require(within("weight", weight, 0), within("times", times, 0))
    missing = max(0.0, params.most - weight)
    return params.most - missing * math.pow(max(0.0, 1 - params.rate / params.most), times)


def decayed(weight: float, params: HebbianParams = RECOMMENDED) -> float:
    """The weight after one cycle without use; 0 says that the edge is to be pruned. Raises ParamsInvalid."""
    require(within("weight", weight, 0))
    left = weight * (1 - params.decay)
    return 0.0 if left < params.least else left


def decayed_all(weights: Floats, params: HebbianParams = RECOMMENDED) -> Floats:
    """The weights after one cycle; 0 says that an edge is to be pruned. Raises ParamsInvalid."""
    finite_arrays(weights=weights)
    left = weights * (1 - params.decay)
    left = np.where(left < params.least, params.neutral if params.revives else 0.0, left)
    if params.keeps_neutral:
        left = np.where(weights == params.neutral, weights, left)
    return np.asarray(left, dtype=np.float64)


def scaled(weights: Floats, params: HebbianParams = RECOMMENDED) -> Floats:
    """The weights of one item's edges, scaled to add up to `total`; as they are, if there is nothing to scale.

    Raises ParamsInvalid.
    """
    finite_arrays(weights=weights)
    total = float(weights.sum())
    if total < NOTHING:
        return weights
    shares: Floats = weights * (params.total / total)
    return np.clip(shares, params.least, params.most) if params.is_bounded else shares


def pairs(items: Sequence[str]) -> list[Pair]:
    """All pairs of different items, in the order of recall; an item named twice counts once."""
    return [Pair(first, second) for first, second in combinations(dict.fromkeys(items), 2)]


def weight_between(weights: Mapping[Pair, float], one: str, other: str) -> float | None:
    """The larger weight of both directions; None if there is no edge."""
    found = [weights[pair] for pair in (Pair(one, other), Pair(other, one)) if pair in weights]
    return max(found, default=None)
