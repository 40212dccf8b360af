"""Several processes asleep on one night, and others who change things during it: each change is made once, or not."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Barrier

import pytest

from memory import documents, forget, ledger, sleep, tenancy
from memory.forgetting.policies import Policy
from memory.night import step
from memory.parts import Parts
from memory.sleeping.records import ChangeOf, ChangeStatus, Night, NightChange, NightStatus, StageName
from memory.store import derivations
from memory.types import DocumentPatch, ItemState, Kind, Namespace
from tests import nights
from tests.durability import writing
from tests.nights import BEDTIME, Aftermath
from tests.store.test_sleep import life
from tests.store.working import keep, said

MINUTE = timedelta(minutes=1)
SLEEPERS = 3
FERRY = ("The ferry to Ostend leaves at six.", "The ferry to Ostend leaves at six, as always.")
SOLD = tuple(f"{start} Okafor sold Mira a green bicycle with a Brooks saddle." for start in ("So", "Oh", "And", "But"))

Sleepers = list[tuple[Parts, Night]]


@pytest.fixture
def evening(database_url: str, tmp_path: Path) -> str:
    """The URL of a database in which a night has begun, and nothing of it is done yet."""
    parts = writing.parts_on(database_url, tmp_path / "evening")
    try:
        namespace = tenancy.bootstrap(parts, BEDTIME)
        life(parts, namespace, nights.START, seed=3)
        forget.set_policies(parts, namespace, [Policy(most_tokens=150)])
        sleep.begin(parts, namespace, now=BEDTIME, actor="test")
    finally:
        writing.close(parts)
    return database_url


@contextmanager
def sleepers(url: str, folder: Path, count: int) -> Iterator[tuple[Namespace, Sleepers]]:
    """As many processes would be: each with connections, an index and a night of its own."""
    everyone = [writing.parts_on(url, folder / str(number)) for number in range(count)]
    try:
        namespace = tenancy.bootstrap(everyone[0], BEDTIME)
        (night,) = sleep.list_page(everyone[0], namespace, 10, None).items
        yield namespace, [(parts, night) for parts in everyone]
    finally:
        for parts in everyone:
            writing.close(parts)


def slept_alone(url: str, folder: Path) -> Aftermath:
    with sleepers(url, folder, 1) as (namespace, [(parts, night)]):
        nights.go_on(parts, namespace, night)
        return nights.aftermath(parts.database, namespace, night.id)


@pytest.fixture
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "BATCH", 5)


@pytest.mark.usefixtures("_small_batches")
def test_sleepers_who_race_through_a_night_leave_what_one_would(
    evening: str, copied: Callable[[str], str], tmp_path: Path
) -> None:
    alone = slept_alone(copied(evening), tmp_path / "alone")
    with sleepers(copied(evening), tmp_path / "race", SLEEPERS) as (namespace, everyone):
        start = Barrier(SLEEPERS)

        def sleep_on(parts: Parts, night: Night) -> Night:
            start.wait()
            return nights.go_on(parts, namespace, night)

        with ThreadPoolExecutor(SLEEPERS) as pool:
            ended = [one.result() for one in [pool.submit(sleep_on, *sleeper) for sleeper in everyone]]
        parts, night = everyone[0]
        assert {one.status for one in ended} == {NightStatus.DONE}
        assert nights.aftermath(parts.database, namespace, night.id).differences(alone) == {}


@pytest.mark.usefixtures("_small_batches")
@pytest.mark.parametrize("seed", range(3))
def test_a_sleeper_who_knows_only_how_the_night_stood_earlier_does_nothing_twice(
    evening: str, copied: Callable[[str], str], tmp_path: Path, seed: int
) -> None:
    """Steps of two sleepers in any order; each goes by the night as it left it, however far the other has come."""
    rng = Random(seed)
    alone = slept_alone(copied(evening), tmp_path / "alone")
    with sleepers(copied(evening), tmp_path / "turns", 2) as (namespace, everyone):
        while any(night.status is NightStatus.RUNNING for _, night in everyone):
            number = rng.randrange(2)
            parts, night = everyone[number]
            if night.status is NightStatus.RUNNING:
                for _ in range(rng.choice([1, 1, 5])):
                    night = step(parts, namespace, night, parts.database.write)
                everyone[number] = (parts, night)
        parts, night = everyone[0]
        assert nights.aftermath(parts.database, namespace, night.id).differences(alone) == {}


def planned(parts: Parts, namespace: Namespace, stage: StageName) -> Night:
    """A night of one stage that is decided, and not carried out yet."""
    night = sleep.begin(parts, namespace, stages=[stage], now=BEDTIME, actor="test")
    return step(parts, namespace, night, parts.database.write)


def changes(parts: Parts, namespace: Namespace, night: Night, of: ChangeOf) -> list[NightChange]:
    return [one for one in sleep.changes_page(parts, namespace, night.id, 100, None).items if one.of is of]


def state(parts: Parts, namespace: Namespace, id_: str) -> ItemState:
    return documents.get(parts, namespace, Kind.MEMORY, id_).state


@pytest.fixture
def repeated(parts: Parts, namespace: Namespace) -> tuple[Night, str, str]:
    """A night that is about to put a repeat behind a survivor."""
    for number, text in enumerate(FERRY):
        keep(parts, namespace, nights.START + number * MINUTE, said(text))
    night = planned(parts, namespace, StageName.RECONCILE)
    (merge,) = changes(parts, namespace, night, ChangeOf.REPEATS)
    return night, merge.document, merge.sources[0]


@pytest.mark.parametrize("how", ["archived", "deleted"])
def test_nothing_is_put_behind_what_left_recall_meanwhile(
    parts: Parts, namespace: Namespace, repeated: tuple[Night, str, str], how: str
) -> None:
    night, survivor, repeat = repeated
    if how == "archived":
        wanted = forget.Wanted(filter={"document_id": {"eq": survivor}})
        forget.forget(parts, namespace, wanted, dry_run=False, now=BEDTIME, actor="test")
    else:
        documents.delete(parts, namespace, Kind.MEMORY, survivor, None, BEDTIME, "test")
    night = nights.go_on(parts, namespace, night)
    assert state(parts, namespace, repeat) is ItemState.ACTIVE
    assert parts.database.read(lambda session: derivations.find(session, namespace.id, [survivor])) == []
    assert night.stage(StageName.RECONCILE).counts == {"passed_over": 2}


def test_what_says_something_else_by_now_is_put_behind_nothing(
    parts: Parts, namespace: Namespace, repeated: tuple[Night, str, str]
) -> None:
    night, survivor, repeat = repeated
    patch = DocumentPatch(text="The ferry to Ostend leaves at nine.")
    documents.patch(parts, namespace, Kind.MEMORY, repeat, patch, None, BEDTIME, "test")
    nights.go_on(parts, namespace, night)
    assert state(parts, namespace, repeat) is ItemState.ACTIVE
    assert parts.database.read(lambda session: derivations.find(session, namespace.id, [survivor])) == []


@pytest.mark.parametrize("how", ["patched", "archived", "deleted"])
def test_no_gist_is_made_of_what_was_changed_since_it_was_decided(parts: Parts, namespace: Namespace, how: str) -> None:
    """The sentences of a gist are places in texts: in another text they would be something else."""
    for number, text in enumerate(SOLD):
        keep(parts, namespace, nights.START + number * MINUTE, said(text))
    night = planned(parts, namespace, StageName.CONSOLIDATE)
    (gist,) = changes(parts, namespace, night, ChangeOf.GIST)
    first, *others = gist.sources
    if how == "patched":
        patch = DocumentPatch(text="It rained all day, and nobody sold or bought anything at all.")
        documents.patch(parts, namespace, Kind.MEMORY, first, patch, None, BEDTIME, "test")
    elif how == "archived":
        wanted = forget.Wanted(filter={"document_id": {"eq": first}})
        forget.forget(parts, namespace, wanted, dry_run=False, now=BEDTIME, actor="test")
    else:
        documents.delete(parts, namespace, Kind.MEMORY, first, None, BEDTIME, "test")
    nights.go_on(parts, namespace, night)
    assert {state(parts, namespace, one) for one in others} == {ItemState.ACTIVE}
    known = {one.id for one in documents.list_page(parts, namespace, Kind.MEMORY, 100, None).items}
    assert gist.document not in known
    (after,) = changes(parts, namespace, night, ChangeOf.GIST)
    assert after.status is ChangeStatus.PASSED_OVER
