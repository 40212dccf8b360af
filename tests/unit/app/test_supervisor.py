"""The supervisor restarts what crashes, ever more slowly, and stops what runs."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from app.supervisor import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, STEADY_SECONDS, Child


def end_of(child: Child, now: float) -> int:
    """The exit code of a child that is about to end."""
    while True:
        code = child.watch(now)
        if code is not None:
            return code
        time.sleep(0.01)


def is_running(child: Child) -> bool:
    return child._process is not None


@pytest.fixture
def crashing() -> Iterator[Child]:
    child = Child("crashing", [sys.executable, "-c", "raise SystemExit(3)"])
    yield child
    child.stop()
    child.wait(5)


def test_a_child_that_crashes_is_started_again_after_a_pause(crashing: Child) -> None:
    crashing.watch(100.0)
    assert end_of(crashing, 100.0) == 3
    crashing.watch(100.0 + FIRST_PAUSE_SECONDS / 2)
    assert not is_running(crashing)
    crashing.watch(100.0 + FIRST_PAUSE_SECONDS)
    assert is_running(crashing)


def test_pauses_grow_up_to_a_limit_and_are_short_again_after_a_steady_run(crashing: Child) -> None:
    now, pauses = 0.0, []
    for _ in range(9):
        crashing.watch(now)
        end_of(crashing, now)
        pauses.append(crashing._due - now)
        now = crashing._due
    assert pauses[:3] == [0.5, 1.0, 2.0]
    assert pauses[-1] == LONGEST_PAUSE_SECONDS
    crashing.watch(now)
    end_of(crashing, now + STEADY_SECONDS)
    assert crashing._due == now + STEADY_SECONDS + FIRST_PAUSE_SECONDS


def test_a_child_that_does_not_stop_is_killed() -> None:
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    child = Child("stubborn", [sys.executable, "-c", stubborn])
    child.watch(0.0)
    time.sleep(0.3)
    child.stop()
    child.wait(0.1)
    assert child._process is not None
    assert child._process.returncode is not None


def test_a_child_ends_when_its_supervisor_is_killed() -> None:
    program = (
        "from app.supervisor import *; end_with_parent(); stop = catch_signals(); print('up', flush=True); stop.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        assert child.stdout.readline() == b"up\n"
        child.stdin.close()  # what the kernel does when the supervisor dies
        assert child.wait(10) == 0


def test_a_supervisor_loads_none_of_what_its_children_work_with() -> None:
    heavy = {"fastapi", "numpy", "onnxruntime", "pydantic", "sqlalchemy"}
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, app.supervisor; print(*sys.modules)"], capture_output=True, check=True
    )
    assert not heavy & set(loaded.stdout.decode().split())
