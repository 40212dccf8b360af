"""Why a passage was found: its scores by arm, and the path that brought it most of its PageRank."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from retrieval.adjacency import GraphParams, neighbours
from retrieval.fusion import Features
from retrieval.index import Index
from retrieval.pagerank import Visited
from retrieval.seeds import Seeds

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

LONGEST_PATH = 6  # nodes


@dataclass(frozen=True, slots=True)
class ArmScore:
    score: float
    rank: int  # among the candidates, 1 is best


@dataclass(frozen=True, slots=True)
class PathStep:
    """A node on the way from the question to the passage, and the edge that leads to it."""

    node: str  # question, entity or passage
    id: str  # of a passage; empty otherwise
    label: str  # the entity's name; empty otherwise
    edge: str  # how it was reached: seed, mention, contiguity, synonym or fact; empty for the question
    weight: float  # of that edge; for a seed its share of the reset distribution


def arm_scores(features: Features, mass: Floats, place: int) -> Mapping[str, ArmScore]:
    """Score and rank of one candidate in every arm."""
    arms = {
        "dense": features.dense,
        "sentence": features.sentence,
        "bm25": features.bm25,
        "window": features.window,
        "graph": mass,
    }
    return {
        name: ArmScore(float(values[place]), 1 + int(np.count_nonzero(values > values[place])))
        for name, values in arms.items()
    }


@dataclass(frozen=True, slots=True)
class Walk:
    """How one walk went: where it began, and what it left where."""

    seeds: Seeds
    visited: Visited
    graph: GraphParams
    damping: float


def paths_to(index: Index, rows: Iterable[int], walk: Walk) -> Iterator[tuple[PathStep, ...]]:
    """For each of these passages, as it is asked for, the chain of largest inflows from a seed to it, walked back.

    From a node, the walk goes back to the neighbour that sent it most, until the node's own seed is worth more than
    that. Where this comes to no seed, as among nodes that send each other most, it is the shortest chain from one.
    """
    total = float(walk.seeds.mass.sum())
    reset = _by_node(walk.seeds.nodes, walk.seeds.mass / total)
    mass, around = _by_node(walk.visited.nodes, walk.visited.mass), _Around(index, walk.graph)
    return (_path_to(index, row, reset, mass, around, walk.damping) for row in rows)


def _by_node(nodes: Ints, mass: Floats) -> dict[int, float]:
    return dict(zip(map(int, nodes), map(float, mass), strict=True))


def _path_to(
    index: Index, row: int, reset: Mapping[int, float], mass: Mapping[int, float], around: "_Around", damping: float
) -> tuple[PathStep, ...]:
    """Empty if no seed is within `LONGEST_PATH` nodes."""
    chain = _strongest(2 * row, reset, mass, around, damping)
    if chain[-1] not in reset:  # it went round, or on and on
        chain = _shortest(2 * row, reset, mass, around)
    if not chain:
        return ()
    steps = [_step(index, node, came, around.of(node)[came]) for node, came in pairwise(chain)]
    steps.append(_step(index, chain[-1], None, reset[chain[-1]]))
    return (PathStep("question", "", "", "", 1.0), *reversed(steps))


def _strongest(
    node: int, reset: Mapping[int, float], mass: Mapping[int, float], around: "_Around", damping: float
) -> list[int]:
    """From this node back to where the largest inflows come from."""
    chain = [node]
    while len(chain) < LONGEST_PATH:
        inflow = {
            other: damping * mass.get(other, 0.0) * weight / around.strength(other)
            for other, weight in around.of(chain[-1]).items()
            if other not in chain
        }
        best = max(inflow, key=lambda other: inflow[other], default=None)
        own = (1.0 - damping) * reset.get(chain[-1], 0.0)
        if best is None or own >= inflow[best]:
            break
        chain.append(best)
    return chain


def _shortest(node: int, reset: Mapping[int, float], mass: Mapping[int, float], around: "_Around") -> list[int]:
    """From this node back to the nearest seed, over what the walk came to; empty if none is near."""
    chains = [[node]]
    seen = {node}
    for _ in range(LONGEST_PATH - 1):
        longer: list[list[int]] = []
        for chain in chains:
            for other in sorted(around.of(chain[-1]), key=lambda one: (-mass.get(one, 0.0), one)):
                if other in reset:
                    return [*chain, other]
                if other in mass and other not in seen:
                    seen.add(other)
                    longer.append([*chain, other])
        chains = longer
    return []


def _step(index: Index, node: int, came_from: int | None, weight: float) -> PathStep:
    row = node // 2
    if came_from is None:
        edge = "seed"
    elif node % 2 == came_from % 2:
        edge = _between_entities(index, row, came_from // 2) if node % 2 else "contiguity"
    else:
        edge = "mention"
    if node % 2:
        return PathStep("entity", "", index.graph.displays[row], edge, weight)
    return PathStep("passage", index.passage_id(row), "", edge, weight)


def _between_entities(index: Index, entity: int, other: int) -> str:
    facts = index.graph.facts
    joined = any(other in facts.entities(row) for row in facts.of_entity(entity, len(facts)))
    return "fact" if joined else "synonym"


class _Around:
    """Neighbours and strengths (sums of edge weights) of nodes, looked up once each."""

    def __init__(self, index: Index, params: GraphParams) -> None:
        self._view, self._weights = index.graph.view(), index.graph.weights(params)
        size = index.graph.most_neighbours
        self._node, self._weight = np.empty(size, np.int32), np.empty(size)
        self._found: dict[int, dict[int, float]] = {}

    def of(self, node: int) -> dict[int, float]:
        if node not in self._found:
            count = neighbours(self._view, self._weights, node, self._node, self._weight)
            pairs = zip(map(int, self._node[:count]), map(float, self._weight[:count]), strict=True)
            found: dict[int, float] = {}
            for other, weight in pairs:
                found[other] = found.get(other, 0.0) + weight
            self._found[node] = found
        return self._found[node]

    def strength(self, node: int) -> float:
        return sum(self.of(node).values())
