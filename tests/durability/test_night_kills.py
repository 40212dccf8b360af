"""The worker is killed at random moments of a night: nothing is lost, and the night ends as an unbroken one does."""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from memory import sleep, tenancy
from memory.parts import Parts
from memory.sleeping.records import ChangeStatus, Night, NightStatus, StageName, StageStatus
from memory.store import sleeping as nights_kept
from memory.store.database import Database
from memory.store.sleeping_tables import NightChangeRow
from memory.store.tables import JobRow
from tests import nights
from tests.durability import invariants, leases, sleeping, writing
from tests.forking import FORKING
from tests.nights import BEDTIME, Aftermath

BATCH = 12  # changes in one transaction
PATIENCE_SECONDS = 240.0
POLL_SECONDS = 0.01
MOST_A_NIGHT = 34  # kills
LONGEST_PAUSE_SECONDS = 0.2  # between what a worker has come to and the kill
MORE = 1.3  # times as long after a life in which nothing was done
ASKED_AT_THE_END = 25
STAGES_STRUCK = 5  # at least, of so many kills as the slow proof has

Strike = tuple[StageName, StageStatus]  # where a night stood when its worker was killed in the middle of a step


@dataclass(frozen=True)
class Standing:
    """How far a night has come, and whether a worker is inside one of its steps."""

    night: Night
    settled: int  # changes that were carried out or passed over
    is_held: bool
    is_queued: bool

    @property
    def is_over(self) -> bool:
        return self.night.status is NightStatus.DONE and not self.is_queued

    @property
    def come(self) -> int:
        """How far, in changes and stages."""
        decided = sum(one.status is not StageStatus.TODO for one in self.night.stages)
        return self.settled + decided + sum(one.status is StageStatus.DONE for one in self.night.stages)


@dataclass(frozen=True)
class Lives:
    """Of the workers of one night: how many there are at most, and how far one gets before it is to be killed."""

    most: int
    longest: int


class World:
    """A night on a database of its own, and the workers who sleep through it one after another."""

    def __init__(self, url: str, folder: Path) -> None:
        folder.mkdir()
        self.url, self.folder = url, folder
        self.database = Database(url)
        environment = {
            "ZENGRAM_DATABASE_URL": url,
            "ZENGRAM_DATA_DIR": str(folder / "data"),
            "ZENGRAM_EMBEDDER": "hashing",
            "ZENGRAM_LOG_LEVEL": "warning",
        }
        self._life = sleeping.Life(environment, BATCH, folder / "worker.log")
        with self.parts("looking") as parts:
            self.namespace = tenancy.bootstrap(parts, BEDTIME)
            (self.night,) = sleep.list_page(parts, self.namespace, 2, None).items

    @contextmanager
    def parts(self, segments: str) -> Iterator[Parts]:
        parts = writing.parts_on(self.url, self.folder / segments)
        try:
            yield parts
        finally:
            writing.close(parts)

    def start(self) -> BaseProcess:
        process = FORKING.Process(target=sleeping.work, args=(self._life,))
        process.start()
        return process

    def standing(self) -> Standing:
        def read(session: Session) -> Standing:
            night = nights_kept.find_night(session, self.namespace.id, self.night.id)
            assert night is not None
            job = session.execute(select(JobRow.status).where(JobRow.kind == sleep.SLEEP)).scalar_one_or_none()
            settled = select(func.count()).where(NightChangeRow.status != ChangeStatus.PLANNED.value)
            return Standing(night, session.execute(settled).scalar_one(), job == "doing", job is not None)

        return self.database.read(read)

    def wait_for(self, is_so: Callable[[Standing], bool], process: BaseProcess) -> Standing:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so(found := self.standing()):
            assert process.is_alive(), self._life.log.read_text()[-3000:]
            assert time.monotonic() < deadline, found
            time.sleep(POLL_SECONDS)
        return found

    def aftermath(self) -> Aftermath:
        return nights.aftermath(self.database, self.namespace, self.night.id)

    def answers(self, segments: str, questions: Sequence[str]) -> list[list[tuple[str, float]]]:
        with self.parts(segments) as parts:
            return nights.answers(parts, self.namespace, questions)


@contextmanager
def world(url: str, folder: Path) -> Iterator[World]:
    made = World(url, folder)
    try:
        yield made
    finally:
        made.database.close()


QUICK = pytest.param("sqlite", 5, id="sqlite-5")
LONG = [pytest.param(name, 100, id=f"{name}-100", marks=pytest.mark.slow) for name in ("sqlite", "postgresql")]


@pytest.mark.parametrize(("database_url", "kills"), [QUICK, *LONG], indirect=["database_url"])
def test_a_night_that_is_killed_again_and_again_ends_as_an_unbroken_one(
    kills: int, database_url: str, copied: Callable[[str], str], tmp_path: Path
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    rng = random.Random(seed)
    fall_asleep(database_url, tmp_path / "evening")
    with world(copied(database_url), tmp_path / "unbroken") as unbroken:
        before = invariants.texts(unbroken.database)
        length = sleep_on(unbroken).come
        expected = unbroken.aftermath()
        kept = invariants.texts(unbroken.database)
        questions = rng.sample(sorted(kept.values()), ASKED_AT_THE_END)
        answers = unbroken.answers("rebuilt", questions)
        assert_every_stage_did_something(expected.night)
    purged = before.keys() - kept.keys()
    killed, strikes, broken = 0, Counter[Strike](), 0
    while killed < kills:
        broken += 1
        with world(copied(database_url), tmp_path / f"broken{broken}") as one:
            most = min(kills - killed, MOST_A_NIGHT)
            killed += die_often(one, rng, Lives(most, length // most), strikes, before.keys() - purged)
            sleep_on(one)
            assert one.aftermath().differences(expected) == {}
            assert one.answers("rebuilt", questions) == answers
            assert one.answers("data/segments", questions) == answers
    print(f"{killed} kills of {broken} nights, {strikes.total()} of them inside of steps: {dict(strikes)}")
    assert strikes.total() >= kills // 4
    assert len({stage for stage, _ in strikes}) >= min(STAGES_STRUCK, kills // 10)


def fall_asleep(url: str, folder: Path) -> None:
    parts = writing.parts_on(url, folder)
    try:
        namespace = tenancy.bootstrap(parts, BEDTIME)
        nights.live(parts, namespace)
        sleep.begin(parts, namespace, now=BEDTIME, actor="test")
    finally:
        writing.close(parts)


def sleep_on(one: World) -> Standing:
    """Without being killed."""
    if (morning := one.standing()).is_over:
        return morning
    process = one.start()
    try:
        morning = one.wait_for(lambda standing: standing.is_over, process)
    finally:
        process.terminate()
        process.join()
    assert process.exitcode == 0
    process.close()
    return morning


def die_often(one: World, rng: random.Random, lives: Lives, strikes: Counter[Strike], kept: set[str]) -> int:
    """Kills worker after worker, until the night is over or `lives.most` are dead; how many were."""
    killed, fruitless = 0, 0
    before = one.standing()
    while killed < lives.most and not before.is_over:
        process = one.start()
        wanted = before.come + (0 if fruitless else rng.randrange(lives.longest))
        one.wait_for(lambda now, wanted=wanted: now.is_over or (now.is_held and now.come >= wanted), process)  # type: ignore[misc]
        time.sleep(rng.uniform(0, LONGEST_PAUSE_SECONDS * MORE**fruitless))
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL, "it did not live until it was killed"
        process.close()
        after = one.standing()
        killed += 1
        stage = after.night.next_stage
        if after.is_held and stage is not None:
            strikes[stage.name, stage.status] += 1
        look_into(one, kept)
        leases.end_all(one.database)
        fruitless = fruitless + 1 if after.come == before.come else 0
        before = one.standing()
    return killed


def look_into(one: World, kept: set[str]) -> None:
    """What must be true at any moment of a night."""
    assert kept <= invariants.texts(one.database).keys()
    assert invariants.violations(one.database) == []
    assert nights.lost(one.database, one.namespace.id, one.night.id) == []


def assert_every_stage_did_something(night: Night) -> None:
    """Otherwise the proof would prove little."""
    done = {one.name: one.counts for one in night.stages if one.status is StageStatus.DONE}
    wanted = {
        StageName.SETTLE: {"promoted"},
        StageName.REPLAY: {"replayed"},
        StageName.SIMULATE: {"strengthened"},
        StageName.CONSOLIDATE: {"gists", "archived", "corroborated"},
        StageName.RECONCILE: {"merged", "archived"},
        StageName.DOWNSCALE: {"weakened"},
        StageName.BUDGET: {"gists", "archived", "purged"},
    }
    assert {name: missing for name, counts in wanted.items() if (missing := counts - done[name].keys())} == {}
