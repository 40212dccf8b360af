"""Checks settings, data folder, database, model and keys, and says what to do about each."""

from collections.abc import Callable, Mapping

from app import starting, wiring
from app.errors import StartupRefused
from app.settings import PREFIX, Settings, unknown_variables

TROUBLE = 2


def examine(settings: Settings, environment: Mapping[str, str], say: Callable[[str], None]) -> int:
    """The exit code: 0 if all is well."""
    for name, value in settings.model_dump().items():
        say(f"  {PREFIX}{name.upper()} = {shown(name, value, settings)}\n")
    for name, meant in unknown_variables(environment).items():
        say(f"WARNING  {name} is not a setting{f'; did you mean {meant}?' if meant else ''}\n")
    checks: Mapping[str, Callable[[], str]] = {
        "data folder": lambda: _data_folder(settings),
        "database": lambda: _database(settings),
        "model": lambda: _model(settings),
        "keys": lambda: _keys(settings),
    }
    codes = [_report(name, check, say) for name, check in checks.items()]
    return max(codes)


def shown(name: str, value: object, settings: Settings) -> str:
    """A setting without its secrets."""
    if name == "database_url":
        return starting.shown(settings.url)
    return str(value)


def _report(name: str, check: Callable[[], str], say: Callable[[str], None]) -> int:
    try:
        say(f"OK       {name}: {check()}\n")
    except StartupRefused as refused:
        say(f"TROUBLE  {name}: {refused}\n         {refused.remedy}\n")
        return TROUBLE
    return 0


def _data_folder(settings: Settings) -> str:
    starting.check_data_dir(settings.data_dir)
    return f"{settings.data_dir.resolve()} can be written"


def _database(settings: Settings) -> str:
    starting.check_schema(settings.url)
    return "reached, with the newest schema"


def _model(settings: Settings) -> str:
    embedder = wiring.open_embedder(settings)
    wiring.try_out(embedder, settings)
    return f"{embedder.fingerprint}, {embedder.dimension} dimensions"


def _keys(settings: Settings) -> str:
    runtime = wiring.open_runtime(settings.model_copy(update={"embedder": "hashing"}))  # keys need no model
    try:
        starting.check_binding(settings.host, runtime.parts)
        return f"{settings.host} may be listened on"
    finally:
        wiring.close(runtime.parts)
