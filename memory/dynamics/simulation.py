"""What sleep tries out, and what of it is worth strengthening: simulation and selection by value. Pure.

Sources: arXiv 2604.23878, simulation-selection sleep, after offline reinforcement learning in CA3 and CA1 (2025);
zensation-ai/zenbrain, module sleep-simulation-selection (b8d3adc). There a failure worse than expected is never tried
with other steps, because the sign of the error is kept, and nothing produces the counterfactuals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from memory.dynamics.checks import Floats, above, finite_arrays, require, within
from memory.errors import Problem

NOVEL = 0.2  # novelty per entity, up to 1


class Source(StrEnum):
    """Whether something happened or was imagined."""

    REAL = "real"
    COUNTERFACTUAL = "counterfactual"


class Action(StrEnum):
    """What sleep does with a candidate."""

    STRENGTHEN = "strengthen"
    DECAY = "decay"


@dataclass(frozen=True, slots=True)
class SimulationParams:
    """Weights and thresholds of selection. Raises ParamsInvalid with all that is out of range."""

    by_error: float = 0.34  # the four weights add up to 1
    by_reward: float = 0.30
    by_novelty: float = 0.21
    by_emotion: float = 0.15
    threshold: float = 0.5  # of the score; above it a candidate is strengthened
    decay: float = 0.05  # weight of what is not
    seed_error: float = 0.6  # a failure is imagined otherwise, if its error is larger
    seed_reward: float = 0.3  # and its reward smaller
    depth: int = 3  # hops from an entity to what may replace it
    fading: float = 0.7  # of the error, per hop
    is_signed: bool = False  # counts only errors that were better than expected
    growth: float = 0.10  # of an edge that is strengthened
    shrinkage: float = 0.05  # of one that is not
    least_weight: float = 0.05  # below it an edge is pruned

    def __post_init__(self) -> None:
        total = self.by_error + self.by_reward + self.by_novelty + self.by_emotion
        require(
            within("by_error", self.by_error, 0, 1),
            within("by_reward", self.by_reward, 0, 1),
            within("by_novelty", self.by_novelty, 0, 1),
            within("by_emotion", self.by_emotion, 0, 1),
            None if abs(total - 1) < 1e-9 else Problem("by_error", f"and the others add up to {total:g}", "make it 1"),
            within("threshold", self.threshold, 0, 1),
            within("decay", self.decay, 0, 1),
            within("seed_error", self.seed_error, 0, 1),
            within("seed_reward", self.seed_reward, 0, 1),
            within("depth", self.depth, 1, 10),
            above("fading", self.fading, 0, 1),
            within("growth", self.growth, 0),
            within("shrinkage", self.shrinkage, 0),
            within("least_weight", self.least_weight, 0),
        )


RECOMMENDED = SimulationParams()
WITHOUT_EMOTION = SimulationParams(by_error=0.40, by_reward=0.35, by_novelty=0.25, by_emotion=0.0)
COMPAT = SimulationParams(is_signed=True)
COMPAT_WITHOUT_EMOTION = SimulationParams(
    by_error=0.40, by_reward=0.35, by_novelty=0.25, by_emotion=0.0, is_signed=True
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that sleep may strengthen. Raises ParamsInvalid."""

    id: str
    td_error: float  # reward minus expectation; its size counts up to 1
    reward: float  # [0, 1]
    entities: tuple[str, ...] = ()
    source: Source = Source.REAL
    valence: float = 0.0  # [-1, 1]
    arousal: float = 0.0  # [0, 1]

    def __post_init__(self) -> None:
        require(
            within("td_error", self.td_error, -1e6, 1e6),
            within("reward", self.reward, 0, 1),
            within("valence", self.valence, -1, 1),
            within("arousal", self.arousal, 0, 1),
        )


@dataclass(frozen=True, slots=True)
class Selection:
    """What happens to a candidate, and how strongly."""

    candidate: Candidate
    score: float
    action: Action
    weight: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An entity one hop away."""

    entity: str
    importance: float  # of the edge that leads to it


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known around entities, and episodes that ended well."""

    neighbours: Mapping[str, Sequence[Neighbour]]
    kinds: Mapping[str, str]  # of entities; one without a kind replaces nothing
    successes: Sequence[Candidate]


def tag(candidate: Candidate, params: SimulationParams = RECOMMENDED) -> float:
    """How much a candidate deserves to be strengthened, in [0, 1]."""
    return (
        params.by_error * min(1.0, abs(candidate.td_error))
        + params.by_reward * candidate.reward
        + params.by_novelty * min(1.0, NOVEL * len(candidate.entities))
        + params.by_emotion * abs(candidate.valence) * candidate.arousal
    )


def tags(
    td_errors: Floats, rewards: Floats, entities: Floats, emotions: Floats, params: SimulationParams = RECOMMENDED
) -> Floats:
    """`tag` for arrays of one shape: numbers of entities, and emotions as |valence| * arousal. Raises ParamsInvalid."""
    finite_arrays(td_errors=td_errors, rewards=rewards, entities=entities, emotions=emotions)
    scores: Floats = (
        params.by_error * np.minimum(1.0, np.abs(td_errors))
        + params.by_reward * rewards
        + params.by_novelty * np.minimum(1.0, NOVEL * entities)
        + params.by_emotion * emotions
    )
    return scores


def select(
    real: Sequence[Candidate], imagined: Sequence[Candidate] = (), params: SimulationParams = RECOMMENDED
) -> list[Selection]:
    """What to do with each candidate, the real ones first, in their order."""
    return [_selected(candidate, params) for candidate in (*real, *imagined)]


def _selected(candidate: Candidate, params: SimulationParams) -> Selection:
    score = tag(candidate, params)
    if score > params.threshold:
        return Selection(candidate, score, Action.STRENGTHEN, score)
    return Selection(candidate, score, Action.DECAY, params.decay)


def is_seed(candidate: Candidate, params: SimulationParams = RECOMMENDED) -> bool:
    """Whether it went so unexpectedly and so badly that it is worth imagining otherwise."""
    error = candidate.td_error if params.is_signed else abs(candidate.td_error)
    return error > params.seed_error and candidate.reward < params.seed_reward


def counterfactuals(
    failure: Candidate, around: Surroundings, params: SimulationParams = RECOMMENDED
) -> list[Candidate]:
    """The failure with one entity replaced each: by the most important one of its kind within reach that once helped.

    The reward is the mean of the successes that contain the replacement; where there is none, nothing is imagined. The
    error fades with the hops. Nothing comes of a candidate that is no seed.
    """
    if not is_seed(failure, params):
        return []
    found = [(entity, _replacement(entity, failure, around, params)) for entity in dict.fromkeys(failure.entities)]
    return [_replaced(failure, entity, other) for entity, other in found if other is not None]


@dataclass(frozen=True, slots=True)
class _Replacement:
    entity: str
    reward: float  # mean of the successes with it
    fading: float  # of the error, by its distance


def _replacement(
    entity: str, failure: Candidate, around: Surroundings, params: SimulationParams
) -> _Replacement | None:
    """The nearest fitting entity; among those of one distance the one behind the most important edge."""
    kind = around.kinds.get(entity)
    if kind is None:
        return None
    seen, ring = {entity}, [entity]
    for hops in range(1, params.depth + 1):
        importance = _next_ring(ring, seen, around)
        for other in sorted(importance, key=lambda name: (-importance[name], name)):
            reward = _reward(other, around.successes)
            if around.kinds.get(other) == kind and other not in failure.entities and reward is not None:
                return _Replacement(other, reward, params.fading**hops)
        ring = list(importance)
        seen |= importance.keys()
    return None


def _next_ring(ring: Sequence[str], seen: set[str], around: Surroundings) -> dict[str, float]:
    """The entities one hop farther, each with the importance of its best edge."""
    importance: dict[str, float] = {}
    for entity in ring:
        for neighbour in around.neighbours.get(entity, ()):
            if neighbour.entity not in seen:
                best = max(importance.get(neighbour.entity, neighbour.importance), neighbour.importance)
                importance[neighbour.entity] = best
    return importance


def _reward(entity: str, successes: Sequence[Candidate]) -> float | None:
    rewards = [success.reward for success in successes if entity in success.entities]
    return sum(rewards) / len(rewards) if rewards else None


def _replaced(failure: Candidate, entity: str, other: _Replacement) -> Candidate:
    return replace(
        failure,
        id=f"{failure.id}/{entity}>{other.entity}",
        td_error=failure.td_error * other.fading,
        reward=other.reward,
        entities=tuple(other.entity if one == entity else one for one in failure.entities),
        source=Source.COUNTERFACTUAL,
    )


def edge_after(weight: float, action: Action, params: SimulationParams = RECOMMENDED) -> float:
    """The weight of a candidate's edge after the night; 0 says: prune it (arXiv 2604.23878). Raises ParamsInvalid."""
    require(within("weight", weight, 0))
    change = params.growth if action is Action.STRENGTHEN else -params.shrinkage
    left = max(0.0, weight + change)
    return 0.0 if left < params.least_weight else left
