"""Entities of an index: searched by name, listed by how often they are named, and what is around them."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.adjacency import GraphParams
from retrieval.graph import KINDS
from retrieval.index import Index
from retrieval.maps.nodes import Around, EdgeKind, passages_of
from retrieval.normalize import normal_name
from retrieval.types import EntityKind, PassageId

Longs = NDArray[np.int64]

SHARED = 200  # passages in which companions are looked for


@dataclass(frozen=True, slots=True)
class Entity:
    name: str  # normal; its identity
    display: str
    kind: EntityKind
    passages: int  # that name it


@dataclass(frozen=True, slots=True)
class Neighbour:
    """`edge` says how it is joined: fact, synonym, or mention for entities that the same passages name."""

    entity: Entity
    edge: EdgeKind
    weight: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended."""

    passages: int
    name: str


def entity(index: Index, name: str) -> Entity | None:
    """By its normal name; None if no living passage names it."""
    row = index.graph.entity(name)
    return entity_of(index, row) if row >= 0 and index.graph.df.view[row] > 0 else None


def entity_of(index: Index, row: int) -> Entity:
    graph = index.graph
    kind = KINDS[int(graph.kind.view[row])]
    return Entity(graph.names[row], graph.displays[row], kind, int(graph.df.view[row]))


def find(index: Index, text: str, limit: int, after: Place | None = None) -> list[Entity]:
    """Entities with this text in one of their names, those that most passages name first; all for an empty text."""
    wanted = normal_name(text)
    df = index.graph.df.view
    rows = _containing(index, wanted) if wanted else np.arange(len(df), dtype=np.int64)
    rows = rows[df[rows] > 0]
    found: list[Entity] = []
    for same in _by_count(rows, df):
        if len(found) >= limit:
            break
        count = int(df[same[0]])
        if after is not None and count > after.passages:
            continue
        names = ((index.graph.names[int(row)], int(row)) for row in same)
        later = (one for one in names if after is None or count < after.passages or one[0] > after.name)
        found += [entity_of(index, row) for _, row in heapq.nsmallest(limit - len(found), later)]
    return found


def passages(index: Index, name: str, limit: int) -> list[PassageId]:
    """Passages that name an entity, oldest first."""
    row = index.graph.entity(name)
    return [index.passage_id(passage) for passage in passages_of(index, row)[:limit]] if row >= 0 else []


def around(index: Index, name: str, params: GraphParams, limit: int) -> list[Neighbour]:
    """The entities that are joined to one most closely."""
    row = index.graph.entity(name)
    if row < 0:
        return []
    near = Around(index, params)
    weights: dict[tuple[int, EdgeKind], float] = {}
    direct = [edge for edge in near.of_entity(row) if edge.kind is not EdgeKind.MENTION]
    shared = [edge for passage in passages_of(index, row)[:SHARED] for edge in near.of_passage(passage)]
    for edge in [*direct, *(one for one in shared if one.kind is EdgeKind.MENTION and one.row != row)]:
        weights[edge.row, edge.kind] = weights.get((edge.row, edge.kind), 0.0) + edge.weight
    best = heapq.nsmallest(limit, weights, key=lambda key: (-round(weights[key], 9), index.graph.names[key[0]], key[1]))
    return [Neighbour(entity_of(index, other), kind, weights[other, kind]) for other, kind in best]


def _containing(index: Index, text: str) -> Longs:
    """Rows of entities one of whose names has this normal text in it, ascending."""
    graph = index.graph
    merged = [graph.entity(name) for name in graph.stand_ins if text in name]
    own = graph.names.containing(text)
    return np.union1d(own, [row for row in merged if row >= 0]).astype(np.int64) if merged else own


def _by_count(rows: Longs, df: NDArray[np.int32]) -> Iterator[Longs]:
    """Rows that are named equally often, the most often named first."""
    order = rows[np.argsort(-df[rows].astype(np.int64), kind="stable")]
    cuts = np.flatnonzero(np.diff(df[order])) + 1
    yield from (same for same in np.split(order, cuts) if len(same))
