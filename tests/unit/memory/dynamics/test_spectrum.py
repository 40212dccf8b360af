"""Algebraic connectivity against closed forms, all eigenvalues, and the laws of Laplacians."""

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.dynamics import spectrum
from memory.dynamics.checks import Floats
from memory.dynamics.spectrum import COMPAT, RECOMMENDED, Edges, SpectrumParams, connectivity, from_matrix, health
from memory.errors import EigenvalueNotFound, ParamsInvalid

both = pytest.mark.parametrize("params", [COMPAT, RECOMMENDED], ids=["plain", "normalised"])


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def graph(nodes: int, *pairs: tuple[int, int], weight: float = 1.0) -> Edges:
    source, target = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return Edges(nodes, source, target, np.full(len(pairs), weight))


def complete_graph(nodes: int, weight: float = 1.0) -> Edges:
    return graph(nodes, *((i, j) for i in range(nodes) for j in range(i)), weight=weight)


@st.composite
def graphs(draw: st.DrawFn) -> Edges:
    nodes = draw(st.integers(2, 8))
    ends = st.integers(0, nodes - 1)
    pairs = draw(st.lists(st.tuples(ends, ends), max_size=16))
    weights = draw(st.lists(st.floats(0.05, 5), min_size=len(pairs), max_size=len(pairs)))
    edges = graph(nodes, *pairs)
    return Edges(nodes, edges.source, edges.target, np.array(weights, dtype=np.float64))


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        (complete_graph(3), 3),
        (graph(3, (0, 1), (1, 2)), 1),
        (graph(4, (0, 1), (1, 2), (2, 3)), 0.585786438),
        (graph(4, (0, 1), (1, 2), (2, 3), (3, 0)), 2),
        (complete_graph(4, 0.5), 2),
        (graph(4, (0, 1), (2, 3)), 0),
        (Edges(3, np.array([0, 1]), np.array([1, 2]), np.array([0.5, 0.01])), 0.0149242482),
    ],
)
def test_it_gives_the_published_connectivities(edges: Edges, expected: float) -> None:
    assert connectivity(edges, rng(), COMPAT) == pytest.approx(expected, abs=1e-9)


@given(st.integers(2, 9), st.floats(0.1, 5))
def test_a_complete_graph_has_its_closed_form(nodes: int, weight: float) -> None:
    assert connectivity(complete_graph(nodes, weight), rng(), COMPAT) == pytest.approx(nodes * weight, abs=1e-6)
    normalised = connectivity(complete_graph(nodes, weight), rng(), RECOMMENDED)
    assert normalised == pytest.approx(nodes / (nodes - 1), abs=1e-6)


@both
@settings(max_examples=60)
@given(edges=graphs())
def test_laplacians_have_no_negative_eigenvalue_and_the_plain_one_sums_to_zero(
    params: SpectrumParams, edges: Edges
) -> None:
    found = spectrum.laplacian(spectrum.adjacency(edges), params)
    assert np.linalg.eigvalsh(found).min() >= -1e-9
    if not params.is_normalised:
        assert np.abs(found.sum(axis=1)).max() < 1e-9


@both
@settings(max_examples=60)
@given(edges=graphs())
def test_zero_means_in_pieces(params: SpectrumParams, edges: Edges) -> None:
    known = networkx.Graph()
    known.add_nodes_from(range(edges.nodes))
    known.add_edges_from(zip(edges.source.tolist(), edges.target.tolist(), strict=True))
    assert (connectivity(edges, rng(), params) == 0) == (not networkx.is_connected(known))


@settings(max_examples=60)
@given(graphs(), st.floats(0.1, 3))
def test_another_edge_never_lowers_the_plain_connectivity(edges: Edges, weight: float) -> None:
    more = Edges(
        edges.nodes,
        np.append(edges.source, 0),
        np.append(edges.target, edges.nodes - 1),
        np.append(edges.weight, weight),
    )
    assert connectivity(more, rng(), COMPAT) >= connectivity(edges, rng(), COMPAT) - 1e-9


@both
@settings(max_examples=40)
@given(edges=graphs(), shuffler=st.randoms(use_true_random=False))
def test_names_of_nodes_make_no_difference(params: SpectrumParams, edges: Edges, shuffler: np.random.Generator) -> None:
    order = list(range(edges.nodes))
    shuffler.shuffle(order)
    names = np.array(order)
    renamed = Edges(edges.nodes, names[edges.source], names[edges.target], edges.weight)
    assert connectivity(renamed, rng(), params) == pytest.approx(connectivity(edges, rng(), params), abs=1e-8)


@given(graphs(), st.floats(0.1, 10))
def test_the_scale_of_the_weights_matters_to_the_plain_one_only(edges: Edges, scale: float) -> None:
    scaled = Edges(edges.nodes, edges.source, edges.target, edges.weight * scale)
    plain, normalised = connectivity(edges, rng(), COMPAT), connectivity(edges, rng(), RECOMMENDED)
    assert connectivity(scaled, rng(), COMPAT) == pytest.approx(scale * plain, abs=1e-7)
    assert connectivity(scaled, rng(), RECOMMENDED) == pytest.approx(normalised, abs=1e-7)


@both
def test_the_search_in_large_graphs_agrees_with_all_eigenvalues(
    params: SpectrumParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = np.random.default_rng(9)
    nodes = 400
    ring = np.stack([np.arange(nodes), (np.arange(nodes) + 1) % nodes])
    chords = chance.integers(0, nodes, (2, 300))
    source, target = np.concatenate([ring, chords], axis=1)
    edges = Edges(nodes, source, target, chance.uniform(0.1, 2, len(source)))
    expected = connectivity(edges, rng(), params)
    monkeypatch.setattr(spectrum, "DENSE_UP_TO", 10)
    assert connectivity(edges, rng(), params) == pytest.approx(expected, abs=1e-6)


def test_a_search_that_does_not_end_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spectrum, "DENSE_UP_TO", 2)
    with pytest.raises(EigenvalueNotFound):
        connectivity(graph(60, *((i, i + 1) for i in range(59))), rng(), SpectrumParams(iterations=2))


@both
def test_a_large_ring_is_searched_in_reasonable_steps(params: SpectrumParams) -> None:
    nodes = 3000
    ring = graph(nodes, *((i, (i + 1) % nodes) for i in range(0, nodes)), *((i, (i + 7) % nodes) for i in range(nodes)))
    angle = 2 * np.pi / nodes
    exact = 4 - 2 * np.cos(angle) - 2 * np.cos(7 * angle)
    scale = 4 if params.is_normalised else 1
    assert connectivity(ring, rng(), params) == pytest.approx(exact / scale, abs=1e-6)


def test_a_graph_of_one_node_or_none_has_no_connectivity() -> None:
    assert connectivity(graph(0), rng()) == connectivity(graph(1), rng()) == connectivity(graph(2), rng()) == 0


def test_a_report_calls_for_rolling_back_what_broke_the_graph() -> None:
    ring = graph(4, (0, 1), (1, 2), (2, 3), (3, 0))
    whole = health(ring, 0.0, rng())
    assert (whole.edges, whole.is_fragmented, whole.is_successful, whole.should_roll_back) == (4, False, True, False)
    broken = health(graph(4, (0, 1), (2, 3)), whole.connectivity, rng())
    assert (broken.is_fragmented, broken.is_successful, broken.should_roll_back) == (True, False, True)
    path = health(graph(4, (0, 1), (1, 2), (2, 3)), whole.connectivity, rng())
    assert (path.is_fragmented, path.should_roll_back) == (False, True)
    assert not health(graph(4, (0, 1), (2, 3)), 0.0, rng()).should_roll_back


def test_parallel_edges_add_up_and_loops_count_for_nothing() -> None:
    doubled = graph(2, (0, 1), (1, 0), (1, 1), weight=0.5)
    assert connectivity(doubled, rng(), COMPAT) == pytest.approx(2, abs=1e-9)
    assert health(doubled, 0, rng()).edges == 1


def test_an_asymmetric_matrix_is_made_symmetric() -> None:
    matrix: Floats = np.array([[9.0, 2.0], [0.0, 9.0]])
    assert connectivity(from_matrix(matrix), rng(), COMPAT) == pytest.approx(2, abs=1e-9)
    with pytest.raises(ParamsInvalid):
        from_matrix(np.ones((2, 3)))


def test_bad_edges_are_refused_with_all_that_is_wrong() -> None:
    with pytest.raises(ParamsInvalid) as raised:
        connectivity(Edges(2, np.array([0]), np.array([5]), np.array([np.nan])), rng())
    assert {problem.field for problem in raised.value.problems} == {"source, target", "weight"}
    with pytest.raises(ParamsInvalid) as raised:
        SpectrumParams(fragmented_below=-1, worst_fall=2, iterations=0)
    assert len(raised.value.problems) == 3
