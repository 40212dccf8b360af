"""The two verbs of the database: what they promise, on SQLite and on PostgreSQL."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from memory.errors import InvalidInput, StorageFull, StoreUnavailable
from memory.store import namespaces
from memory.store.database import Database
from memory.store.tables import NamespaceRow, TenantRow
from memory.types import NamespaceId, TenantId


@pytest.fixture
def namespace_id(database: Database, now: datetime) -> NamespaceId:
    return database.write(lambda session: _made(session, now))


def _made(session: Session, now: datetime, name: str = "home") -> NamespaceId:
    tenant = namespaces.add_tenant(session, "tenant", now)
    namespaces.add(session, tenant, name, now)
    found = namespaces.find(session, tenant, name)
    assert found is not None
    return found.id


def _count(session: Session) -> int:
    return len(session.execute(select(NamespaceRow.id)).all())


def test_what_was_written_is_read(database: Database, namespace_id: NamespaceId) -> None:
    assert database.read(lambda session: namespaces.revision(session, namespace_id)) == 0


def test_a_time_comes_back_in_utc(database: Database, namespace_id: NamespaceId, now: datetime) -> None:
    made = database.read(lambda session: session.execute(select(NamespaceRow.created_at)).scalar_one())
    assert made == now
    assert made.tzinfo is not None


def test_a_time_without_a_zone_never_reaches_the_store(database: Database) -> None:
    with pytest.raises(Exception, match="without a zone"):
        database.write(lambda session: namespaces.add_tenant(session, "x", datetime(2026, 1, 1)))  # noqa: DTZ001


def test_a_write_that_fails_leaves_nothing(database: Database, namespace_id: NamespaceId, now: datetime) -> None:
    def fail(session: Session) -> None:
        _made(session, now, "other")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(fail)
    assert database.read(_count) == 1


def test_a_unique_key_forbids_the_duplicate(database: Database, now: datetime) -> None:
    def twice(session: Session) -> None:
        session.add(TenantRow(id="a" * 36, name="same", created_at=now))
        session.add(TenantRow(id="b" * 36, name="same", created_at=now))

    with pytest.raises(IntegrityError):
        database.write(twice)


def test_a_foreign_key_is_enforced(database: Database, now: datetime) -> None:
    with pytest.raises(IntegrityError):
        database.write(lambda session: namespaces.add(session, TenantId("nobody"), "x", now))


def test_a_reader_cannot_write(database: Database, namespace_id: NamespaceId) -> None:
    with pytest.raises(StoreUnavailable):
        database.read(lambda session: namespaces.advance(session, namespace_id, 1))
    assert database.read(lambda session: namespaces.revision(session, namespace_id)) == 0


def test_a_reader_sees_one_moment(database: Database, namespace_id: NamespaceId) -> None:
    seen: list[int] = []

    def read(session: Session) -> None:
        seen.append(namespaces.revision(session, namespace_id))
        database.write(lambda other: namespaces.advance(other, namespace_id, 1))
        session.expire_all()
        seen.append(namespaces.revision(session, namespace_id))

    database.read(read)
    assert seen == [0, 0]
    assert database.read(lambda session: namespaces.revision(session, namespace_id)) == 1


def test_no_revision_is_lost_in_a_storm_of_writes(database: Database, namespace_id: NamespaceId) -> None:
    def write(_: int) -> list[int]:
        return [database.write(lambda session: namespaces.advance(session, namespace_id, 1)) for _ in range(10)]

    with ThreadPoolExecutor(32) as pool:
        taken = [number for numbers in pool.map(write, range(32)) for number in numbers]
    assert sorted(taken) == list(range(1, 321))


def test_a_failing_write_in_a_group_leaves_the_others(
    database: Database, namespace_id: NamespaceId, now: datetime
) -> None:
    """On SQLite, the writes that wait behind a slow one share one commit."""
    started, go_on = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        started.set()
        assert go_on.wait(30)

    def write(number: int) -> int:
        def run(session: Session) -> int:
            _made(session, now, f"n{number}")
            session.flush()
            if number % 3 == 0:
                raise ZeroDivisionError
            if number % 3 == 1:
                _made(session, now, f"n{number}")  # repeats itself: nothing happens
                session.add(TenantRow(id=f"{number:036}", name="tenant", created_at=now))  # violates a unique key
            return number

        return database.write(run)

    with ThreadPoolExecutor(32) as pool:
        first = pool.submit(database.write, slow)
        assert started.wait(30)
        others = {number: pool.submit(write, number) for number in range(30)}
        go_on.set()
        first.result()
        outcomes = {number: future.exception() for number, future in others.items()}
    for number, error in outcomes.items():
        wanted = (ZeroDivisionError, IntegrityError, type(None))[number % 3]
        assert isinstance(error, wanted), number
    assert database.read(_count) == 1 + 10


def test_a_closed_store_has_finished_its_writes_and_takes_no_more(database_url: str, now: datetime) -> None:
    database = Database(database_url)
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(database.write, lambda session, n=n: _made(session, now, f"n{n}")) for n in range(8)]
        for future in waiting:
            future.result()
    database.close()
    again = Database(database_url)
    assert again.read(_count) == 8
    again.close()


def test_the_database_answers_a_ping(database: Database) -> None:
    database.ping()


@pytest.mark.parametrize("url", ["mysql://host/name", "sqlite://", "nonsense", "sqlite:///:memory:"])
def test_an_url_that_cannot_be_used_is_refused_with_a_remedy(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Database(url)
    assert "sqlite:///" in caught.value.problems[0].remedy


def test_a_server_out_of_reach_is_unavailable() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none", busy_seconds=1)
    with pytest.raises(StoreUnavailable):
        database.ping()
    with pytest.raises(StoreUnavailable):
        database.write(lambda session: session.execute(text("SELECT 1")))
    database.close()


class TestSqlite:
    @pytest.fixture
    def path(self, sqlite_template: Path, tmp_path: Path) -> Path:
        path = tmp_path / "z.db"
        path.write_bytes(sqlite_template.read_bytes())
        return path

    def test_every_connection_is_durable_and_checks_foreign_keys(self, path: Path) -> None:
        database = Database(f"sqlite:///{path}")
        pragmas = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10000}

        def read(session: Session) -> dict[str, str | int]:
            return {name: session.execute(text(f"PRAGMA {name}")).scalar_one() for name in pragmas}

        inside = threading.Barrier(3)

        def together(session: Session) -> dict[str, str | int]:
            inside.wait(30)  # so that each of the three has a connection of its own
            return read(session)

        with ThreadPoolExecutor(3) as pool:
            found = list(pool.map(lambda _: database.read(together), range(3)))
        assert [*found, database.write(read)] == [pragmas] * 4
        database.close()

    def test_a_locked_database_is_unavailable_and_nothing_is_written(self, path: Path, now: datetime) -> None:
        database = Database(f"sqlite:///{path}", busy_seconds=0.05)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="Nothing was written"):
            database.write(lambda session: _made(session, now))
        assert database.read(_count) == 0  # reading goes on
        other.execute("ROLLBACK")
        other.close()
        database.write(lambda session: _made(session, now))
        assert database.read(_count) == 1
        database.close()

    def test_a_full_disk_is_reported_and_nothing_is_half_written(self, path: Path, now: datetime) -> None:
        database = Database(f"sqlite:///{path}")
        database.write(lambda session: session.execute(text("PRAGMA max_page_count = 60")))

        def too_much(session: Session) -> None:
            for number in range(2000):
                namespaces.add_tenant(session, f"{number}" + "x" * 500, now)

        with pytest.raises(StorageFull):
            database.write(too_much)
        tenants = database.read(lambda session: len(session.execute(select(TenantRow.id)).all()))
        assert tenants == 0
        database.write(lambda session: session.execute(text("PRAGMA max_page_count = 1000000")))
        database.write(lambda session: _made(session, now))
        assert database.read(_count) == 1
        database.close()

    def test_who_fills_the_disk_does_not_take_others_along(self, path: Path, now: datetime) -> None:
        """SQLite gives up the whole transaction when the disk is full; the others in it are done once more."""
        database = Database(f"sqlite:///{path}")
        database.write(lambda session: session.execute(text("PRAGMA max_page_count = 60")))
        started, go_on = threading.Event(), threading.Event()

        def slow(session: Session) -> None:
            started.set()
            assert go_on.wait(30)

        def too_much(session: Session) -> None:
            for number in range(2000):
                namespaces.add_tenant(session, f"{number}" + "x" * 500, now)

        with ThreadPoolExecutor(8) as pool:
            first = pool.submit(database.write, slow)
            assert started.wait(30)
            small = [pool.submit(database.write, lambda session, n=n: _made(session, now, f"n{n}")) for n in range(3)]
            large = pool.submit(database.write, too_much)
            small += [pool.submit(database.write, lambda session, n=n: _made(session, now, f"n{n}")) for n in (3, 4)]
            go_on.set()
            first.result()
            assert isinstance(large.exception(), StorageFull)
            assert [future.exception() for future in small] == [None] * 5
        assert database.read(_count) == 5
        database.close()

    def test_two_stores_on_one_file_share_it(self, path: Path, now: datetime) -> None:
        """As the API and the worker do, in two processes."""
        one, two = Database(f"sqlite:///{path}"), Database(f"sqlite:///{path}")
        id_ = one.write(lambda session: _made(session, now))

        def write(number: int) -> int:
            return (one, two)[number % 2].write(lambda session: namespaces.advance(session, id_, 1))

        with ThreadPoolExecutor(16) as pool:
            assert sorted(pool.map(write, range(200))) == list(range(1, 201))
        one.close()
        two.close()

    def test_a_write_inside_a_write_is_refused_instead_of_waiting_for_ever(self, path: Path) -> None:
        database = Database(f"sqlite:///{path}")
        with pytest.raises(RuntimeError, match="inside a write"):
            database.write(lambda _: database.write(lambda session: None))
        database.close()

    def test_rows_are_found_by_their_ids_and_not_by_walking_through_their_namespace(self, path: Path) -> None:
        Database(f"sqlite:///{path}").close()
        connection = sqlite3.connect(path)
        for table, column in (("passages", "id"), ("documents", "id"), ("passages", "document_id")):
            query = f"SELECT * FROM {table} WHERE namespace_id = 'n' AND {column} IN ('a', 'b', 'c')"
            (plan,) = connection.execute(f"EXPLAIN QUERY PLAN {query}")
            assert f"({column}=?)" in plan[3], plan
        connection.close()
