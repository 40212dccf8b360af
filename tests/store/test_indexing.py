"""The index of a namespace: the same answers whether it grew, was reopened, rebuilt, folded or evicted."""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from memory import documents, tenancy
from memory.indexing import MOST_AT_ONCE, Indexes
from memory.parts import Parts
from memory.recall import recall
from memory.store import changes, namespaces, passages
from memory.store.tables import SegmentRow
from memory.types import Change, ChangeKind, Kind, Namespace, Principal, Recall
from retrieval.types import PassageId
from tests.store.working import found, keep, note, said, work_off

QUESTIONS = ["Who lives in Ghent?", "Which bridge did Mira paint?", "boat 17", "Heron Labs", "What does Tom keep?"]
PEOPLE = ["Mira", "Tom", "Ada", "Ravi", "Noor"]
PLACES = ["Ghent", "Porto", "Heron Labs", "the old mill", "Lake Orta"]


def _fill(parts: Parts, namespace: Namespace, now: datetime, count: int = 60) -> list[str]:
    """Notes and turns, a few of them changed or deleted; the ids of those that are left."""
    chance = random.Random(7)
    ids = []
    for number in range(count):
        person, place = chance.choice(PEOPLE), chance.choice(PLACES)
        text = f"{person} saw boat {number} near {place}. It was painted by {chance.choice(PEOPLE)}."
        draft = note(text, title=place) if number % 2 else said(text, person, f"s{number % 3}")
        ids.append(keep(parts, namespace, now, draft).receipts[0].id)
    for number in range(0, count, 7):
        kind = Kind.DOCUMENT if number % 2 else Kind.MEMORY
        if number % 3:
            documents.delete(parts, namespace, kind, ids[number], None, now, "test")
        else:
            change = documents.DocumentPatch(text=f"Boat {number} sank near Porto.")
            documents.patch(parts, namespace, kind, ids[number], change, None, now, "test")
    return ids


def _answers(parts: Parts, namespace: Namespace) -> list[list[tuple[PassageId, float, float]]]:
    answers = []
    for question in QUESTIONS:
        recalled = recall(parts, namespace, Recall(question, top_k=20))
        answers.append([(one.id, round(one.hit.score, 6), round(one.hit.probability, 6)) for one in recalled.results])
    return answers


@contextmanager
def _restarted(parts: Parts, folder: Path, cache_bytes: int = 1 << 30) -> Iterator[Parts]:
    indexes = Indexes(parts.database, folder, parts.embedder.dimension, parts.embedder.fingerprint, cache_bytes)
    yield Parts(parts.database, indexes, parts.embedder)
    indexes.close()


def _delta(parts: Parts, namespace: Namespace) -> int:
    with parts.indexes.reading(namespace.id, 0) as index:
        return index.delta_passages


def _segments(parts: Parts) -> list[str]:
    return list(parts.database.read(lambda session: session.execute(select(SegmentRow.path)).scalars()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "segments"  # where the fixture `parts` has them


def test_a_namespace_is_read_in_as_many_batches_as_it_needs(parts: Parts, namespace: Namespace, now: datetime) -> None:
    _fill(parts, namespace, now)

    def read(batch: int) -> list[PassageId]:
        model = parts.embedder.fingerprint
        batches = parts.database.read(
            lambda session: list(passages.for_index(session, namespace.id, model, 0, 1000, {}, batch=batch))
        )
        return [one.passage.id for some in batches for one in some]

    assert len(read(7)) > 14
    assert read(7) == read(1000)


def test_the_answers_are_the_same_after_a_rebuild(
    parts: Parts, namespace: Namespace, now: datetime, folder: Path
) -> None:
    before_any = _answers(parts, namespace)  # opens the index, so that it grows with the writes
    assert before_any == [[]] * len(QUESTIONS)
    _fill(parts, namespace, now)
    grown = _answers(parts, namespace)
    assert all(grown)
    with _restarted(parts, folder) as again:
        assert _answers(again, namespace) == grown


def test_a_namespace_larger_than_one_batch_of_rows_is_rebuilt(
    parts: Parts, namespace: Namespace, now: datetime, folder: Path
) -> None:
    for batch in range(3):  # a batch of rows has 1,000
        keep(parts, namespace, now, *[note(f"Entry {batch} tells of the lock {number}.") for number in range(800)])
    work_off(parts, now)
    with _restarted(parts, folder) as again:
        assert found(again, namespace, "Entry 2 tells of the lock 799.")[0] == "Entry 2 tells of the lock 799."


def test_the_answers_are_the_same_after_a_fold(parts: Parts, namespace: Namespace, now: datetime, folder: Path) -> None:
    _fill(parts, namespace, now)
    grown = _answers(parts, namespace)
    segment = parts.indexes.fold(namespace.id, now)
    assert segment is not None
    assert (folder / segment.path).stat().st_size == segment.bytes
    parts.indexes.refresh(namespace.id)
    assert _answers(parts, namespace) == grown
    with _restarted(parts, folder) as again:
        assert _answers(again, namespace) == grown


def test_the_answers_are_the_same_on_a_base_with_a_tail(
    parts: Parts, namespace: Namespace, now: datetime, folder: Path
) -> None:
    ids = _fill(parts, namespace, now)
    parts.indexes.fold(namespace.id, now)
    documents.delete(parts, namespace, Kind.DOCUMENT, ids[1], None, now, "test")
    patch = documents.DocumentPatch(metadata={"seen": True})
    documents.patch(parts, namespace, Kind.DOCUMENT, ids[5], patch, None, now, "test")
    keep(parts, namespace, now, note("Ada sold boat 17 in Ghent.", title="Ghent"))
    with _restarted(parts, folder) as on_base, _restarted(parts, folder.with_name("nowhere")) as from_rows:
        assert _answers(on_base, namespace) == _answers(from_rows, namespace) == _answers(parts, namespace)
        seen = Recall("boat", filters={"metadata.seen": True})
        assert len(recall(on_base, namespace, seen).results) == 1


def test_folding_without_news_makes_no_segment(parts: Parts, namespace: Namespace, now: datetime) -> None:
    _fill(parts, namespace, now, 5)
    assert parts.indexes.fold(namespace.id, now) is not None
    assert parts.indexes.fold(namespace.id, now) is None


def test_two_segments_are_kept_and_their_files_with_them(
    parts: Parts, namespace: Namespace, now: datetime, folder: Path
) -> None:
    for number in range(4):
        keep(parts, namespace, now, note(f"Fact {number}."))
        parts.indexes.fold(namespace.id, now)
    (folder / namespace.id / "left-by-a-crash.segment.123.tmp").write_bytes(b"half")
    keep(parts, namespace, now, note("Fact 5."))
    parts.indexes.fold(namespace.id, now)
    files = {f"{namespace.id}/{file.name}" for file in (folder / namespace.id).iterdir()}
    assert files == set(_segments(parts))
    assert len(files) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.unlink(),
        lambda file: file.write_bytes(file.read_bytes()[:-100]),
        lambda file: file.write_bytes(b"\x00" * 64 + file.read_bytes()[64:]),
        lambda file: file.write_bytes(file.read_bytes()[:-1] + b"\x07"),
        lambda file: file.write_bytes(b""),
    ],
    ids=["missing", "cut", "no header", "altered", "empty"],
)
def test_a_damaged_segment_is_rebuilt_from_rows_and_published_anew(
    parts: Parts,
    namespace: Namespace,
    now: datetime,
    folder: Path,
    damage: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    _fill(parts, namespace, now, 20)
    work_off(parts, now)
    right = _answers(parts, namespace)
    segment = parts.indexes.fold(namespace.id, now)
    assert segment is not None
    damage(folder / segment.path)
    with _restarted(parts, folder) as again, caplog.at_level(logging.WARNING):
        assert _answers(again, namespace) == right
        assert any("rebuilt from SQL" in record.message for record in caplog.records)
        assert work_off(again, now) == 1  # the fold that was asked for
    caplog.clear()
    assert len(_segments(parts)) == 2
    with _restarted(parts, folder) as repaired:
        assert _answers(repaired, namespace) == right
    assert not caplog.records


def test_a_large_delta_is_folded_by_the_worker_and_taken_up(
    parts: Parts, namespace: Namespace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memory.segments.LEAST_DELTA", 30)
    work_off(parts, now)
    _answers(parts, namespace)
    for number in range(30):
        keep(parts, namespace, now, note(f"Boat {number} belongs to Tom."))
    assert work_off(parts, now) == 0
    keep(parts, namespace, now, note("Boat 30 belongs to Tom."))
    assert work_off(parts, now) == 1
    assert len(_segments(parts)) == 1
    keep(parts, namespace, now, note("One more."))  # the next catch-up notices the segment
    grown = _answers(parts, namespace)
    while _delta(parts, namespace) != 1:  # it is opened beside the searches
        time.sleep(0.01)
    assert _answers(parts, namespace) == grown


def test_a_large_operation_is_folded_without_any_recall(
    parts: Parts, namespace: Namespace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memory.segments.LEAST_DELTA", 80)
    keep(parts, namespace, now, *(note(f"Fact {number}.") for number in range(100)))
    work_off(parts, now)
    assert len(_segments(parts)) == 1


def test_eviction_loses_nothing(parts: Parts, owner: Principal, now: datetime, folder: Path) -> None:
    with _restarted(parts, folder, cache_bytes=1) as small:  # one index at a time
        homes = [tenancy.ensure_namespace(small, owner, f"home-{n}", now) for n in range(4)]
        for number, home in enumerate(homes):
            keep(small, home, now, note(f"The key of house {number} is under pot {number}."))
        for _ in range(3):
            for number, home in enumerate(homes):
                assert found(small, home, "Where is the key?") == [f"The key of house {number} is under pot {number}."]
                assert list(small.indexes.opened()) == [home.id]


def test_namespaces_do_not_see_each_other(parts: Parts, owner: Principal, now: datetime) -> None:
    one, two = (tenancy.ensure_namespace(parts, owner, name, now) for name in ("one", "two"))
    keep(parts, one, now, note("The vault opens at nine."))
    keep(parts, two, now, note("The canteen opens at noon."))
    assert found(parts, one, "When does it open?") == ["The vault opens at nine."]
    assert found(parts, two, "When does it open?") == ["The canteen opens at noon."]


def test_searches_and_writes_and_folds_at_the_same_time_agree(
    parts: Parts, namespace: Namespace, now: datetime, folder: Path
) -> None:
    _fill(parts, namespace, now, 20)
    stop = threading.Event()

    def search() -> int:
        count = 0
        while not stop.is_set():
            assert found(parts, namespace, "Which boat?")
            count += 1
        return count

    with ThreadPoolExecutor(4) as pool:
        searches = [pool.submit(search) for _ in range(2)]
        try:
            for number in range(3):
                keep(parts, namespace, now, *(note(f"Boat {number}-{n} sails to Porto.") for n in range(20)))
                parts.indexes.fold(namespace.id, now)
                parts.indexes.refresh(namespace.id)
        finally:
            stop.set()
        assert all(search.result() > 0 for search in searches)
    with _restarted(parts, folder) as again:
        assert _answers(again, namespace) == _answers(parts, namespace)


def test_only_some_search_at_once(parts: Parts, namespace: Namespace, now: datetime) -> None:
    """Each needs memory in proportion to the index."""
    revision = keep(parts, namespace, now, note("one")).revision
    inside: list[int] = []
    most: list[int] = []

    def read(_: int) -> None:
        with parts.indexes.reading(namespace.id, revision):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.005)
            inside.pop()

    with ThreadPoolExecutor(3 * MOST_AT_ONCE) as pool:
        list(pool.map(read, range(6 * MOST_AT_ONCE)))
    assert 1 < max(most) <= MOST_AT_ONCE


def test_a_failure_while_catching_up_never_shows_half_a_change(
    parts: Parts, namespace: Namespace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(parts, namespace, now, 10)
    right = _answers(parts, namespace)
    with monkeypatch.context() as patched:
        patched.setattr("memory.catching_up._apply", lambda *_: 1 / 0)
        kept = keep(parts, namespace, now, note("Written all the same."))
        assert kept.receipts[0].revision == kept.revision
    assert found(parts, namespace, "Written all the same.")[0] == "Written all the same."
    documents.delete(parts, namespace, Kind.DOCUMENT, kept.receipts[0].id, None, now, "test")
    assert _answers(parts, namespace) == right


def test_a_rebuilt_namespace_is_read_from_rows_again(parts: Parts, namespace: Namespace, now: datetime) -> None:
    _fill(parts, namespace, now, 10)
    right = _answers(parts, namespace)

    def declare(session: object) -> None:
        revision = namespaces.advance(session, namespace.id, 1)  # type: ignore[arg-type]
        log = [Change(revision, ChangeKind.REBUILT, None)]
        changes.append(session, namespace.id, log, "test", now)  # type: ignore[arg-type]

    parts.database.write(declare)
    assert _answers(parts, namespace) == right
    assert recall(parts, namespace, Recall("boat")).revision > 10


def test_a_deleted_namespace_leaves_no_files(
    parts: Parts, namespace: Namespace, owner: Principal, now: datetime, folder: Path
) -> None:
    keep(parts, namespace, now, note("Going."))
    parts.indexes.fold(namespace.id, now)
    assert (folder / namespace.id).exists()
    tenancy.delete_namespace(parts, owner, namespace.name)
    assert not (folder / namespace.id).exists()
    assert parts.indexes.opened() == {}
    assert _segments(parts) == []
