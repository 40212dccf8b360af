"""What a passage leads to without a question: a walk from it alone, and the names by which it gets elsewhere."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.explain import PathStep, Walk, paths_to
from retrieval.index import Index
from retrieval.search import SearchParams
from retrieval.seeds import Seeds
from retrieval.types import PassageId

Ints = NDArray[np.int32]

LOOKED_AT = 40  # passages with the most activation; some are reached over others, such as what was said in between


@dataclass(frozen=True, slots=True)
class Reached:
    """A passage that the walk came to. Only names lie between the two: `path` is passage, one name or more, passage."""

    id: PassageId
    activation: float  # the share of walks that end there, 0 to 1
    path: tuple[PathStep, ...]


def spread(index: Index, row: int, least: float, most: int, params: SearchParams) -> list[Reached]:
    """The `most` passages with the largest activation, of at least `least`, that names connect with a living passage.

    Spreading activation (Collins & Loftus 1975, Psych. Review 82) as a Personalized PageRank from one node, by the
    push of pagerank.py.
    """
    start: Ints = np.array([2 * row], np.int32)
    mass = np.ones(1)
    visited = index.walker.walk(index.graph, start, mass, params.walk, params.graph)
    is_other = (visited.nodes % 2 == 0) & (visited.nodes != 2 * row) & (visited.mass >= least)
    rows, reached = visited.nodes[is_other] // 2, visited.mass[is_other]
    found: list[Reached] = []
    nearest = np.lexsort((rows, -np.round(reached, 9)))[:LOOKED_AT]
    walk = Walk(Seeds(start, mass), visited, params.graph, params.walk.damping)
    for place, whole in zip(nearest, paths_to(index, rows[nearest].tolist(), walk), strict=True):
        path = whole[1:]
        if len(path) > 2 and all(step.node == "entity" for step in path[1:-1]):
            found.append(Reached(index.passage_id(int(rows[place])), float(reached[place]), path))
        if len(found) == most:
            break
    return found
