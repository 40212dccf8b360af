"""The disk is full, really: writes are refused with a 507, nothing is half there, and with space all goes on."""

import os
import random
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import psycopg
import pytest
from sqlalchemy import make_url

from app import wiring
from app.settings import Settings
from memory.store.database import Database
from memory.store.migrate import upgrade
from tests.api.checks import add, problem, recalled
from tests.api.conftest import Service, free_port, running
from tests.conftest import TEMPLATE
from tests.durability import invariants

SMALL, LARGER = 6 * 1024 * 1024, 32 * 1024 * 1024  # bytes; a PostgreSQL database has 8 MB before anything is in it
HERON = "The heron nests by the old mill."


@contextmanager
def small_disk(size: int) -> Iterator[Path]:
    """A file system of its own, which every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="zengram-disk-"))
    options = f"size={size},mode=755"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "zengram-test", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    folder.chmod(0o755)
    try:
        if mounted.returncode:
            pytest.skip(f"no right to mount a small disk: {mounted.stderr.strip()}")  # limited files stand in for it
        yield folder
    finally:
        if not mounted.returncode:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Nothing more can be written while this lasts."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            yield
    ballast.unlink()


def noise(words: int) -> str:
    """A text that no compression makes small."""
    rng = random.Random(words)
    return " ".join(rng.randbytes(6).hex() for _ in range(words)) + "."


@contextmanager
def service_on(url: str, data: Path) -> Iterator[Service]:
    settings = Settings(database_url=url, data_dir=data, port=free_port(), embedder="hashing", drain_seconds=10)
    upgrade(settings.url)
    runtime = wiring.open_runtime(settings)
    with running(settings, runtime) as client:
        yield Service(client, runtime, settings)


def write_until_full(client: httpx2.Client) -> list[str]:
    """The ids of what was acknowledged before."""
    kept: list[str] = []
    for number in range(1000):
        answer = client.post("/v1/documents", json={"text": f"{number} {noise(2000)}"})
        if answer.status_code != 201:
            body = problem(answer, 507, "storage_full")
            assert "Nothing was written" in str(body["detail"])
            return kept
        kept.append(str(answer.json()["items"][0]["id"]))
    raise AssertionError("the disk did not fill")


def assert_whole(url: str, ids: list[str]) -> None:
    database = Database(url)
    assert invariants.violations(database) == []
    assert set(invariants.texts(database)) == set(ids)
    database.close()


def test_on_a_full_disk_sqlite_refuses_and_loses_nothing() -> None:
    with small_disk(SMALL) as disk, service_on("", disk / "data") as service:
        client, url = service.client, service.settings.url
        kept = [add(client, HERON)]
        with filled(disk):
            kept += write_until_full(client)
            large = {"documents": [{"text": f"{number} {noise(2000)}"} for number in range(70)]}
            problem(client.post("/v1/documents", json=large), 507, "storage_full")
            assert recalled(client, "heron nests mill", top_k=1) == [HERON]
            assert client.get("/healthz/live").status_code == 200
            namespace = next(iter(service.runtime.parts.indexes.opened()))
            with pytest.raises(OSError, match="No space left"):
                service.runtime.parts.indexes.fold(namespace, datetime.now(UTC))
            assert [one for one in (disk / "data/segments").rglob("*") if one.is_file()] == []
            assert_whole(url, kept)
        kept += [add(client, f"After all: {number} {noise(100)}") for number in range(3)]
        assert service.runtime.parts.indexes.fold(namespace, datetime.now(UTC)) is not None
        assert recalled(client, "heron nests mill", top_k=1) == [HERON]
        assert_whole(url, kept)


@pytest.fixture
def on_small_disk(postgres_url: str) -> Iterator[Path]:
    """A disk with a database `on_small_disk` of the server, and nothing else of it."""
    with small_disk(LARGER) as disk, psycopg.connect(postgres_url, autocommit=True) as connection:
        shown = connection.execute("SHOW data_directory").fetchone()
        assert shown is not None
        owner, place = Path(shown[0]).stat(), disk / "tables"
        place.mkdir()
        os.chown(place, owner.st_uid, owner.st_gid)
        connection.execute(f"CREATE TABLESPACE small LOCATION '{place}'".encode())
        connection.execute(f"CREATE DATABASE on_small_disk TABLESPACE small TEMPLATE {TEMPLATE}".encode())
        yield disk
        connection.execute("DROP DATABASE on_small_disk WITH (FORCE)")
        connection.execute("DROP TABLESPACE small")


def test_on_a_full_disk_postgresql_refuses_and_loses_nothing(
    postgres_url: str, on_small_disk: Path, tmp_path: Path
) -> None:
    url = make_url(postgres_url).set(database="on_small_disk").render_as_string(hide_password=False)
    with service_on(url, tmp_path) as service:
        client = service.client
        kept = [add(client, HERON)]
        with filled(on_small_disk):
            kept += write_until_full(client)
            assert recalled(client, "heron nests mill", top_k=1) == [HERON]
            assert client.get("/healthz/live").status_code == 200
            assert_whole(url, kept)
        kept += [add(client, f"After all: {number} {noise(100)}") for number in range(3)]
        assert recalled(client, "heron nests mill", top_k=1) == [HERON]
        assert_whole(url, kept)
