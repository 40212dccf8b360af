"""Nights over HTTP: begun, planned, watched, undone, and what is refused."""

import httpx2
import pytest

from tests.api.checks import fields, problem, recalled
from tests.api.conftest import Service

UNKNOWN = "01890000-0000-7000-8000-000000000000"
TWICE = ("The ferry to Ostend leaves at six.", "The ferry to Ostend leaves at six, as always.")


@pytest.fixture
def twice(client: httpx2.Client) -> list[str]:
    body = {"memories": [{"text": text, "speaker": "Mira"} for text in (*TWICE, "Tea is ready.")]}
    return [one["id"] for one in client.post("/v1/memories", json=body).json()["items"]]


@pytest.fixture
def night(service: Service, twice: list[str]) -> dict[str, object]:
    begun = service.client.post("/v1/sleep")
    assert begun.status_code == 202, begun.text
    service.work()
    found = service.client.get(f"/v1/sleep/runs/{begun.json()['night']['id']}").json()
    assert found["status"] == "done"
    return dict(found)


def test_a_night_tells_what_it_did_and_is_undone(client: httpx2.Client, night: dict[str, object]) -> None:
    where = f"/v1/sleep/runs/{night['id']}"
    assert [one["id"] for one in client.get("/v1/sleep/runs").json()["items"]] == [night["id"]]
    assert night["counts"]["archived"] >= 1, night  # type: ignore[index]
    assert len(recalled(client, "ferry")) == 2  # the one that stands for both, and the tea
    found = client.post("/v1/recall", json={"query": "ferry"}).json()["results"]
    assert found[0]["sources"]
    changes = client.get(f"{where}/changes?limit=1").json()
    assert changes["items"][0]["status"] == "applied"
    assert client.get(f"{where}/changes?cursor={changes['next_cursor']}").json()["items"]
    undone = client.post(f"{where}/undo")
    assert undone.json()["status"] == "undone"
    assert set(recalled(client, "ferry")) == {*TWICE, "Tea is ready."}
    problem(client.post(f"{where}/undo"), 409, "conflict")


def test_a_dry_run_shows_what_would_change_and_changes_nothing(client: httpx2.Client, twice: list[str]) -> None:
    shown = client.post("/v1/sleep", json={"dry_run": True})
    assert shown.status_code == 200
    assert {one["status"] for one in shown.json()["plan"]} == {"planned"}
    assert client.get("/v1/sleep/runs").json()["items"] == []
    assert len(recalled(client, "ferry")) == 3


def test_a_second_night_is_the_one_that_runs(client: httpx2.Client, twice: list[str]) -> None:
    first, second = client.post("/v1/sleep").json()["night"], client.post("/v1/sleep").json()["night"]
    assert first["id"] == second["id"]
    problem(client.post(f"/v1/sleep/runs/{first['id']}/undo"), 409, "conflict")


def test_an_undo_lists_what_is_in_its_way(client: httpx2.Client, night: dict[str, object]) -> None:
    changes = client.get(f"/v1/sleep/runs/{night['id']}/changes").json()["items"]
    moved = next(one["id"] for one in changes if one["of"] == "place")
    changed = client.patch(f"/v1/memories/{moved}", json={"state": "active", "layer": "procedural"})
    assert changed.status_code == 200, changed.text
    undo = f"/v1/sleep/runs/{night['id']}/undo"
    problem(client.post(undo), 409, "not_undone")
    assert fields(client.post(undo)) == {moved}
    assert client.post(undo, json={"except": [moved]}).json()["status"] == "undone"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"stages": ["settle", "dream"]}, {"stages[1]"}),
        ({"stages": 3}, {"stages"}),
        ({"dry": True}, {"dry"}),
    ],
)
def test_an_unknown_stage_is_refused(client: httpx2.Client, body: dict[str, object], named: set[str]) -> None:
    answer = client.post("/v1/sleep", json=body)
    problem(answer, 422, "invalid_input")
    assert fields(answer) == named


def test_sleep_by_itself_is_set_and_refused(client: httpx2.Client) -> None:
    where = "/v1/sleep/settings"
    assert client.get(where).json()["is_on"] is False
    wrong = client.put(where, json={"is_on": True, "at": "3 o'clock", "time_zone": "Mars/Base", "after_writes": 0})
    problem(wrong, 422, "invalid_input")
    for field, value in {"distil_clusters": -1, "distil_tokens": -1, "distil_seconds": 121}.items():
        refused = client.put(where, json={"is_on": True, field: value})
        problem(refused, 422, "invalid_input")
        assert fields(refused) == {field}
    wanted = {"is_on": True, "at": "04:30", "time_zone": "Europe/Lisbon", "stages": ["settle", "replay"]}
    wanted |= {"distil": False, "distil_clusters": 3, "distil_tokens": 0, "distil_seconds": 5}
    assert client.put(where, json=wanted).status_code == 200
    assert {name: client.get(where).json()[name] for name in wanted} == wanted


def test_writes_bring_a_night_on(service: Service) -> None:
    client = service.client
    client.put("/v1/sleep/settings", json={"is_on": True, "after_writes": 1})
    client.post("/v1/memories", json={"text": "Tea is ready."})
    service.work(minutes=2)
    (night,) = client.get("/v1/sleep/runs").json()["items"]
    assert (night["trigger"], night["status"]) == ("writes", "done")


def test_unknown_nights_are_not_there(client: httpx2.Client) -> None:
    for answer in (
        client.get(f"/v1/sleep/runs/{UNKNOWN}"),
        client.get(f"/v1/sleep/runs/{UNKNOWN}/changes"),
        client.post(f"/v1/sleep/runs/{UNKNOWN}/undo"),
        client.get("/v1/sleep/runs/nonsense"),
    ):
        problem(answer, 404, "not_found")
