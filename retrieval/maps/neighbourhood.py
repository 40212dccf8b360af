"""A bounded part of the graph around some nodes: the near ones first, and of those the most strongly joined."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.adjacency import GraphParams
from retrieval.index import Index
from retrieval.maps.nodes import Around, EdgeKind


@dataclass(frozen=True, slots=True)
class MapNode:
    """`id` is a passage's id or an entity's normal name; `distance` is in edges from the start."""

    id: str
    kind: str  # passage or entity
    label: str  # of an entity: its name as it is written
    distance: int


@dataclass(frozen=True, slots=True)
class MapEdge:
    """Undirected; `weight` is what the walk goes by."""

    source: str
    target: str
    kind: EdgeKind
    weight: float


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """`is_whole` says that nothing within the depth was left out."""

    nodes: tuple[MapNode, ...]
    edges: tuple[MapEdge, ...]
    is_whole: bool


def neighbourhood(index: Index, starts: Sequence[int], depth: int, limit: int, params: GraphParams) -> Neighbourhood:
    """At most `limit` nodes up to `depth` edges away from `starts` (2 * passage row, 2 * entity row + 1)."""
    around = Around(index, params)
    distance: dict[int, int] = {}
    waiting = [(0, -1.0, start) for start in starts]  # the near ones first, and of those the strongly joined
    is_whole = True
    while waiting:
        steps, strength, node = heapq.heappop(waiting)
        if node in distance:
            continue
        if len(distance) >= limit:
            is_whole = False
            break
        distance[node] = steps
        if steps < depth:
            edges = _edges(around, node)
            strongest = max((weight for _, _, weight in edges), default=1.0)
            for other, _, weight in edges:
                if other not in distance:
                    heapq.heappush(waiting, (steps + 1, strength * weight / strongest, other))
    nodes = tuple(_node(index, node, steps) for node, steps in distance.items())
    return Neighbourhood(nodes, _between(index, around, distance), is_whole)


def name_of(index: Index, node: int) -> str:
    """What a node is called outside."""
    return index.graph.names[node // 2] if node % 2 else index.passage_id(node // 2)


def _between(index: Index, around: Around, distance: dict[int, int]) -> tuple[MapEdge, ...]:
    """Each edge between two of these nodes once; parallel ones of a kind are added up."""
    weights: dict[tuple[int, int, EdgeKind], float] = {}
    for node in distance:
        for other, kind, weight in _edges(around, node):
            if other in distance and node < other:
                key = (node, other, kind)
                weights[key] = weights.get(key, 0.0) + weight
    return tuple(
        MapEdge(name_of(index, node), name_of(index, other), kind, weight)
        for (node, other, kind), weight in weights.items()
    )


def _edges(around: Around, node: int) -> list[tuple[int, EdgeKind, float]]:
    """(other node, kind, weight)."""
    if node % 2:
        edges = around.of_entity(node // 2)
        return [(2 * edge.row + (edge.kind is not EdgeKind.MENTION), edge.kind, edge.weight) for edge in edges]
    edges = around.of_passage(node // 2)
    return [(2 * edge.row + (edge.kind is EdgeKind.MENTION), edge.kind, edge.weight) for edge in edges]


def _node(index: Index, node: int, steps: int) -> MapNode:
    if node % 2:
        return MapNode(name_of(index, node), "entity", index.graph.displays[node // 2], steps)
    return MapNode(name_of(index, node), "passage", "", steps)
