"""What must hold before a process starts; each refusal says what to do."""

import tempfile
from pathlib import Path

from app.auth import is_loopback_name
from app.errors import StartupRefused
from memory import tenancy
from memory.errors import InvalidInput, StoreUnavailable
from memory.parts import Parts
from memory.store.schema import schema_of, without_password

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


def check_schema(url: str) -> None:
    """Raises StartupRefused if the database is out of reach, not migrated, or newer than this version."""
    name = shown(url)
    try:
        schema = schema_of(url)
    except StoreUnavailable as error:
        remedy = f"Start it, or correct ZENGRAM_DATABASE_URL ({name})."
        raise StartupRefused(str(error), remedy) from error
    if schema.is_current:
        return
    if schema.is_newer:
        raise StartupRefused(
            f"The database {name} has the schema {schema.found}, which is newer than this version of Zengram knows.",
            "Install the version that made it, or restore a backup from before it was migrated.",
        )
    state = f"has the old schema {schema.found}" if schema.found else "has no tables yet"
    raise StartupRefused(f"The database {name} {state}.", f"Run: {MIGRATE}")


def shown(url: str) -> str:
    """The URL without its password. Raises StartupRefused, without showing what may hold one."""
    try:
        return without_password(url)
    except InvalidInput as error:
        raise StartupRefused(
            "ZENGRAM_DATABASE_URL is not a database that can be used.",
            "Set it to sqlite:///path/to/file.db or postgresql://user:password@host/name, or unset it.",
        ) from error


def check_binding(host: str, parts: Parts) -> None:
    """Raises StartupRefused if strangers could reach a service that asks for no key."""
    if is_loopback_name(host) or tenancy.has_keys(parts):
        return
    raise StartupRefused(
        f"There is no API key yet, so the service may not listen on {host}: anyone there could read and write.",
        f"Create a key: {CREATE_KEY}    Or listen on this machine only: ZENGRAM_HOST=127.0.0.1",
    )
