"""What must hold before a process starts; each refusal says what to do."""

import tempfile
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from app.auth import is_loopback_name
from app.errors import StartupRefused
from memory import tenancy
from memory.parts import Parts
from memory.store.migrate import MIGRATIONS

CONNECT_SECONDS = 5
MIGRATE = "python -m app migrate"
CREATE_KEY = "python -m app keys create first --scopes read,write,admin"


def check_data_dir(folder: Path) -> None:
    """Makes the folder; raises StartupRefused if files cannot be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"writable")
    except OSError as error:
        raise StartupRefused(
            f"The data folder {folder.resolve()} cannot be written: {error.strerror}.",
            "Give this user the right to write there, or set ZENGRAM_DATA_DIR to another folder.",
        ) from error


def check_schema(text: str) -> None:
    """Raises StartupRefused if the database is out of reach, not migrated, or newer than this version."""
    url = parse_url(text)
    known = [revision.revision for revision in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]  # newest first
    found = _revision(url)
    if found == known[0]:
        return
    if found is not None and found not in known:
        raise StartupRefused(
            f"The database {shown(url)} has the schema {found}, which is newer than this version of Zengram knows.",
            "Install the version that made it, or restore a backup from before it was migrated.",
        )
    state = "has no tables yet" if found is None else f"has the schema {found}; this version needs {known[0]}"
    raise StartupRefused(f"The database {shown(url)} {state}.", f"Run: {MIGRATE}")


def parse_url(text: str) -> URL:
    """Raises StartupRefused; never shows the text, which may hold a password."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise _not_a_database() from error
    if url.get_backend_name() not in {"sqlite", "postgresql", "postgres"} or not url.database:
        raise _not_a_database()
    return url


def shown(url: URL) -> str:
    return url.render_as_string(hide_password=True)


def check_binding(host: str, parts: Parts) -> None:
    """Raises StartupRefused if strangers could reach a service that asks for no key."""
    if is_loopback_name(host) or tenancy.has_keys(parts):
        return
    raise StartupRefused(
        f"There is no API key yet, so the service may not listen on {host}: anyone there could read and write.",
        f"Create a key: {CREATE_KEY}    Or listen on this machine only: ZENGRAM_HOST=127.0.0.1",
    )


def _not_a_database() -> StartupRefused:
    return StartupRefused(
        "ZENGRAM_DATABASE_URL is not a database that can be used.",
        "Set it to sqlite:///path/to/file.db or postgresql://user:password@host/name, or unset it.",
    )


def _revision(url: URL) -> str | None:
    """The schema that the database says it has; None if it says nothing."""
    if url.get_backend_name() == "sqlite":
        if not Path(url.database or "").exists():
            return None
        engine = create_engine(url, poolclass=NullPool)
    else:
        reach = {"connect_timeout": CONNECT_SECONDS}
        engine = create_engine(url.set(drivername="postgresql+psycopg"), poolclass=NullPool, connect_args=reach)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except (SQLAlchemyError, CommandError, OSError) as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()
        raise StartupRefused(
            f"The database {shown(url)} cannot be reached: {reason[0] if reason else type(error).__name__}.",
            "Start it, or correct ZENGRAM_DATABASE_URL.",
        ) from error
