"""The graphs of HippoRAG 1 (phrases) and 2 (phrases and passages), and exact Personalized PageRank over them."""

from collections.abc import Mapping, Sequence

import igraph
import numpy as np
from numpy.typing import NDArray

from bench.hipporag.knowledge import Knowledge, Pair
from retrieval.types import FloatVector

Floats = NDArray[np.float64]

SYNONYM_FROM = 0.8  # least cosine of synonyms
MOST_SYNONYMS = 101  # of one phrase
SHORTEST_SOURCE = 3  # letters and digits of a phrase that synonyms are looked for
DAMPING = 0.5  # share of a node's mass that walks on
CONTEXT_WEIGHT = 1.0  # of the edge between a passage and a phrase in it
BLOCK = 1024  # phrases compared with all others at a time


def synonyms(phrases: Sequence[str], vectors: FloatVector) -> dict[Pair, float]:
    """The nearest phrases of each, from cosine `SYNONYM_FROM` up; `vectors` are float32[phrases, d] of length 1.

    A pair is there in both orders only if each has the other among its nearest.
    """
    is_source = np.array([sum(letter.isalnum() for letter in phrase) >= SHORTEST_SOURCE for phrase in phrases], bool)
    is_target = np.array([phrase != "" for phrase in phrases], bool)
    found: dict[Pair, float] = {}
    for start in range(0, len(phrases), BLOCK):
        cosines = vectors[start : start + BLOCK] @ vectors.T
        near = (cosines >= SYNONYM_FROM) & is_target & is_source[start : start + BLOCK, None]
        for at in np.flatnonzero(near.sum(axis=1) > 1):
            row = start + int(at)
            others = np.flatnonzero(near[at])
            others = others[others != row]
            best = others[np.argsort(-cosines[at, others], kind="stable")][:MOST_SYNONYMS]
            found.update({(row, int(other)): float(cosines[at, other]) for other in best})
    return found


def edges(relations: Mapping[Pair, float], similar: Mapping[Pair, float]) -> dict[Pair, float]:
    """Undirected weights, smaller row first. Both orders of a pair add up; a synonym displaces a relation in its order.

    The authors keep the two orders as parallel edges, which is the same to the walk.
    """
    merged: dict[Pair, float] = {}
    for (left, right), weight in ({**relations, **similar}).items():
        if left != right:
            pair = (min(left, right), max(left, right))
            merged[pair] = merged.get(pair, 0.0) + weight
    return merged


def with_passages(merged: Mapping[Pair, float], knowledge: Knowledge) -> dict[Pair, float]:
    """The same graph with a node for each passage, after those of the phrases, joined to all its phrases."""
    phrases = len(knowledge.phrases)
    context = {
        (int(phrase), phrases + passage): CONTEXT_WEIGHT
        for passage, rows in enumerate(knowledge.phrases_of)
        for phrase in rows
    }
    return {**merged, **context}


class Walk:
    """Exact PageRank (igraph's PRPACK) over one graph."""

    def __init__(self, nodes: int, weights: Mapping[Pair, float]) -> None:
        self._graph = igraph.Graph(nodes, list(weights))
        self._weights = list(weights.values())

    def from_seeds(self, seeds: Floats, damping: float = DAMPING) -> Floats:
        """Probability of every node, float64[nodes]; `seeds` are not negative and not all 0."""
        found = self._graph.personalized_pagerank(
            directed=False, damping=damping, reset=seeds / seeds.sum(), weights=self._weights, implementation="prpack"
        )
        return np.asarray(found, np.float64)
