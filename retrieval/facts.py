"""Facts of passages: the edges between entities that they make, and their vectors.

A fact belongs to the passage that states it, as a mention does. So an edge between two entities weighs as much as there
are passages that state it, and goes with the last of them; nothing has to be counted down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from retrieval import csr
from retrieval.growable import Growable
from retrieval.types import AnyArray, Arrays, FactId, FloatVector, IndexedFact
from retrieval.vectors.dense import Vectors, build_lists

Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

BASE = {
    "fact_id": np.uint8,
    "fact_passage": np.int32,
    "fact_subject": np.int32,
    "fact_object": np.int32,
    "fact_codes": np.int8,
    "fact_lists": np.uint8,
    "link_ptr": np.int64,
    "link_fact": np.int32,
}


class Links(NamedTuple):
    """The facts of each entity, as the compiled walk takes them: a base by pointers, and chains for what came later."""

    passage: Ints  # by fact
    subject: Ints
    object: Ints
    ptr: Longs  # base: entity -> facts
    fact: Ints
    head: Ints  # delta: entity -> chain of facts
    next: Ints
    chained: Ints


@dataclass(frozen=True, slots=True)
class NearFacts:
    """Facts by falling similarity; each stands for all passages that state it."""

    ids: tuple[FactId, ...]
    rows: Ints  # of one statement of each
    scores: FloatVector  # cosines


class Facts:
    """Facts of one index by row. Rows are only ever added; a fact lives as long as its passage."""

    def __init__(self, dimension: int, base: Arrays | None, entities: int) -> None:
        self.dimension = dimension
        base = base if base is not None else _nothing(dimension, entities)
        self._base_ptr, self._base_fact = base["link_ptr"], base["link_fact"]
        self._ids = Growable(base["fact_id"])
        self._passage = Growable(base["fact_passage"])
        self._subject = Growable(base["fact_subject"])
        self._object = Growable(base["fact_object"])
        self.vectors = Vectors(dimension, base["fact_codes"], base["fact_lists"])
        self._head = Growable(np.full(entities, -1, np.int32))
        self._tail = Growable(np.full(entities, -1, np.int32))
        self._next = Growable(dtype=np.int32)
        self._chained = Growable(dtype=np.int32)

    def __len__(self) -> int:
        """Rows, those of removed passages included."""
        return len(self._passage)

    def add(self, passage: int, facts: Sequence[IndexedFact], entity_rows: Mapping[str, int], entities: int) -> None:
        """The facts of the next passage. `entity_rows` has the row of every name that it mentions."""
        self._grow(entities)
        known = [fact for fact in facts if fact.subject in entity_rows and fact.object in entity_rows]
        if not known:
            return
        first = len(self)
        subjects = [entity_rows[fact.subject] for fact in known]
        objects = [entity_rows[fact.object] for fact in known]
        self._ids.extend(np.stack([np.frombuffer(UUID(fact.id).bytes, np.uint8) for fact in known]))
        self._passage.extend([passage] * len(known))
        self._subject.extend(subjects)
        self._object.extend(objects)
        self.vectors.add(np.stack([fact.vector for fact in known]))
        for row, (subject, object_) in enumerate(zip(subjects, objects, strict=True), first):
            if subject != object_:
                self._chain(subject, row)
                self._chain(object_, row)

    def links(self) -> Links:
        """Valid until the next change."""
        return Links(
            self._passage.view, self._subject.view, self._object.view, self._base_ptr, self._base_fact,
            self._head.view, self._next.view, self._chained.view,
        )  # fmt: skip

    def id(self, row: int) -> FactId:
        return FactId(str(UUID(bytes=self._ids.view[row].tobytes())))

    def of_entity(self, entity: int) -> list[int]:
        """Rows of the facts that have this entity, oldest first, those of removed passages included."""
        found: list[int] = []
        if entity < len(self._base_ptr) - 1:
            found += map(int, self._base_fact[self._base_ptr[entity] : self._base_ptr[entity + 1]])
        at = int(self._head.view[entity]) if entity < len(self._head) else -1
        while at >= 0:
            found.append(int(self._chained.view[at]))
            at = int(self._next.view[at])
        return found

    def entities(self, row: int) -> tuple[int, int]:
        """Subject and object."""
        return int(self._subject.view[row]), int(self._object.view[row])

    def passage(self, row: int) -> int:
        return int(self._passage.view[row])

    def nearest(self, question: FloatVector, limit: int, alive: Bools) -> NearFacts:
        """The facts of living passages that are nearest to a question; equal ones by their ids."""
        if not len(self) or limit < 1:
            return NearFacts((), np.zeros(0, np.int32), np.zeros(0, np.float32))
        living = alive[self._passage.view]
        found = self.vectors.search(question, 2 * limit, None if living.all() else living)
        best: dict[FactId, tuple[float, int]] = {}
        for row, score in zip(map(int, found.rows), map(float, found.scores), strict=True):
            best.setdefault(self.id(row), (round(score, 6), row))
        order = sorted(best, key=lambda fact: (-best[fact][0], fact))[:limit]
        rows = np.array([best[fact][1] for fact in order], np.int32)
        return NearFacts(tuple(order), rows, np.array([best[fact][0] for fact in order], np.float32))

    def compact(self, new_passage: Ints, new_entity: Longs, entities: int) -> dict[str, AnyArray]:
        """The arrays of a base with only the facts of passages that are kept (`new_passage` >= 0)."""
        owner = new_passage[self._passage.view]
        kept = np.flatnonzero(owner >= 0)
        kept = kept[np.argsort(owner[kept], kind="stable")]
        subject, object_ = (new_entity[side.view[kept]].astype(np.int32) for side in (self._subject, self._object))
        numbers = np.arange(len(kept), dtype=np.int32)
        differ = subject != object_
        ends = np.concatenate([subject[differ], object_[differ]])
        joined = np.concatenate([numbers[differ], numbers[differ]])
        in_order = np.argsort(joined, kind="stable")
        ptr, order = csr.transpose(ends[in_order], entities)
        codes = self.vectors.codes(kept)
        return {
            "fact_id": self._ids.view[kept],
            "fact_passage": owner[kept],
            "fact_subject": subject,
            "fact_object": object_,
            "fact_codes": codes,
            "fact_lists": build_lists(codes),
            "link_ptr": ptr,
            "link_fact": joined[in_order][order],
        }

    def _grow(self, entities: int) -> None:
        """Room for entities that are new since the last passage."""
        new = entities - len(self._head)
        if new > 0:
            self._head.extend([-1] * new)
            self._tail.extend([-1] * new)

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

    @property
    def nbytes(self) -> int:
        grown = (
            self._ids, self._passage, self._subject, self._object, self._head, self._tail, self._next, self._chained,
        )  # fmt: skip
        return sum(part.nbytes for part in grown) + self.vectors.nbytes


def _nothing(dimension: int, entities: int) -> dict[str, AnyArray]:
    """A base without facts, read-only as a memory-mapped one is: one compiled walk serves both."""
    shapes = {"fact_id": (0, 16), "fact_codes": (0, dimension), "link_ptr": (entities + 1,)}
    arrays: dict[str, AnyArray] = {name: np.zeros(shapes.get(name, (0,)), dtype) for name, dtype in BASE.items()}
    for array in arrays.values():
        array.setflags(write=False)
    return arrays
