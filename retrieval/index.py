"""The index of one namespace: a memory-mapped base segment and a delta that grows with every write.

Row order is the order of writing, in the base, in the delta and after a rebuild alike, so that ties break the same way.
Not thread-safe: the caller lets searches run together and changes alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from retrieval import segment
from retrieval.columns import Columns
from retrieval.errors import DimensionMismatch, SegmentCorrupt
from retrieval.graph import Graph
from retrieval.growable import Growable, KeyMap, key_of
from retrieval.lexical import Lexicon, Scratch
from retrieval.pagerank import Walker
from retrieval.questions import Speakers
from retrieval.segment import SegmentInfo, Streamed
from retrieval.sentence_vectors import Sentences
from retrieval.standing import Standing
from retrieval.types import AnyArray, Arrays, Attributes, DocumentId, IndexedPassage, PassageId
from retrieval.vectors.dense import Vectors

Ints = NDArray[np.int32]


class Index:
    """Passages of one namespace, ready to be searched (search.py)."""

    def __init__(self, dimension: int, fingerprint: str, revision: int, base: Arrays | None) -> None:
        self.dimension = dimension
        self.fingerprint = fingerprint
        self.revision = revision  # sequence number of the newest change that is in; the caller sets it
        base = base or None
        self._ids = base["passage_id"] if base else np.zeros((0, 16), np.uint8)
        self._later_ids = Growable(dtype=np.uint8, width=16)
        self._documents = KeyMap(base["document_key"], base["document_row"]) if base else KeyMap()
        self._places = KeyMap(base["place_key"], base["place_row"]) if base else KeyMap()
        self.graph = Graph(base, dimension)
        self.lexicon = Lexicon(base)
        self.vectors = Vectors(dimension, base["vector_codes"], base["vector_lists"]) if base else Vectors(dimension)
        self.sentences = Sentences(dimension, base)
        prefix = "column:"
        columns = {name.removeprefix(prefix): array for name, array in (base or {}).items() if name.startswith(prefix)}
        self.columns = Columns.from_arrays(columns) if base else Columns()
        self.walker = Walker()
        self._read_bytes = 0  # of a segment that was read, not mapped
        self.speakers = Speakers()
        self._standing: Mapping[str, Standing] | None = None
        self._scratch: list[Scratch] = []

    @classmethod
    def empty(cls, dimension: int, fingerprint: str) -> "Index":
        return cls(dimension, fingerprint, 0, None)

    @classmethod
    def open(cls, path: Path, sha256: str | None = None) -> "Index":
        """Maps a segment into memory; with `sha256`, verifies the whole file first. Raises SegmentCorrupt."""
        arrays, facts = segment.read(path, sha256)
        try:
            index = cls(int(facts["dimension"]), facts["fingerprint"], int(facts["revision"]), arrays)
        except (KeyError, ValueError) as error:
            raise SegmentCorrupt(f"The segment {path.name} lacks something: {error}") from error
        index._read_bytes = path.stat().st_size if segment.is_small(path) else 0
        return index

    @property
    def standing(self) -> Mapping[str, Standing] | None:
        """What stands for each name of an entity that has several; None: nobody has said yet, as a segment does not."""
        return self._standing

    @standing.setter
    def standing(self, known: Mapping[str, Standing]) -> None:
        self._standing = known
        self.graph.stand_ins = {name: one.name for name, one in known.items() if one.name != name}

    def __len__(self) -> int:
        """Living passages."""
        return self.graph.living

    @property
    def rows(self) -> int:
        """Rows, those of removed passages included."""
        return self.graph.passages

    @property
    def delta_passages(self) -> int:
        """Passages added or removed since the base was made."""
        return len(self._later_ids) + (self.rows - len(self))

    def passage_id(self, row: int) -> PassageId:
        base = len(self._ids)
        raw = self._ids[row] if row < base else self._later_ids.view[row - base]
        return PassageId(str(UUID(bytes=raw.tobytes())))

    def add(self, passages: Sequence[IndexedPassage]) -> None:
        """Appends passages. Raises DimensionMismatch, and then has added none of them."""
        for passage in passages:
            shapes = {
                passage.vector.shape,
                passage.sentence_vectors.shape[1:],
                *(one.vector.shape for one in passage.facts),
            }
            if shapes != {(self.dimension,)}:
                raise DimensionMismatch(
                    f"Passage {passage.id} has a vector that is not of {self.dimension} dimensions."
                )
        for passage in passages:
            self._add(passage)
        if passages:
            self.vectors.add(np.stack([passage.vector for passage in passages]))

    def _add(self, passage: IndexedPassage) -> None:
        row = self.rows
        previous, following = (self._place(passage.group, passage.position + step) for step in (-1, 1))
        entities = self.graph.add(passage.mentions, previous, following)
        named = {mention.name: entity for mention, entity in zip(passage.mentions, entities, strict=True)}
        self.graph.facts.add(row, passage.facts, named, self.graph.entities)
        self.lexicon.add(f"{passage.title}\n{passage.text}" if passage.title else passage.text)
        sentences: list[list[int]] = [[] for _ in range(len(passage.sentence_vectors))]
        for mention, entity in zip(passage.mentions, entities, strict=True):
            for ordinal in mention.sentences:
                sentences[ordinal].append(entity)
        self.sentences.add(passage.sentence_vectors, sentences)
        self.columns.append(passage.attributes)
        self._later_ids.extend(np.frombuffer(UUID(passage.id).bytes, np.uint8)[None])
        self._documents.add(key_of(passage.document_id), row)
        self._places.add(_place_key(passage.group, passage.position), row)

    def remove(self, document_id: DocumentId) -> None:
        """Takes all passages of a document out; does nothing if there are none."""
        for row in self._documents.rows(key_of(document_id)):
            if self.graph.alive.view[row]:
                self.graph.remove(row)
                self.lexicon.remove(row)

    def living_rows(self, document_id: DocumentId) -> list[int]:
        """Rows of the passages of a document that are there, in the order in which they came."""
        return [row for row in self._documents.rows(key_of(document_id)) if self.graph.alive.view[row]]

    def patch(self, document_id: DocumentId, attributes: Mapping[PassageId, Attributes]) -> None:
        """Replaces what filters can see of the passages of a document."""
        for row in self._documents.rows(key_of(document_id)):
            if self.graph.alive.view[row] and (changed := attributes.get(self.passage_id(row))) is not None:
                self.columns.replace(row, changed)

    def fold(self, path: Path) -> SegmentInfo:
        """Writes base and delta, without what was removed, as a new segment; this index stays as it is."""
        kept = np.flatnonzero(self.graph.alive.view)
        graph, new_entity = self.graph.compact(kept)
        arrays: dict[str, AnyArray | Streamed] = {
            "passage_id": np.concatenate([self._ids, self._later_ids.view])[kept],
            **dict(zip(("document_key", "document_row"), self._compact_keys(self._documents, kept), strict=True)),
            **dict(zip(("place_key", "place_row"), self._compact_keys(self._places, kept), strict=True)),
            **graph,
            **self.lexicon.compact(kept),
            **self.vectors.compact(kept),
            **self.sentences.compact(kept, new_entity),
            **{f"column:{name}": array for name, array in self.columns.select(kept).to_arrays().items()},
        }
        facts = {
            "dimension": str(self.dimension),
            "fingerprint": self.fingerprint,
            "revision": str(self.revision),
        }
        return segment.write(path, arrays, facts, len(kept))

    @contextmanager
    def scratch(self) -> Iterator[Scratch]:
        """Scratch arrays for scoring one question; after an error they are dropped, as they may not be clean."""
        try:
            scratch = self._scratch.pop()
        except IndexError:
            scratch = Scratch(0)
        if scratch.passages < self.rows:
            scratch = Scratch(self.rows + self.rows // 4 + 16)
        yield scratch
        self._scratch.append(scratch)

    def _place(self, group: str, position: int) -> int:
        """The living passage at this position of a group, or -1."""
        if position < 0:
            return -1
        alive = self.graph.alive.view
        return next((row for row in reversed(self._places.rows(_place_key(group, position))) if alive[row]), -1)

    def _compact_keys(self, keys: KeyMap, kept: NDArray[np.int64]) -> tuple[NDArray[np.uint64], Ints]:
        new_row = np.full(self.rows, -1, np.int32)
        new_row[kept] = np.arange(len(kept), dtype=np.int32)
        key, row = keys.merged()
        there = new_row[row] >= 0
        return KeyMap.sorted(key[there], new_row[row[there]])

    @property
    def nbytes(self) -> int:
        """Bytes of memory that are this index's own; pages of the mapped segment are not counted."""
        parts = (self.graph, self.lexicon, self.vectors, self.sentences, self.columns, self._documents, self._places)
        own = sum(part.nbytes for part in parts) + self._later_ids.nbytes + self._read_bytes
        return own + 100_000  # what the objects take


def _place_key(group: str, position: int) -> int:
    return key_of(f"{group}\0{position}")
