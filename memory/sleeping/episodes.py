"""What the pure stages see of items, and what they answer: repeats to merge, gists to make. Values only.

Of all items at once a night keeps little: an outline, what it is named by, what it is compared by. The whole of an item
is an episode; a library reads those that matter, a few at a time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from memory.forgetting.plan import Candidate
from memory.types import Kind
from retrieval.quantize import to_floats

Vectors = npt.NDArray[np.float32]  # rows of length 1
Codes = npt.NDArray[np.int8]  # the same in a quarter of the room; retrieval.quantize turns them into vectors


@dataclass(frozen=True, slots=True)
class Edition:
    """An item as it was when the night looked at it first."""

    id: str
    version: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an item's text, in characters."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Episode:
    """An item of one passage or more, as far as sleep needs it. What is protected is never merged away or shortened."""

    id: str
    version: int
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
    vectors: Codes  # [p, d], of its passages
    names: frozenset[str]  # normal names that it mentions
    essence: str  # the same for what says the same words; empty: not known
    stated: frozenset[tuple[str, str, str]]  # functional facts: subject, attribute, value
    recalls: int  # times that it helped
    is_protected: bool  # pinned, held, or used lately
    is_gist: bool  # was made by sleep

    @property
    def edition(self) -> Edition:
        return Edition(self.id, self.version)

    @property
    def is_free(self) -> bool:
        """Whether it may give way to a gist."""
        return not (self.is_protected or self.recalls)


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """An item with what may relate it to others; of what cannot be related, only that it is there."""

    edition: Edition
    kind: Kind
    said_at: datetime
    names: tuple[str, ...]
    can_relate: bool  # it may give way to a gist, and is none


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """An item as far as a budget needs it before anything is shortened."""

    edition: Edition
    kind: Kind
    layer: str
    speaker: str | None
    session_id: str | None
    group: str  # of a turn; empty for anything else
    position: int
    tokens: int
    asks: bool  # there is a question mark in it
    is_free: bool  # it may give way to a gist
    is_gist: bool


@dataclass(frozen=True, slots=True)
class Outlines:
    """What decides whether items are kept, by id, their tokens counted; and those of them that are in recall and hold
    now.
    """

    candidates: dict[str, Candidate]
    in_recall: Sequence[Outline]


@dataclass(frozen=True, slots=True)
class Library:
    """Reads items in the order in which they are asked for, as often as they are. What has changed since, or is gone,
    is left out.
    """

    episodes: Callable[[Sequence[Edition]], Iterator[Episode]]
    texts: Callable[[Sequence[Edition]], Iterator[str]]
    vectors: Callable[[Sequence[Edition]], Mapping[str, Codes]]  # [p, d] by id, whatever has changed since


@dataclass(frozen=True, slots=True)
class Repeat:
    """Items that say what `survivor` says: they leave recall, and it gains by what they corroborate."""

    survivor: Edition
    repeats: tuple[Edition, ...]
    tokens: tuple[int, ...]  # of these
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

    made_of: tuple[Edition, ...]
    parts: tuple[Part, ...]
    text: str
    tokens: int  # of its sources
    why: str

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(one.id for one in self.made_of)


def directions(items: Sequence[Codes]) -> Vectors:
    """float32[n, d] of length 1: of each item, the mean of its passages."""
    counts = np.array([len(one) for one in items])
    floats = to_floats(np.concatenate(items))
    if len(floats) == len(items):
        return floats
    begins = np.cumsum(counts) - counts
    found = np.asarray(np.add.reduceat(floats, begins, axis=0) / counts[:, None].astype(np.float32), dtype=np.float32)
    for row in np.flatnonzero(counts > 1).tolist():
        found[row] /= max(float(np.linalg.norm(found[row])), 1e-9)
    return found
