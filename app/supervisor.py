"""Runs the API and the worker as two processes: restarts what crashes, and stops both together.

A program of its own, `python -m app.supervisor`, that imports next to nothing: it lives as long as they do.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

from app import logs

REFUSED = 2  # a child that refuses to start says why; starting it again would not help
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0  # a child that ran this long has recovered: its next pause is short again
POLL_SECONDS = 0.1
STANDARD_INPUT = 0
GRACE_SECONDS = 5.0  # beyond the children's own time to drain
ARENAS = {"MALLOC_ARENA_MAX": "2"}  # glibc would keep freed memory in an arena for each of many threads

_log = logging.getLogger(__name__)


class Child:
    """One process: the command that starts it, and how long to wait before the next start."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self._command = tuple(command)
        self._pause = FIRST_PAUSE_SECONDS
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._due = 0.0

    def watch(self, now: float) -> int | None:
        """Start it if it is due. The exit code if it has just ended, else None."""
        if self._process is None:
            if now >= self._due:
                self._start(now)
            return None
        code = self._process.poll()
        if code is None:
            return None
        _let_go(self._process)
        self._process = None
        if now - self._started >= STEADY_SECONDS:
            self._pause = FIRST_PAUSE_SECONDS
        self._due = now + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
        return code

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> None:
        """Until it ends; after that time it is killed."""
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            _log.warning("child killed", extra={"child": self.name})
            self._process.kill()
            self._process.wait()
        _let_go(self._process)

    def _start(self, now: float) -> None:
        # Its standard input is a pipe of ours: if this process dies, even by SIGKILL, the child sees it and stops.
        environment = ARENAS | os.environ
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, env=environment)  # noqa: S603 - our own
        self._started = now
        _log.info("child started", extra={"child": self.name, "pid": self._process.pid})


def _let_go(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()


@dataclass(slots=True)
class Stop:
    """Set by SIGTERM and SIGINT."""

    event: threading.Event

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        self.event.set()


def catch_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set. Main thread only."""
    event = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, Stop(event))
    return event


def end_with_parent() -> None:
    """In a child: stop as if by SIGTERM when the supervisor's end of standard input closes."""

    def wait() -> None:
        while os.read(STANDARD_INPUT, 1):  # not sys.stdin: its lock, held here, would break the interpreter's end
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()


def become(log_level: str, drain_seconds: float) -> NoReturn:
    """Turns this process, with all that it has loaded, into a supervisor."""
    os.execv(sys.executable, [sys.executable, "-m", __name__, log_level, str(drain_seconds)])  # noqa: S606


def supervise(drain_seconds: float) -> int:
    """Run both until a signal comes (0) or one refuses to start (its code)."""
    stop = catch_signals()
    children = [Child(name, [sys.executable, "-m", "app", name, "--supervised"]) for name in ("api", "worker")]
    code = 0
    while code != REFUSED and not stop.wait(POLL_SECONDS):
        for child in children:
            ended = child.watch(time.monotonic())
            if ended is not None:
                _log.warning("child ended", extra={"child": child.name, "code": ended})
                code = ended if ended == REFUSED else code
    for child in children:
        child.stop()
    for child in children:
        child.wait(drain_seconds + GRACE_SECONDS)
    return REFUSED if code == REFUSED else 0


if __name__ == "__main__":
    logs.configure(sys.argv[1])
    sys.exit(supervise(float(sys.argv[2])))
