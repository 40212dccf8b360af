"""What use leaves behind: reviews, changes of labile memories, learned edges, judgements and levels. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from memory.types import JsonValue


@dataclass(frozen=True, slots=True)
class Review:
    """One recall of an item with its rating: 1 again, 2 hard, 3 good, 4 easy."""

    document_id: str
    rating: int
    outcome: str  # used, useful, wrong or corrected
    at: datetime
    actor: str
    retrievability: float | None = None  # before, 0 to 1
    before: Mapping[str, JsonValue] | None = None  # strength
    after: Mapping[str, JsonValue] | None = None


@dataclass(frozen=True, slots=True)
class Reconsolidation:
    """A memory that was changed while it was labile; `before` is all that undoing needs."""

    id: str
    document_id: str
    mode: str  # confirmed, selective_edit, integration or new_episode
    prediction_error: float  # 0 to 1
    effective_error: float
    before: Mapping[str, JsonValue]
    after: Mapping[str, JsonValue]
    at: datetime
    actor: str
    levels: Mapping[str, JsonValue] | None = None
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """Two items that were used together; `source` came first."""

    kind: str
    source: str
    target: str
    weight: float
    variance: float
    count: int
    last_activated: datetime


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of an answer that was given with some confidence, 0 to 1."""

    person: str
    kind: str  # positive, negative, confirming or contradicting
    accepted: bool
    at: datetime
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Burst:
    """A short rise or fall of the levels, by name of the channel."""

    at: datetime
    deltas: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Levels:
    """Tonic levels of a person in a namespace, 0 to 1, and the bursts that still decay."""

    person: str
    dopamine: float
    noradrenaline: float
    serotonin: float
    acetylcholine: float
    updated_at: datetime
    bursts: tuple[Burst, ...] = ()
