"""Forward push against two exact PageRanks: igraph's PRPACK and a plain power iteration."""

import igraph
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from retrieval.adjacency import GraphParams
from retrieval.errors import EmptyReset
from retrieval.graph import Graph
from retrieval.pagerank import Walker, WalkParams, edges
from tests.unit.retrieval.worlds import documents, index_of, passage

Floats = NDArray[np.float64]
EXACT = WalkParams(epsilon=1e-12, max_edges=100_000_000)


def power_iteration(graph: Graph, params: GraphParams, reset: Floats, damping: float) -> Floats:
    """Exact, slow and obvious: x = damping * P'x + (1 - damping) * reset; a node without edges keeps its mass."""
    source, target, weight = edges(graph, params)
    nodes = len(reset)
    strength = np.bincount(source, weight, minlength=nodes)
    rank = reset.copy()
    for _ in range(400):
        flow = np.bincount(target, weight * rank[source] / strength[source], minlength=nodes).astype(np.float64)
        flow[strength == 0] += rank[strength == 0]
        rank = damping * flow + (1 - damping) * reset
    return rank


def prpack(graph: Graph, params: GraphParams, reset: Floats, damping: float) -> Floats:
    """Exact PageRank by igraph, with a loop at every node without edges."""
    source, target, weight = edges(graph, params)
    nodes = len(reset)
    lonely = np.setdiff1d(np.arange(nodes), source)
    links = np.concatenate([np.stack([source, target], 1), np.stack([lonely, lonely], 1)])
    strengths = np.concatenate([weight, np.ones(len(lonely))])
    exact = igraph.Graph(n=nodes, edges=links.tolist(), directed=True)
    rank = exact.personalized_pagerank(damping=damping, reset=reset.tolist(), weights=strengths.tolist())
    return np.array(rank)


def seeded(graph: Graph, choices: list[int]) -> Floats:
    reset = np.zeros(2 * max(graph.passages, graph.entities) + 2)
    for choice in choices:
        reset[2 * (choice % graph.passages)] += 1.0
        if graph.entities:
            reset[2 * (choice % graph.entities) + 1] += 0.5
    return np.asarray(reset / reset.sum())


def pushed(graph: Graph, params: GraphParams, reset: Floats, walk: WalkParams) -> Floats:
    seeds = np.flatnonzero(reset).astype(np.int32)
    visited = Walker().walk(graph, seeds, reset[seeds], walk, params)
    rank = np.zeros_like(reset)
    rank[visited.nodes] = visited.mass
    return rank


@settings(max_examples=60, deadline=None)
@given(documents(), st.lists(st.integers(0, 100), min_size=1, max_size=4), st.sampled_from([0.3, 0.5, 0.85]))
def test_push_agrees_with_both_exact_methods(made, choices, damping) -> None:  # type: ignore[no-untyped-def]
    graph, params = index_of(made).graph, GraphParams(hub_floor=1000)
    reset = seeded(graph, choices)
    rank = pushed(graph, params, reset, WalkParams(damping, 1e-12, 100_000_000))
    np.testing.assert_allclose(rank, power_iteration(graph, params, reset, damping), atol=1e-8)
    np.testing.assert_allclose(rank, prpack(graph, params, reset, damping), atol=1e-8)


@settings(max_examples=40, deadline=None)
@given(documents(), st.lists(st.integers(0, 100), min_size=1, max_size=4), st.sampled_from([1e-2, 1e-3, 1e-4]))
def test_an_early_stop_only_ever_underestimates(made, choices, epsilon) -> None:  # type: ignore[no-untyped-def]
    graph, params = index_of(made).graph, GraphParams()
    reset = seeded(graph, choices)
    rough = pushed(graph, params, reset, WalkParams(epsilon=epsilon))
    exact = power_iteration(graph, params, reset, 0.85)
    assert (rough <= exact + 1e-12).all()
    source, _, _ = edges(graph, params)
    degree = np.bincount(source, minlength=len(reset))
    assert (exact - rough).sum() <= epsilon * (degree + 6).sum() / (1 - 0.85)


@settings(max_examples=40, deadline=None)
@given(documents(), st.integers(0, 100))
def test_edges_are_the_same_from_both_ends(made, choice) -> None:  # type: ignore[no-untyped-def]
    index = index_of(made)
    index.remove(made[choice % len(made)][0].document_id)
    source, target, weight = edges(index.graph, GraphParams())
    there: dict[tuple[int, int], float] = {}
    for one, other, value in zip(source.tolist(), target.tolist(), weight.tolist(), strict=True):
        there[one, other] = there.get((one, other), 0.0) + value
    for (one, other), value in there.items():
        assert there[other, one] == pytest.approx(value)


def test_a_hub_is_no_bridge() -> None:
    made = [[passage(number, number, 0, [(0, 1), (1 + number // 2, 1)], ["river"])] for number in range(8)]
    graph = index_of(made).graph
    reset = np.zeros(2 * 10)
    reset[0] = 1.0
    through = pushed(graph, GraphParams(hub_share=1.0), reset, EXACT)
    around = pushed(graph, GraphParams(hub_share=0.5, hub_floor=2), reset, EXACT)
    assert (through[0:16:2] > 0).all()
    assert np.flatnonzero(around[0:16:2]).tolist() == [0, 1]


def test_no_seed_mass_is_an_error() -> None:
    graph = index_of([[passage(0, 0, 0, [(0, 1)], ["river"])]]).graph
    with pytest.raises(EmptyReset):
        Walker().walk(graph, np.array([0], np.int32), np.array([0.0]), WalkParams(), GraphParams())
