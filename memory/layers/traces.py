"""A trace: how well an item is remembered, as far as that changes with use. Pure values, kept by store/traces.py."""

from dataclasses import dataclass
from datetime import datetime

from memory.dynamics import copies, emotion, fsrs, priority
from memory.dynamics.neuromodulators import Levels
from memory.dynamics.substance import PLAIN, essence, substance
from memory.types import Draft, JsonValue, Metadata

LONGEST_FELT = 4_000  # characters that are read for emotion
CONFIDENCE = 0.7  # of what was said once
VERBATIM, EPISODIC = 1.0, 0.8  # first strength of the copies (ZenBrain 3.3)
PLACES = (
    "place",
    "project",
    "task",
    "time_zone",
    "mood",
)  # keys of metadata that say where and how something was encoded


@dataclass(frozen=True, slots=True)
class Copies:
    """Strength of each copy of an item when it was made, 0 to 1; there is no gist before one was distilled."""

    made_at: datetime
    verbatim: float = VERBATIM
    episodic: float = EPISODIC
    gist: float | None = None
    gist_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Until when an item that was recalled can be changed, and what it was when the window opened."""

    until: datetime
    snapshot: Metadata


@dataclass(frozen=True, slots=True)
class Trace:
    document_id: str
    stability: float  # days until retrievability falls to 0.9
    difficulty: float  # 1 to 10
    last_recalled: datetime
    copies: Copies
    said_at: datetime  # when it was last said
    recalls: int = 0
    salience: float = 0.5  # 0 to 1
    substance: float = PLAIN  # how much it says, 0 to 1
    essence: str = ""  # the same for what says the same; empty: not known
    valence: float = 0.5  # 0 (bad) to 1 (good)
    arousal: float = 0.0  # 0 to 1
    context: Metadata | None = None
    confidence: float = CONFIDENCE
    surprise: float = 0.0
    trust: float = 1.0  # 0 to 1
    pinned: bool = False
    labile: Window | None = None
    replayed_at: datetime | None = None  # in sleep
    replays: int = 0


def strength_of(trace: Trace) -> fsrs.Strength:
    """As the forgetting curve takes it."""
    return fsrs.Strength(trace.stability, trace.difficulty, trace.last_recalled)


def copies_of(trace: Trace) -> copies.Copies:
    """As the dynamics of copies take them: the gist was promoted when it was made, and fades by salience."""
    kept = trace.copies
    return copies.Copies(
        initial=kept.verbatim,
        recorded_at=kept.made_at,
        promoted_at=kept.gist_at,
        importance=trace.salience,
        gist_quality=1.0 if kept.gist is None else kept.gist,
    )


def first_trace(
    document_id: str, draft: Draft, now: datetime, novelty: float = 0.5, levels: Levels | None = None
) -> Trace:
    """The trace of what is remembered now: what moves holds longer; what is new (0 to 1) is salient.

    The `levels` of the neuromodulators of whoever says it, if they are known, shift what salience is made of.
    """
    felt = emotion.emotion_of(draft.text[:LONGEST_FELT])
    strength = fsrs.first_strength(fsrs.Rating.GOOD, now, boost=emotion.first_boost(felt))
    return Trace(
        document_id,
        strength.stability,
        strength.difficulty,
        now,
        Copies(now),
        said_at=draft.occurred_at or now,
        salience=priority.priority(priority.saliency_of(novelty, felt.arousal), felt.sentiment, 0.5, 0.0, levels).value,
        substance=substance(draft.text),
        essence=essence(draft.text, draft.speaker),
        valence=felt.valence,
        arousal=felt.arousal,
        context=snapshot(draft),
    )


def snapshot(draft: Draft) -> Metadata | None:
    """Where something was encoded: its session, and what its metadata says of place, task, time zone and mood."""
    found: dict[str, JsonValue] = {} if draft.session_id is None else {"session_id": draft.session_id}
    for name in PLACES:
        value = draft.metadata.get(name)
        if isinstance(value, str) and value:
            found[name] = value
    return found or None
