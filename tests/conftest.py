"""Shared fixtures: a fresh, migrated database of each kind, and the parts of memory on top of it."""

import gc
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings
from sqlalchemy import make_url

from memory import tenancy
from memory.indexing import Indexes
from memory.parts import Parts
from memory.store.database import Database
from memory.store.migrate import upgrade
from memory.types import Namespace, Principal, Scope
from tests.fakes import MoodyEmbedder
from tests.postgres import postgres_server

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEMPLATE = "zengram_template"
Server = psycopg.Connection[tuple[object, ...]]

DISK, MEMORY = Path(tempfile.gettempdir()), Path("/dev/shm")
ROOM = 2 << 30  # bytes

if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
    # A database of PostgreSQL is hundreds of files, and each test has one of its own.
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.load_profile("untimed")


def pytest_collection_finish() -> None:
    """What is imported by now stays: the collector need not look through it again at every full collection."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server with a migrated template database; ZENGRAM_TEST_POSTGRES_URL names one that runs already."""
    given = os.environ.get("ZENGRAM_TEST_POSTGRES_URL")
    if given:
        _make_template(given)
        yield given
        return
    with postgres_server() as url:
        _make_template(url)
        yield url


@pytest.fixture(scope="session")
def postgres(postgres_url: str) -> Iterator[Server]:
    """A connection to the server that makes and drops databases: a new one for each would cost as much as they do."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh, migrated database in a file, where one kind is enough."""
    path = tmp_path / "zengram.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh, migrated database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    server: Server = request.getfixturevalue("postgres")
    name = f"test_{uuid4().hex}"
    _execute(server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield _named(request.getfixturevalue("postgres_url"), name)
    _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def copied(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes another database like one that nobody uses just now; it is gone afterwards."""
    names: list[str] = []

    def copy(url: str) -> str:
        name, source = f"copy_{uuid4().hex}", str(make_url(url).database)
        if url.startswith("sqlite"):
            path = tmp_path / f"{name}.db"
            with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(path)) as other:
                one.backup(other)
            return f"sqlite:///{path}"
        _execute(request.getfixturevalue("postgres"), f"CREATE DATABASE {name} TEMPLATE {source}")
        names.append(name)
        return _named(request.getfixturevalue("postgres_url"), name)

    yield copy
    for name in names:
        _execute(request.getfixturevalue("postgres"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def embedder() -> MoodyEmbedder:
    return MoodyEmbedder()


@pytest.fixture
def parts(database: Database, embedder: MoodyEmbedder, tmp_path: Path) -> Iterator[Parts]:
    indexes = Indexes(database, tmp_path / "segments", embedder.dimension, embedder.fingerprint, 1 << 30)
    yield Parts(database, indexes, embedder)
    indexes.close()


@pytest.fixture
def namespace(parts: Parts) -> Namespace:
    """The default namespace of the default tenant."""
    return tenancy.bootstrap(parts, NOW)


@pytest.fixture
def owner(namespace: Namespace) -> Principal:
    """Who may do everything in the default tenant."""
    return Principal(namespace.tenant, frozenset(Scope))


def _make_template(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as server:
        _execute(server, f"DROP DATABASE IF EXISTS {TEMPLATE}")
        _execute(server, f"CREATE DATABASE {TEMPLATE}")
    upgrade(_named(url, TEMPLATE))


def _named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def _execute(server: Server, statement: str) -> None:
    server.execute(statement.encode())
