"""Walkers that take the place of an index's own, to measure it: one that remembers, one more patient, one exact."""

from dataclasses import replace
from time import thread_time

import igraph
import numpy as np
from numpy.typing import NDArray

from retrieval.adjacency import GraphParams
from retrieval.graph import Graph
from retrieval.index import Index
from retrieval.pagerank import Visited, Walker, WalkParams, edges

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


class RecordingWalker(Walker):
    """Remembers where walks began: the nodes of each reset distribution, and the mass on them."""

    def __init__(self) -> None:
        super().__init__()
        self.resets: list[tuple[Ints, Floats]] = []

    def walk(self, graph: Graph, seeds: Ints, mass: Floats, params: WalkParams, weights: GraphParams) -> Visited:
        self.resets.append((seeds, mass))
        return super().walk(graph, seeds, mass, params, weights)


class PatientWalker(Walker):
    """Walks to an epsilon of its own, whatever the search says; all else in an answer stays as it is."""

    def __init__(self, epsilon: float) -> None:
        super().__init__()
        self._epsilon = epsilon

    def walk(self, graph: Graph, seeds: Ints, mass: Floats, params: WalkParams, weights: GraphParams) -> Visited:
        return super().walk(graph, seeds, mass, replace(params, epsilon=self._epsilon), weights)


class ExactWalker(Walker):
    """Walks with PRPACK (igraph) instead, on the graph as it was when this was made."""

    def __init__(self, index: Index, params: GraphParams) -> None:
        super().__init__()
        sources, targets, weights = edges(index.graph, params)
        self.edges = len(sources)
        self._nodes = 2 * max(index.graph.passages, index.graph.entities) + 2
        lonely = np.setdiff1d(np.arange(self._nodes, dtype=np.int32), sources)  # a loop there keeps what they have
        pairs = np.column_stack([np.concatenate([sources, lonely]), np.concatenate([targets, lonely])])
        self._graph = igraph.Graph(n=self._nodes, edges=pairs, directed=True)
        self._weights = [*weights.tolist(), *([1.0] * len(lonely))]
        self.seconds: list[float] = []  # of the processor, for each walk

    def walk(
        self,
        graph: Graph,  # noqa: ARG002 - it is known already
        seeds: Ints,
        mass: Floats,
        params: WalkParams,
        weights: GraphParams,  # noqa: ARG002
    ) -> Visited:
        reset = np.zeros(self._nodes)
        reset[seeds] = mass
        began = thread_time()
        found = self._graph.personalized_pagerank(
            damping=params.damping, reset=reset.tolist(), weights=self._weights, implementation="prpack"
        )
        self.seconds.append(thread_time() - began)
        shares = np.array(found)
        nodes = np.flatnonzero(shares > 0).astype(np.int32)
        return Visited(nodes, shares[nodes])
