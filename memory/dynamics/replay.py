"""What sleep replays, how replay strengthens, and which edges do not survive the night. Pure.

Sources: Stickgold & Walker, Nature Neuroscience 16 (2013), replay; Tononi & Cirelli, Sleep Medicine Reviews 10 (2006),
downscaling of all synapses; zensation-ai/zenbrain, module sleep-consolidation (b8d3adc). There the same few memories
are replayed every night, edges are cut but never scaled down, and a last use in the future counts as more than now.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from memory.dynamics.checks import Floats, above, finite_arrays, ordered, require, within

Flags = npt.NDArray[np.bool_]

LONGEST = 365.0  # days of stability


@dataclass(frozen=True, slots=True)
class ReplayParams:
    """Choice and effect of replay. Raises ParamsInvalid with all that is out of range."""

    most: int = 20  # replays per night
    by_access: float = 0.3  # weight of use
    by_emotion: float = 0.3  # weight of emotion, [0, 0.5]; what is left to 0.5 is the weight of instability
    by_recency: float = 0.2
    forgetting: float = 0.1  # of recency, per day
    gain: float = 1.5  # of stability
    emotional_gain: float = 1.2  # on top, for emotion above 0.5
    rest: int = 3  # nights for which what was replayed is left alone
    scale: float = 0.97  # what a night leaves of every edge, (0, 1]
    growth: float = 1.1  # of a replayed edge
    least_weight: float = 0.2  # below it an edge is pruned
    most_weight: float = 10.0

    def __post_init__(self) -> None:
        require(
            within("most", self.most, 0),
            within("by_access", self.by_access, 0, 1),
            within("by_emotion", self.by_emotion, 0, 0.5),
            within("by_recency", self.by_recency, 0, 1),
            within("forgetting", self.forgetting, 0),
            within("gain", self.gain, 1),
            within("emotional_gain", self.emotional_gain, 1),
            within("rest", self.rest, 0),
            within("scale", self.scale, 0.01, 1),
            within("growth", self.growth, 1),
            within("least_weight", self.least_weight, 0),
            above("most_weight", self.most_weight, 0),
            ordered("least_weight", self.least_weight, "most_weight", self.most_weight),
        )


RECOMMENDED = ReplayParams()
COMPAT = ReplayParams(rest=0, scale=1.0)


@dataclass(frozen=True, slots=True, eq=False)
class NightEdges:
    """What a night does to edges; arrays [m]."""

    weights: Floats  # after the night, also of those that are pruned
    is_strengthened: Flags
    is_pruned: Flags


def priorities(
    accesses: Floats, emotion: Floats, days: Floats, stability: Floats, params: ReplayParams = RECOMMENDED
) -> Floats:
    """How much each of n memories asks for replay, in [0, 1]: used, moving, recent, and not yet stable.

    `accesses` >= 0 count relative to the most used of these memories; `emotion` is in [0, 1]; `days` since the last use
    count as 0 if negative; `stability` in days. Raises ParamsInvalid for numbers that are not finite.
    """
    finite_arrays(accesses=accesses, emotion=emotion, days=days, stability=stability)
    used = accesses / max(1.0, accesses.max(initial=0.0))
    recency = np.exp(-params.forgetting * np.maximum(days, 0.0))
    instability = 1 - np.minimum(1.0, stability / LONGEST)
    asked: Floats = (
        params.by_access * used
        + params.by_emotion * emotion
        + params.by_recency * recency
        + (0.5 - params.by_emotion) * instability
    )
    return asked


def select(asked: Floats, nights_since_replay: Floats | None = None, params: ReplayParams = RECOMMENDED) -> list[int]:
    """Positions of the memories to replay, by falling priority; ties keep their order.

    `nights_since_replay` [n]: 1 for last night, infinity for never; None if nothing was ever replayed.
    Raises ParamsInvalid.
    """
    finite_arrays(asked=asked)
    free = np.arange(asked.size)
    if nights_since_replay is not None:
        free = np.flatnonzero(nights_since_replay > params.rest)
    order = free[np.argsort(-asked[free], kind="stable")]
    return [int(position) for position in order[: params.most]]


def replayed_stability(stability: float, emotion: float, params: ReplayParams = RECOMMENDED) -> float:
    """Stability in days after one replay, up to a year; what is more stable stays as it is. Raises ParamsInvalid."""
    require(above("stability", stability, 0), within("emotion", emotion, 0, 1))
    gain = params.gain * (params.emotional_gain if emotion > 0.5 else 1.0)
    return max(stability, min(LONGEST, stability * gain))


def night_edges(
    weights: Floats, is_replayed: Flags, is_protected: Flags, params: ReplayParams = RECOMMENDED
) -> NightEdges:
    """What a night does to edges [m]: downscaling, growth of what was replayed, then pruning.

    Edges of core facts are protected: neither scaled down nor pruned. The original looks at edges of replayed memories
    only. Raises ParamsInvalid.
    """
    finite_arrays(weights=weights)
    left = np.where(is_protected, weights, weights * params.scale)
    strong = left >= params.least_weight
    grown = is_replayed & strong
    after = np.where(grown, np.minimum(left * params.growth, params.most_weight), left)
    return NightEdges(after, grown, ~strong & ~is_protected)
