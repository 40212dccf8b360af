"""PostgreSQL: a transaction per write in the caller's thread, repeated if others were in the way."""

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from memory.store.failures import is_worth_repeating
from memory.store.json_text import to_json

T = TypeVar("T")

ATTEMPTS = 6
FIRST_WAIT_SECONDS = 0.01
STATEMENT_SECONDS = 120
USED_TABLES = (
    "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
    " AND (pg_relation_size(oid) > 0 OR (reltoastrelid <> 0 AND pg_relation_size(reltoastrelid) > 0))"
    " AND relname <> 'alembic_version' ORDER BY relname"
)
SAMPLES = "pg_catalog.pg_statistic"  # what ANALYZE keeps: values of columns
STILL_SEEING = (  # who may still read what was deleted before this transaction
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND age(backend_xmin) > age(CAST(:transaction AS xid))"
)
SCRUB_ATTEMPTS, SCRUB_WAIT_SECONDS = 20, 0.1


class PostgresStore:
    """One PostgreSQL database, shared by any number of processes."""

    def __init__(self, url: URL, busy_seconds: float) -> None:
        limits = {
            "statement_timeout": STATEMENT_SECONDS * 1000,
            "lock_timeout": int(busy_seconds * 1000),
            "idle_in_transaction_session_timeout": STATEMENT_SECONDS * 1000,
        }
        self._engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            json_serializer=to_json,
            hide_parameters=True,  # errors are logged, and parameters hold texts
            pool_size=10,
            max_overflow=30,
            pool_timeout=busy_seconds,
            pool_pre_ping=True,
            connect_args={
                "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
                "connect_timeout": max(2, int(busy_seconds)),
            },
        )
        # All statements of a read see one moment.
        self._readers = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def read(self, function: Callable[[Session], T]) -> T:
        with Session(self._readers) as session:
            return function(session)

    def write(self, function: Callable[[Session], T]) -> T:
        wait = FIRST_WAIT_SECONDS
        for _attempt in range(ATTEMPTS - 1):
            try:
                return self._write_once(function)
            except DBAPIError as error:
                if not is_worth_repeating(error):
                    raise
            time.sleep(wait * (0.5 + random.random()))  # noqa: S311  # spreads the losers; nothing secret
            wait *= 2
        return self._write_once(function)

    def scrub(self) -> bool:
        """Writes each table anew without its dead rows, and refreshes the samples that the planner keeps of it."""
        with self._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            if not _nobody_sees_what_is_gone(connection):
                return False
            connection.exec_driver_sql("SET statement_timeout = 0")
            try:
                for name in connection.execute(text(USED_TABLES)).scalars().all():
                    connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {name}")
                connection.exec_driver_sql(f"VACUUM FULL {SAMPLES}")  # the samples before these are dead rows in it
            finally:
                connection.exec_driver_sql(f"SET statement_timeout = {STATEMENT_SECONDS * 1000}")
        return True

    def files(self) -> list[Path]:
        """None: they are the server's."""
        return []

    def close(self) -> None:
        self._engine.dispose()

    def _write_once(self, function: Callable[[Session], T]) -> T:
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            return function(session)


def _nobody_sees_what_is_gone(connection: Connection) -> bool:
    """Waits for readers that began earlier: for them, dead rows would be copied along. False if they take too long."""
    now = connection.execute(text("SELECT CAST(pg_current_xact_id() AS text)")).scalar_one()
    transaction = str(int(now) % 2**32)
    for _attempt in range(SCRUB_ATTEMPTS):
        if not connection.execute(text(STILL_SEEING), {"transaction": transaction}).scalar_one():
            return True
        time.sleep(SCRUB_WAIT_SECONDS)
    return False
