"""What the databases say when they fail, in our words."""

import errno
import sqlite3

from psycopg import Error as PostgresError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from memory.errors import StorageFull, StoreUnavailable

SQLITE_BUSY, SQLITE_LOCKED, SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN = 5, 6, 8, 10, 13, 14
UNAVAILABLE_IN_SQLITE = {SQLITE_BUSY, SQLITE_LOCKED, SQLITE_READONLY, SQLITE_IOERR, SQLITE_CANTOPEN}
DISK_FULL = "53100"
SERIALIZATION_FAILURE, DEADLOCK = "40001", "40P01"
UNAVAILABLE_CLASSES = {
    "08",
    "25",
    "40",
    "53",
    "57",
    "58",
}  # connection, transaction state, rollback, resources, operator
LOCK_NOT_AVAILABLE = "55P03"

_READ_ONLY = "The database file cannot be written: check its permissions. Nothing was written."


def is_worth_repeating(error: DBAPIError) -> bool:
    """Whether PostgreSQL rolled back only because of what others did at the same time."""
    return getattr(error.orig, "sqlstate", None) in {SERIALIZATION_FAILURE, DEADLOCK}


def translated(error: BaseException) -> BaseException:
    """StorageFull or StoreUnavailable if that is what the error means, else the error itself."""
    if isinstance(error, PoolTimeout):
        return StoreUnavailable("All database connections are in use. Nothing was written; try again.")
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StorageFull()
    if not isinstance(error, DBAPIError):
        return error
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause) or error
    if isinstance(cause, PostgresError):
        return _of_postgres(cause, error) or error
    return error


def _of_sqlite(cause: sqlite3.Error) -> StoreUnavailable | None:
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # the low byte names the kind
    if code == SQLITE_FULL:
        return StorageFull()
    if code == SQLITE_READONLY:
        return StoreUnavailable(_READ_ONLY)
    return StoreUnavailable() if code in UNAVAILABLE_IN_SQLITE else None


def _of_postgres(cause: PostgresError, error: DBAPIError) -> StoreUnavailable | None:
    state = cause.sqlstate
    if state == DISK_FULL:
        return StorageFull()
    if state is None:  # no answer from the server
        return StoreUnavailable() if isinstance(error, OperationalError | InterfaceError) else None
    return StoreUnavailable() if state == LOCK_NOT_AVAILABLE or state[:2] in UNAVAILABLE_CLASSES else None
