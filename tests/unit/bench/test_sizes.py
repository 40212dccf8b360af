"""What is made up can be searched, and what measures speed and size measures something."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench import made_index, namespaces, push
from bench.__main__ import main
from bench.errors import BenchError
from bench.made_index import Space
from bench.synthetic import World, WorldParams
from bench.walkers import ExactWalker, PatientWalker
from retrieval.adjacency import GraphParams
from retrieval.index import Index
from retrieval.pagerank import Visited, WalkParams
from retrieval.search import Question, SearchParams, search


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Index:
    info = made_index.write(tmp_path_factory.mktemp("made") / "some.segment", WorldParams(600))
    return Index.open(info.path, info.sha256)


def test_a_made_segment_is_an_index_like_any_other(made: Index, tmp_path: Path) -> None:
    world = World(WorldParams(600))
    name = world.names[3]
    vector = Space(0).draw(np.random.default_rng(1), 1)[0]
    found = search(made, Question(f"What did {name} do?", vector), SearchParams(), None, 5, explain=True)
    assert len(found.hits) == 5
    assert any(seed.label == name for seed in found.seeds)
    folded = Index.open(made.fold(tmp_path / "folded.segment").path)
    again = search(folded, Question(f"What did {name} do?", vector), SearchParams(), None, 5)
    assert [hit.id for hit in again.hits] == [hit.id for hit in found.hits]


def test_a_made_graph_is_the_same_seen_from_passages_and_from_entities(made: Index) -> None:
    view = made.graph.view()
    forth = {(p, int(e)) for p in range(made.rows) for e in made.graph.mentions_of(p)[0]}
    back = {
        (int(passage), entity)
        for entity in range(made.graph.entities)
        for passage in view.entity_passage[view.entity_ptr[entity] : view.entity_ptr[entity + 1]]
    }
    assert forth == back


def test_a_patient_walk_comes_to_what_the_exact_one_says(made: Index) -> None:
    seeds, mass = np.array([0, 7, 20], np.int32), np.array([1.0, 2.0, 1.0])
    exact = ExactWalker(made, GraphParams()).walk(made.graph, seeds, mass, WalkParams(), GraphParams())
    near = PatientWalker(1e-10).walk(made.graph, seeds, mass, WalkParams(max_edges=10**9), GraphParams())
    assert np.abs(_all(exact, made) - _all(near, made)).max() < 1e-6


def _all(visited: Visited, index: Index) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    shares = np.zeros(2 * max(index.rows, index.graph.entities) + 2)
    shares[visited.nodes] = visited.mass
    return shares


def test_push_is_measured_with_and_without_hubs(tmp_path: Path) -> None:
    found = push.measure(push.PushParams(400, questions=5, exact=2), tmp_path)
    left_out, joined = found["hubs_left_out"], found["hubs_joined"]
    assert isinstance(left_out, dict)
    assert isinstance(joined, dict)
    assert joined["edges"] > left_out["edges"]  # type: ignore[operator]
    assert set(left_out["by_epsilon"]) == {f"{epsilon:g}" for epsilon in push.EPSILONS}  # type: ignore[arg-type]


def test_small_memories_are_asked_when_they_are_not_open(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    options = ["--namespaces", "6", "--cache-mb", "1", "--questions", "60", "--json", str(out)]
    assert main(["scale", "--passages", "70", *options]) == 0
    found = json.loads(out.read_text())
    assert found["answers_that_changed"] == 0
    assert found["most_open"] < 6
    assert found["cold_recall_ms"]["p50"] > 0


def test_a_cache_that_holds_everything_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="no recall was cold"):
        namespaces.measure(namespaces.NamespacesParams(2, 20, recalls=30), tmp_path)


@pytest.mark.slow
def test_a_large_index_is_measured(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    options = ["--index-only", "--passages", "21000", "--questions", "5", "--writes", "5", "--delta", "50"]
    assert main(["scale", *options, "--json", str(out)]) == 0
    found = json.loads(out.read_text())
    assert found["agreement_with_exact"]["fused_top_10"] >= 0.99
    assert found["top_10_overlap_across_the_fold"] >= 0.99


@pytest.mark.slow
def test_the_server_answers_many_clients(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert main(["load", "--passages", "100", "--clients", "8", "--seconds", "4", "--json", str(out)]) == 0
    found = json.loads(out.read_text())
    assert found["errors"] == 0
    assert found["requests"] > 10
