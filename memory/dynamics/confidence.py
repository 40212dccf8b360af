"""How far facts that support or contradict each other are to be believed, in whatever order they came. Pure.

Sources: zensation-ai/zenbrain, module bayesian (b8d3adc), and the batch rule of zensation-ai/zenai. A heuristic like
noisy-or, not Bayes' rule. There the result depends on the order of the evidence, and a change never travels farther
than one link; here support and attack are gathered separately, and each round starts from the beliefs of the last.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from memory.dynamics.checks import Floats, clip, require, within
from memory.errors import Problem

Positions = npt.NDArray[np.int64]


class Relation(StrEnum):
    """What one fact says about another."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"
    CAUSES = "causes"
    REQUIRES = "requires"
    PART_OF = "part_of"
    SIMILAR_TO = "similar_to"
    CREATED_BY = "created_by"
    USED_BY = "used_by"


FACTORS: Mapping[str, float] = {  # of the source's confidence that reaches the target; negative ones count against it
    Relation.SUPPORTS: 1.0,
    Relation.CONTRADICTS: -1.0,
    Relation.CAUSES: 0.8,
    Relation.REQUIRES: 0.6,
    Relation.PART_OF: 0.3,
    Relation.SIMILAR_TO: 0.2,
    Relation.CREATED_BY: 0.0,
    Relation.USED_BY: 0.0,
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact that bears on another. Raises ParamsInvalid."""

    confidence: float  # of the source, [0, 1]
    weight: float  # of the link, [0, 1]
    factor: float  # of its relation, [-1, 1]

    def __post_init__(self) -> None:
        require(
            within("confidence", self.confidence, 0, 1),
            within("weight", self.weight, 0, 1),
            within("factor", self.factor, -1, 1),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Links between facts, as arrays of one length [m]; facts are named by position."""

    sources: Positions
    targets: Positions
    weights: Floats  # [0, 1]
    factors: Floats  # [-1, 1]


@dataclass(frozen=True, slots=True)
class ConfidenceParams:
    """How fast and how long beliefs move. Raises ParamsInvalid with all that is out of range."""

    damping: float = 0.7  # share of the new belief, [0, 1]
    significant: float = 0.01  # smallest change that is kept
    rounds: int = 3  # at most

    def __post_init__(self) -> None:
        require(
            within("damping", self.damping, 0, 1),
            within("significant", self.significant, 0, 1),
            within("rounds", self.rounds, 1, 1000),
        )


RECOMMENDED = ConfidenceParams()


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """What is believed after some rounds."""

    confidences: Floats  # [n]
    is_changed: npt.NDArray[np.bool_]  # [n], from the base
    rounds: int  # that changed something


def factor_of(relation: str) -> float:
    """The factor of a relation by its name; 0 for one that is unknown."""
    return FACTORS.get(relation, 0.0)


def propagated(base: float, evidence: Evidence) -> float:
    """The confidence in [0, 1] of a fact of confidence `base` in the light of one other. Raises ParamsInvalid."""
    require(within("base", base, 0, 1))
    force = evidence.factor * evidence.weight * evidence.confidence
    return clip(base + force * (1 - base) if force > 0 else base * (1 + force))


def combined(base: float, evidence: Sequence[Evidence]) -> float:
    """The confidence in the light of all evidence, in any order: (b + (1 - b) support) * (1 - attack).

    Raises ParamsInvalid.
    """
    require(within("base", base, 0, 1))
    forces = [one.factor * one.weight * one.confidence for one in evidence]
    unsupported = math.prod(1 - force for force in sorted(forces) if force > 0)
    unopposed = math.prod(1 + force for force in sorted(forces) if force < 0)
    return clip((1 - (1 - base) * unsupported) * unopposed)


def contributions(base: float, evidence: Sequence[Evidence]) -> list[float]:
    """What each piece of evidence changes: the confidence with all, minus the confidence without it."""
    whole = combined(base, evidence)
    return [whole - combined(base, [*evidence[:left], *evidence[left + 1 :]]) for left in range(len(evidence))]


def damped(new: float, previous: float, params: ConfidenceParams = RECOMMENDED) -> float:
    """A step from the previous confidence towards the new one."""
    return clip(params.damping * new + (1 - params.damping) * previous)


def is_significant(new: float, previous: float, params: ConfidenceParams = RECOMMENDED) -> bool:
    """Whether a change is worth keeping."""
    return abs(new - previous) > params.significant


def settle(base: Floats, links: Links, params: ConfidenceParams = RECOMMENDED) -> Settled:
    """Confidences [n] of facts that bear on each other, after at most `rounds` rounds. Raises ParamsInvalid.

    A link from a fact to itself says nothing. The order of the links does not matter, beyond the last bits.
    """
    _check(base, links)
    links = _without_loops(links)
    believed = base.copy()
    for done in range(params.rounds):
        new = params.damping * _combined_all(base, believed, links) + (1 - params.damping) * believed
        moved = np.abs(new - believed) > params.significant
        if not moved.any():
            return Settled(believed, believed != base, done)
        believed = np.where(moved, np.clip(new, 0.0, 1.0), believed)
    return Settled(believed, believed != base, params.rounds)


def _combined_all(base: Floats, believed: Floats, links: Links) -> Floats:
    forces = links.factors * links.weights * believed[links.sources]
    unsupported, unopposed = np.ones(base.shape), np.ones(base.shape)
    np.multiply.at(unsupported, links.targets, 1 - np.maximum(forces, 0.0))
    np.multiply.at(unopposed, links.targets, 1 + np.minimum(forces, 0.0))
    whole: Floats = (1 - (1 - base) * unsupported) * unopposed
    return whole


def folded(base: float, evidence: Sequence[Evidence]) -> float:
    """compat: one piece of evidence after the other, so that their order matters."""
    for one in evidence:
        base = propagated(base, one)
    return base


def settle_compat(base: Floats, links: Links, params: ConfidenceParams = RECOMMENDED) -> Settled:
    """compat: folds the links in their order, always from the base confidences of their sources."""
    _check(base, links)
    incoming: dict[int, list[Evidence]] = {}
    rows = zip(links.sources, links.targets, links.weights, links.factors, strict=True)
    for source, target, weight, factor in rows:
        incoming.setdefault(int(target), []).append(Evidence(float(base[source]), float(weight), float(factor)))
    believed = base.copy()
    for done in range(params.rounds):
        moved = False
        for target, evidence in incoming.items():
            new = damped(folded(float(base[target]), evidence), float(believed[target]), params)
            if is_significant(new, float(believed[target]), params):
                believed[target], moved = new, True
        if not moved:
            return Settled(believed, believed != base, done)
    return Settled(believed, believed != base, params.rounds)


def _without_loops(links: Links) -> Links:
    kept = links.sources != links.targets
    return Links(links.sources[kept], links.targets[kept], links.weights[kept], links.factors[kept])


def _check(base: Floats, links: Links) -> None:
    sizes = {array.shape for array in (links.sources, links.targets, links.weights, links.factors)}
    require(
        None if len(sizes) == 1 else Problem("links", "has arrays of other lengths", "give each link all four"),
        _inside("base", base, 0, 1),
        _inside("links.sources", links.sources, 0, len(base) - 1),
        _inside("links.targets", links.targets, 0, len(base) - 1),
        _inside("links.weights", links.weights, 0, 1),
        _inside("links.factors", links.factors, -1, 1),
    )


def _inside(field: str, values: Floats | Positions, low: float, high: float) -> Problem | None:
    if ((values >= low) & (values <= high)).all():
        return None
    return Problem(field, f"has a number outside [{low:g}, {high:g}]", f"use numbers from {low:g} to {high:g}")
