"""What the pure stages see of items, and what they answer: repeats to merge, gists to make. Values only."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from memory.types import Kind

Vectors = npt.NDArray[np.float32]  # rows of length 1
Codes = npt.NDArray[np.int8]  # the same in a quarter of the room; retrieval.quantize turns them into vectors


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an item's text, in characters."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Episode:
    """An item of one passage or more, as far as sleep needs it. What is protected is never merged away or shortened."""

    id: str
    kind: Kind
    layer: str
    text: str
    title: str
    speaker: str | None
    session_id: str | None
    group: str  # the conversation or document in which its passages stand
    position: int  # there
    said_at: datetime
    tokens: int
    sentences: tuple[Sentence, ...]
    vector: Vectors  # [d], of its passages' mean
    sentence_vectors: Codes  # [s, d]
    names: frozenset[str]  # normal names that it mentions
    essence: str  # the same for what says the same words; empty: not known
    stated: frozenset[tuple[str, str, str]]  # functional facts: subject, attribute, value
    substance: float  # 0 to 1
    value: float  # of keeping it: information bottleneck, higher is better
    recalls: int  # times that it helped
    is_protected: bool  # pinned, held, or used lately
    is_gist: bool  # was made by sleep


@dataclass(frozen=True, slots=True)
class Repeat:
    """Items that say what `survivor` says: they leave recall, and it gains by what they corroborate."""

    survivor: str
    repeats: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence that is taken over from a source, word for word."""

    source: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Gist:
    """A new item that stands for its sources; they leave recall. `text` is its parts with spaces between."""

    sources: tuple[str, ...]
    parts: tuple[Part, ...]
    text: str
    why: str
