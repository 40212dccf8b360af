"""The worker: one job after another, until it is told to stop."""

import logging
import os
import socket
import threading
from datetime import UTC, datetime

from memory import jobs
from memory.parts import Parts

IDLE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 30.0

_log = logging.getLogger(__name__)


def work(parts: Parts, stop: threading.Event) -> None:
    """Run jobs until `stop` is set; the job at hand is finished first."""
    name = f"{socket.gethostname()}:{os.getpid()}"
    failures = 0
    _log.info("worker started", extra={"worker": name})
    while not stop.is_set():
        try:
            worked = jobs.run_one(parts, datetime.now(UTC), name)
            failures = 0
        except Exception:  # noqa: BLE001 - a job's failure is kept with the job; this is the queue itself failing
            failures += 1
            worked = False
            _log.exception("worker cannot run jobs", extra={"failures": failures})
        if not worked:
            stop.wait(min(IDLE_SECONDS * 2**failures, LONGEST_PAUSE_SECONDS))
    _log.info("worker stopped", extra={"worker": name})
