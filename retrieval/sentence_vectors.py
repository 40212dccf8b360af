"""Sentence vectors by passage, and the entities that each sentence names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval import csr
from retrieval.growable import Growable
from retrieval.quantize import cosines
from retrieval.segment import Streamed
from retrieval.types import AnyArray, Arrays, ByteVector, FloatVector

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

PASSAGES_A_PART = 20_000  # whose sentences are gathered at a time when a base is written


@dataclass(frozen=True, slots=True)
class Similar:
    """Sentences of some passages: `cosine` float32[s], `owner` (which of the passages), `number` (which sentence)."""

    cosine: FloatVector
    owner: Ints
    number: Longs


class Sentences:
    """A memory-mapped base, of which only the sentences of candidates are ever read, and a delta."""

    def __init__(self, dimension: int, base: Arrays | None) -> None:
        self.dimension = dimension
        empty = np.zeros(0, np.int32)
        self._base_ptr = base["sentence_ptr"] if base else np.zeros(1, np.int64)
        self._base_codes = base["sentence_codes"] if base else np.zeros((0, dimension), np.int8)
        self._base_entity_ptr = base["sentence_entity_ptr"] if base else np.zeros(1, np.int64)
        self._base_entity = base["sentence_entity"] if base else empty
        self._ptr = Growable(np.zeros(1, np.int64))
        self._codes = Growable(dtype=np.int8, width=dimension)
        self._entity_ptr = Growable(np.zeros(1, np.int64))
        self._entity = Growable(dtype=np.int32)

    def add(self, codes: ByteVector, entities: Sequence[Sequence[int]]) -> None:
        """Adds the next passage's sentences: int8[s, d], and the entity rows of each."""
        self._codes.extend(codes)
        self._ptr.extend([len(self._codes)])
        for rows in entities:
            self._entity.extend(rows)
            self._entity_ptr.extend([len(self._entity)])

    def similar(self, question: FloatVector, passages: Ints) -> Similar:
        """All sentences of these passages with their cosines."""
        owners, at, later = self._places(passages)
        base, delta = cosines(self._base_codes, at, question), cosines(self._codes.view, later, question)
        numbers = np.concatenate([at, later + len(self._base_codes)])
        return Similar(np.concatenate([base, delta]), owners, numbers)

    def numbers_of(self, passage: int) -> range:
        """The sentences of a passage."""
        base = len(self._base_ptr) - 1
        if passage < base:
            return range(int(self._base_ptr[passage]), int(self._base_ptr[passage + 1]))
        low, high = self._ptr.view[passage - base], self._ptr.view[passage - base + 1]
        return range(len(self._base_codes) + int(low), len(self._base_codes) + int(high))

    def entities_of(self, sentence: int) -> Ints:
        """Entity rows that a sentence names."""
        base = len(self._base_codes)
        if sentence < base:
            return self._base_entity[self._base_entity_ptr[sentence] : self._base_entity_ptr[sentence + 1]]
        at = sentence - base
        pointers = self._entity_ptr.view
        return self._entity.view[pointers[at] : pointers[at + 1]]

    def all_entities_of(self, sentences: Longs) -> tuple[Longs, Ints]:
        """(index into `sentences`, entity row) of everything that these sentences name, those in the base first."""
        base, ptr = len(self._base_codes), self._entity_ptr.view
        old, new = np.flatnonzero(sentences < base), np.flatnonzero(sentences >= base)
        numbers, later = sentences[old], sentences[new] - base
        base_ptr = self._base_entity_ptr
        lengths = np.concatenate([base_ptr[numbers + 1] - base_ptr[numbers], ptr[later + 1] - ptr[later]])
        return (
            np.repeat(np.concatenate([old, new]), lengths),
            np.concatenate(
                [self._base_entity[csr.positions(base_ptr, numbers)], self._entity.view[csr.positions(ptr, later)]]
            ),
        )

    def compact(self, kept: Longs, new_entity: Longs) -> dict[str, AnyArray | Streamed]:
        """The arrays of a base with only the passages `kept` (ascending)."""
        owners, at, later = self._places(kept.astype(np.int32))  # ascending, as the base comes before the delta
        numbers = np.concatenate([at, later + len(self._base_codes)])
        pointers = np.concatenate([self._base_entity_ptr, self._entity_ptr.view[1:] + len(self._base_entity)])
        entities = np.concatenate([self._base_entity, self._entity.view])
        return {
            "sentence_ptr": csr.starts(np.bincount(owners, minlength=len(kept)).astype(np.int64)),
            "sentence_codes": Streamed(np.dtype(np.int8), (len(numbers), self.dimension), lambda: self._parts(kept)),
            "sentence_entity_ptr": csr.starts(np.diff(pointers)[numbers]),
            "sentence_entity": new_entity[entities[csr.positions(pointers, numbers)]].astype(np.int32),
        }

    def _parts(self, kept: Longs) -> Iterator[ByteVector]:
        for start in range(0, len(kept), PASSAGES_A_PART):
            _, at, later = self._places(kept[start : start + PASSAGES_A_PART].astype(np.int32))
            yield self._base_codes[at]
            yield self._codes.view[later]

    def _places(self, passages: Ints) -> tuple[Ints, Longs, Longs]:
        """Of all sentences of these passages, those in the base first: whose each is, and where it lies there."""
        base = len(self._base_ptr) - 1
        is_old = passages < base
        old, new = np.flatnonzero(is_old), np.flatnonzero(~is_old)
        rows, later_rows, ptr = passages[old], passages[new] - base, self._ptr.view
        owners = np.concatenate(
            [
                np.repeat(old, self._base_ptr[rows + 1] - self._base_ptr[rows]),
                np.repeat(new, ptr[later_rows + 1] - ptr[later_rows]),
            ]
        )
        return owners.astype(np.int32), csr.positions(self._base_ptr, rows), csr.positions(ptr, later_rows)

    @property
    def nbytes(self) -> int:
        return self._ptr.nbytes + self._codes.nbytes + self._entity_ptr.nbytes + self._entity.nbytes
