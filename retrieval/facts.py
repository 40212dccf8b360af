"""Facts of passages: the edges between entities that they make, and their vectors.

A fact belongs to the passage that states it, as a mention does. So an edge between two entities weighs as much as there
are passages that state it, and goes with the last of them; nothing has to be counted down. Vectors of the base stay in
the mapped file: only the facts of a few passages and entities are ever compared with a question.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from retrieval import csr
from retrieval.growable import Growable
from retrieval.quantize import to_floats
from retrieval.types import AnyArray, Arrays, ByteVector, FactId, FloatVector, IndexedFact

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

# What the facts of a base consist of; sorted by passage.
BASE = {
    "fact_id": np.uint8,
    "fact_ptr": np.int64,
    "fact_passage": np.int32,
    "fact_subject": np.int32,
    "fact_object": np.int32,
    "fact_codes": np.int8,
    "link_ptr": np.int64,
    "link_fact": np.int32,
}


class Links(NamedTuple):
    """The facts of each entity, as the compiled walk takes them: a base by pointers, and chains for what came later."""

    base_facts: int
    passage: Ints  # base: by fact
    subject: Ints
    object: Ints
    ptr: Longs  # base: entity -> facts
    fact: Ints
    later_passage: Ints  # delta: by fact
    later_subject: Ints
    later_object: Ints
    head: Ints  # delta: entity -> chain of facts
    next: Ints
    chained: Ints


class Facts:
    """Facts of one index by row. Rows are only ever added; a fact lives as long as its passage."""

    def __init__(self, dimension: int, base: Arrays | None, passages: int, entities: int) -> None:
        self.dimension = dimension
        self._base = base if base is not None else no_facts(dimension, passages, entities)
        self._base_facts = len(self._base["fact_passage"])
        self._base_passages = passages
        self._ids = Growable(dtype=np.uint8, width=16)
        self._ptr = Growable(np.zeros(1, np.int64))
        self._passage = Growable(dtype=np.int32)
        self._subject = Growable(dtype=np.int32)
        self._object = Growable(dtype=np.int32)
        self._codes = Growable(dtype=np.int8, width=dimension)
        self._head = Growable(np.full(entities, -1, np.int32))
        self._tail = Growable(np.full(entities, -1, np.int32))
        self._next = Growable(dtype=np.int32)
        self._chained = Growable(dtype=np.int32)

    def __len__(self) -> int:
        """Rows, those of removed passages included."""
        return self._base_facts + len(self._passage)

    def add(self, passage: int, facts: Sequence[IndexedFact], entity_rows: Mapping[str, int], entities: int) -> None:
        """The facts of the next passage. `entity_rows` has the row of every name that it mentions."""
        new = entities - len(self._head)
        self._head.extend([-1] * new)
        self._tail.extend([-1] * new)
        for fact in facts:
            if fact.subject in entity_rows and fact.object in entity_rows:
                self._add(passage, fact, entity_rows[fact.subject], entity_rows[fact.object])
        self._ptr.extend([len(self._passage)])

    def links(self) -> Links:
        """Valid until the next change."""
        base = self._base
        return Links(
            self._base_facts, base["fact_passage"], base["fact_subject"], base["fact_object"], base["link_ptr"],
            base["link_fact"], self._passage.view, self._subject.view, self._object.view, self._head.view,
            self._next.view, self._chained.view,
        )  # fmt: skip

    def id(self, row: int) -> FactId:
        raw = self._base["fact_id"][row] if row < self._base_facts else self._ids.view[row - self._base_facts]
        return FactId(str(UUID(bytes=raw.tobytes())))

    def of_passages(self, passages: Ints) -> Longs:
        """Rows of the facts that these passages state, passage after passage."""
        old = passages < self._base_passages
        ptr = self._ptr.view
        early = csr.positions(self._base["fact_ptr"], passages[old])
        later = csr.positions(ptr, passages[~old] - self._base_passages) + self._base_facts
        return np.concatenate([early, later])

    def of_entity(self, entity: int, most: int) -> list[int]:
        """Rows of at most so many facts that have this entity, oldest first, those of removed passages included."""
        found: list[int] = []
        ptr = self._base["link_ptr"]
        if entity < len(ptr) - 1:
            found += map(int, self._base["link_fact"][ptr[entity] : ptr[entity + 1]][:most])
        at = int(self._head.view[entity]) if entity < len(self._head) else -1
        while at >= 0 and len(found) < most:
            found.append(self._base_facts + int(self._chained.view[at]))
            at = int(self._next.view[at])
        return found

    def entities(self, row: int) -> tuple[int, int]:
        """Subject and object."""
        if row < self._base_facts:
            return int(self._base["fact_subject"][row]), int(self._base["fact_object"][row])
        return int(self._subject.view[row - self._base_facts]), int(self._object.view[row - self._base_facts])

    def passages(self, rows: Longs) -> Ints:
        """The passage of each of these facts."""
        return np.asarray(self._split(self._base["fact_passage"], self._passage.view, rows), np.int32)

    def similarities(self, question: FloatVector, rows: Longs) -> FloatVector:
        """Cosines with these facts: float32[rows]."""
        if not len(rows):
            return np.zeros(0, np.float32)
        codes: ByteVector = self._split(self._base["fact_codes"], self._codes.view, rows)
        return np.asarray(to_floats(codes) @ question, np.float32)

    def compact(self, kept: Longs, new_entity: Longs, entities: int) -> dict[str, AnyArray]:
        """The arrays of a base with only the facts of the passages `kept` (old rows, ascending)."""
        rows = self.of_passages(kept.astype(np.int32))
        base, later = self._base, self._base_facts
        owner = np.searchsorted(kept, self.passages(rows)).astype(np.int32)
        subject, object_ = (
            new_entity[self._split(base[f"fact_{side}"], view, rows)].astype(np.int32)
            for side, view in (("subject", self._subject.view), ("object", self._object.view))
        )
        differ = np.flatnonzero(subject != object_).astype(np.int32)
        ends = np.stack([subject[differ], object_[differ]], 1).reshape(-1)
        ptr, order = csr.transpose(ends, entities)
        ids = np.concatenate([base["fact_id"][rows[rows < later]], self._ids.view[rows[rows >= later] - later]])
        return {
            "fact_id": ids,
            "fact_ptr": csr.starts(np.bincount(owner, minlength=len(kept)).astype(np.int64)),
            "fact_passage": owner,
            "fact_subject": subject,
            "fact_object": object_,
            "fact_codes": self._split(base["fact_codes"], self._codes.view, rows),
            "link_ptr": ptr,
            "link_fact": np.repeat(differ, 2)[order],
        }

    def _add(self, passage: int, fact: IndexedFact, subject: int, object_: int) -> None:
        row = len(self._passage)
        self._ids.extend(np.frombuffer(UUID(fact.id).bytes, np.uint8)[None])
        self._passage.extend([passage])
        self._subject.extend([subject])
        self._object.extend([object_])
        self._codes.extend(fact.vector[None])
        if subject != object_:
            self._chain(subject, row)
            self._chain(object_, row)

    def _chain(self, entity: int, row: int) -> None:
        entry = len(self._next)
        self._next.extend([-1])
        self._chained.extend([row])
        last = int(self._tail.view[entity])
        if last < 0:
            self._head.view[entity] = entry
        else:
            self._next.view[last] = entry
        self._tail.view[entity] = entry

    def _split(self, base: AnyArray, later: AnyArray, rows: Longs) -> AnyArray:
        """Values by row, from the base and from what came later."""
        old = rows < self._base_facts
        values = np.empty((len(rows), *base.shape[1:]), base.dtype)
        values[old] = base[rows[old]]
        values[~old] = later[rows[~old] - self._base_facts]
        return values

    @property
    def nbytes(self) -> int:
        grown = (
            self._ids, self._ptr, self._passage, self._subject, self._object, self._codes, self._head, self._tail,
            self._next, self._chained,
        )  # fmt: skip
        return sum(part.nbytes for part in grown)


def no_facts(dimension: int, passages: int, entities: int) -> dict[str, AnyArray]:
    """A base without facts, read-only as a memory-mapped one is: one compiled walk serves both."""
    shapes = {
        "fact_id": (0, 16),
        "fact_ptr": (passages + 1,),
        "fact_codes": (0, dimension),
        "link_ptr": (entities + 1,),
    }
    arrays: dict[str, AnyArray] = {name: np.zeros(shapes.get(name, (0,)), dtype) for name, dtype in BASE.items()}
    for array in arrays.values():
        array.setflags(write=False)
    return arrays
