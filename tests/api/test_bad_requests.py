"""What is strange but not wrong is kept whole; memories, changes, keys and namespaces that are wrong are refused."""

import httpx2
import pytest

from tests.api.checks import JSON, fields, problem, recalled
from tests.api.conftest import Service

BAD_MEMORIES: dict[str, tuple[object, str]] = {
    "no text": ({}, "text"),
    "empty text": ({"text": ""}, "text"),
    "huge text": ({"text": "x" * 32_001}, "text"),
    "huge text of two bytes a character": ({"text": "\u00e9" * 16_001}, "text"),
    "NUL": ({"text": "a\x00b"}, "text"),
    "a field of documents": ({"text": "a", "title": "t"}, "title"),
    "speaker of another type": ({"text": "a", "speaker": ["Mira"]}, "speaker"),
    "blank speaker": ({"text": "a", "speaker": " "}, "speaker"),
    "long session": ({"text": "a", "session_id": "s" * 256}, "session_id"),
    "NUL in a session": ({"text": "a", "session_id": "\x00"}, "session_id"),
    "one bad in a batch": ({"memories": [{"text": "a"}, {"text": 7}]}, "memories[1].text"),
    "several bad in a batch": ({"memories": [{"text": ""}, {"text": "a", "x": 1}]}, "memories[1].x"),
}


def test_bad_memories_are_refused_by_field_and_keep_nothing(client: httpx2.Client) -> None:
    for name, (body, field) in BAD_MEMORIES.items():
        answer = client.post("/v1/memories", json=body)
        problem(answer, 422, "invalid_input")
        assert field in fields(answer), name
    listed = client.get("/v1/memories")
    assert listed.status_code == 404 or listed.json()["items"] == []


BAD_OTHERS: dict[str, tuple[str, object, str]] = {
    "unknown field of a namespace": ("/v1/namespaces", {"name": "n", "colour": "red"}, "colour"),
    "name of a namespace": ("/v1/namespaces", {"name": "a/b"}, "name"),
    "no name": ("/v1/namespaces", {}, "name"),
    "unknown field of a key": ("/v1/keys", {"name": "k", "scopes": ["read"], "role": "x"}, "role"),
    "unknown scope": ("/v1/keys", {"name": "k", "scopes": ["root"]}, "scopes[0]"),
    "no scope": ("/v1/keys", {"name": "k", "scopes": []}, "scopes"),
    "not a time": ("/v1/keys", {"name": "k", "scopes": ["read"], "expires_at": "soon"}, "expires_at"),
}


@pytest.mark.parametrize("name", BAD_OTHERS)
def test_bad_namespaces_and_keys_are_refused_by_field_and_not_made(name: str, client: httpx2.Client) -> None:
    path, body, field = BAD_OTHERS[name]
    before = client.get(path).json()
    answer = client.post(path, json=body)
    problem(answer, 422, "invalid_input")
    assert field in fields(answer)
    assert client.get(path).json() == before


def test_a_bad_change_leaves_everything_as_it_was(client: httpx2.Client) -> None:
    body = {"text": "The heron nests by the mill.", "title": "Heron", "metadata": {"seen": 3}}
    item = client.post("/v1/documents", json=body).json()["items"][0]["id"]
    before = client.get(f"/v1/documents/{item}").json()
    for change in (
        {"text": "a\x00b"},
        {"text": "x" * 1_100_000, "title": 5},
        {"title": "x" * 1001, "text": "Another text."},
        {"metadata": {"a": 10**30}, "text": "Another text."},
        {"occurred_at": "yesterday", "text": "Another text."},
        {"colour": "red", "text": "Another text."},
    ):
        problem(client.patch(f"/v1/documents/{item}", json=change), 422, "invalid_input")
    for content, code in ((b'{"text": "\xff"}', "invalid_body"), (b'{"text": ', "invalid_json")):
        problem(client.patch(f"/v1/documents/{item}", content=content, headers=JSON), 400, code)
    assert client.get(f"/v1/documents/{item}").json() == before
    assert recalled(client, "heron") == ["The heron nests by the mill."]


def test_bytes_that_are_no_utf_8_in_an_address_are_a_problem(client: httpx2.Client) -> None:
    client.post("/v1/documents", json={"text": "a"})
    problem(client.get("/v1/documents?namespace=%ff%fe"), 422, "invalid_input")
    problem(client.get("/v1/documents?cursor=%ff"), 422, "invalid_input")
    problem(client.get("/v1/documents/%ff%fe"), 404, "not_found")


def test_control_characters_are_taken_out_and_every_script_is_kept(client: httpx2.Client) -> None:
    marks = "Bell\x07 and \x1b[31mred\x1b[0m,\r\ntab\there, \u202eturned\u202c, e\u0301"
    text = f"{marks}, \U0001f9ed, \u6771\u4eac, \u0645\u0631\u062d\u0628\u0627."
    item = client.post("/v1/documents", json={"text": text}).json()["items"][0]["id"]
    kept = client.get(f"/v1/documents/{item}").json()["text"]
    assert kept == text.replace("\x07", "").replace("\x1b", "").replace("\r\n", "\n")
    assert recalled(client, "\u6771\u4eac")
    assert client.post("/v1/documents", json={"text": text}).json()["items"][0]["status"] == "duplicate"


def test_a_document_that_names_ten_thousand_entities_is_read_whole(service: Service) -> None:
    meetings = [f"Captain Abel{n} Brandt{n} met Ida{n} at Port Arlo{n}." for n in range(3400)]
    answer = service.client.post("/v1/documents", json={"text": "\n\n".join(meetings)})
    assert answer.status_code == 202, answer.text
    service.work()
    item = answer.json()["items"][0]["id"]
    assert service.client.get(f"/v1/documents/{item}").json()["status"] == "ready"
    passages = service.client.get(f"/v1/documents/{item}/passages").json()["items"]
    names = {mention["name"] for one in passages for mention in one["mentions"]}
    assert len(names) >= 10_000
    body = {"query": "Whom did Brandt1777 meet at Port Arlo1777?", "top_k": 3, "explain": True}
    results = service.client.post("/v1/recall", json=body).json()["results"]
    assert any("Ida1777" in one["text"] for one in results)


def test_a_question_of_all_names_is_answered(client: httpx2.Client) -> None:
    client.post("/v1/documents", json={"text": "Ida met Captain Brandt at Port Arlo."})
    question = " ".join(f"Brandt{number}" for number in range(700)) + " Brandt"
    assert recalled(client, question) == ["Ida met Captain Brandt at Port Arlo."]
    problem(client.post("/v1/recall", json={"query": question * 2}), 422, "invalid_input")
