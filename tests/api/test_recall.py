"""Recall, context and memories over HTTP."""

import httpx2

from tests.api.checks import add, fields, problem, recalled

WORLD = (
    "Mira Janssen keeps the lighthouse at Oostduin.",
    "The lighthouse at Oostduin was built by Tomas Verhaegen.",
    "Tomas Verhaegen was born in Ghent.",
    "Bread needs flour, water, salt and time.",
)


def test_a_question_over_two_hops_is_answered_with_its_path(client: httpx2.Client) -> None:
    client.post("/v1/documents", json={"documents": [{"text": text} for text in WORLD]})
    answer = client.post("/v1/recall", json={"query": "Who built the lighthouse of Mira Janssen?", "explain": True})
    body = answer.json()
    texts = [result["text"] for result in body["results"]]
    assert set(texts[:2]) == set(WORLD[:2])
    assert body["seeds"]
    assert set(body["took_ms"]) == {"encode", "search", "total"}
    for result in body["results"][:2]:
        explanation = result["explanation"]
        assert set(explanation["arms"]) == {"dense", "sentence", "bm25", "window", "graph"}
        assert explanation["path"][0]["node"] == "question"
        assert explanation["path"][-1]["id"] == result["id"]


def test_without_explain_nothing_is_explained(client: httpx2.Client) -> None:
    add(client, WORLD[0])
    body = client.post("/v1/recall", json={"query": "Mira Janssen"}).json()
    assert "seeds" not in body
    assert "explanation" not in body["results"][0]


def test_results_say_where_they_come_from(client: httpx2.Client) -> None:
    item = add(
        client, WORLD[0], title="Keepers", source="desk", metadata={"a": {"b": 1}}, occurred_at="2026-01-02T03:04:05Z"
    )
    (result,) = client.post("/v1/recall", json={"query": "Mira Janssen"}).json()["results"]
    assert result["document_id"] == item
    assert (result["title"], result["source"], result["kind"]) == ("Keepers", "desk", "document")
    assert result["metadata"] == {"a": {"b": 1}}
    assert result["occurred_at"] == "2026-01-02T03:04:05Z"
    assert 0 <= result["probability"] <= 1


def test_top_k_and_threshold_and_tokens_cut_the_results(client: httpx2.Client) -> None:
    client.post("/v1/documents", json={"documents": [{"text": text} for text in WORLD]})
    assert len(recalled(client, "lighthouse", top_k=2)) == 2
    assert recalled(client, "quantum chromodynamics", threshold=1) == []
    assert len(recalled(client, "lighthouse at Oostduin", max_tokens=12)) == 1


def test_filters_cut_by_metadata_time_document_and_speaker(client: httpx2.Client) -> None:
    first = add(client, WORLD[0], metadata={"year": 2024, "tags": ["sea"]}, occurred_at="2024-05-01T00:00:00Z")
    add(client, WORLD[1], metadata={"year": 1890}, occurred_at="1890-05-01T00:00:00Z")
    client.post("/v1/memories", json={"text": "I like the lighthouse.", "speaker": "Tomas"})
    query = "the lighthouse"
    assert recalled(client, query, filters={"metadata.year": {"gt": 2000}}) == [WORLD[0]]
    assert recalled(client, query, filters={"NOT": [{"metadata.year": {"gt": 2000}}], "kind": {"eq": "document"}}) == [
        WORLD[1]
    ]
    assert recalled(client, query, filters={"metadata.tags": {"contains": "sea"}}) == [WORLD[0]]
    assert recalled(client, query, time_range={"from": "1800-01-01T00:00:00Z", "to": "1900-01-01T00:00:00Z"}) == [
        WORLD[1]
    ]
    assert recalled(client, query, document_ids=[first]) == [WORLD[0]]
    assert recalled(client, query, speakers=["Tomas"]) == ["I like the lighthouse."]


def test_an_unknown_filter_is_named_with_a_remedy(client: httpx2.Client) -> None:
    add(client, WORLD[0])
    answer = client.post("/v1/recall", json={"query": "x", "filters": {"AND": [{"colour": {"eq": "red"}}]}})
    problem(answer, 422, "invalid_filter")
    assert "colour" in str(fields(answer)) + answer.json()["detail"]


def test_a_revision_that_is_not_there_yet_is_not_answered_from_older_ones(client: httpx2.Client) -> None:
    add(client, WORLD[0])
    answer = client.post("/v1/recall", json={"query": "Mira", "min_revision": 10_000})
    problem(answer, 409, "conflict")


def test_a_context_fits_its_budget_and_numbers_its_sources(client: httpx2.Client) -> None:
    client.post("/v1/documents", json={"documents": [{"text": text, "title": "World"} for text in WORLD]})
    body = client.post("/v1/context", json={"query": "Who built the lighthouse at Oostduin?", "max_tokens": 60}).json()
    assert 0 < body["tokens"] <= 60
    assert body["sources"]
    for source in body["sources"]:
        assert f"[{source['ref']}]" in body["context"]
    assert WORLD[1] in body["context"]


def test_memories_keep_speaker_session_and_order(client: httpx2.Client) -> None:
    turns = [
        {"text": "Shall we meet at the mill?", "speaker": "Mira", "session_id": "s-1"},
        {"text": "Yes, on Sunday.", "speaker": "Tomas", "session_id": "s-1"},
        {"text": "Another chat.", "speaker": "Tomas", "session_id": "s-2"},
    ]
    answer = client.post("/v1/memories", json={"memories": turns})
    assert answer.status_code == 201
    page = client.get("/v1/memories", params={"session_id": "s-1"}).json()
    assert {one["text"] for one in page["items"]} == {turns[0]["text"], turns[1]["text"]}
    item = answer.json()["items"][1]["id"]
    kept = client.get(f"/v1/memories/{item}").json()
    assert (kept["speaker"], kept["session_id"], kept["kind"]) == ("Tomas", "s-1", "memory")
    assert "title" not in kept
    problem(client.get(f"/v1/documents/{item}"), 404, "not_found")
    assert client.patch(f"/v1/memories/{item}", json={"speaker": "Ada"}).json()["speaker"] == "Ada"
    assert client.delete(f"/v1/memories/{item}").status_code == 204


def test_an_empty_namespace_abstains(client: httpx2.Client) -> None:
    body = client.post("/v1/recall", json={"query": "anything"}).json()
    assert body["results"] == []
    assert body["abstained"] is True
