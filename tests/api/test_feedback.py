"""Feedback over HTTP: what became of results, undo, strength, metacognition, what is held back, and what is refused."""

import httpx2

from tests.api.checks import fields, problem


def tell(client: httpx2.Client, text: str, **more: object) -> str:
    answer = client.post("/v1/memories", json={"text": text, "speaker": "Mira", **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["items"][0]["id"])


def judge(client: httpx2.Client, *results: dict[str, object], **more: object) -> httpx2.Response:
    return client.post("/v1/feedback", json={"results": list(results), **more})


def test_feedback_on_a_recall_changes_strength_ranking_and_calibration(client: httpx2.Client) -> None:
    id_ = tell(client, "The ferry to the island leaves at six in the evening.")
    before = client.get(f"/v1/memories/{id_}/strength").json()
    recalled = client.post("/v1/recall", json={"query": "When does the ferry leave?"}).json()
    given = judge(client, {"id": recalled["results"][0]["id"], "verdict": "useful"}, recall_id=recalled["id"])
    assert given.status_code == 200, given.text
    assert given.json()["items"][0]["document_id"] == id_
    after = client.get(f"/v1/memories/{id_}/strength").json()
    assert after["stability"] >= before["stability"]
    assert (after["recalls"], before["recalls"]) == (1, 0)
    assert client.get(f"/v1/memories/{id_}").json()["strength"]["recalls"] == 1
    assert after["forecast"][0]["day"] == 0
    assert after["forecast"][-1]["day"] == 90
    explained = client.post("/v1/recall", json={"query": "When does the ferry leave?", "explain": True}).json()
    assert explained["results"][0]["explanation"]["effects"]["usefulness"] > 0
    seen = client.get("/v1/metacognition").json()
    assert (seen["events"], seen["rated"]) == (1, 1)
    assert 0 <= seen["brier"] <= 1
    kinds = [one["kind"] for one in client.get(f"/v1/memories/{id_}/history").json()["items"]]
    assert kinds == ["remembered", "reviewed"]


def test_a_correction_is_answered_from_then_on_and_can_be_taken_back(client: httpx2.Client) -> None:
    id_ = tell(client, "The spare key hangs behind the blue door.")
    given = judge(client, {"id": id_, "verdict": "corrected", "text": "The spare key lies under the flowerpot."})
    change = given.json()["items"][0]["change"]
    ask = {"query": "Where is the spare key?"}
    assert [one["text"] for one in client.post("/v1/recall", json=ask).json()["results"]] == [
        "The spare key lies under the flowerpot."
    ]
    for _ in range(2):
        assert client.post(f"/v1/feedback/{change['id']}/undo").json()["undone_at"] is not None
    assert [one["text"] for one in client.post("/v1/recall", json=ask).json()["results"]] == [
        "The spare key hangs behind the blue door."
    ]
    assert client.get(f"/v1/memories/{change['successor']}").json()["status"] == "archived"


def test_repetitions_are_listed_as_held_back_and_can_be_let_in(client: httpx2.Client) -> None:
    tell(client, "The choir meets on Friday.", occurred_at="2026-01-01T00:00:00Z")
    again = tell(client, "As I said before: The choir meets on Friday.", occurred_at="2026-01-09T00:00:00Z")
    held = client.get("/v1/memories", params={"status": "quarantined"}).json()["items"]
    assert [one["id"] for one in held] == [again]
    assert client.patch(f"/v1/memories/{again}", json={"state": "active"}).json()["status"] == "ready"
    assert client.get("/v1/memories", params={"status": "quarantined"}).json()["items"] == []


def test_feedback_that_cannot_be_taken_says_why(client: httpx2.Client) -> None:
    id_ = tell(client, "The ferry leaves at six.")
    gone = tell(client, "The ferry leaves at nine.")
    client.delete(f"/v1/memories/{gone}")
    unknown = judge(client, {"id": id_, "verdict": "used"}, {"id": gone, "verdict": "used"})
    problem(unknown, 404, "not_found")
    assert gone in unknown.json()["detail"]
    problem(judge(client, {"id": id_, "verdict": "used"}, recall_id="long-gone"), 404, "not_found")
    problem(judge(client, {"id": id_, "verdict": "corrected"}), 422, "invalid_input")
    problem(judge(client, {"id": id_, "verdict": "loved"}), 422, "invalid_input")
    problem(judge(client), 422, "invalid_input")
    problem(client.post(f"/v1/feedback/{id_}/undo"), 404, "not_found")
    refused = client.get(f"/v1/memories/{id_}/strength", params={"days": -1})
    problem(refused, 422, "invalid_input")
    assert fields(refused) == {"days"}
    assert client.get(f"/v1/memories/{id_}/strength").json()["recalls"] == 0
