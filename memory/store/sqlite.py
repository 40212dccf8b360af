"""SQLite: reads side by side, and all writes through one thread that lets waiting writes share a commit."""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from sqlite3 import DatabaseError
from typing import Generic, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from memory.errors import StoreUnavailable
from memory.store import sqlite_statistics
from memory.store.failures import translated
from memory.store.json_text import to_json

T = TypeVar("T")

MOST_TOGETHER = 64  # writes that share one commit
BESIDE = ("", "-wal", "-journal")
SCRUB_WAIT_MILLISECONDS = 2000  # for readers of what the write-ahead log holds
JOURNAL_SIZE_LIMIT = 64 * 1024 * 1024  # bytes that the write-ahead log keeps after a checkpoint


@dataclass(frozen=True, slots=True)
class _Work(Generic[T]):
    function: Callable[[Session], T]
    future: "Future[T]"


@dataclass(frozen=True, slots=True)
class _Outcome(Generic[T]):
    work: _Work[T]
    value: T | None
    error: BaseException | None


class _TransactionDied(Exception):
    """SQLite rolled the whole transaction back by itself, as it does when the disk is full."""

    def __init__(self, culprit: _Outcome[object]) -> None:
        super().__init__()
        self.culprit = culprit


class SqliteStore:
    """One database file. Other processes may use it too."""

    def __init__(self, url: URL, busy_seconds: float) -> None:
        self._path = Path(str(url.database))
        self._busy_milliseconds = int(busy_seconds * 1000)
        self._readers = _engine(url, busy_seconds, "BEGIN", read_only=True)
        self._writer = _engine(url, busy_seconds, "BEGIN IMMEDIATE", read_only=False)
        self._queue: queue.SimpleQueue[_Work[object] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._is_closed = False
        with self._writer.begin() as connection:  # before the first reader, which reads them when it connects
            sqlite_statistics.fix(connection)
        self._thread = threading.Thread(target=self._serve, name="zengram-sqlite-writer", daemon=True)
        self._thread.start()

    def read(self, function: Callable[[Session], T]) -> T:
        with Session(self._readers) as session:
            return function(session)

    def write(self, function: Callable[[Session], T]) -> T:
        if threading.current_thread() is self._thread:
            raise RuntimeError("A write inside a write would wait for itself.")
        work = _Work(function, Future())
        with self._lock:
            if self._is_closed:
                raise StoreUnavailable("The store is closed. Nothing was written.")
            self._queue.put(work)  # type: ignore[arg-type]  # the queue holds works of every result
        return work.future.result()

    def scrub(self) -> bool:
        """Copies what is left into clean pages, then empties the write-ahead log."""
        connection = self._writer.raw_connection()
        try:
            driver = connection.dbapi_connection
            assert isinstance(driver, SqliteConnection)
            driver.execute("VACUUM")
            driver.execute(f"PRAGMA busy_timeout = {SCRUB_WAIT_MILLISECONDS}")
            is_busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            driver.execute(f"PRAGMA busy_timeout = {self._busy_milliseconds}")
            return not is_busy
        except DatabaseError as error:
            raise translated(DBAPIError("VACUUM", None, error)) from error
        finally:
            connection.close()

    def files(self) -> list[Path]:
        """The database, and what stands beside it while it is in use."""
        return [path for path in (self._path.with_name(self._path.name + one) for one in BESIDE) if path.exists()]

    def close(self) -> None:
        """Finishes the waiting writes first."""
        with self._lock:
            if not self._is_closed:
                self._is_closed = True
                self._queue.put(None)
        self._thread.join()
        self._readers.dispose()
        self._writer.dispose()

    def _serve(self) -> None:
        while (first := self._queue.get()) is not None:
            group = [first]
            while len(group) < MOST_TOGETHER:
                try:
                    work = self._queue.get_nowait()
                except queue.Empty:
                    break
                if work is None:
                    self._queue.put(None)  # nothing follows it: the store was closed before
                    break
                group.append(work)
            self._commit(group)

    def _commit(self, group: Sequence[_Work[object]]) -> None:
        """Does all works in one transaction, each in its savepoint; tells nobody before it is durable."""
        try:
            with self._writer.connect() as connection, connection.begin():
                outcomes = [_attempt(connection, work) for work in group]
        except _TransactionDied as death:
            _tell(death.culprit)
            for work in group:
                if work is not death.culprit.work:
                    self._commit([work])  # it did nothing wrong: once more, alone
        except BaseException as error:  # noqa: BLE001  # whatever it is, the callers wait for an answer
            for work in group:
                work.future.set_exception(translated(error))
        else:
            for outcome in outcomes:
                _tell(outcome)


def _attempt(connection: Connection, work: _Work[T]) -> _Outcome[T]:
    session = Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
    try:
        with session:
            value = work.function(session)
            session.commit()  # releases the savepoint
    except BaseException as error:  # it belongs to the caller of this work, not to this thread
        outcome = _Outcome(work, None, _cause(error))
        if not _driver(connection).in_transaction:
            raise _TransactionDied(outcome) from error  # type: ignore[arg-type]
        return outcome
    return _Outcome(work, value, None)


def _cause(error: BaseException) -> BaseException:
    """The first database error of a chain: undoing what SQLite has already undone fails too, and would hide it."""
    chain: list[BaseException] = [error]
    while (earlier := chain[-1].__context__) is not None:  # the driver's own errors stand between
        chain.append(earlier)
    first = next((one for one in reversed(chain) if isinstance(one, DBAPIError)), error)
    return translated(first if isinstance(error, DBAPIError) else error)


def _tell(outcome: _Outcome[T]) -> None:
    if outcome.error is not None:
        outcome.work.future.set_exception(outcome.error)
    else:
        outcome.work.future.set_result(outcome.value)  # type: ignore[arg-type]  # None is a value of T here


def _driver(connection: Connection) -> SqliteConnection:
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, SqliteConnection)
    return driver


def _engine(url: URL, busy_seconds: float, begin: str, *, read_only: bool) -> Engine:
    engine = create_engine(
        url,
        json_serializer=to_json,
        hide_parameters=True,  # errors are logged, and parameters hold texts
        pool_size=1 if begin != "BEGIN" else 16,
        max_overflow=32,
    )

    @event.listens_for(engine, "connect")
    def _prepare(driver: SqliteConnection, _record: object) -> None:
        driver.isolation_level = None  # this module says BEGIN itself; the driver would say it too late
        driver.execute(f"PRAGMA busy_timeout = {int(busy_seconds * 1000)}")
        driver.execute("PRAGMA journal_mode = WAL")
        driver.execute("PRAGMA synchronous = FULL")
        driver.execute("PRAGMA foreign_keys = ON")
        driver.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
        driver.execute(f"PRAGMA journal_size_limit = {JOURNAL_SIZE_LIMIT}")
        if read_only:
            driver.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
