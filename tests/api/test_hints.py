"""Hints over HTTP: set, told by a night, dismissed; and what is refused."""

from datetime import UTC, datetime, timedelta

import httpx2

from memory import remember, tenancy
from memory.types import Draft, Kind
from tests.api.checks import fields, problem
from tests.api.conftest import Service
from tests.api.test_access import stranger

OLD = "Halvard Brennock lent the brass sextant to the museum of Skarrow."
NEW = "I met Halvard Brennock on the ferry this morning."


def lived(service: Service) -> None:
    """A month ago something was written about a man, and today somebody met him."""
    parts = service.runtime.parts
    namespace = tenancy.namespace(parts, service.runtime.owner, "default")
    long_ago = datetime.now(UTC) - timedelta(days=30)
    remember.remember(parts, namespace, [Draft(Kind.DOCUMENT, OLD)], now=long_ago, actor="test")
    service.client.post("/v1/memories", json={"text": NEW, "session_id": "ferry"})


def test_a_night_tells_and_a_hint_is_dismissed(service: Service) -> None:
    client = service.client
    set_ = client.put("/v1/sleep/settings", json={"is_on": False, "hints": True, "stages": ["settle"]})
    assert set_.json()["hints"] is True
    lived(service)
    assert client.get("/v1/hints").json() == {"items": [], "next_cursor": None}
    client.post("/v1/sleep")
    service.work()
    (hint,) = client.get("/v1/hints").json()["items"]
    assert (hint["source"]["text"], hint["target"]["text"]) == (NEW, OLD)
    assert (hint["source"]["kind"], hint["target"]["kind"]) == ("memory", "document")
    assert hint["why"] == "Both name Halvard Brennock; 30 days lie between them."
    assert [step["node"] for step in hint["path"]] == ["passage", "entity", "passage"]
    own, theirs, where = service.key("read", "write"), stranger(service), f"/v1/hints/{hint['id']}"
    assert client.post("/v1/memories", json={"text": "theirs"}, headers=theirs).status_code == 201
    problem(client.delete(where, headers=theirs), 404, "not_found")
    assert client.delete(where, headers=own).status_code == 204
    assert client.get("/v1/hints", headers=own).json()["items"] == []
    problem(client.delete(where, headers=own), 404, "not_found")


def test_hints_belong_to_their_namespace_and_need_a_scope(service: Service) -> None:
    client = service.client
    problem(client.delete("/v1/hints/nonsense"), 404, "not_found")
    answer = client.get("/v1/hints?cursor=nonsense&limit=1")
    problem(answer, 422, "invalid_input")
    assert fields(answer) == {"cursor"}
    reader, other = service.key("read"), service.key("read", "write", namespace="elsewhere")
    problem(client.delete("/v1/hints/01890000-0000-7000-8000-000000000000", headers=reader), 403, "forbidden")
    problem(client.get("/v1/hints", headers=other), 404, "not_found")


def test_whether_hints_are_wanted_is_yes_or_no(client: httpx2.Client) -> None:
    answer = client.put("/v1/sleep/settings", json={"is_on": True, "hints": "many"})
    problem(answer, 422, "invalid_input")
    assert fields(answer) == {"hints"}
