"""Edges with a weight and a variance: what was often confirmed hardens, and softens again while it lies idle. Pure.

Sources: Zenke et al. 2025 (two-factor consolidation), which amounts to elastic weight consolidation (Kirkpatrick et
al., PNAS 2017); zensation-ai/zenbrain, module hebbian-two-factor (b8d3adc). There an edge can only harden, even when
the evidence speaks against it, and decay ignores the configuration.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from memory.dynamics.checks import Floats, above, clip, finite_arrays, ordered, require, within

LARGEST_VARIANCE = 1.0


@dataclass(frozen=True, slots=True)
class Edge:
    """One learned link. Raises ParamsInvalid."""

    weight: float = 1.0  # 0.05 to 10
    variance: float = 1.0  # 0.01 (certain) to 1 (new)
    activations: int = 0

    def __post_init__(self) -> None:
        require(
            within("weight", self.weight, 0),
            above("variance", self.variance, 0),
            within("activations", self.activations, 0),
        )

    @property
    def importance(self) -> float:
        """1 for a new edge, up to 100 for one that is certain."""
        return 1 / self.variance


@dataclass(frozen=True, slots=True)
class TwoFactorParams:
    """Learning and bounds of an edge. Raises ParamsInvalid with all that is out of range."""

    rate: float = 0.1  # of the weight, per activation, [0, 10]
    hardening: float = 0.15  # share of the variance that the first activation takes, [0, 1)
    rigidity: float = 0.5  # of the penalty
    least_weight: float = 0.05
    most_weight: float = 10.0
    least_variance: float = 0.01
    lock: float = 0.5  # share of learning that a certain edge refuses, if it is protected, [0, 1]
    slowing: float = 0.1  # of decay, by importance
    softening: float = 0.002  # variance that an idle edge regains, per day
    hardens_on_refusal: bool = False  # evidence against an edge makes it more certain

    def __post_init__(self) -> None:
        require(
            within("rate", self.rate, 0, 10),
            within("hardening", self.hardening, 0, 0.999),
            within("rigidity", self.rigidity, 0),
            within("least_weight", self.least_weight, 0),
            above("most_weight", self.most_weight, 0),
            ordered("least_weight", self.least_weight, "most_weight", self.most_weight),
            above("least_variance", self.least_variance, 0, LARGEST_VARIANCE),
            within("lock", self.lock, 0, 1),
            within("slowing", self.slowing, 0),
            within("softening", self.softening, 0),
        )


RECOMMENDED = TwoFactorParams()
COMPAT = TwoFactorParams(softening=0.0, hardens_on_refusal=True)


def updated(
    edge: Edge, tag: float, activation: float, params: TwoFactorParams = RECOMMENDED, is_protected: bool = False
) -> Edge:
    """The edge after one activation.

    `tag` says how much the event matters, about 0..1, negative if it speaks against the edge; `activation` is 0..1.
    A protected edge learns the less the more certain it is. Raises ParamsInvalid.
    """
    require(within("tag", tag, -1, 2), within("activation", activation, 0, 1))
    activations = edge.activations + 1
    lock = params.lock * (1 - clip(edge.variance)) if is_protected else 0.0
    weight = edge.weight + params.rate * (1 - lock) * tag * activation
    hardens = tag >= 0 or params.hardens_on_refusal
    shrink = 1 - params.hardening / (1 + 0.1 * activations) if hardens else 1.0
    return Edge(
        clip(weight, params.least_weight, params.most_weight),
        max(params.least_variance, edge.variance * shrink),
        activations,
    )


def penalty(edge: Edge, proposed: float, params: TwoFactorParams = RECOMMENDED) -> float:
    """What moving an edge to the `proposed` weight costs, >= 0; more for one that is certain. Raises ParamsInvalid."""
    require(within("proposed", proposed, 0))
    return params.rigidity / 2 * edge.importance * (proposed - edge.weight) ** 2


def decayed(edge: Edge, rate: float, params: TwoFactorParams = RECOMMENDED) -> Edge:
    """The edge after one cycle without use that takes a share `rate` in [0, 1] of a new one. Raises ParamsInvalid."""
    require(within("rate", rate, 0, 1))
    left = edge.weight * (1 - rate / (1 + params.slowing * edge.importance))
    return replace(edge, weight=max(params.least_weight, left))


def softened(edge: Edge, idle_days: float, params: TwoFactorParams = RECOMMENDED) -> Edge:
    """The edge after lying idle: its variance grows back, so that it can learn again. Negative days count as 0.

    Raises ParamsInvalid.
    """
    require(within("idle_days", max(0.0, idle_days), 0))
    regained = edge.variance + params.softening * max(0.0, idle_days)
    return replace(edge, variance=max(edge.variance, min(LARGEST_VARIANCE, regained)))


def imported(weight: float, params: TwoFactorParams = RECOMMENDED) -> Edge:
    """An edge from a bare Hebbian weight >= 0: the heavier, the more certain."""
    require(within("weight", weight, 0))
    return Edge(weight, max(params.least_variance, 1 / (1 + 0.5 * weight)))


def decayed_weights(weights: Floats, variances: Floats, rate: float, params: TwoFactorParams = RECOMMENDED) -> Floats:
    """`decayed` for arrays of one shape. Raises ParamsInvalid."""
    finite_arrays(weights=weights, variances=variances)
    require(within("rate", rate, 0, 1))
    left: Floats = np.maximum(params.least_weight, weights * (1 - rate / (1 + params.slowing / variances)))
    return left


def softened_variances(variances: Floats, idle_days: Floats, params: TwoFactorParams = RECOMMENDED) -> Floats:
    """`softened` for arrays of one shape. Raises ParamsInvalid."""
    finite_arrays(variances=variances, idle_days=idle_days)
    regained = np.minimum(LARGEST_VARIANCE, variances + params.softening * np.maximum(0.0, idle_days))
    softer: Floats = np.maximum(variances, regained)
    return softer


def recall_factor(edge: Edge, boost: float = 0.2) -> float:
    """By what an edge multiplies the score of a memory it leads to, >= 1 (arXiv 2604.23878, recall)."""
    return 1 + boost * edge.weight * math.pow(edge.importance, 0.1)
