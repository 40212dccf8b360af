"""Waits for processes that are not children of the tests."""

import time
from collections.abc import Iterable

import psutil

POLL_SECONDS = 0.02


def are_gone(processes: Iterable[psutil.Process], seconds: float) -> bool:
    """Whether all have ended within this time. A zombie has: in a container, nobody may be there to bury orphans."""
    deadline = time.monotonic() + seconds
    waiting = list(processes)
    while waiting and time.monotonic() < deadline:
        waiting = [one for one in waiting if not _has_ended(one)]
        time.sleep(POLL_SECONDS)
    return not waiting


def _has_ended(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
