"""The worker as `python -m app worker` runs it, started from a process that has imported everything already."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app import admin
from memory import ledger


@dataclass(frozen=True)
class Life:
    """Where a worker works, and how many changes of a night it makes in one transaction."""

    environment: Mapping[str, str]
    batch: int
    log: Path


def work(life: Life) -> None:
    """Until killed, or told to stop."""
    log = os.open(life.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(log, stream.fileno())
    os.environ.update(life.environment)
    ledger.BATCH = life.batch  # a night of many batches, without as many items
    sys.exit(admin.main(["worker"]))
