"""Communities of the graph for an overview, by the Leiden algorithm (Traag et al., Scientific Reports 9, 2019)."""

import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.adjacency import GraphParams
from retrieval.index import Index
from retrieval.maps.entities import Entity, entity_of
from retrieval.pagerank import edges
from retrieval.types import PassageId

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

SEED = 1  # the same graph gives the same communities
ROUNDS = 3  # of refinement
SHOWN = 10  # entities and passages of each


@dataclass(frozen=True, slots=True)
class Community:
    """Entities and passages that are joined more closely than by chance; those shown are its most connected ones."""

    entities: int
    passages: int
    central: tuple[Entity, ...]
    examples: tuple[PassageId, ...]


@dataclass(frozen=True, slots=True)
class Communities:
    """The largest first. `modularity` is near 0 where there is no structure, and at most 1."""

    items: tuple[Community, ...]
    total: int
    modularity: float


def communities(index: Index, params: GraphParams, limit: int) -> Communities:
    """Of the whole graph: takes as long as it is large. Nodes that nothing joins are in none."""
    source, target, weight = edges(index.graph, params)
    once = source < target
    nodes, ends = np.unique(np.concatenate([source[once], target[once]]), return_inverse=True)
    if not len(nodes):
        return Communities((), 0, 0.0)
    pairs = ends.reshape(2, -1).T
    import igraph  # noqa: PLC0415 - 35 MB that most processes never need

    graph = igraph.Graph(n=len(nodes), edges=pairs)
    igraph.set_random_number_generator(random.Random(SEED))  # noqa: S311 - nothing secret
    found = graph.community_leiden("modularity", weights=weight[once], n_iterations=ROUNDS)
    strength = np.bincount(pairs.reshape(-1), np.repeat(weight[once], 2), minlength=len(nodes))
    members = sorted((np.array(one) for one in found), key=lambda one: (-len(one), int(one[0])))
    items = [_community(index, nodes[one], strength[one]) for one in members[:limit]]
    return Communities(tuple(items), len(members), float(found.modularity))


def _community(index: Index, nodes: Ints, strength: Floats) -> Community:
    order = np.lexsort((nodes, -np.round(strength, 9)))
    ranked = nodes[order]
    entities, passages = ranked[ranked % 2 == 1] // 2, ranked[ranked % 2 == 0] // 2
    return Community(
        len(entities),
        len(passages),
        tuple(entity_of(index, int(row)) for row in entities[:SHOWN]),
        tuple(index.passage_id(int(row)) for row in passages[:SHOWN]),
    )
