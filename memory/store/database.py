"""The database: the only way to SQL, with the same two verbs on SQLite and on PostgreSQL."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import make_url, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session

from memory.errors import InvalidInput, Problem
from memory.store.failures import translated
from memory.store.postgres import PostgresStore
from memory.store.sqlite import SqliteStore

T = TypeVar("T")

BUSY_SECONDS = 10.0


class Database:
    """Runs functions in transactions. A function may run more than once, and returns values, never rows."""

    def __init__(self, url: str, busy_seconds: float = BUSY_SECONDS) -> None:
        self._store = _store(url, busy_seconds)

    def read(self, function: Callable[[Session], T]) -> T:
        """All that the function reads is of one moment. Raises StoreUnavailable."""
        try:
            return self._store.read(function)
        except (SQLAlchemyError, OSError) as error:
            raise translated(error) from error

    def write(self, function: Callable[[Session], T]) -> T:
        """Returns when it is durable; if it raises, nothing was written. Raises StoreUnavailable, StorageFull."""
        try:
            return self._store.write(function)
        except (SQLAlchemyError, OSError) as error:
            raise translated(error) from error

    def scrub(self) -> bool:
        """Rewrites the database without what was deleted, so that no page in use keeps a byte of it.

        False if some reader kept a part of it from going; try again later. Takes as long as copying the database, and
        others wait meanwhile. Raises StoreUnavailable, StorageFull.
        """
        try:
            return self._store.scrub()
        except (SQLAlchemyError, OSError) as error:
            raise translated(error) from error

    def files(self) -> list[Path]:
        """The files of the database, as far as this process can read them."""
        return self._store.files()

    def ping(self) -> None:
        """Raises StoreUnavailable if the database does not answer."""
        self.read(lambda session: session.execute(select(1)).scalar_one())

    def close(self) -> None:
        """Finishes waiting writes, then lets go of all connections."""
        self._store.close()


def _store(url: str, busy_seconds: float) -> SqliteStore | PostgresStore:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _unknown_url() from error
    match parsed.get_backend_name():
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return SqliteStore(parsed, busy_seconds)
        case "postgresql" | "postgres":
            return PostgresStore(parsed, busy_seconds)
        case _:
            raise _unknown_url()


def _unknown_url() -> InvalidInput:
    return InvalidInput(
        [Problem("database_url", "is not a database that can be used", "use sqlite:///path or postgresql://host/name")]
    )
