"""Brings a database to the newest schema; processes that start at the same time wait for each other."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from memory.store.failures import translated

MIGRATIONS = Path(__file__).parents[2] / "migrations"
ADVISORY_LOCK = 7_262_771  # any number, as long as it is always the same
WAIT_SECONDS = 60


def upgrade(url: str) -> None:
    """Safe to call at every start. Raises StoreUnavailable, StorageFull; then the schema is as it was."""
    try:
        with locked(make_url(url)) as connection:
            command.upgrade(configuration(connection), "head")
    except (SQLAlchemyError, OSError) as error:
        raise translated(error) from error


def configuration(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def locked(url: URL) -> Iterator[Connection]:
    """A connection in a transaction that nobody else can be in."""
    if url.get_backend_name() == "sqlite":
        if url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": WAIT_SECONDS})
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    else:
        engine = create_engine(url.set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        yield connection


def _prepare(driver: SqliteConnection, _record: object) -> None:
    driver.isolation_level = None  # BEGIN is said above
    driver.execute("PRAGMA journal_mode = WAL")  # stays with the file
    driver.execute("PRAGMA synchronous = FULL")
