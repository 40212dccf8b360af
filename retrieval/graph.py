"""The graph over passages and entities: a memory-mapped base, and a delta that grows with every passage."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval import csr
from retrieval.adjacency import Bytes, GraphParams, Ints, Longs, View, Weights
from retrieval.facts import Facts
from retrieval.growable import Growable, KeyMap, Strings, key_of
from retrieval.synonyms import keys as synonym_keys
from retrieval.synonyms import similarity
from retrieval.types import AnyArray, Arrays, EntityKind, FloatVector, Mention

TITLE_MENTIONS = 3
NAMESAKES = 64  # a synonym key shared by more entities than this (a first name, say) joins no further ones
KINDS = tuple(EntityKind)
TABLE = 1024  # document frequencies whose specificity is looked up, not computed


class Chains:
    """Lists of numbers by entity that grow at either end of time: heads, tails, and links between entries, oldest
    first.
    """

    def __init__(self, entities: int) -> None:
        self.head = Growable(np.full(entities, -1, np.int32))
        self.tail = Growable(np.full(entities, -1, np.int32))
        self.next = Growable(dtype=np.int32)

    def grow(self) -> None:
        """Room for one more entity."""
        self.head.extend([-1])
        self.tail.extend([-1])

    def link(self, entity: int) -> None:
        """A new last entry of this entity's chain; its number is the number of entries so far."""
        entry = len(self.next)
        self.next.extend([-1])
        last = int(self.tail.view[entity])
        if last < 0:
            self.head.view[entity] = entry
        else:
            self.next.view[last] = entry
        self.tail.view[entity] = entry

    @property
    def nbytes(self) -> int:
        return self.head.nbytes + self.tail.nbytes + self.next.nbytes


class Graph:
    """Passages, entities and what joins them. Rows are only ever added; removed passages are marked."""

    def __init__(self, base: Arrays | None = None, dimension: int = 1) -> None:
        facts = base
        base = base if base is not None else _nothing()
        self._base = base
        self._base_passages = len(base["passage_ptr"]) - 1
        self._base_entities = len(base["entity_ptr"]) - 1
        self.alive = Growable(np.ones(self._base_passages, np.bool_))
        self._previous = Growable(base["previous"])
        self._next = Growable(base["next"])
        self.df = Growable(base["df"])
        self.kind = Growable(base["kind"])
        self.names = Strings(base["name_blob"], base["name_offsets"])
        self.displays = Strings(base["display_blob"], base["display_offsets"])
        self._by_name = KeyMap(base["name_key"], base["name_row"])
        self._by_synonym = KeyMap(base["synonym_key"], base["synonym_row"])
        self._later_ptr = Growable(np.zeros(1, np.int64))
        self._later_entity = Growable(dtype=np.int32)
        self._later_count = Growable(dtype=np.uint8)
        self._mentions = Chains(self._base_entities)
        self._mention_passage = Growable(dtype=np.int32)
        self._mention_count = Growable(dtype=np.uint8)
        self._near = Chains(self._base_entities)
        self._near_source = Growable(dtype=np.int32)
        self._near_entity = Growable(dtype=np.int32)
        self._near_similarity = Growable(dtype=np.float32)
        self.facts = Facts(dimension, facts, self._base_passages, self._base_entities)
        self.living = self._base_passages
        self._weights: tuple[tuple[int, GraphParams], Weights] | None = None  # the last ones that were asked for
        self.stand_ins: Mapping[str, str] = {}  # names under which nothing is kept, and the name that stands for each

    @property
    def passages(self) -> int:
        """Rows of passages, removed ones included."""
        return len(self.alive)

    @property
    def entities(self) -> int:
        return len(self.df)

    @property
    def most_neighbours(self) -> int:
        """No node has more: room for what `neighbours` writes."""
        return 2 * max(self.passages, self.entities) + len(self.facts) + 8

    def entity(self, name: str) -> int:
        """The row of the entity with this normal name, or of the one that it was merged into; -1: there is none."""
        return self._by_name.first(key_of(self.stand_ins.get(name, name)))

    def near(self, name: str) -> dict[int, float]:
        """Entity rows whose names are near this normal name, with their similarity (0 to 1)."""
        found: dict[int, float] = {}
        for key in sorted(synonym_keys(name)):
            for other in self._by_synonym.rows(key_of(key)):
                similar = similarity(name, self.names[other])
                if similar > 0:
                    found[other] = similar
        return found

    def synonyms(self) -> tuple[Longs, Longs, FloatVector]:
        """All synonym edges in both directions: entity rows of their ends, and similarities. Ends may be gone."""
        view = self.view()
        sources = np.repeat(np.arange(self._base_entities), np.diff(view.synonym_ptr))
        return (
            np.concatenate([sources, self._near_source.view]),
            np.concatenate([view.synonym_entity, view.near_entity]).astype(np.int64),
            np.concatenate([view.synonym_similarity, view.near_similarity]),
        )

    def mentions_of(self, passage: int) -> tuple[Ints, Bytes]:
        """Entity rows and raw counts of a passage."""
        row, base = passage - self._base_passages, self._base
        if row < 0:
            low, high = base["passage_ptr"][passage : passage + 2]
            return base["passage_entity"][low:high], base["passage_count"][low:high]
        low, high = self._later_ptr.view[row : row + 2]
        return self._later_entity.view[low:high], self._later_count.view[low:high]

    def passages_naming(self, entity: int) -> list[int]:
        """Rows of the passages that mention an entity, oldest first, removed ones included."""
        found: list[int] = []
        if entity < self._base_entities:
            pointers = self._base["entity_ptr"]
            found += map(int, self._base["entity_passage"][pointers[entity] : pointers[entity + 1]])
        at = int(self._mentions.head.view[entity])
        while at >= 0:
            found.append(int(self._mention_passage.view[at]))
            at = int(self._mentions.next.view[at])
        return found

    def add(self, mentions: Sequence[Mention], previous: int, following: int) -> list[int]:
        """Adds the next passage between its neighbours (-1: none); returns the entity row of each mention."""
        row = self.passages
        self.alive.extend([True])
        self._previous.extend([previous])
        self._next.extend([following])
        if previous >= 0:
            self._next.view[previous] = row
        if following >= 0:
            self._previous.view[following] = row
        rows = [self._entity_row(mention) for mention in mentions]
        counts = [min(255, mention.count + TITLE_MENTIONS * mention.in_title) for mention in mentions]
        self._later_entity.extend(rows)
        self._later_count.extend(counts)
        self._later_ptr.extend([len(self._later_entity)])
        for entity in rows:
            self._mentions.link(entity)
            self.df.view[entity] += 1
        self._mention_passage.extend([row] * len(rows))
        self._mention_count.extend(counts)
        self.living += 1
        return rows

    def remove(self, passage: int) -> None:
        """Marks a passage as removed; its edges and what it counted for are gone at once."""
        if not self.alive.view[passage]:
            return
        self.alive.view[passage] = False
        entities, _ = self.mentions_of(passage)
        np.subtract.at(self.df.view, entities, 1)
        self.living -= 1

    def _entity_row(self, mention: Mention) -> int:
        row = self.entity(mention.name)
        if row >= 0:
            return row
        row = self.entities
        self.df.extend([0])
        self.kind.extend([KINDS.index(mention.kind)])
        self.names.append(mention.name)
        self.displays.append(mention.display)
        self._mentions.grow()
        self._near.grow()
        self._by_name.add(key_of(mention.name), row)
        if mention.kind in (EntityKind.NAME, EntityKind.TITLE, EntityKind.SPEAKER):
            self._join_synonyms(mention.name, row)
        return row

    def _join_synonyms(self, name: str, row: int) -> None:
        near: dict[int, None] = {}
        for key in sorted(synonym_keys(name)):
            number = key_of(key)
            namesakes = self._by_synonym.rows(number)
            if len(namesakes) < NAMESAKES:
                near.update(dict.fromkeys(namesakes))
                self._by_synonym.add(number, row)
        for other in near:
            similar = similarity(name, self.names[other])
            if similar > 0:
                self._link_synonym(row, other, similar)
                self._link_synonym(other, row, similar)

    def _link_synonym(self, entity: int, other: int, similar: float) -> None:
        self._near.link(entity)
        self._near_source.extend([entity])
        self._near_entity.extend([other])
        self._near_similarity.extend([similar])

    def weights(self, params: GraphParams) -> Weights:
        """For as many passages as live now."""
        known = self._weights
        if known is None or known[0] != (self.living, params):
            known = self._weights = ((self.living, params), self._weighed(params))
        return known[1]

    def _weighed(self, params: GraphParams) -> Weights:
        factors = {EntityKind.DATE: params.date, EntityKind.NUMBER: params.number, EntityKind.SPEAKER: params.speaker}
        kinds = np.array([factors.get(kind, 1.0) for kind in KINDS])
        passages = float(max(self.living, 1))
        hub = max(float(params.hub_floor), params.hub_share * self.living)
        df = np.maximum(np.arange(TABLE), 1)
        return Weights(
            passages, params.exponent, hub, params.next, params.next_but_one, params.synonym, params.fact, kinds,
            np.log(1.0 + passages / df) ** params.exponent, np.log(1.0 + np.arange(256)),
        )  # fmt: skip

    def view(self) -> View:
        base = self._base
        return View(
            self._base_passages,
            self._base_entities,
            self.alive.view,
            self._previous.view,
            self._next.view,
            self.df.view,
            self.kind.view,
            base["passage_ptr"],
            base["passage_entity"],
            base["passage_count"],
            base["entity_ptr"],
            base["entity_passage"],
            base["entity_count"],
            base["synonym_ptr"],
            base["synonym_entity"],
            base["synonym_similarity"],
            self._later_ptr.view,
            self._later_entity.view,
            self._later_count.view,
            self._mentions.head.view,
            self._mentions.next.view,
            self._mention_passage.view,
            self._mention_count.view,
            self._near.head.view,
            self._near.next.view,
            self._near_entity.view,
            self._near_similarity.view,
            self.facts.links(),
        )

    def neighbour_rows(self) -> tuple[Ints, Ints]:
        """The previous and the next passage of every passage row (-1: none; removed ones included)."""
        return self._previous.view, self._next.view

    def compact(self, kept: Longs) -> tuple[dict[str, AnyArray], Longs]:
        """The arrays of a base with only the passages `kept` (old rows, ascending), and new entity rows by old ones
        (-1: gone).
        """
        passage_of, entity_of, count_of = self.all_mentions(kept)
        df = self.df.view
        kept_entities = np.flatnonzero(df > 0)
        new_entity = np.full(len(df), -1, np.int64)
        new_entity[kept_entities] = np.arange(len(kept_entities))
        entity_of = new_entity[entity_of].astype(np.int32)
        pointers, order = csr.transpose(entity_of, len(kept_entities))
        new_passage = np.full(self.passages + 1, -1, np.int32)  # the last one stands for "none": old row -1
        new_passage[kept] = np.arange(len(kept), dtype=np.int32)
        names, displays = self.names.select(kept_entities), self.displays.select(kept_entities)
        name_key, name_row = _renumber(self._by_name, new_entity)
        synonym_key, synonym_row = _renumber(self._by_synonym, new_entity)
        arrays: dict[str, AnyArray] = {
            "passage_ptr": csr.starts(np.bincount(passage_of, minlength=len(kept)).astype(np.int64)),
            "passage_entity": entity_of,
            "passage_count": count_of,
            "entity_ptr": pointers,
            "entity_passage": passage_of[order],
            "entity_count": count_of[order],
            **self._compact_synonyms(kept_entities, new_entity),
            "previous": new_passage[self._previous.view[kept]],
            "next": new_passage[self._next.view[kept]],
            "df": df[kept_entities],
            "kind": self.kind.view[kept_entities],
            "name_blob": names[0], "name_offsets": names[1], "display_blob": displays[0], "display_offsets":
            displays[1],
            "name_key": name_key, "name_row": name_row, "synonym_key": synonym_key, "synonym_row": synonym_row,
        }  # fmt: skip
        return arrays | self.facts.compact(kept, new_entity, len(kept_entities)), new_entity

    def all_mentions(self, kept: Longs) -> tuple[Ints, Ints, Bytes]:
        """(index into `kept`, entity row, count) of every mention of the passages `kept` (ascending rows), in order."""
        old, new = kept[kept < self._base_passages], kept[kept >= self._base_passages] - self._base_passages
        base, base_ptr, ptr = self._base, self._base["passage_ptr"], self._later_ptr.view
        at, later = csr.positions(base_ptr, old), csr.positions(ptr, new)
        lengths = np.concatenate([base_ptr[old + 1] - base_ptr[old], ptr[new + 1] - ptr[new]])
        return (
            np.repeat(np.arange(len(kept), dtype=np.int32), lengths),
            np.concatenate([base["passage_entity"][at], self._later_entity.view[later]]),
            np.concatenate([base["passage_count"][at], self._later_count.view[later]]),
        )

    def _compact_synonyms(self, kept: Longs, new_entity: Longs) -> dict[str, AnyArray]:
        sources, targets, similar = self.synonyms()
        source, target = new_entity[sources], new_entity[targets]
        there = (source >= 0) & (target >= 0)
        pointers, order = csr.transpose(source[there].astype(np.int32), len(kept))
        return {
            "synonym_ptr": pointers,
            "synonym_entity": target[there][order].astype(np.int32),
            "synonym_similarity": similar[there][order],
        }

    @property
    def nbytes(self) -> int:
        grown = (
            self.alive, self._previous, self._next, self.df, self.kind, self._later_ptr, self._later_entity,
            self._later_count, self._mention_passage, self._mention_count, self._near_source, self._near_entity,
            self._near_similarity,
        )  # fmt: skip
        parts = (self._mentions, self._near, self.names, self.displays, self._by_name, self._by_synonym, self.facts)
        return sum(part.nbytes for part in grown) + sum(part.nbytes for part in parts)


def _renumber(keys: KeyMap, new_entity: Longs) -> tuple[NDArray[np.uint64], Ints]:
    key, row = keys.merged()
    there = new_entity[row] >= 0
    return KeyMap.sorted(key[there], new_entity[row[there]].astype(np.int32))


# What a base consists of, and the type of each array; names ending in `ptr` or `offsets` are row pointers.
_BASE = {
    "passage_ptr": np.int64,
    "passage_entity": np.int32,
    "passage_count": np.uint8,
    "entity_ptr": np.int64,
    "entity_passage": np.int32,
    "entity_count": np.uint8,
    "synonym_ptr": np.int64,
    "synonym_entity": np.int32,
    "synonym_similarity": np.float32,
    "previous": np.int32,
    "next": np.int32,
    "df": np.int32,
    "kind": np.uint8,
    "name_blob": np.uint8,
    "name_offsets": np.int64,
    "display_blob": np.uint8,
    "display_offsets": np.int64,
    "name_key": np.uint64,
    "name_row": np.int32,
    "synonym_key": np.uint64,
    "synonym_row": np.int32,
}


def _nothing() -> dict[str, AnyArray]:
    """The base of an empty graph, read-only as a memory-mapped one is: one compiled walk serves both."""
    arrays: dict[str, AnyArray] = {}
    for name, dtype in _BASE.items():
        arrays[name] = np.zeros(1 if name.endswith(("ptr", "offsets")) else 0, dtype)
        arrays[name].setflags(write=False)
    return arrays
