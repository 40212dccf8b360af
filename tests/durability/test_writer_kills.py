"""A process that writes is killed at random moments: all that it acknowledged is there, and nothing is half there."""

import random
import signal
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from memory import jobs, tenancy
from memory.parts import Parts
from memory.recall import recall
from memory.types import Namespace, Recall
from tests.durability import invariants, writing
from tests.durability.ledger import Ledger
from tests.forking import FORKING

MOST_HEARD = 40  # of what the writer tells before it is killed
LONGEST_PAUSE_SECONDS = 0.01  # between a sentence and the kill
PATIENCE_SECONDS = 60.0
ASKED_AT_THE_END = 40
BETWEEN_LIVES = timedelta(hours=1)  # of the clock that is handed down: leases of the killed worker end


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "segments"


@pytest.fixture
def parts(database_url: str, folder: Path) -> Iterator[Parts]:
    """A second process beside the killed one: its index follows what that one wrote."""
    parts = writing.parts_on(database_url, folder)
    yield parts
    writing.close(parts)


@pytest.mark.parametrize("kills", [3, pytest.param(170, marks=pytest.mark.slow)])
def test_a_killed_writer_loses_nothing_it_acknowledged(
    kills: int, database_url: str, folder: Path, parts: Parts, now: datetime
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    rng, ledger = random.Random(seed), Ledger()
    namespace = tenancy.bootstrap(parts, now)
    for kill in range(kills):
        now += BETWEEN_LIVES
        life = writing.Life(database_url, folder, now, seed * 1000 + kill, list(ledger.unanswered.values()))
        live_and_die(life, rng.randrange(MOST_HEARD) if kill else MOST_HEARD, ledger)
        look_into(parts, ledger)
    now += BETWEEN_LIVES
    while jobs.run_one(parts, now, "last worker"):
        pass
    look_into(parts, ledger)
    assert ledger.acknowledged > kills
    assert invariants.unfinished(parts.database) == []
    assert_recallable(parts, namespace, ledger, rng)


def live_and_die(life: writing.Life, hear: int, ledger: Ledger) -> None:
    """`hear` is how often the writer tells something before it is killed, at any moment after that."""
    ours, theirs = FORKING.Pipe(duplex=False)
    process = FORKING.Process(target=writing.live, args=(life, theirs))
    process.start()
    theirs.close()
    with ours:
        for _ in range(hear):
            assert ours.poll(PATIENCE_SECONDS)
            ledger.note(ours.recv())
        time.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS))
        process.kill()
        process.join()
        hear_the_rest(ours, ledger)
    assert process.exitcode == -signal.SIGKILL, "it did not live until it was killed"
    process.close()


def hear_the_rest(connection: Connection, ledger: Ledger) -> None:
    try:
        while True:
            ledger.note(connection.recv())
    except (EOFError, OSError):  # its last words may be cut
        return


def look_into(parts: Parts, ledger: Ledger) -> None:
    found = invariants.texts(parts.database)
    assert ledger.missing(found) == []
    assert ledger.unexplained(found) == []
    assert invariants.violations(parts.database) == []


def assert_recallable(parts: Parts, namespace: Namespace, ledger: Ledger, rng: random.Random) -> None:
    here = sorted(id_ for id_, allowed in ledger.allowed.items() if None not in allowed)
    kept = invariants.texts(parts.database)
    for id_ in rng.sample(here, min(ASKED_AT_THE_END, len(here))):
        results = recall(parts, namespace, Recall(kept[id_][:200], top_k=5)).results
        assert id_ in {result.document.id for result in results}, kept[id_]
