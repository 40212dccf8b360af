"""The layers over HTTP: routing, history, conversations, core blocks, procedures, links, and what they refuse."""

from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from memory import tenancy
from memory.store.namespaces import add_tenant
from memory.types import Scope
from tests.api.checks import fields, problem, recalled
from tests.api.conftest import Service

MIRA = {"speaker": "Mira"}


def tell(client: httpx2.Client, text: str, **more: object) -> dict[str, object]:
    """The receipt of a new memory."""
    answer = client.post("/v1/memories", json={"text": text, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["items"][0])


def test_a_memory_is_routed_and_the_receipt_says_why(client: httpx2.Client) -> None:
    episode = tell(client, "We had waffles by the canal.", **MIRA)
    fact = tell(client, "I live in Ghent.", **MIRA)
    procedure = tell(client, "How to bleed a radiator:\n1. Turn off the pump.\n2. Open the valve.")
    asked = tell(client, "The canal froze over.", layer="semantic")
    assert [one["layer"] for one in (episode, fact, procedure, asked)] == [
        "episodic",
        "semantic",
        "procedural",
        "semantic",
    ]
    assert fact["reason"] == "it states the residence of mira"
    assert "2 steps" in str(procedure["reason"])
    assert "caller" in str(asked["reason"])
    listed = client.get("/v1/memories", params={"layer": "semantic"}).json()["items"]
    assert {one["id"] for one in listed} == {fact["id"], asked["id"]}


def test_layers_that_hold_no_memories_are_refused_with_the_way_there(client: httpx2.Client) -> None:
    for layer, hint in (("working", "/working"), ("core", "/v1/core"), ("limbic", "episodic")):
        answer = client.post("/v1/memories", json={"text": "a", "layer": layer})
        problem(answer, 422, "invalid_input")
        assert fields(answer) == {"layer"}
        assert hint in answer.json()["errors"][0]["remedy"]
    problem(client.post("/v1/recall", json={"query": "q", "layers": ["limbic"]}), 422, "invalid_input")
    problem(client.get("/v1/memories", params={"layer": "limbic"}), 422, "invalid_input")


def test_an_update_is_seen_in_recall_and_in_the_history(client: httpx2.Client) -> None:
    old = tell(client, "I live in Ghent.", occurred_at="2026-01-01T00:00:00Z", **MIRA)
    new = tell(client, "I moved to Oslo.", occurred_at="2026-01-10T00:00:00+02:00", **MIRA)
    question = "Where does Mira live?"
    assert recalled(client, question) == ["I moved to Oslo."]
    assert recalled(client, question, as_of="2026-01-05T00:00:00Z") == ["I live in Ghent."]
    assert set(recalled(client, question, superseded=True)) == {"I live in Ghent.", "I moved to Oslo."}
    kept = client.get(f"/v1/memories/{old['id']}").json()
    assert (kept["superseded_by"], kept["valid_to"]) == (new["id"], "2026-01-09T22:00:00Z")
    history = client.get(f"/v1/memories/{old['id']}/history").json()
    assert [one["kind"] for one in history["items"]] == ["remembered", "superseded"]
    assert history["items"][1]["why"] == "“I moved to Oslo.”"
    assert [(one["subject"], one["attribute"], one["value"]) for one in history["statements"]] == [
        ("mira", "residence", "Ghent")
    ]


def test_states_are_set_listed_and_in_the_history(client: httpx2.Client) -> None:
    item = tell(client, "The password of the old router is long gone.")["id"]
    for state in ("quarantined", "active", "archived"):
        answer = client.patch(f"/v1/memories/{item}", json={"state": state})
        assert answer.status_code == 200, answer.text
        shown = "ready" if state == "active" else state
        assert answer.json()["status"] == shown
        assert [one["id"] for one in client.get("/v1/memories", params={"status": shown}).json()["items"]] == [item]
    assert recalled(client, "old router") == []
    assert recalled(client, "old router", archived=True) != []
    kinds = [one["kind"] for one in client.get(f"/v1/memories/{item}/history").json()["items"]]
    assert kinds == ["remembered", "quarantined", "released", "archived"]
    problem(client.patch(f"/v1/memories/{item}", json={"state": None}), 422, "invalid_input")


def test_messages_are_remembered_and_stand_in_the_window(client: httpx2.Client) -> None:
    path = "/v1/sessions/chat%2F1/messages"
    assert client.get(path).json() == {"items": [], "tokens": 0, "total": 0, "gist": ""}
    body = {
        "messages": [
            {"role": "user", "text": "The heron nests by the old mill.", "speaker": "Mira"},
            {"role": "assistant", "text": "Noted.", "remember": False},
        ]
    }
    headers = {"Idempotency-Key": "k"}
    first = client.post(path, json=body, headers=headers)
    again = client.post(path, json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json()["receipts"] == first.json()["receipts"]
    window = client.get(path).json()
    assert [(one["role"], one["text"]) for one in window["items"]] == [
        ("user", "The heron nests by the old mill."),
        ("assistant", "Noted."),
    ]
    memory = window["items"][0]["memory_id"]
    assert client.get(f"/v1/memories/{memory}").json()["session_id"] == "chat/1"
    assert recalled(client, "Where does the heron nest?") == ["The heron nests by the old mill."]
    assert len(client.get(path, params={"max_tokens": 1}).json()["items"]) <= 1
    client.delete(f"/v1/memories/{memory}")
    assert [one["text"] for one in client.get(path).json()["items"]] == ["Noted."]


def test_what_leaves_the_window_becomes_a_gist(client: httpx2.Client) -> None:
    path = "/v1/sessions/long/messages"
    said = [{"text": f"The heron number {n} came to the mill.", "remember": False} for n in range(80)]
    assert client.post(path, json={"messages": said}).status_code == 201
    window = client.get(path).json()
    assert (len(window["items"]), window["total"]) == (50, 80)
    assert window["items"][-1]["text"] == said[-1]["text"]
    assert "heron" in window["gist"]
    assert len(window["gist"]) <= 1_200


def test_seven_things_are_held_in_mind_and_the_least_relevant_makes_room(client: httpx2.Client) -> None:
    path = "/v1/sessions/s/working"
    assert client.get(path).json()["items"] == []
    slots = [{"kind": "fact", "content": f"fact {n}", "relevance": (n + 1) / 10} for n in range(9)]
    put = client.put(path, json={"slots": slots}).json()
    assert (put["items"][0]["content"], len(put["items"])) == ("fact 8", 7)
    assert [one["content"] for one in put["evicted"]] == ["fact 1", "fact 0"]
    messages = client.get("/v1/sessions/s/messages").json()["items"]
    assert [(one["role"], one["text"]) for one in messages] == [
        ("working", "fact: fact 1"),
        ("working", "fact: fact 0"),
    ]
    more = {"slots": [{"kind": "goal", "content": "move"}], "keep": True}
    assert [one["content"] for one in client.put(path, json=more).json()["items"]][:2] == ["move", "fact 8"]
    assert len(client.put(path, json={"slots": []}).json()["items"]) == 0
    wrong = {"slots": [{"kind": "mood", "content": "x"}, {"kind": "fact", "content": "x", "relevance": 2}]}
    problem(client.put(path, json=wrong), 422, "invalid_input")


def test_core_blocks_stand_first_in_every_context(client: httpx2.Client) -> None:
    made = client.post("/v1/core", json={"label": "persona", "text": "You are a gardener."})
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    problem(client.post("/v1/core", json={"label": "persona", "text": "You are a thief."}), 409, "conflict")
    changed = client.put("/v1/core/persona", json={"text": "You are patient."}, headers={"If-Match": '"1"'})
    assert changed.json()["version"] == 2
    late = client.put("/v1/core/persona", json={"text": "x"}, headers={"If-Match": '"1"'})
    problem(late, 412, "version_mismatch")
    tell(client, "The heron nests by the old mill.")
    built = client.post("/v1/context", json={"query": "Where does the heron nest?"}).json()
    assert built["core"] == ["persona"]
    assert built["context"].index("> You are patient.") < built["context"].index("> The heron nests")
    client.put("/v1/sessions/s/working", json={"slots": [{"kind": "goal", "content": "Find the nest."}]})
    asked = {"query": "Where does the heron nest?", "session_id": "s"}
    built = client.post("/v1/context", json=asked).json()
    lines = ["> You are patient.", "[in mind]\n> goal: Find the nest.", "> The heron nests"]
    assert sorted(lines, key=built["context"].index) == lines
    small = client.post("/v1/context", json=asked | {"max_tokens": 40}).json()
    assert small["tokens"] <= 40
    versions = client.get("/v1/core/persona/versions").json()["items"]
    assert [one["text"] for one in versions] == ["You are patient.", "You are a gardener."]
    client.post("/v1/core", json={"label": "user", "text": "Mira."})
    problem(client.put("/v1/core/user", json={"label": "persona"}), 409, "conflict")
    too_long = client.post("/v1/core", json={"label": "long", "text": "word " * 1_000})
    assert fields(too_long) == {"text"}
    assert client.delete("/v1/core/persona").status_code == 204
    problem(client.get("/v1/core/persona"), 404, "not_found")


def test_procedures_are_found_by_questions_that_ask_how(client: httpx2.Client) -> None:
    tell(client, "Radiators were on sale at the market, and we talked about how cold it was.")
    body = {"trigger": "Bleed a radiator", "steps": ["Turn off the pump.", "Open the valve."], "tools": ["key"]}
    made = client.post("/v1/procedures", json=body)
    assert made.status_code == 201, made.text
    item = made.json()["id"]
    assert recalled(client, "How do I bleed a radiator?")[0].startswith("Bleed a radiator:\n1. Turn off the pump.")
    judged = client.post(f"/v1/procedures/{item}/feedback", json={"success": 0, "note": "it leaked"}).json()
    assert (judged["success_rate"], judged["runs"]) == (0.5, 2)
    assert [one["id"] for one in client.get("/v1/procedures").json()["items"]] == [item]
    assert client.get(f"/v1/memories/{item}/history").json()["items"][-1]["why"] == "it leaked"
    changed = client.patch(f"/v1/memories/{item}", json={"text": "Bleed it:\n1. Wait.\n2. Open.\n3. Close."})
    assert changed.status_code == 200
    after = client.get(f"/v1/procedures/{item}").json()
    assert (after["steps"], after["runs"]) == (["Wait.", "Open.", "Close."], 2)
    client.delete(f"/v1/memories/{item}")
    problem(client.get(f"/v1/procedures/{item}"), 404, "not_found")


@pytest.fixture
def two(service: Service) -> Service:
    """Two namespaces that name the same lighthouse."""
    for name, text in (("home", "Jonas Ferrow painted the kitchen."), ("work", "Jonas Ferrow signed the contract.")):
        answer = service.client.post("/v1/memories", params={"namespace": name}, json={"text": text})
        assert answer.status_code == 201
    return service


def _find(service: Service, namespace: str) -> list[dict[str, object]]:
    answer = service.client.post("/v1/links", params={"namespace": namespace})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_namespaces_are_linked_only_if_both_agree(two: Service) -> None:
    client, home = two.client, {"namespace": "home"}
    assert _find(two, "home") == []
    question = {"query": "What did Jonas Ferrow do?", "namespaces": ["work"]}
    problem(client.post("/v1/recall", params=home, json=question), 422, "invalid_input")
    for name in ("home", "work"):
        assert client.patch(f"/v1/namespaces/{name}", json={"linkable": True}).json()["linkable"] is True
    found = _find(two, "home")
    assert ("jonas ferrow", "jonas ferrow", 1.0, "work") in [
        (one["name"], one["other_name"], one["similarity"], one["other"]) for one in found
    ]
    across = client.post("/v1/recall", params=home, json=question).json()["results"]
    assert {(one["namespace"], one["text"]) for one in across} == {
        ("home", "Jonas Ferrow painted the kitchen."),
        ("work", "Jonas Ferrow signed the contract."),
    }
    client.patch("/v1/namespaces/work", json={"owner": "somebody else"})
    problem(client.post("/v1/recall", params=home, json=question), 422, "invalid_input")


def test_a_link_that_is_confirmed_widens_linked_recall_and_a_rejected_one_stays_away(two: Service) -> None:
    client, home = two.client, {"namespace": "home"}
    for name in ("home", "work"):
        client.patch(f"/v1/namespaces/{name}", json={"linkable": True})
    question = {"query": "What did Jonas Ferrow do?", "linked": True}

    def texts() -> set[str]:
        return {one["text"] for one in client.post("/v1/recall", params=home, json=question).json()["results"]}

    link = _find(two, "home")[0]
    assert texts() == {"Jonas Ferrow painted the kitchen."}
    decided = client.put(f"/v1/links/{link['id']}", params={"namespace": "work"}, json={"status": "confirmed"})
    assert (decided.json()["status"], decided.json()["other"]) == ("confirmed", "home")
    assert len(texts()) == 2
    client.put(f"/v1/links/{link['id']}", params=home, json={"status": "rejected"})
    assert len(texts()) == 1
    assert link["id"] not in {one["id"] for one in _find(two, "home")}
    problem(client.put(f"/v1/links/{link['id']}", json={"status": "confirmed"}), 404, "not_found")


def test_a_key_of_one_namespace_reaches_no_other(two: Service) -> None:
    for name in ("home", "work"):
        two.client.patch(f"/v1/namespaces/{name}", json={"linkable": True})
    headers = two.key("read", "write", namespace="home")
    home = {"namespace": "home"}
    for question in ({"query": "q", "namespaces": ["work"]}, {"query": "q", "linked": True}):
        problem(two.client.post("/v1/recall", params=home, json=question, headers=headers), 403, "forbidden")
    problem(two.client.post("/v1/links", params=home, headers=headers), 403, "forbidden")


def test_memories_from_the_future_and_empty_windows_are_no_trouble(client: httpx2.Client) -> None:
    future = (datetime.now(UTC) + timedelta(days=365)).isoformat()
    tell(client, "The ferry to the islands is booked.", occurred_at=future)
    assert recalled(client, "ferry") == ["The ferry to the islands is booked."]
    assert recalled(client, "ferry", as_of=datetime.now(UTC).isoformat()) == []
    assert client.get("/v1/sessions/nobody/working").json()["items"] == []
    problem(client.post("/v1/sessions/s/messages", json={"messages": []}), 422, "invalid_input")
    problem(client.post("/v1/sessions/s/messages", json={"text": "  "}), 422, "invalid_input")
    problem(client.get("/v1/memories/018f0000-0000-7000-8000-000000000000/history"), 404, "not_found")


def test_another_tenant_sees_nothing_of_the_layers(two: Service) -> None:
    """Not even where its namespaces have the same names, are open, and name the same things."""
    client, now = two.client, datetime.now(UTC)
    home = {"namespace": "home"}
    client.post("/v1/core", params=home, json={"label": "persona", "text": "A gardener."})
    client.post("/v1/sessions/s/messages", params=home, json={"text": "I live in Ghent."})
    client.put("/v1/sessions/s/working", params=home, json={"slots": [{"kind": "goal", "content": "Moor."}]})
    made = client.post("/v1/procedures", params=home, json={"trigger": "Moor", "steps": ["Slow down."]}).json()["id"]
    client.patch("/v1/namespaces/home", json={"linkable": True})
    foreign = two.runtime.parts.database.write(lambda session: add_tenant(session, "other", now))
    _, secret = tenancy.create_key(two.runtime.parts, foreign, "k", list(Scope), now=now)
    headers = {"X-API-Key": secret}
    told = client.post("/v1/memories", params=home, json={"text": "Jonas Ferrow moved to Oslo."}, headers=headers)
    assert told.status_code == 201
    client.patch("/v1/namespaces/home", json={"linkable": True}, headers=headers)

    def get(path: str) -> httpx2.Response:
        return client.get(path, params=home, headers=headers)

    for path in ("/v1/core", "/v1/sessions/s/messages", "/v1/sessions/s/working", "/v1/procedures", "/v1/links"):
        assert get(path).json()["items"] == []
    for path in (f"/v1/procedures/{made}", f"/v1/memories/{made}/history", "/v1/core/persona"):
        problem(get(path), 404, "not_found")
    assert client.post("/v1/links", params=home, headers=headers).json()["items"] == []
    across = {"query": "Jonas Ferrow", "namespaces": ["work"]}
    problem(client.post("/v1/recall", params=home, json=across, headers=headers), 404, "not_found")
