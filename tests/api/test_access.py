"""Who may do what: keys, scopes, namespaces, and the one exception for this very machine."""

from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from memory import tenancy
from memory.store.namespaces import add_tenant
from memory.types import Scope
from tests.api.checks import add, problem
from tests.api.conftest import Service

READ, WRITE, ADMIN = {"read"}, {"write"}, {"admin"}
ROUTES: list[tuple[str, str, object, set[str]]] = [
    ("GET", "/v1/documents", None, READ),
    ("GET", "/v1/documents/{id}", None, READ),
    ("GET", "/v1/documents/{id}/passages", None, READ),
    ("POST", "/v1/documents", {"text": "more"}, WRITE),
    ("PATCH", "/v1/documents/{id}", {"title": "t"}, WRITE),
    ("DELETE", "/v1/documents/{id}", None, WRITE),
    ("GET", "/v1/memories", None, READ),
    ("GET", "/v1/memories/{id}", None, READ),
    ("POST", "/v1/memories", {"text": "more"}, WRITE),
    ("PATCH", "/v1/memories/{id}", {"speaker": "t"}, WRITE),
    ("DELETE", "/v1/memories/{id}", None, WRITE),
    ("GET", "/v1/memories/{id}/history", None, READ),
    ("POST", "/v1/sessions/{id}/messages", {"text": "more"}, WRITE),
    ("GET", "/v1/sessions/{id}/messages", None, READ),
    ("POST", "/v1/sessions/{id}/complete", {"fragment": "f"}, READ),
    ("PUT", "/v1/sessions/{id}/working", {"slots": []}, WRITE),
    ("GET", "/v1/sessions/{id}/working", None, READ),
    ("GET", "/v1/core", None, READ),
    ("POST", "/v1/core", {"label": "persona", "text": "t"}, WRITE),
    ("GET", "/v1/core/{label}", None, READ),
    ("PUT", "/v1/core/{label}", {"text": "t"}, WRITE),
    ("DELETE", "/v1/core/{label}", None, WRITE),
    ("GET", "/v1/core/{label}/versions", None, READ),
    ("GET", "/v1/procedures", None, READ),
    ("POST", "/v1/procedures", {"trigger": "t", "steps": ["a"]}, WRITE),
    ("GET", "/v1/procedures/{id}", None, READ),
    ("POST", "/v1/procedures/{id}/feedback", {"success": 1}, WRITE),
    ("GET", "/v1/links", None, READ),
    ("POST", "/v1/links", None, WRITE),
    ("PUT", "/v1/links/{id}", {"status": "confirmed"}, WRITE),
    ("POST", "/v1/documents/{id}/revive", None, WRITE),
    ("POST", "/v1/memories/{id}/revive", None, WRITE),
    ("GET", "/v1/namespaces/default/policies", None, READ),
    ("PUT", "/v1/namespaces/default/policies", {"policies": []}, WRITE),
    ("POST", "/v1/forget", {"dry_run": True}, WRITE),
    ("GET", "/v1/forget", None, READ),
    ("GET", "/v1/forget/{id}", None, READ),
    ("POST", "/v1/forget/{id}/undo", None, WRITE),
    ("POST", "/v1/sleep", {"dry_run": True}, WRITE),
    ("GET", "/v1/sleep/runs", None, READ),
    ("GET", "/v1/sleep/runs/{id}", None, READ),
    ("GET", "/v1/sleep/runs/{id}/changes", None, READ),
    ("POST", "/v1/sleep/runs/{id}/undo", None, WRITE),
    ("GET", "/v1/sleep/settings", None, READ),
    ("PUT", "/v1/sleep/settings", {"is_on": False}, WRITE),
    ("GET", "/v1/hints", None, READ),
    ("DELETE", "/v1/hints/{id}", None, WRITE),
    ("GET", "/v1/holds", None, READ),
    ("PUT", "/v1/subjects/{id}/hold", {"reason": "r"}, ADMIN),
    ("DELETE", "/v1/subjects/{id}/hold", None, ADMIN),
    ("DELETE", "/v1/subjects/{id}", None, ADMIN),
    ("GET", "/v1/erasures", None, READ),
    ("GET", "/v1/erasures/{id}", None, READ),
    ("DELETE", "/v1/erasures/{id}/tombstones", None, ADMIN),
    ("POST", "/v1/recall", {"query": "q"}, READ),
    ("POST", "/v1/context", {"query": "q"}, READ),
    ("POST", "/v1/answer", {"query": "q"}, READ),
    ("GET", "/v1/enrichment", None, READ),
    ("POST", "/v1/enrichment", None, WRITE),
    ("PUT", "/v1/enrichment", {"is_on": True}, WRITE),
    ("GET", "/v1/entities", None, READ),
    ("GET", "/v1/entities/{id}", None, READ),
    ("POST", "/v1/entities/{id}/merge", {"into": "Mira"}, WRITE),
    ("POST", "/v1/entities/{id}/unmerge", {"name": "Mira"}, WRITE),
    ("GET", "/v1/graph", None, READ),
    ("GET", "/v1/graph/communities", None, READ),
    ("POST", "/v1/feedback", {"results": [{"id": "r", "verdict": "used"}]}, WRITE),
    ("POST", "/v1/feedback/{id}/undo", None, WRITE),
    ("GET", "/v1/memories/{id}/strength", None, READ),
    ("GET", "/v1/metacognition", None, READ),
    ("GET", "/v1/operations", None, READ),
    ("GET", "/v1/operations/{id}", None, READ),
    ("POST", "/v1/operations/{id}/cancel", None, WRITE),
    ("POST", "/v1/operations/{id}/retry", None, WRITE),
    ("GET", "/v1/namespaces", None, READ),
    ("GET", "/v1/namespaces/default", None, READ),
    ("POST", "/v1/namespaces", {"name": "new"}, ADMIN),
    ("PATCH", "/v1/namespaces/default", {"linkable": True}, ADMIN),
    ("DELETE", "/v1/namespaces/default", None, ADMIN),
    ("GET", "/v1/keys", None, ADMIN),
    ("POST", "/v1/keys", {"name": "k", "scopes": ["read"]}, ADMIN),
    ("DELETE", "/v1/keys/{id}", None, ADMIN),
]


def ask(client: httpx2.Client, method: str, path: str, body: object, headers: dict[str, str]) -> httpx2.Response:
    item = "018f0000-0000-7000-8000-000000000000"
    return client.request(method, path.replace("{id}", item), json=body, headers=headers)


def test_every_route_of_the_api_is_in_this_matrix(client: httpx2.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    described = {
        (method.upper(), path) for path, methods in paths.items() for method in methods if path.startswith("/v1")
    }
    tried = {(method, path.replace("/default", "/{name}")) for method, path, _, _ in ROUTES}
    assert described == tried | {("POST", "/v1/documents/upload")}


def test_once_a_key_exists_every_route_needs_one(service: Service) -> None:
    add(service.client, "something")
    service.key("read")
    for method, path, body, _ in ROUTES:
        for headers in (
            {},
            {"X-API-Key": "zg_wrong"},
            {"Authorization": "Bearer zg_wrong"},
            {"Authorization": "Basic YTpi"},
        ):
            answer = ask(service.client, method, path, body, headers)
            problem(answer, 401, "unauthorized")
            assert answer.headers["www-authenticate"] == "Bearer"
    problem(service.client.post("/v1/documents/upload", files=[("file", ("a.txt", b"a"))]), 401, "unauthorized")


@pytest.mark.parametrize("scope", ["read", "write", "admin"])
def test_each_route_asks_for_its_scope(scope: str, service: Service) -> None:
    headers = service.key(scope)
    for method, path, body, needed in ROUTES:
        if needed != {scope}:
            problem(ask(service.client, method, path, body, headers), 403, "forbidden")


def test_a_key_works_in_either_header(service: Service) -> None:
    headers = service.key("read", "write")
    assert service.client.post("/v1/documents", json={"text": "a"}, headers=headers).status_code == 201
    bearer = {"Authorization": f"Bearer {headers['X-API-Key']}"}
    assert service.client.get("/v1/documents", headers=bearer).status_code == 200


def test_a_key_bound_to_a_namespace_sees_no_other(service: Service) -> None:
    for namespace in ("mine", "other"):
        service.client.post("/v1/documents", params={"namespace": namespace}, json={"text": "a"})
    headers = service.key("read", "write", "admin", namespace="mine")

    def ask_for(namespace: str) -> httpx2.Response:
        return service.client.get("/v1/documents", params={"namespace": namespace}, headers=headers)

    assert ask_for("mine").status_code == 200
    problem(ask_for("other"), 404, "not_found")
    problem(ask_for("nowhere"), 404, "not_found")
    refused = service.client.post("/v1/documents", params={"namespace": "other"}, json={"text": "b"}, headers=headers)
    problem(refused, 404, "not_found")
    problem(service.client.get("/v1/namespaces/other", headers=headers), 404, "not_found")
    listed = service.client.get("/v1/namespaces", headers=headers).json()["items"]
    assert [one["name"] for one in listed] == ["mine"]
    problem(service.client.get("/v1/keys", headers=headers), 403, "forbidden")
    problem(service.client.delete("/v1/namespaces/other", headers=headers), 403, "forbidden")


def stranger(service: Service) -> dict[str, str]:
    """Headers with a key that may do everything, in another tenant."""
    now = datetime.now(UTC)
    foreign = service.runtime.parts.database.write(lambda session: add_tenant(session, "other", now))
    _, secret = tenancy.create_key(service.runtime.parts, foreign, "k", list(Scope), now=now)
    return {"X-API-Key": secret}


def made_by_layers_and_forgetting(client: httpx2.Client) -> dict[str, str]:
    """The ids of a procedure, a forgetting and an erasure."""
    for speaker in ("Ada", "Bea"):
        client.post("/v1/memories", json={"text": f"{speaker} said so.", "speaker": speaker})
    procedure = client.post("/v1/procedures", json={"trigger": "t", "steps": ["a"]}).json()["id"]
    forgot = client.post("/v1/forget", json={"filter": {"speaker": "Ada"}}).json()["forgetting"]["id"]
    erased = client.delete("/v1/subjects/Bea?kind=user").json()["id"]
    return {"procedures": procedure, "forget": forgot, "erasures": erased}


def corrected(client: httpx2.Client) -> str:
    """The id of a change that feedback made."""
    item = client.post("/v1/memories", json={"text": "Ola lives in Ghent."}).json()["items"][0]["id"]
    results = [{"id": item, "verdict": "corrected", "text": "Ola lives in Porto."}]
    answer = client.post("/v1/feedback", json={"results": results}).json()
    return str(answer["items"][0]["change"]["id"])


def test_what_belongs_to_another_tenant_looks_as_if_it_were_not_there(service: Service) -> None:
    large = {"documents": [{"text": f"Page {number} of a secret."} for number in range(70)]}
    operation = service.client.post("/v1/documents", json=large).json()["operation"]["id"]
    memory = service.client.post("/v1/memories", json={"text": "a secret"}).json()["items"][0]["id"]
    ids = {"documents": add(service.client, "a secret"), "memories": memory, "operations": operation}
    service.client.post("/v1/memories", json={"text": "The secret is kept by Zofia Quill."})
    assert service.client.get("/v1/entities/zofia quill").status_code == 200
    ids |= made_by_layers_and_forgetting(service.client) | {"subjects": memory, "entities": "zofia quill"}
    ids["feedback"] = corrected(service.client)
    ids["sleep"] = service.client.post("/v1/sleep").json()["night"]["id"]
    own, headers = service.key("read", "write", "admin"), stranger(service)
    ids["keys"] = service.client.get("/v1/keys", headers=own).json()["items"][0]["id"]
    assert service.client.post("/v1/documents", json={"text": "theirs"}, headers=headers).status_code == 201
    asked = [(method, path, body) for method, path, body, _ in ROUTES if "{id}" in path]
    # Sessions are whatever their callers name them, links need two namespaces (test_layers.py looks at both), and hints
    # a night and a month (test_hints.py).
    assert {path.split("/")[2] for _, path, _ in asked} == set(ids) | {"sessions", "links", "hints"}
    for method, template, body in asked:
        if (noun := template.split("/")[2]) in ids:
            path = template.replace("{id}", ids[noun]) + ("?kind=memory" if noun == "subjects" else "")
            problem(service.client.request(method, path, json=body, headers=headers), 404, "not_found")
    assert service.client.get(f"/v1/documents/{ids['documents']}", headers=own).json()["text"] == "a secret"
    assert service.client.get(f"/v1/memories/{memory}", headers=own).json()["version"] == 1
    assert service.client.get(f"/v1/operations/{operation}", headers=own).json()["status"] == "pending"
    assert service.client.get("/v1/keys", headers=own).json()["items"][0]["revoked_at"] is None


def test_another_tenant_is_never_searched_not_even_by_its_ids(service: Service) -> None:
    item = add(service.client, "a secret")
    headers = stranger(service)
    assert service.client.post("/v1/documents", json={"text": "theirs"}, headers=headers).status_code == 201
    for more in ({}, {"document_ids": [item]}, {"filters": {"document_id": item}}):
        answer = service.client.post("/v1/recall", json={"query": "a secret", **more}, headers=headers)
        assert answer.status_code == 200, answer.text
        assert all(one["text"] == "theirs" for one in answer.json()["results"])
        answer = service.client.post("/v1/context", json={"query": "a secret", **more}, headers=headers)
        assert "secret" not in answer.json()["context"]


STRANGERS: list[dict[str, str]] = [
    {"Host": "evil.example"},
    {"Host": "localhost.evil.example"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"Forwarded": "for=127.0.0.1"},
    {"X-Real-IP": "127.0.0.1"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
]


@pytest.mark.parametrize("headers", STRANGERS, ids=str)
def test_without_keys_only_this_machine_itself_is_served(headers: dict[str, str], client: httpx2.Client) -> None:
    problem(client.get("/v1/documents", headers=headers), 401, "unauthorized")
    answer = client.post("/v1/documents/upload", files=[("file", ("a.txt", b"a"))], headers=headers)
    problem(answer, 401, "unauthorized")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST:80"])
def test_without_keys_this_machine_may_do_everything(host: str, client: httpx2.Client) -> None:
    assert client.post("/v1/documents", json={"text": "a"}, headers={"Host": host}).status_code == 201
    assert client.get("/v1/keys", headers={"Host": host, "Origin": "http://localhost:3000"}).status_code == 200


def test_the_first_key_closes_the_door_behind_it_and_a_revoked_key_stops_at_once(client: httpx2.Client) -> None:
    made = client.post("/v1/keys", json={"name": "first", "scopes": ["admin", "read"]})
    assert made.status_code == 201
    body = made.json()
    assert body["key"].startswith(body["prefix"])
    problem(client.get("/v1/keys"), 401, "unauthorized")
    headers = {"X-API-Key": body["key"]}
    (listed,) = client.get("/v1/keys", headers=headers).json()["items"]
    assert "key" not in listed
    assert body["key"] not in str(listed)
    assert client.delete(f"/v1/keys/{body['id']}", headers=headers).status_code == 204
    problem(client.get("/v1/keys", headers=headers), 401, "unauthorized")


def test_an_expired_key_is_refused(service: Service) -> None:
    headers = service.key("admin", "read")
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    made = service.client.post("/v1/keys", json={"name": "k", "scopes": ["read"], "expires_at": past}, headers=headers)
    if made.status_code == 201:
        problem(service.client.get("/v1/namespaces", headers={"X-API-Key": made.json()["key"]}), 401, "unauthorized")
    else:
        problem(made, 422, "invalid_input")


def test_namespaces_are_made_listed_and_deleted_with_all_they_hold(client: httpx2.Client) -> None:
    assert client.post("/v1/namespaces", json={"name": "work"}).status_code == 201
    problem(client.post("/v1/namespaces", json={"name": "work"}), 409, "conflict")
    problem(client.post("/v1/namespaces", json={"name": "a/b"}), 422, "invalid_input")
    client.post("/v1/documents", params={"namespace": "work"}, json={"text": "One heron."})
    client.post("/v1/memories", params={"namespace": "work"}, json={"text": "Two swifts."})
    stats = client.get("/v1/namespaces/work").json()
    assert (stats["documents"], stats["memories"], stats["passages"]) == (1, 1, 2)
    assert "work" in [one["name"] for one in client.get("/v1/namespaces").json()["items"]]
    assert client.delete("/v1/namespaces/work").status_code == 204
    problem(client.get("/v1/namespaces/work"), 404, "not_found")
    problem(client.post("/v1/recall", params={"namespace": "work"}, json={"query": "heron"}), 404, "not_found")
