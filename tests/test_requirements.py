"""The pins are complete, installed as written, and cover every library that the code imports."""

import ast
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from requirements.lock import HERE, locked, wanted

ROOT = HERE.parent
SERVICE = ("app", "memory", "retrieval", "migrations")
SDK = "sdk/zengram"
DEV = ("bench", "demo", "tests", "requirements")
OUR_OWN = {"app", "memory", "retrieval", "migrations", "bench", "demo", "tests", "requirements", "zengram"}
OPTIONAL = {"sentence_transformers", "torch"}  # installed by `make setup EXTRAS=sentence-transformers`


def imported(folders: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """Every top-level module that a file of these folders imports from outside the project and the standard library."""
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in (name.split(".")[0] for name in names):
                if name not in sys.stdlib_module_names | OUR_OWN | OPTIONAL:
                    yield name, path.relative_to(ROOT)


def missing(folders: Iterable[str], names: set[str]) -> set[str]:
    homes = packages_distributions()
    return {
        f"{module} ({path})"
        for module, path in imported(folders)
        if not {canonicalize_name(home) for home in homes.get(module, ())} & names
    }


def asked_for(*files: str) -> set[str]:
    return {canonicalize_name(each.name) for file in files for each in wanted(HERE / file).requirements}


@pytest.mark.parametrize("name", ["service.txt", "dev.txt"])
def test_the_pins_are_what_the_in_files_ask_for(name: str) -> None:
    assert (HERE / name).read_text(encoding="utf-8") == locked()[name], "run `make lock`"


def test_what_is_installed_is_what_is_pinned() -> None:
    lines = [line for name in locked() for line in (HERE / name).read_text(encoding="utf-8").splitlines()]
    pins = [Requirement(line) for line in lines if not line.startswith("#")]
    assert {str(pin) for pin in pins if version(pin.name) not in pin.specifier} == set()


def test_every_library_of_the_service_is_asked_for_by_name() -> None:
    assert missing(SERVICE, asked_for("service.in")) == set()


def test_tests_and_tools_import_only_what_is_asked_for_by_name() -> None:
    assert missing(DEV, asked_for("service.in", "dev.in")) == set()


def test_the_sdk_needs_httpx_and_pydantic_only() -> None:
    assert missing([SDK], {"httpx", "pydantic", "pydantic-core"}) == set()


def test_the_service_needs_no_torch() -> None:
    pinned = (HERE / "service.txt").read_text(encoding="utf-8")
    assert not [name for name in ("torch", "nvidia", "sentence-transformers") if name in pinned]
