"""Pins what the .in files ask for, with all that those need, as it is installed in this environment."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

HERE = Path(__file__).parent
PYTHONS = ("3.11", "3.12", "3.13")
OLDEST_PYTHON = "3.11.0"  # Debian 12 has 3.11.2: a pin that asks for a later patch release would lock it out
PLATFORMS = (("linux", "Linux", "posix"), ("darwin", "Darwin", "posix"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """The lines of an .in file: what is wanted, and which declared dependencies are left out on purpose."""

    requirements: tuple[Requirement, ...]
    left_out: frozenset[str]


def wanted(path: Path) -> Wanted:
    lines = [line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()]
    left_out = {canonicalize_name(line[2:]) for line in lines if line.startswith("- ")}
    requirements = tuple(Requirement(line) for line in lines if line and not line.startswith("- "))
    return Wanted(requirements, frozenset(left_out))


def closure(target: Wanted) -> dict[str, str]:
    """Name to installed version of everything wanted and all it needs on any supported Python and platform."""
    pins: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(requirement, "") for requirement in target.requirements]
    while waiting:
        requirement, parent = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in target.left_out:
            continue
        pins[name] = _installed(requirement, parent)
        for extra in ("", *requirement.extras):
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting.extend((needed, name) for needed in _needs(name, extra))
    return pins


def _installed(requirement: Requirement, parent: str) -> str:
    try:
        found = distribution(requirement.name)
    except PackageNotFoundError as error:
        raise SystemExit(f"{requirement} (needed by {parent or 'an .in file'}) is not installed") from error
    if not requirement.specifier.contains(found.version, prereleases=True):
        raise SystemExit(f"{requirement} (needed by {parent}) does not fit the installed {found.version}")
    if OLDEST_PYTHON not in SpecifierSet(str(found.metadata.json.get("requires_python", ""))):
        raise SystemExit(
            f"{requirement.name} {found.version} does not run on Python {OLDEST_PYTHON}: choose an older one"
        )
    return found.version


def _needs(name: str, extra: str) -> Iterator[Requirement]:
    for line in distribution(name).requires or ():
        requirement = Requirement(line)
        marker = requirement.marker
        applies = any(marker.evaluate(place) for place in _places(extra)) if marker else not extra
        if applies:
            yield requirement


def _places(extra: str) -> Iterator[dict[str, str]]:
    here = {name: str(value) for name, value in default_environment().items()}
    for python in PYTHONS:
        for sys_platform, system, os_name in PLATFORMS:
            place = {"python_version": python, "python_full_version": f"{python}.0", "extra": extra}
            yield here | place | {"sys_platform": sys_platform, "platform_system": system, "os_name": os_name}


def text(header: str, pins: Mapping[str, str]) -> str:
    return header + "".join(f"{name}=={pins[name]}\n" for name in sorted(pins))


def locked() -> dict[str, str]:
    """File name to content of every lock file."""
    service_wanted, dev_wanted = wanted(HERE / "service.in"), wanted(HERE / "dev.in")
    service = closure(service_wanted)
    dev = closure(Wanted(dev_wanted.requirements, service_wanted.left_out))
    install = "# Complete: install with `pip install --no-deps -r`. Written by `make lock`; do not edit.\n"
    return {
        "service.txt": text(install, service),
        "dev.txt": text(install, {name: version for name, version in dev.items() if name not in service}),
    }


def main() -> None:
    for name, content in locked().items():
        (HERE / name).write_text(content, encoding="utf-8")
        sys.stdout.write(f"{name}: {content.count('==')} pins\n")


if __name__ == "__main__":
    main()
