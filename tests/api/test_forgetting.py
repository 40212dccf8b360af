"""Forgetting, holds and erasure over HTTP, and what they refuse."""

import httpx2
import pytest

from tests.api.checks import fields, problem, recalled
from tests.api.conftest import Service

UNKNOWN = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def two(client: httpx2.Client) -> list[str]:
    body = {"memories": [{"text": text, "speaker": "Mira"} for text in ("The ferry leaves.", "The ferry is red.")]}
    return [one["id"] for one in client.post("/v1/memories", json=body).json()["items"]]


def test_policies_are_set_shown_applied_and_undone(client: httpx2.Client, two: list[str]) -> None:
    where = "/v1/namespaces/default/policies"
    assert client.get(where).json() == {"policies": []}
    problem(client.post("/v1/forget", json={}), 422, "invalid_input")
    answer = client.put(where, json={"policies": [{"layer": "episodic", "most_items": 1}]})
    assert answer.status_code == 200, answer.text
    assert client.get(where).json() == answer.json()
    shown = client.post("/v1/forget", json={"dry_run": True}).json()
    assert shown["forgetting"] is None
    done = client.post("/v1/forget", json={}).json()
    assert done["plan"] == shown["plan"]
    assert [one["rule"] for one in done["plan"]] == ["budget_items"]
    assert len(recalled(client, "ferry")) == 1
    assert len(recalled(client, "ferry", archived=True)) == 2
    assert [one["id"] for one in client.get("/v1/memories?status=archived").json()["items"]] == [done["plan"][0]["id"]]
    id_ = done["forgetting"]["id"]
    assert client.get(f"/v1/forget/{id_}").json() == done["forgetting"]
    assert client.get("/v1/forget").json()["items"] == [done["forgetting"]]
    assert client.post(f"/v1/forget/{id_}/undo").json()["revived"] == 1
    assert len(recalled(client, "ferry")) == 2
    problem(client.post(f"/v1/forget/{id_}/undo"), 409, "conflict")


def test_an_undo_lists_what_is_in_its_way(client: httpx2.Client, two: list[str]) -> None:
    done = client.post("/v1/forget", json={"filter": {"speaker": "Mira"}}).json()
    undo = f"/v1/forget/{done['forgetting']['id']}/undo"
    assert client.post(f"/v1/memories/{two[0]}/revive").json()["status"] == "ready"
    body = problem(client.post(undo), 409, "not_undone")
    assert fields(client.post(undo)) == {two[0]}
    assert body["errors"]
    assert client.post(undo, json={"except": [two[0]]}).json()["revived"] == 1
    assert len(recalled(client, "ferry")) == 2


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"policy": "all"}, {"policy"}),
        ({"policies": [{"layer": "limbic", "most_items": 1}]}, {"layer"}),
        ({"policies": [{"most_things": 1}]}, {"policies[0].most_things"}),
        ({"policies": [{"most_items": 1}, {"most_items": 2}]}, {"policies[1].layer"}),
        ({"policies": [{"least_retrievability": 2}]}, {"policies[0].least_retrievability"}),
        ({"policies": [{"expired": "shred"}]}, {"policies[0].expired"}),
        ({"filter": {}}, {"filter"}),
        ({"filter": {"speaker": {"like": "M"}}}, {"filter.speaker.like"}),
        ({"filter": {"speaker": "Mira"}, "action": "shred"}, {"action"}),
    ],
)
def test_what_cannot_be_forgotten_by_is_named(
    client: httpx2.Client, two: list[str], body: dict[str, object], named: set[str]
) -> None:
    answer = client.post("/v1/forget", json=body)
    assert answer.status_code == 422, answer.text
    assert fields(answer) == named
    assert len(recalled(client, "ferry")) == 2


def test_what_is_not_here_is_not_found(client: httpx2.Client, two: list[str]) -> None:
    for method, where in (
        ("GET", f"/v1/forget/{UNKNOWN}"),
        ("POST", f"/v1/forget/{UNKNOWN}/undo"),
        ("POST", f"/v1/memories/{UNKNOWN}/revive"),
        ("POST", f"/v1/documents/{two[0]}/revive"),
        ("GET", f"/v1/erasures/{UNKNOWN}"),
        ("DELETE", f"/v1/erasures/{UNKNOWN}/tombstones"),
        ("DELETE", "/v1/subjects/Nobody?kind=user"),
        ("DELETE", "/v1/subjects/Mira/hold?kind=user"),
        ("DELETE", "/v1/subjects/Mira?kind=user&namespace=elsewhere"),
        ("GET", "/v1/namespaces/elsewhere/policies"),
    ):
        problem(client.request(method, where), 404, "not_found")
    assert client.request("DELETE", "/v1/subjects/Mira").status_code == 422
    assert client.request("DELETE", "/v1/subjects/Mira?kind=planet").status_code == 422


def test_a_subject_is_held_then_erased_and_refused(client: httpx2.Client, two: list[str]) -> None:
    held = client.put("/v1/subjects/Mira/hold?kind=user", json={"reason": "case 4711"})
    assert held.status_code == 200, held.text
    assert client.get("/v1/holds").json()["items"] == [held.json()]
    problem(client.delete("/v1/subjects/Mira?kind=user"), 409, "on_hold")
    problem(client.delete(f"/v1/memories/{two[0]}"), 409, "on_hold")
    assert client.delete("/v1/subjects/Mira/hold?kind=user").status_code == 204
    shown = client.delete("/v1/subjects/Mira?kind=user&dry_run=true").json()
    assert (shown["id"], shown["counts"]["documents"]) == (None, 2)
    done = client.delete("/v1/subjects/Mira?kind=user")
    assert done.status_code == 200, done.text
    certificate = done.json()
    assert (certificate["status"], certificate["proof"]["found"]) == ("proved", {})
    assert "Mira" not in done.text
    assert client.get(f"/v1/erasures/{certificate['id']}").json() == certificate
    assert client.get("/v1/erasures").json()["items"] == [certificate]
    assert recalled(client, "ferry") == []
    again = client.post("/v1/memories", json={"text": "I am back.", "speaker": "Mira"})
    body = problem(again, 409, "erased")
    assert certificate["id"] in str(body["errors"])
    assert client.delete(f"/v1/erasures/{certificate['id']}/tombstones").status_code == 204
    assert client.post("/v1/memories", json={"text": "I am back.", "speaker": "Mira"}).status_code == 201


def test_erasing_and_holding_need_an_admin_of_the_same_tenant(service: Service, two: list[str]) -> None:
    writer, bound = service.key("read", "write"), service.key("admin", "read", namespace="other")
    client = service.client
    where = "/v1/subjects/Mira?kind=user"
    problem(client.delete(where, headers=writer), 403, "forbidden")
    problem(client.put("/v1/subjects/Mira/hold?kind=user", json={"reason": "x"}, headers=writer), 403, "forbidden")
    problem(client.delete(where, headers=bound), 404, "not_found")


def test_what_has_expired_already_is_refused(client: httpx2.Client, two: list[str]) -> None:
    past = "2020-01-01T00:00:00Z"
    for where in ("/v1/memories", "/v1/documents"):
        answer = client.post(where, json={"text": "The gate code is 4711.", "expires_at": past})
        problem(answer, 422, "invalid_input")
        assert fields(answer) == {"expires_at"}
    answer = client.patch(f"/v1/memories/{two[0]}", json={"expires_at": past})
    problem(answer, 422, "invalid_input")
