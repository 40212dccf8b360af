"""The order in which the mechanisms meet in one turn: something is said, recalled, and answered. Pure.

Source: a proposal of this project; the paper (arXiv 2604.23878v2) describes the components one by one. Who calls
these functions brings what needs a database or a model: similarities, retrievabilities, embeddings; and writes down
what they return.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from memory.dynamics import copies, metacognition, neuromodulators, priority, protector, reconsolidation, surprise
from memory.dynamics.checks import clip, require, within
from memory.dynamics.neuromodulators import Event, Levels, NeuromodulatorParams, NeuromodulatorState, Signal
from memory.dynamics.priority import Priority, PriorityParams
from memory.dynamics.protector import ProtectorParams, Standing
from memory.dynamics.reconsolidation import News, Reconsolidation, ReconsolidationParams, Window
from memory.dynamics.surprise import SurpriseParams


@dataclass(frozen=True, slots=True)
class TurnParams:
    """The params of every mechanism that takes part."""

    neuromodulators: NeuromodulatorParams = field(default_factory=NeuromodulatorParams)
    priority: PriorityParams = field(default_factory=PriorityParams)
    surprise: SurpriseParams = field(default_factory=SurpriseParams)
    reconsolidation: ReconsolidationParams = field(default_factory=ReconsolidationParams)
    protector: ProtectorParams = field(default_factory=ProtectorParams)
    retention_power: float = 0.5  # how much fading lowers a score: 0 not at all, 1 in proportion
    edge_ceiling: float = 2.0  # factor that edges give at most, >= 1
    priority_weight: float = 0.1  # of a candidate's priority in its score

    def __post_init__(self) -> None:
        require(
            within("retention_power", self.retention_power, 0, 1),
            within("edge_ceiling", self.edge_ceiling, 1),
            within("priority_weight", self.priority_weight, 0, 1),
        )


RECOMMENDED = TurnParams()


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of something said before it is remembered."""

    valence: float  # -1 to 1
    arousal: float  # 0-1
    nearest: float | None  # highest cosine to what is remembered lately; None if nothing is
    goal: float = 0.0  # relevance to an active goal, 0-1
    reward: float = 0.5  # how useful its source has been, 0-1
    urgency_boost: float = 0.0
    novelty_boost: float = 0.0


@dataclass(frozen=True, slots=True)
class Encoded:
    """What to write for it."""

    state: NeuromodulatorState
    levels: Levels
    priority: Priority
    copies: copies.Copies
    learning_rate: float  # factor for the edges among what it names


@dataclass(frozen=True, slots=True)
class Candidate:
    """A memory that recall found, with the factors of its score; 1 leaves a score as it is."""

    window: Window  # opened if it is returned
    fused: float  # score of retrieval and layers, >= 0
    retrievability: float = 1.0  # 0-1
    context: float = 1.0  # factor
    edge: float = 1.0  # factor of its strongest edge to what was asked, see `edge_factor`
    surprise: float = 0.0  # delta
    priority: float = 0.5  # 0-1
    standing: Standing = field(default_factory=lambda: Standing(0, 0.5, 0.0))


@dataclass(frozen=True, slots=True)
class Returned:
    """A candidate with its final score."""

    candidate: Candidate
    score: float


@dataclass(frozen=True, slots=True)
class Learned:
    """What feedback on a returned memory calls for."""

    decision: Reconsolidation
    surprise: float  # the new delta
    is_natural_recall: bool  # count it as a review that went well
    acceptance: metacognition.Acceptance
    event: Event  # for the neuromodulators


@dataclass(frozen=True, slots=True)
class Turn:
    """All of one turn: what to write, what to answer with, what was learned, and the state after it."""

    encoded: Encoded
    returned: tuple[Returned, ...]
    learned: tuple[Learned, ...]
    state: NeuromodulatorState


def turn(
    state: NeuromodulatorState,
    said: Said,
    candidates: Iterable[Candidate],
    news: Sequence[News],
    now: datetime,
    limit: int = 10,
    params: TurnParams = RECOMMENDED,
) -> Turn:
    """Encode, recall, learn, in this order; each news is held against the best memory that was returned."""
    written = encode(state, said, now, params)
    returned = rescore(candidates, limit, params)
    best = returned[0].candidate if returned else None
    learned = tuple(learn(best, each, written.levels, params) for each in news) if best else ()
    after = neuromodulators.after(written.state, [each.event for each in learned], params.neuromodulators)
    return Turn(written, tuple(returned), learned, after)


def encode(state: NeuromodulatorState, said: Said, now: datetime, params: TurnParams = RECOMMENDED) -> Encoded:
    """Novelty moves the levels, these weigh the priority, and the priority is the importance of the copies."""
    new = priority.novelty(said.nearest)
    after = neuromodulators.after(state, [Event(Signal.NOVELTY, new, now)], params.neuromodulators)
    levels = neuromodulators.levels(after, now, params.neuromodulators)
    saliency = priority.saliency_of(new, said.arousal, params.priority)
    found = priority.priority(saliency, said.valence, said.reward, said.goal, levels, params.priority)
    strength = clip(0.5 + 0.5 * found.value + said.urgency_boost + said.novelty_boost)
    kept = copies.Copies(strength, now, importance=found.value)
    return Encoded(after, levels, found, kept, neuromodulators.modulation(levels).learning_rate)


def rescore(candidates: Iterable[Candidate], limit: int, params: TurnParams = RECOMMENDED) -> list[Returned]:
    """The best `limit` candidates by `score`, best first, earlier ones first among equals."""
    scored = [Returned(candidate, score(candidate, params)) for candidate in candidates]
    return sorted(scored, key=lambda each: -each.score)[: max(0, limit)]


def score(candidate: Candidate, params: TurnParams = RECOMMENDED) -> float:
    """The fused score times retention, context, surprise and edges, plus a share of the priority."""
    faded = math.pow(clip(candidate.retrievability), params.retention_power)
    boosted = surprise.boosted(candidate.fused * faded * candidate.context, candidate.surprise, params.surprise)
    return boosted * min(params.edge_ceiling, candidate.edge) + params.priority_weight * candidate.priority


def edge_factor(weight: float, variance: float) -> float:
    """What an edge adds to a score: 1 + .2 w (1/variance)^.1, for a weight >= 0 and a variance > 0."""
    require(within("weight", weight, 0), within("variance", variance, 1e-12))
    return 1 + 0.2 * weight * math.pow(variance, -0.1)


def learn(candidate: Candidate, news: News, levels: Levels, params: TurnParams = RECOMMENDED) -> Learned:
    """Reconsolidate behind the protector; then surprise, review, monitor and levels follow from the decision."""
    decision = reconsolidation.reconsolidation(
        candidate.window,
        news,
        levels=levels,
        threshold=protector.threshold(candidate.standing, params.protector),
        params=params.reconsolidation,
    )
    is_confirmed = decision.mode is reconsolidation.Mode.CONFIRMED and decision.stopped_by is None
    sign: surprise.Sign = 1 if is_confirmed else -1
    observed = surprise.contribution(1.0 if is_confirmed else decision.effective, sign=sign, params=params.surprise)
    kind = metacognition.EvidenceKind.CONFIRMING if is_confirmed else metacognition.EvidenceKind.CONTRADICTING
    return Learned(
        decision=decision,
        surprise=surprise.updated(candidate.surprise, observed, params.surprise),
        is_natural_recall=is_confirmed,
        acceptance=metacognition.Acceptance(kind, decision.stopped_by is None, news.at),
        event=_event(decision, news, is_confirmed),
    )


def strengthened(kept: copies.Copies, learned: Learned) -> copies.Copies:
    """The copies of a memory that was recalled and confirmed are as fresh as new; otherwise they stay as they are."""
    return replace(kept, recorded_at=max(kept.recorded_at, learned.decision.at)) if learned.is_natural_recall else kept


def _event(decision: Reconsolidation, news: News, is_confirmed: bool) -> Event:
    if is_confirmed:
        return Event(Signal.CONFIRMATION, 1.0, news.at)
    if news.is_correction:
        return Event(Signal.REJECTION, 1.0, news.at)
    return Event(Signal.PREDICTION_ERROR, decision.effective, news.at)
