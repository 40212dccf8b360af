"""Entities, facts, neighbourhoods and communities over HTTP; and what needs an LLM says so where there is none."""

import json
from io import BytesIO
from pathlib import Path

import httpx2
import networkx
import pytest

from app.settings import Settings
from memory.types import JsonValue
from tests.api.checks import add, fields, problem
from tests.api.conftest import Service, free_port

TEXTS = [
    "Mira Lund painted the bridge in Ghent.",
    "Mira Lund was taught by Tom Arken.",
    "Tom Arken was born in Porto.",
    "The ferry to Lake Orta is called Heron.",
    "Heron sank in Lake Orta.",
]


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> Settings:
    return Settings(database_url=sqlite_url, data_dir=tmp_path / "data", port=free_port(), embedder="hashing")


@pytest.fixture
def client(service: Service) -> httpx2.Client:
    for text in TEXTS:
        add(service.client, text)
    return service.client


def names(answer: httpx2.Response) -> list[str]:
    return [item["name"] for item in answer.json()["items"]]


def test_entities_come_in_pages_the_most_often_named_first(client: httpx2.Client) -> None:
    whole = client.get("/v1/entities").json()["items"]
    counts = [item["passages"] for item in whole]
    assert counts == sorted(counts, reverse=True)
    assert {"Mira Lund", "Tom Arken", "Ghent", "Porto", "Lake Orta"} <= {item["name"] for item in whole}
    paged, cursor = [], None
    while True:
        page = client.get("/v1/entities", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        paged += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert paged == whole


def test_entities_are_found_by_a_part_of_their_name(client: httpx2.Client) -> None:
    assert names(client.get("/v1/entities", params={"query": "ÅRKEN"})) == ["Tom Arken"]
    assert names(client.get("/v1/entities", params={"query": "nobody"})) == []
    problem(client.get("/v1/entities", params={"cursor": "bad"}), 422, "invalid_input")


def test_an_entity_has_passages_and_neighbours(client: httpx2.Client) -> None:
    body = client.get("/v1/entities/MIRA lund").json()
    assert body["entity"] == {"id": "mira lund", "name": "Mira Lund", "kind": "name", "passages": 2}
    assert [one["text"] for one in body["passages"]] == TEXTS[:2]
    edges = {one["entity"]["name"]: one["edge"] for one in body["neighbours"]}
    assert (edges["Tom Arken"], edges["Ghent"]) == ("mention", "mention")
    problem(client.get("/v1/entities/nobody"), 404, "not_found")


def test_names_of_one_entity_are_merged_and_told_apart(client: httpx2.Client) -> None:
    add(client, "M. Lund moved to Tartu.")
    before = client.get("/v1/entities").json()
    body = client.post("/v1/entities/M. Lund/merge", json={"into": "MIRA lund"}).json()
    assert body["entity"] == {"id": "mira lund", "name": "Mira Lund", "kind": "name", "passages": 3}
    assert [(one["name"], one["into"]) for one in body["merged"]] == [("m lund", "mira lund")]
    assert client.get("/v1/entities/m lund").json() == body
    recalled = client.post("/v1/recall", json={"query": "Where did M. Lund move?", "top_k": 1}).json()["results"]
    assert recalled[0]["text"] == "M. Lund moved to Tartu."
    wrong = client.post("/v1/entities/Mira Lund/unmerge", json={"name": "Ghent"})
    problem(wrong, 422, "invalid_input")
    assert fields(wrong) == {"name"}
    answer = client.post("/v1/entities/Mira Lund/unmerge", json={"name": "M. Lund"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get("/v1/entities").json() == before
    problem(client.post("/v1/entities/Mira Lund/unmerge", json={"name": "M. Lund"}), 404, "not_found")
    problem(client.post("/v1/entities/nobody/merge", json={"into": "Mira Lund"}), 404, "not_found")
    nowhere = client.post("/v1/entities/Mira Lund/merge", json={"into": "nobody"})
    problem(nowhere, 422, "invalid_input")
    assert fields(nowhere) == {"into"}


def test_a_neighbourhood_grows_with_its_depth_and_keeps_its_limit(client: httpx2.Client) -> None:
    def part(depth: int, limit: int = 100) -> dict[str, JsonValue]:
        asked = {"entity": "Mira Lund", "depth": str(depth), "limit": str(limit)}
        return dict(client.get("/v1/graph", params=asked).json())

    def nodes(found: dict[str, JsonValue]) -> set[str]:
        assert isinstance(found["nodes"], list)
        return {node["id"] for node in found["nodes"]}

    sizes = [len(nodes(part(depth))) for depth in range(4)]
    assert sizes[0] == 1
    assert sizes == sorted(set(sizes))
    cut = part(3, 4)
    known = nodes(cut)
    assert (len(known), cut["graph"]) == (4, {"is_whole": False})
    assert isinstance(cut["edges"], list)
    assert all({edge["source"], edge["target"]} <= known for edge in cut["edges"])
    assert "lake orta" not in nodes(part(6)), "nothing leads there"


def test_the_formats_say_the_same(client: httpx2.Client) -> None:
    asked = {"entity": "Mira Lund", "depth": "3"}
    answers = {form: client.get("/v1/graph", params={**asked, "format": form}) for form in ("json", "graphml", "gexf")}
    assert answers["graphml"].headers["content-type"].startswith("application/graphml+xml")
    graphs = [
        networkx.node_link_graph(answers["json"].json(), edges="edges"),
        networkx.read_graphml(BytesIO(answers["graphml"].content)),
        networkx.read_gexf(BytesIO(answers["gexf"].content)),
    ]
    for graph in graphs:
        assert set(graph.nodes) == set(graphs[0].nodes)
        assert {frozenset(edge[:2]) for edge in graph.edges} == {frozenset(edge[:2]) for edge in graphs[0].edges}
        assert graph.nodes["mira lund"]["kind"] == "entity"


def test_a_passage_is_a_start_too(client: httpx2.Client) -> None:
    document = client.post("/v1/recall", json={"query": TEXTS[2], "top_k": 1}).json()["results"][0]
    body = client.get("/v1/graph", params={"passage": document["id"], "depth": 1}).json()
    assert {"tom arken", "porto"} <= {node["id"] for node in body["nodes"]}


def test_what_is_not_there_is_no_start(client: httpx2.Client) -> None:
    problem(client.get("/v1/graph", params={"entity": "nobody"}), 404, "not_found")
    problem(client.get("/v1/graph", params={"passage": "x"}), 404, "not_found")
    nothing = client.get("/v1/graph")
    problem(nothing, 422, "invalid_input")
    assert fields(nothing) == {"entity"}


def test_communities_keep_apart_what_nothing_joins(client: httpx2.Client) -> None:
    body = client.get("/v1/graph/communities").json()
    groups = [{one["name"] for one in item["central"]} for item in body["items"]]
    assert body["total"] == len(groups) >= 2
    assert 0 < body["modularity"] <= 1
    assert any("Lake Orta" in group for group in groups)
    assert not any({"Lake Orta", "Mira Lund"} <= group for group in groups)
    assert client.get("/v1/graph/communities").json() == body


def test_an_empty_namespace_has_nothing_to_look_at(service: Service) -> None:
    service.client.post("/v1/namespaces", json={"name": "new"})
    asked = {"namespace": "new"}
    assert service.client.get("/v1/entities", params=asked).json() == {"items": [], "next_cursor": None}
    empty = service.client.get("/v1/graph/communities", params=asked).json()
    assert empty == {"items": [], "total": 0, "modularity": 0.0}


def test_what_needs_an_llm_says_how_to_get_one(client: httpx2.Client) -> None:
    for answer in (client.post("/v1/answer", json={"query": "Who?"}), client.post("/v1/enrichment")):
        assert "ZENGRAM_LLM_URL" in json.dumps(problem(answer, 409, "llm_missing"))
    assert client.get("/v1/enrichment").json()["model"] is None
