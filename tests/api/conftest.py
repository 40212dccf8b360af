"""A real server for each test: uvicorn on a free port, the hashing embedder, and a migrated database."""

import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
import uvicorn

from app import wiring
from app.api import config_of
from app.runtime import Runtime
from app.settings import Settings
from memory import jobs, tenancy
from memory.types import Scope
from tests.api import commands
from tests.api.commands import START_SECONDS


@dataclass(frozen=True)
class Service:
    """A running service, and its parts to look behind the scenes."""

    client: httpx2.Client
    runtime: Runtime
    settings: Settings

    def key(self, *scopes: str, namespace: str | None = None) -> dict[str, str]:
        """Headers with a new key."""
        parts, tenant, allowed = self.runtime.parts, self.runtime.owner.tenant, [Scope(scope) for scope in scopes]
        _, secret = tenancy.create_key(parts, tenant, "test", allowed, namespace=namespace, now=datetime.now(UTC))
        return {"X-API-Key": secret}

    def work(self, minutes: float = 0) -> None:
        """What the worker does, so much later, until nothing is left."""
        later = timedelta(minutes=minutes)
        while jobs.run_one(self.runtime.parts, datetime.now(UTC) + later, "test"):
            pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(settings: Settings, runtime: Runtime) -> Iterator[httpx2.Client]:
    """A server in a thread; it stops, and closes the runtime, at the end."""
    server = uvicorn.Server(config_of(settings, runtime))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + START_SECONDS
        while not server.started:
            assert thread.is_alive()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        with httpx2.Client(base_url=f"http://127.0.0.1:{settings.port}", timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url,
        data_dir=tmp_path / "data",
        port=free_port(),
        embedder="hashing",
        max_upload_mb=2,
        drain_seconds=10,
    )


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    runtime = wiring.open_runtime(settings)
    with running(settings, runtime) as client:
        yield Service(client, runtime, settings)


@pytest.fixture
def client(service: Service) -> httpx2.Client:
    return service.client


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """For processes of their own: an embedded service in a new folder on a free port."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ZENGRAM_")}
    return clean | {
        "ZENGRAM_DATA_DIR": str(tmp_path / "data"),
        "ZENGRAM_PORT": str(free_port()),
        "ZENGRAM_EMBEDDER": "hashing",
        "OMP_NUM_THREADS": "1",
    }


@pytest.fixture
def migrated(environment: dict[str, str], sqlite_template: Path) -> None:
    """The database of those processes, as `python -m app migrate` makes it."""
    folder = Path(environment["ZENGRAM_DATA_DIR"])
    folder.mkdir()
    (folder / "zengram.db").write_bytes(sqlite_template.read_bytes())


Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def command(environment: dict[str, str], tmp_path: Path) -> Command:
    """Runs what `python -m app ...` runs, with variables changed as given."""
    return lambda *arguments, **changed: commands.run(arguments, environment | changed, tmp_path)


@pytest.fixture
def program(environment: dict[str, str]) -> Command:
    """Runs `python -m app ...` itself, with variables changed as given."""
    return lambda *arguments, **changed: commands.run_program(arguments, environment | changed)
