"""The values that retrieval takes and gives back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType

import numpy as np
from numpy.typing import NDArray

PassageId = NewType("PassageId", str)  # canonical UUID text, 36 characters
DocumentId = NewType("DocumentId", str)  # canonical UUID text, 36 characters
FactId = NewType("FactId", str)  # canonical UUID text, 36 characters

Scalar = str | int | float | bool
Attributes = Mapping[str, Scalar | Sequence[Scalar]]
"""What filters see of a passage. Times are seconds since 1970 (UTC); metadata keys are spelled `metadata.key.inner`."""

FloatVector = NDArray[np.float32]
ByteVector = NDArray[np.int8]

AnyArray = NDArray[Any]  # its type is known only when it is read
Arrays = Mapping[str, AnyArray]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` (inclusive) to `end` (exclusive) of a text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """One passage of a split text: where it stands in the text, and its sentences, relative to the passage."""

    span: Span
    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class EncoderInput:
    """A passage as the encoder sees it: `prefix` (title or speaker; may be empty), then `body`, pooled by sentence.

    The encoder reads `prefix + body`; `sentences` are spans of `body`.
    """

    prefix: str
    body: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Encoding:
    """One forward pass: `vector` float32[d] of the whole input, `sentences` float32[s, d]; all of length 1."""

    vector: FloatVector
    sentences: FloatVector


class EntityKind(StrEnum):
    NAME = "name"  # a proper name or another capitalised phrase
    TITLE = "title"  # the title of the document
    TERM = "term"  # a multi-word phrase that is not capitalised
    DATE = "date"  # normal form YYYY, YYYY-MM or YYYY-MM-DD
    NUMBER = "number"
    SPEAKER = "speaker"


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity as one passage names it.

    `name` is the normal form (see normalize.py), `display` the first spelling seen, `count` how often the body names it
    (0 if only the title does), `sentences` the ordinals of the sentences that name it.
    """

    name: str
    display: str
    kind: EntityKind
    count: int
    in_title: bool = False
    sentences: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexedFact:
    """A fact that a passage states: `subject` and `object` are names of mentions of that passage. `vector` int8[d]."""

    id: FactId
    subject: str
    object: str
    vector: ByteVector


@dataclass(frozen=True, slots=True)
class IndexedPassage:
    """All that the index needs of a passage.

    `group` and `position` order neighbours: passages of one group whose positions differ by 1 are contiguous.
    `vector` int8[d] and `sentence_vectors` int8[s, d] are quantised by quantize.py.
    """

    id: PassageId
    document_id: DocumentId
    title: str
    text: str
    group: str
    position: int
    mentions: tuple[Mention, ...]
    vector: ByteVector
    sentence_vectors: ByteVector
    attributes: Attributes = field(default_factory=dict)
    facts: tuple[IndexedFact, ...] = ()
