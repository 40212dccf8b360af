"""What becomes of a memory that was just recalled when news bears on it: confirmed, edited, extended or left. Pure.

Source: ZenBrain paper (arXiv 2604.23878v2), ReconsolidationEngine; lability after Nader, Schafe and LeDoux 2000. What
the original got wrong: prediction error from word overlap alone (rewording looked like news), and neither
contradictions, corrections nor the resistance of a kind of memory had any effect. `RECOMMENDED`, a proposal of this
project, blends in the cosine of the embeddings and uses all three; a confirmation is always allowed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from memory.dynamics.checks import aware, clip, ordered, require, within
from memory.dynamics.neuromodulators import Levels
from memory.dynamics.similarity import SimilarityParams, flips_polarity, overlap, stripped, words

SPLIT = SimilarityParams(least_letters=1)
AS_WRITTEN = SimilarityParams(least_letters=1, drops_punctuation=False)
ROUNDING = 1e-6  # cosines of float32 vectors pass 1 by that much
BASELINE = Levels(0.5, 0.5, 0.5, 0.5)
SLOT = re.compile(
    r"\d[\d.,:/-]*|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:mon|diens|donners|frei|sams|sonn)tag\b|\bmittwoch\b"
    r"|\b(?:januar|februar|m(?:ä|ae)rz|april|mai|juni|juli|august|september|oktober|november|dezember)\b"
    r"|\b(?:january|february|march|may|june|july|october|december)\b",
    re.IGNORECASE,
)


class Mode(StrEnum):
    """What the prediction error calls for, from small to large."""

    CONFIRMED = "confirmed"
    SELECTIVE_EDIT = "selective_edit"
    INTEGRATION = "integration"
    NEW_EPISODE = "new_episode"


class Stop(StrEnum):
    """Why nothing is changed."""

    DISABLED = "disabled"
    NOT_OPEN = "not_open"  # the memory was not recalled lately
    OTHER_CONTEXT = "other_context"  # write a new episode instead
    PROTECTED = "protected"
    WAITING = "waiting"  # this kind of memory changes only after more signals


class MemoryKind(StrEnum):
    SEMANTIC = "semantic"
    EPISODIC = "episodic"
    PREFERENCE = "preference"
    BEHAVIOURAL = "behavioural"
    PROCEDURAL = "procedural"


@dataclass(frozen=True, slots=True)
class Resistance:
    """How many signals of at least what prediction error, within how long, it takes to change a kind of memory."""

    least_error: float = 0.0
    signals: int = 1
    within: timedelta = timedelta(0)


RESISTANCES: Mapping[MemoryKind, Resistance] = MappingProxyType(
    {
        MemoryKind.SEMANTIC: Resistance(),
        MemoryKind.EPISODIC: Resistance(0.3),
        MemoryKind.PREFERENCE: Resistance(0.2, 3, timedelta(days=7)),
        MemoryKind.BEHAVIOURAL: Resistance(0.2, 5, timedelta(days=14)),
        MemoryKind.PROCEDURAL: Resistance(0.3, 3, timedelta(days=30)),
    }
)


@dataclass(frozen=True, slots=True)
class ReconsolidationParams:
    """How long a memory stays labile and how the prediction error is made and read (all errors are 0-1)."""

    lability: timedelta = timedelta(minutes=10)
    embedding: float = 0.6  # share of the embeddings' distance; the words' distance has the rest
    contradiction: float = 0.2  # added to the error
    noradrenaline: float = 0.3  # how much its level raises the error
    serotonin: float = 0.2  # how much its level lowers it
    other_session: float = 0.1  # subtracted when new information comes from another or an unknown session
    edit_from: float = 0.1
    integrate_from: float = 0.3
    episode_from: float = 0.7
    drops_punctuation: bool = True  # when words are compared
    resistances: Mapping[MemoryKind, Resistance] = field(default_factory=lambda: RESISTANCES)
    protects_confirmation: bool = False  # the protector's threshold is for confirmations and corrections as well
    is_enabled: bool = True

    def __post_init__(self) -> None:
        require(
            within("lability", self.lability.total_seconds(), 0),
            within("embedding", self.embedding, 0, 1),
            within("contradiction", self.contradiction, 0, 1),
            within("noradrenaline", self.noradrenaline, 0, 1),
            within("serotonin", self.serotonin, 0, 1),
            within("other_session", self.other_session, 0, 1),
            within("edit_from", self.edit_from, 0, 1),
            within("integrate_from", self.integrate_from, 0, 1),
            within("episode_from", self.episode_from, 0, 1),
            ordered("edit_from", self.edit_from, "integrate_from", self.integrate_from),
            ordered("integrate_from", self.integrate_from, "episode_from", self.episode_from),
            *(within(f"resistances.{kind}", each.least_error, 0, 1) for kind, each in self.resistances.items()),
        )


COMPAT = ReconsolidationParams(
    embedding=0.0,
    contradiction=0.0,
    drops_punctuation=False,
    resistances=MappingProxyType({}),
    protects_confirmation=True,
)
RECOMMENDED = ReconsolidationParams()


@dataclass(frozen=True, slots=True)
class Window:
    """Opened when a memory is returned by recall."""

    memory: str  # id
    kind: MemoryKind
    content: str  # as it was recalled
    context: str
    session: str | None
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class News:
    """Something said that bears on a recalled memory."""

    text: str
    context: str
    session: str | None
    at: datetime
    cosine: float | None = None  # of the embeddings of memory and news, -1 to 1; None: words alone decide
    is_correction: bool = False  # the user says outright that the memory is wrong


@dataclass(frozen=True, slots=True)
class Sign:
    """An earlier signal against this memory that was not enough."""

    error: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Reconsolidation:
    """The decision with its reasons, to be written down before anything is changed; `content` is what to go back to."""

    memory: str
    kind: MemoryKind
    mode: Mode
    stopped_by: Stop | None  # None: `mode` is to be applied
    raw: float
    effective: float
    penalty: float
    content: str
    levels: Levels
    at: datetime
    undone_at: datetime | None = None


def reconsolidation(
    window: Window,
    news: News,
    *,
    levels: Levels = BASELINE,
    threshold: float | None = None,
    signs: Sequence[Sign] = (),
    params: ReconsolidationParams = RECOMMENDED,
) -> Reconsolidation:
    """What the news does to the memory. `threshold` is the stability protector's, None for an unprotected memory.

    A clock that went backwards leaves it open. Raises ParamsInvalid for naive times or a cosine outside -1 to 1.
    """
    raw = prediction_error(window.content, news, params)
    is_same_session = news.session is not None and news.session == window.session
    penalty = 0.0 if is_same_session else params.other_session
    effective = effective_error(raw, levels, is_same_session=is_same_session, params=params)
    mode = mode_of(effective, params)
    stop = (
        closed(window, news, params)
        or _protected(mode, effective, threshold, news, params)
        or _waiting(window.kind, mode, raw, signs, news, params)
    )
    return Reconsolidation(
        window.memory, window.kind, mode, stop, raw, effective, penalty, window.content, levels, news.at
    )


def prediction_error(content: str, news: News, params: ReconsolidationParams = RECOMMENDED) -> float:
    """How far the news is from what is remembered, 0-1:

    distance of embeddings and words, more if one contradicts the other.
    """
    if news.cosine is not None:
        require(within("cosine", news.cosine, -1 - ROUNDING, 1 + ROUNDING))
    if news.is_correction:
        return 1.0
    split = SPLIT if params.drops_punctuation else AS_WRITTEN
    error = word_distance(content, news.text, split)
    if news.cosine is not None:
        error = params.embedding * (1 - news.cosine) + (1 - params.embedding) * error
    return clip(error + params.contradiction * contradicts(content, news.text))


def word_distance(first: str, second: str, split: SimilarityParams = SPLIT) -> float:
    """1 - Jaccard index of the words; 0 if neither text has any."""
    one, other = words(first, split), words(second, split)
    return 0.0 if not one and not other else 1 - overlap(one, other)


def contradicts(first: str, second: str) -> bool:
    """Whether two texts say mostly the same but one denies it, or a number, day or month differs."""
    alike = overlap(_subject(first), _subject(second)) >= 0.5
    return alike and (flips_polarity(first, second) or _has_other_slots(first, second))


def effective_error(
    raw: float, levels: Levels = BASELINE, *, is_same_session: bool = True, params: ReconsolidationParams = RECOMMENDED
) -> float:
    """The error as an alert (noradrenaline) or patient (serotonin) mind takes it, 0-1."""
    factor = 1 + params.noradrenaline * levels.noradrenaline - params.serotonin * levels.serotonin
    return clip(clip(raw * factor) - (0.0 if is_same_session else params.other_session))


def mode_of(error: float, params: ReconsolidationParams = RECOMMENDED) -> Mode:
    """What an effective error calls for. Raises ParamsInvalid for one outside 0-1."""
    require(within("error", error, 0, 1))
    if error < params.edit_from:
        return Mode.CONFIRMED
    if error < params.integrate_from:
        return Mode.SELECTIVE_EDIT
    return Mode.INTEGRATION if error < params.episode_from else Mode.NEW_EPISODE


def closed(window: Window, news: News, params: ReconsolidationParams = RECOMMENDED) -> Stop | None:
    """Why the memory is not labile for this news, None if it is. The last instant of the window is inside."""
    require(aware("opened_at", window.opened_at), aware("at", news.at))
    if not params.is_enabled:
        return Stop.DISABLED
    if news.at - window.opened_at > params.lability:
        return Stop.NOT_OPEN
    return None if news.context == window.context else Stop.OTHER_CONTEXT


def edited(decision: Reconsolidation, news: News) -> str:
    """The content after the decision, without a language model.

    A selective edit takes the new wording, an integration keeps both, the rest leave the content as it is.
    """
    if decision.stopped_by or decision.undone_at:
        return decision.content
    if decision.mode is Mode.SELECTIVE_EDIT:
        return news.text
    return f"{decision.content}\n{news.text}" if decision.mode is Mode.INTEGRATION else decision.content


def undone(decision: Reconsolidation, now: datetime) -> Reconsolidation:
    """The decision marked as taken back: its `content` is to be restored. A second time changes nothing."""
    require(aware("now", now))
    if decision.undone_at is not None:
        return decision
    return replace(decision, undone_at=now)


def _protected(
    mode: Mode, error: float, threshold: float | None, news: News, params: ReconsolidationParams
) -> Stop | None:
    is_exempt = not params.protects_confirmation and (mode is Mode.CONFIRMED or news.is_correction)
    return Stop.PROTECTED if threshold is not None and error < threshold and not is_exempt else None


def _waiting(
    kind: MemoryKind, mode: Mode, raw: float, signs: Sequence[Sign], news: News, params: ReconsolidationParams
) -> Stop | None:
    resistance = params.resistances.get(kind, Resistance())
    if mode is Mode.CONFIRMED or news.is_correction:
        return None
    require(*(aware(f"signs[{number}].at", sign.at) for number, sign in enumerate(signs)))
    errors = [sign.error for sign in signs if news.at - sign.at <= resistance.within]
    strong = sum(error >= resistance.least_error for error in [*errors, raw])
    return Stop.WAITING if strong < resistance.signals else None


def _subject(text: str) -> frozenset[str]:
    return words(SLOT.sub(" ", stripped(text)))


def _has_other_slots(first: str, second: str) -> bool:
    one, other = ({slot.strip(".,:").lower() for slot in SLOT.findall(text)} for text in (first, second))
    return bool(one and other and one != other)
