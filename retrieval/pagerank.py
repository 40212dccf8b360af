"""Personalized PageRank by forward push: only the neighbourhood of the seeds is touched.

The push of Andersen, Chung & Lang (FOCS 2006, section 2), in rounds: every node whose residual is at least epsilon *
(1 + degree)
is pushed with the residual it had when the round began. Rounds make the result independent of how nodes are numbered,
so that
a rebuilt index answers as the grown one did. `damping` is the chance of following an edge; the walk restarts with
chance
1 - damping. A node without edges keeps its mass.

What is not pushed is the error: for every node, 0 <= exact - estimate, and the sum of all errors is the sum of the
residuals.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.adjacency import Floats, GraphParams, Ints, View, Weights, neighbours
from retrieval.compiling import compiled
from retrieval.errors import EmptyReset
from retrieval.graph import Graph


@dataclass(frozen=True, slots=True)
class WalkParams:
    damping: float = 0.85  # chance of following an edge
    epsilon: float = 3e-5  # residual per edge that is left where it is; the reset distribution sums to 1
    floor: float = 3e-5  # mass that every passage is taken to have besides: below it, an early stop would decide
    max_edges: int = 3_000_000  # the walk stops after this many edges, whatever is left


@dataclass(frozen=True, slots=True)
class Visited:
    """Estimated PageRank (shares of 1) of the nodes that the walk reached."""

    nodes: Ints
    mass: Floats


@compiled
def _degree(view: View, node: int) -> int:
    row = node // 2
    if node % 2 == 1:
        return int(view.df[row])
    if row < view.base_passages:
        return int(view.passage_ptr[row + 1] - view.passage_ptr[row]) + 4
    row -= view.base_passages
    return int(view.later_ptr[row + 1] - view.later_ptr[row]) + 4


@compiled
def _push(  # noqa: C901, PLR0917 - a compiled loop takes arrays, not objects
    view: View, weights: Weights, damping: float, epsilon: float, max_edges: int, touched: Ints, count: int,
    estimate: Floats, residual: Floats, state: NDArray[np.uint8], frontier: Ints, following: Ints, mass: Floats,
    near: Ints, near_weight: Floats,
) -> int:  # fmt: skip
    """Pushes until no residual is large; `touched[:count]` are the seeds. Returns how many nodes were touched.

    `state`: bit 1 = touched, bit 2 = waiting for the next round.
    """
    edges = 0
    size = 0
    for at in range(count):
        node = touched[at]
        if residual[node] >= epsilon * (1 + _degree(view, node)):
            frontier[size] = node
            size += 1
    while size > 0 and edges < max_edges:
        for at in range(size):
            node = frontier[at]
            mass[at] = residual[node]
            residual[node] = 0.0
            state[node] = 1
        waiting = 0
        for at in range(size):
            node = frontier[at]
            found = neighbours(view, weights, node, near, near_weight)
            if found == 0:
                estimate[node] += mass[at]
                continue
            total = 0.0
            for k in range(found):
                total += near_weight[k]
            estimate[node] += (1.0 - damping) * mass[at]
            share = damping * mass[at] / total
            edges += found
            for k in range(found):
                other = near[k]
                residual[other] += share * near_weight[k]
                if state[other] == 0:
                    touched[count] = other
                    count += 1
                    state[other] = 1
                if state[other] == 1 and residual[other] >= epsilon * (1 + _degree(view, other)):
                    following[waiting] = other
                    waiting += 1
                    state[other] = 3
        frontier, following = following, frontier
        size = waiting
    return count


class Workspace:
    """Scratch arrays of one walk, all zero between walks. Their pages cost memory only where a walk has been."""

    def __init__(self, nodes: int) -> None:
        self.nodes = nodes
        self.estimate = np.zeros(nodes)
        self.residual = np.zeros(nodes)
        self.state = np.zeros(nodes, np.uint8)
        self.touched = np.empty(nodes, np.int32)
        self.frontier = np.empty(nodes, np.int32)
        self.following = np.empty(nodes, np.int32)
        self.mass = np.empty(nodes)
        self.near = np.empty(nodes, np.int32)
        self.near_weight = np.empty(nodes)


class Walker:
    """Walks on one graph, several at a time, each with a workspace from a pool."""

    def __init__(self) -> None:
        self._free: list[Workspace] = []
        self._lock = threading.Lock()

    def walk(self, graph: Graph, seeds: Ints, mass: Floats, params: WalkParams, weights: GraphParams) -> Visited:
        """Estimated PageRank from the reset distribution `mass` (any positive scale) over distinct nodes `seeds`.

        Raises EmptyReset.
        """
        total = float(mass.sum())
        if not total > 0:
            raise EmptyReset
        with self._workspace(graph.most_neighbours) as space:
            count = len(seeds)
            space.touched[:count] = seeds
            space.residual[seeds] = mass / total
            space.state[seeds] = 1
            view, scale = graph.view(), graph.weights(weights)
            count = _push(
                view, scale, params.damping, params.epsilon, params.max_edges, space.touched, count, space.estimate,
                space.residual, space.state, space.frontier, space.following, space.mass, space.near,
                space.near_weight,
            )  # fmt: skip
            nodes = space.touched[:count].copy()
            # What was not pushed leaves at least its restart share where it lies.
            estimate = space.estimate[nodes] + (1.0 - params.damping) * space.residual[nodes]
            space.estimate[nodes] = 0.0
            space.residual[nodes] = 0.0
            space.state[nodes] = 0
        return Visited(nodes, estimate)

    @contextmanager
    def _workspace(self, nodes: int) -> Iterator[Workspace]:
        with self._lock:
            space = self._free.pop() if self._free else None
        if space is None or space.nodes < nodes:
            space = Workspace(nodes + nodes // 4)
        yield space  # after an error the workspace is dropped, not reused: it may not be clean
        with self._lock:
            self._free.append(space)


def edges(graph: Graph, params: GraphParams) -> tuple[Ints, Ints, Floats]:
    """Every directed edge (source node, target node, weight): what the walk walks on, for exact methods and for
    export.
    """
    view, weights = graph.view(), graph.weights(params)
    size = graph.most_neighbours
    near, near_weight = np.empty(size, np.int32), np.empty(size)
    sources, targets, values = [], [], []
    for node in [*range(0, 2 * graph.passages, 2), *range(1, 2 * graph.entities, 2)]:
        if node % 2 == 0 and not view.alive[node // 2]:
            continue
        found = neighbours(view, weights, node, near, near_weight)
        sources.append(np.full(found, node, np.int32))
        targets.append(near[:found].copy())
        values.append(near_weight[:found].copy())
    empty = np.zeros(0, np.int32)
    return np.concatenate([empty, *sources]), np.concatenate([empty, *targets]), np.concatenate([np.zeros(0), *values])
