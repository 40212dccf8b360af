"""The power fails at any write: what was acknowledged is on the disk. `kill -9` cannot show it: the kernel lives on."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DatabaseError

from memory import tenancy
from memory.parts import Parts
from memory.remember import remember
from memory.store.database import Database
from memory.store.sqlite import SqliteStore
from memory.types import Draft, Kind, Namespace
from tests.durability import invariants, writing
from tests.durability.recording import Acknowledged, Recording, Written, after_a_cut

WRITERS = 4
WRITES = 30  # of each writer
CUTS = 60
CHECKPOINT_PAGES = 60  # so that the log is carried into the database often enough to be cut on the way


def set_on_writer(parts: Parts, pragma: str) -> None:
    """For every connection that will be made, after what the store itself sets."""
    store = parts.database._store
    assert isinstance(store, SqliteStore)
    event.listen(store._writer, "connect", lambda driver, _: driver.execute(f"PRAGMA {pragma}"))
    store._writer.dispose()  # opening a database has made a connection already


def recorded(path: Path, now: datetime, synchronous: str | None) -> Recording:
    """Several threads write; None: as the store itself syncs."""
    recording = Recording(f"recording-{uuid4().hex}")
    parts = writing.parts_on(recording.url(path), path.parent / "segments")
    set_on_writer(parts, f"wal_autocheckpoint = {CHECKPOINT_PAGES}")
    if synchronous is not None:
        set_on_writer(parts, f"synchronous = {synchronous}")
    namespace = tenancy.bootstrap(parts, now)
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda writer: write(parts, namespace, now, recording, writer), range(WRITERS)))
    events = list(recording.events)
    writing.close(parts)
    recording.events = events  # without the end, which tidies up
    return recording


def write(parts: Parts, namespace: Namespace, now: datetime, recording: Recording, writer: int) -> None:
    for number in range(WRITES):
        said = " ".join(f"Writer {writer} notes the number {number} on line {line}." for line in range(20))
        kept = remember(parts, namespace, [Draft(Kind.DOCUMENT, said)], now=now, actor="test")
        recording.events.append(Acknowledged(kept.receipts[0].id, said))


@dataclass(frozen=True)
class Aftermath:
    """How many acknowledged documents were missing, and how many databases were damaged, over all cuts."""

    missing: int = 0
    damaged: int = 0


def cut_often(path: Path, now: datetime, synchronous: str | None, rng: random.Random) -> Aftermath:
    start = path.read_bytes()
    recording = recorded(path, now, synchronous)
    carried_over = [one for one in recording.events if isinstance(one, Written) and one.path == str(path)]
    assert carried_over, "the log was never carried into the database: too few writes to prove anything"
    missing, damaged = 0, 0
    for number in range(CUTS):
        at = rng.randrange(len(recording.events))
        place = path.parent / f"cut-{number}"
        place.mkdir()
        for name, content in after_a_cut({str(path): start}, recording.events, at, rng).items():
            (place / Path(name).name).write_bytes(content)
        acknowledged = {one.id: one.text for one in recording.events[:at] if isinstance(one, Acknowledged)}
        try:
            missing += missing_in(place / path.name, acknowledged)
        except DatabaseError:
            damaged += 1
    return Aftermath(missing, damaged)


def missing_in(path: Path, acknowledged: dict[str, str]) -> int:
    """How many of them are not there. Raises DatabaseError if the file is damaged."""
    database = Database(f"sqlite:///{path}")
    try:
        checked = database.read(lambda session: session.execute(text("PRAGMA integrity_check")).scalars().all())
        if checked != ["ok"]:
            raise DatabaseError("PRAGMA integrity_check", None, ValueError(checked))
        assert invariants.violations(database) == []
        found = invariants.texts(database)
        return sum(found.get(id_) != text for id_, text in acknowledged.items())
    finally:
        database.close()


@pytest.fixture
def path(tmp_path: Path, sqlite_template: Path) -> Path:
    path = tmp_path / "zengram.db"
    path.write_bytes(sqlite_template.read_bytes())
    return path


def test_a_power_cut_loses_nothing_acknowledged(path: Path, now: datetime) -> None:
    assert cut_often(path, now, None, random.Random(11)) == Aftermath(missing=0, damaged=0)


def test_the_proof_sees_what_weaker_syncs_lose(path: Path, now: datetime) -> None:
    found = cut_often(path, now, "NORMAL", random.Random(11))
    assert found.missing > 0
    assert found.damaged == 0


def test_the_proof_sees_what_is_ruined_without_syncs(path: Path, now: datetime) -> None:
    found = cut_often(path, now, "OFF", random.Random(11))
    assert found.missing > 0
    assert found.damaged > 0
