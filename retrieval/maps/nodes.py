"""Nodes and edges of the graph with their kinds, one neighbourhood at a time."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from retrieval.adjacency import GraphParams, neighbours
from retrieval.index import Index


class EdgeKind(StrEnum):
    MENTION = "mention"
    CONTIGUITY = "contiguity"
    SYNONYM = "synonym"
    FACT = "fact"


@dataclass(frozen=True, slots=True)
class Edge:
    """To a passage (mention from an entity, contiguity) or to an entity (mention from a passage, synonym, fact)."""

    row: int
    kind: EdgeKind
    weight: float


class Around:
    """Neighbours as the walk sees them. Valid until the index changes; for one thread."""

    def __init__(self, index: Index, params: GraphParams) -> None:
        self._index = index
        self._view, self._weights = index.graph.view(), index.graph.weights(params)
        self._node = np.empty(index.graph.most_neighbours, np.int32)
        self._weight = np.empty(index.graph.most_neighbours)

    def of_passage(self, row: int) -> list[Edge]:
        return [
            Edge(node // 2, EdgeKind.MENTION if node % 2 else EdgeKind.CONTIGUITY, weight)
            for node, weight in self._of(2 * row)
        ]

    def of_entity(self, row: int) -> list[Edge]:
        facts = self._joined_by_facts(row)
        edges = []
        for node, weight in self._of(2 * row + 1):
            joined = EdgeKind.FACT if node // 2 in facts else EdgeKind.SYNONYM
            edges.append(Edge(node // 2, joined if node % 2 else EdgeKind.MENTION, weight))
        return edges

    def _of(self, node: int) -> list[tuple[int, float]]:
        found = neighbours(self._view, self._weights, node, self._node, self._weight)
        return list(zip(map(int, self._node[:found]), map(float, self._weight[:found]), strict=True))

    def _joined_by_facts(self, entity: int) -> set[int]:
        facts = self._index.graph.facts
        return {end for row in facts.of_entity(entity, len(facts)) for end in facts.entities(row)}


def passages_of(index: Index, entity: int) -> list[int]:
    """Rows of the living passages that name an entity, oldest first; also of a hub, where no walk leads."""
    return [int(row) for row in index.graph.passages_naming(entity) if index.graph.alive.view[row]]
