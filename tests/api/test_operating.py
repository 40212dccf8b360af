"""Running it: health, metrics, logs, descriptions, and what happens when the ground gives way."""

import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import psycopg
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from app import wiring
from app.logs import JsonLines
from app.main import create_app
from app.openapi import as_yaml
from app.settings import Settings
from memory.store.sqlite import SqliteStore
from tests.api.checks import add, problem, recalled
from tests.api.commands import ROOT
from tests.api.conftest import Service, running

HERON = "The heron nests by the old mill."


def test_health_says_alive_ready_and_draining(service: Service) -> None:
    assert service.client.get("/healthz/live").json() == {"status": "ok"}
    assert service.client.get("/healthz/ready").json() == {"status": "ok"}
    service.runtime.draining.set()
    answer = service.client.get("/healthz/ready")
    problem(answer, 503, "not_ready")
    assert int(answer.headers["retry-after"]) > 0
    assert service.client.get("/healthz/live").status_code == 200


def test_metrics_count_requests_latencies_indexes_and_jobs(client: httpx2.Client) -> None:
    add(client, HERON)
    recalled(client, "heron")
    client.get("/v1/documents/nonsense")
    client.get("/nowhere")
    families = text_string_to_metric_families(client.get("/metrics").text)
    samples = {(one.name, *sorted(one.labels.values())): one.value for family in families for one in family.samples}
    assert samples["zengram_requests_total", "/v1/documents", "201", "POST"] == 1
    assert samples["zengram_requests_total", "/v1/documents/{id}", "404", "GET"] == 1
    assert samples["zengram_requests_total", "404", "GET", "unmatched"] == 1
    assert samples["zengram_write_seconds_count",] == 1
    assert samples["zengram_recall_seconds_count",] == 1
    assert samples["zengram_index_namespaces",] == 1
    assert samples["zengram_index_bytes",] > 0
    assert samples["zengram_jobs", "todo"] >= 0


def test_a_request_keeps_the_id_it_was_sent_with_unless_that_is_unsound(client: httpx2.Client) -> None:
    assert client.get("/healthz/live", headers={"X-Request-Id": "abc-1"}).headers["x-request-id"] == "abc-1"
    for unsound in ("a b", 'a"b', "x" * 129):
        given = client.get("/healthz/live", headers={"X-Request-Id": unsound}).headers["x-request-id"]
        assert given != unsound
        assert len(given) == 32


@contextmanager
def log_lines() -> Iterator[list[dict[str, object]]]:
    lines: list[dict[str, object]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(JsonLines().format(record)))

    root, keep = logging.getLogger(), Keep()
    before = root.level
    root.addHandler(keep)
    root.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        root.removeHandler(keep)
        root.setLevel(before)


def test_logs_have_the_route_and_the_request_but_no_text_and_no_key(service: Service) -> None:
    headers = service.key("read", "write") | {"X-Request-Id": "r-77"}
    with log_lines() as lines:
        service.client.post("/v1/documents", json={"text": HERON}, headers=headers)
        service.client.post("/v1/recall", json={"query": "secret question"}, headers=headers)
        service.client.post("/v1/documents", json={"text": ""}, headers=headers)
    access = [line for line in lines if line["logger"] == "app.access"]
    assert [(line["route"], line["status"], line["request_id"]) for line in access] == [
        ("/v1/documents", 201, "r-77"),
        ("/v1/recall", 200, "r-77"),
        ("/v1/documents", 422, "r-77"),
    ]
    said = json.dumps(lines)
    assert "heron" not in said
    assert "secret" not in said
    assert headers["X-API-Key"] not in said


def test_what_nobody_expected_is_a_500_that_tells_nothing_and_a_log_that_tells_all(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_question: str) -> None:
        raise ZeroDivisionError("the inside story")

    monkeypatch.setattr(type(service.runtime.parts.embedder), "encode_question", lambda _self, question: fail(question))
    add(service.client, HERON)
    with log_lines() as lines:
        answer = service.client.post("/v1/recall", json={"query": "heron"})
    body = problem(answer, 500, "internal")
    assert "story" not in str(body)
    (line,) = [line for line in lines if line["event"] == "unexpected error"]
    assert line["request_id"] == body["request_id"]
    assert "the inside story" in str(line["traceback"])
    assert service.client.get("/healthz/live").status_code == 200


def test_a_database_error_is_logged_without_the_text_that_met_it(service: Service) -> None:
    service.runtime.parts.database.write(
        lambda session: session.execute(text("ALTER TABLE passages RENAME TO lost")) and None
    )
    with log_lines() as lines:
        problem(service.client.post("/v1/documents", json={"text": HERON}), 500, "internal")
    assert "passages" in json.dumps(lines)
    assert "heron" not in json.dumps(lines)


def test_the_documentation_needs_nothing_from_elsewhere(client: httpx2.Client) -> None:
    assert client.get("/").headers["location"] == "/docs"
    page = client.get("/docs").text
    assert "http" not in page.replace("http://www.w3.org", "")
    for name in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
        assert f"/docs/assets/{name}" in page
        assert len(client.get(f"/docs/assets/{name}").content) > 1000


def test_openapi_yaml_is_what_the_code_says() -> None:
    fresh = as_yaml(create_app(Settings()))
    assert (ROOT / "openapi.yaml").read_text(encoding="utf-8") == fresh, "run: python -m app openapi > openapi.yaml"


def test_every_operation_has_a_readable_name_a_description_and_its_problems() -> None:
    description = yaml.safe_load(as_yaml(create_app(Settings())))
    operations = [one for methods in description["paths"].values() for one in methods.values()]
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names)
    assert all(name.replace("_", "").isalpha() for name in names)
    assert all(one["description"] for one in operations)
    for one in operations:
        if "security" in one:
            content = one["responses"]["401"]["content"]
            assert content["application/problem+json"]["schema"]["$ref"].endswith("/ProblemOut")


def fill_the_disk(service: Service) -> None:
    """From now on the SQLite file cannot grow."""
    store = service.runtime.parts.database._store
    assert isinstance(store, SqliteStore)
    with store._writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # a real full disk: durability/test_full_disk.py
def test_a_full_disk_is_said_and_nothing_is_half_written(service: Service) -> None:
    kept = add(service.client, HERON)
    fill_the_disk(service)
    answer = service.client.post("/v1/documents", json={"text": "long words " * 40_000})
    problem(answer, 507, "storage_full")
    assert [one["id"] for one in service.client.get("/v1/documents").json()["items"]] == [kept]
    assert recalled(service.client, "heron") == [HERON]


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Somebody else holds the lock that every write needs."""
    if url.startswith("sqlite"):
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.close()
    else:
        with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
            connection.execute("LOCK TABLE namespaces IN ACCESS EXCLUSIVE MODE")
            yield
            connection.rollback()


def test_a_locked_database_is_a_503_that_says_try_again_and_nothing_is_lost(settings: Settings) -> None:
    runtime = wiring.open_runtime(settings, busy_seconds=0.3)
    with running(settings, runtime) as client:
        add(client, "Before the lock.")
        with locked(settings.url):
            answer = client.post("/v1/documents", json={"text": HERON})
            problem(answer, 503, "store_unavailable")
            assert answer.headers["retry-after"]
        assert client.post("/v1/documents", json={"text": HERON}).json()["items"][0]["status"] == "stored"
        assert len(client.get("/v1/documents").json()["items"]) == 2


def test_a_corrupted_segment_is_rebuilt_by_itself(settings: Settings) -> None:
    runtime = wiring.open_runtime(settings)
    with running(settings, runtime) as client:
        for number in range(5):
            add(client, f"Lock number {number} is kept by keeper {number}.")
        before = recalled(client, "Who keeps lock number 3?")
        namespace = next(iter(runtime.parts.indexes.opened()))
        assert runtime.parts.indexes.fold(namespace, datetime.now(UTC)) is not None
    files = [path for path in Path(settings.data_dir).rglob("*") if path.is_file() and "segments" in path.parts]
    assert files
    for path in files:
        content = bytearray(path.read_bytes())
        middle = len(content) // 2
        content[middle : middle + 64] = bytes(64 * [0xA5])[: len(content) - middle]
        path.write_bytes(content)
    with running(settings, wiring.open_runtime(settings)) as client:
        assert recalled(client, "Who keeps lock number 3?") == before
        add(client, HERON)
        assert recalled(client, "heron mill")[0] == HERON
