"""A night with a real chat endpoint over HTTP: what was distilled, what it cost, and where each sentence comes from."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from tests.api.conftest import Service, free_port
from tests.llm_server import LlmServer, llm_server

BICYCLE = "I bought a green bicycle with a Brooks saddle from Okafor."
TOLD = "Mira bought a green bicycle with a Brooks saddle from Okafor."


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    with llm_server() as server:
        yield server


@pytest.fixture
def settings(database_url: str, tmp_path: Path, llm: LlmServer) -> Settings:
    return Settings(
        database_url=database_url, data_dir=tmp_path / "data", port=free_port(), embedder="hashing", llm_url=llm.url,
        llm_model="replay",
    )  # fmt: skip


def test_a_night_tells_what_the_llm_said_and_cost(service: Service, llm: LlmServer) -> None:
    client = service.client
    listed = [{"text": TOLD, "sources": [1, 2, 3]}, {"text": "Okafor sings.", "sources": [1]}]
    llm.told.answers = lambda _messages: json.dumps({"statements": listed})
    sent = [{"text": f"{start} {BICYCLE}", "speaker": "Mira"} for start in ("So", "And", "But")]
    ids = {one["id"] for one in client.post("/v1/memories", json={"memories": sent}).json()["items"]}
    service.work()  # enrichment; it asks, too
    begun = client.post("/v1/sleep", json={"stages": ["consolidate"]}).json()["night"]
    service.work()
    night = client.get(f"/v1/sleep/runs/{begun['id']}").json()
    wanted = {"distilled": 1, "statements": 1, "unsupported": 1, "llm_requests": 1, "llm_tokens": 110}
    assert {name: night["counts"].get(name) for name in wanted} == wanted
    said = " ".join(next(one for one in night["stages"] if one["name"] == "consolidate")["sentences"])
    assert "110 tokens were spent on the LLM." in said
    (found,) = client.post("/v1/recall", json={"query": "Who sold a bicycle to Mira?"}).json()["results"]
    assert (found["text"], set(found["sources"])) == (TOLD, ids)
    told = client.get(f"/v1/memories/{found['document_id']}/history").json()["sources"]
    assert {(one["id"], one["sentence"], one["start"]) for one in told} == {(id_, 0, None) for id_ in ids}
