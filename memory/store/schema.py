"""Which schema a database has, and which one this version needs; looked at before anything is opened."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from memory.errors import InvalidInput, Problem, StoreUnavailable
from memory.store.migrate import MIGRATIONS

CONNECT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Schema:
    """The revision that a database has (None: it has no tables), and those that this version knows, newest first."""

    found: str | None
    known: tuple[str, ...]

    @property
    def is_current(self) -> bool:
        return self.found == self.known[0]

    @property
    def is_newer(self) -> bool:
        """Made by a later version of this service."""
        return self.found is not None and self.found not in self.known


def schema_of(text: str) -> Schema:
    """Raises InvalidInput for what is not the URL of a database, StoreUnavailable if it cannot be reached."""
    return Schema(_revision(_parsed(text)), _known())


def without_password(text: str) -> str:
    """The URL as it may be shown. Raises InvalidInput."""
    return _parsed(text).render_as_string(hide_password=True)


@cache
def _known() -> tuple[str, ...]:
    """Reading them runs every migration script; they do not change while a process lives."""
    return tuple(each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def _parsed(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise _unknown() from error
    if url.get_backend_name() not in {"sqlite", "postgresql", "postgres"} or not url.database:
        raise _unknown()
    return url


def _unknown() -> InvalidInput:
    remedy = "use sqlite:///path/to/file.db or postgresql://user:password@host/name"
    return InvalidInput([Problem("database_url", "is not a database that can be used", remedy)])


def _revision(url: URL) -> str | None:
    if url.get_backend_name() == "sqlite":
        if not Path(url.database or "").exists():
            return None  # connecting would make an empty file
        engine = create_engine(url, poolclass=NullPool)
    else:
        reach = {"connect_timeout": CONNECT_SECONDS}
        engine = create_engine(url.set(drivername="postgresql+psycopg"), poolclass=NullPool, connect_args=reach)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except (SQLAlchemyError, OSError) as error:
        said = str(getattr(error, "orig", None) or error).strip().split("\n")[0]
        raise StoreUnavailable(f"The database cannot be reached: {said}") from error
