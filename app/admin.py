"""The commands of `python -m app`: run the processes, migrate, manage keys, describe the API, look for trouble."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import NoReturn

from app import api, doctor, logs, starting, supervisor, wiring
from app.errors import StartupRefused
from app.main import create_app
from app.openapi import as_yaml
from app.runtime import Runtime
from app.settings import Settings, read_settings
from app.worker import work
from memory import tenancy
from memory.errors import MemoryServiceError
from memory.store.migrate import upgrade
from memory.types import KeyId, Scope

REFUSED = 2
DESCRIPTION = "Zengram: long-term memory for LLM agents. Settings are environment variables; `doctor` shows them."


def main(arguments: Sequence[str]) -> int:
    """The exit code: 2 if the process refuses to start."""
    chosen = parser().parse_args(arguments)
    try:
        settings = read_settings()
        logs.configure(settings.log_level)
        return run(chosen, settings)
    except StartupRefused as refused:
        _complain(str(refused), refused.remedy)
    except MemoryServiceError as error:
        _complain(str(error), "`python -m app doctor` looks for the cause.")
    return REFUSED


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(prog="python -m app", description=DESCRIPTION)
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("serve", help="run the API and the worker, and restart what crashes")
    for name, what in (("api", "run the HTTP API alone"), ("worker", "run the worker alone")):
        commands.add_parser(name, help=what).add_argument("--supervised", action="store_true", help=argparse.SUPPRESS)
    commands.add_parser("migrate", help="bring the database to the newest schema")
    commands.add_parser("openapi", help="print the description of the API (openapi.yaml)")
    commands.add_parser("doctor", help="check settings, data folder, database and model")
    keys = commands.add_parser("keys", help="make, list and revoke API keys")
    actions = keys.add_subparsers(dest="action", required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a key and print it, once")
    create.add_argument("name", help="what it is for")
    create.add_argument(
        "--scopes", default="read,write", type=scopes, help="of read, write, admin (default read,write)"
    )
    create.add_argument("--namespace", help="bind the key to one namespace")
    create.add_argument("--days", type=int, help="how long it is valid (default: until it is revoked)")
    actions.add_parser("list", help="list the keys")
    actions.add_parser("revoke", help="revoke a key").add_argument("id", help="its id, from `keys list`")
    return root


def scopes(text: str) -> frozenset[Scope]:
    """`read,write` as scopes; argparse turns the ValueError into a message."""
    return frozenset(Scope(part.strip()) for part in text.split(","))


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    if getattr(chosen, "supervised", False):
        supervisor.end_with_parent()
    if chosen.command == "keys":
        return manage_keys(chosen, settings)
    return COMMANDS[chosen.command](settings)


def serve(settings: Settings) -> NoReturn:
    """Look first, so that a wrong setting is said once and not by two children."""
    starting.check_data_dir(settings.data_dir)
    starting.check_schema(settings.url)
    url = f"http://{settings.host}:{settings.port}"
    _say(f"Zengram starts on {url}, with interactive docs under {url}/docs. Ctrl-C stops it; JSON logs follow.\n")
    supervisor.become(settings.log_level, settings.drain_seconds)


def run_worker(settings: Settings) -> int:
    stop = supervisor.catch_signals()
    runtime = wiring.open_runtime(settings)
    try:
        work(runtime.parts, stop)
    finally:
        wiring.close(runtime.parts)
    return 0


def migrate(settings: Settings) -> int:
    starting.check_data_dir(settings.data_dir)
    name = starting.shown(settings.url)
    upgrade(settings.url)
    _say(f"The database {name} has the newest schema.\n")
    return 0


def describe(settings: Settings) -> int:
    _say(as_yaml(create_app(settings)))
    return 0


def examine(settings: Settings) -> int:
    return doctor.examine(settings, os.environ, _say)


def manage_keys(chosen: argparse.Namespace, settings: Settings) -> int:
    runtime = wiring.open_runtime(settings.model_copy(update={"embedder": "hashing"}))  # keys need no model
    try:
        match chosen.action:
            case "create":
                _create_key(chosen, runtime)
            case "list":
                _list_keys(runtime)
            case _:
                tenancy.revoke_key(runtime.parts, runtime.owner.tenant, KeyId(chosen.id), datetime.now(UTC))
                _say("Revoked.\n")
    finally:
        wiring.close(runtime.parts)
    return 0


def _create_key(chosen: argparse.Namespace, runtime: Runtime) -> None:
    now = datetime.now(UTC)
    expires_at = now + timedelta(days=chosen.days) if chosen.days else None
    tenant, bound = runtime.owner.tenant, chosen.namespace
    key, secret = tenancy.create_key(
        runtime.parts, tenant, chosen.name, chosen.scopes, namespace=bound, expires_at=expires_at, now=now
    )
    sys.stderr.write(f"Key {key.id} ({key.name}). Keep it now: it is not shown again.\n")
    _say(secret + "\n")  # alone on standard output, so that a script can take it


def _list_keys(runtime: Runtime) -> None:
    now = datetime.now(UTC)
    for key in tenancy.list_keys(runtime.parts, runtime.owner.tenant):
        gone = "revoked" if key.revoked_at else "expired" if key.expires_at and key.expires_at <= now else "valid"
        bound = key.namespace or "*"
        _say(f"{key.id}  {key.prefix}  {gone:8} {','.join(sorted(key.scopes)):16} {bound}  {key.name}\n")


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _complain(message: str, remedy: str) -> None:
    sys.stderr.write(f"zengram: {message}\n  {remedy}\n")


COMMANDS: Mapping[str, Callable[[Settings], int]] = MappingProxyType(
    {
        "serve": serve,
        "api": api.serve,
        "worker": run_worker,
        "migrate": migrate,
        "openapi": describe,
        "doctor": examine,
    }
)
