"""Commands of the service: as a shell runs them, or in processes whose imports are paid for already."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app import admin
from tests.forking import FORKING

ROOT = Path(__file__).parents[2]
START_SECONDS = 120  # a machine that has much else to do


@dataclass(frozen=True)
class Asked:
    """What is run, and the files that get what it says."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    out: Path
    err: Path


def run_program(arguments: Sequence[str], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """`python -m app ...` itself. Raises subprocess.TimeoutExpired."""
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


def run(arguments: Sequence[str], environment: Mapping[str, str], folder: Path) -> "subprocess.CompletedProcess[str]":
    """What it does once it has imported everything. Raises subprocess.TimeoutExpired."""
    asked = Asked(arguments, environment, folder / "command.out", folder / "command.err")
    process = FORKING.Process(target=_become, args=(asked,))
    process.start()
    process.join(START_SECONDS)
    code = process.exitcode
    if code is None:
        process.kill()
        process.join()
        raise subprocess.TimeoutExpired(list(arguments), START_SECONDS, asked.out.read_text(), asked.err.read_text())
    process.close()
    return subprocess.CompletedProcess(list(arguments), code, asked.out.read_text(), asked.err.read_text())


def _become(asked: Asked) -> None:
    for path, stream in ((asked.out, sys.stdout), (asked.err, sys.stderr)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, stream.fileno())
        os.close(file)
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(asked.environment)
    sys.exit(admin.main(asked.arguments))
