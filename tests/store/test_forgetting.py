"""Forgetting with a database: plans, their undoing, holds, expiry, and what erasure leaves to be undone: nothing."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from memory import documents, erase, forget, history, holds, sessions, tenancy
from memory.errors import Conflict, Erased, InvalidInput, NotFound, NotUndone, OnHold
from memory.forget import Wanted
from memory.forgetting.policies import Action, Policy
from memory.forgetting.records import ErasureStatus
from memory.forgetting.subjects import Subject, SubjectKind
from memory.indexing import Indexes
from memory.layers.short_term import Role
from memory.layers.transitions import Happening
from memory.parts import Parts
from memory.recall import recall
from memory.segments import SegmentFiles
from memory.sessions import NewMessage
from memory.store import documents as stored
from memory.store import traces
from memory.types import DocumentPatch, Draft, ItemState, Kind, Namespace, Principal, Recall
from tests.store.working import found, keep, said, work_off

DAY = timedelta(days=1)
TEXTS = ("The ferry leaves at six.", "Mira painted the ferry.", "The ferry has a new winch.")
MIRA = Subject(SubjectKind.USER, "Mira")


@pytest.fixture
def three(parts: Parts, namespace: Namespace, now: datetime) -> list[str]:
    return [one.id for one in keep(parts, namespace, now, *(said(text, "Mira", "s") for text in TEXTS)).receipts]


def state(parts: Parts, namespace: Namespace, id_: str) -> ItemState:
    return documents.get(parts, namespace, Kind.MEMORY, id_).state


def forgotten(parts: Parts, namespace: Namespace, now: datetime, wanted: Wanted) -> forget.Forgot:
    return forget.forget(parts, namespace, wanted, dry_run=False, now=now, actor="test")


def test_a_dry_run_shows_the_plan_and_changes_nothing(
    parts: Parts, namespace: Namespace, now: datetime, three: list[str]
) -> None:
    faded = Wanted((Policy(least_retrievability=0.9),))
    late = now + 400 * DAY
    shown = forget.forget(parts, namespace, faded, dry_run=True, now=late, actor="test")
    assert [one.id for one in shown.plan] == three
    assert shown.forgetting is None
    assert set(found(parts, namespace, "ferry")) == set(TEXTS)
    done = forgotten(parts, namespace, late, faded)
    assert done.plan == shown.plan
    assert done.forgetting is not None
    assert (done.forgetting.archived, done.forgetting.status) == (3, "done")
    assert found(parts, namespace, "ferry") == []
    entry = history.of(parts, namespace, Kind.MEMORY, three[0]).entries[-1]
    assert (entry.kind, entry.actor) == (Happening.ARCHIVED, "test")
    assert entry.why.startswith("retrievability 0.")


def test_a_forgetting_is_undone_as_a_whole_or_not_at_all(
    parts: Parts, namespace: Namespace, now: datetime, three: list[str]
) -> None:
    done = forgotten(parts, namespace, now, Wanted((Policy(most_items=0),))).forgetting
    assert done is not None
    patch = DocumentPatch(metadata={"seen": True})
    documents.patch(parts, namespace, Kind.MEMORY, three[1], patch, None, now, "test")
    with pytest.raises(NotUndone) as caught:
        forget.undo(parts, namespace, done.id, now=now + DAY, actor="test")
    assert [one.field for one in caught.value.problems] == [three[1]]
    assert {state(parts, namespace, id_) for id_ in three} == {ItemState.ARCHIVED}
    undone = forget.undo(parts, namespace, done.id, [three[1]], now=now + DAY, actor="test")
    assert (undone.revived, undone.forgetting.status) == (2, "undone")
    assert set(found(parts, namespace, "ferry")) == {TEXTS[0], TEXTS[2]}
    with pytest.raises(Conflict):
        forget.undo(parts, namespace, done.id, now=now + DAY, actor="test")


def test_undo_never_restores_what_was_erased(
    parts: Parts, namespace: Namespace, now: datetime, three: list[str]
) -> None:
    keep(parts, namespace, now, said("Jonas repaired the ferry.", "Jonas"))
    done = forgotten(parts, namespace, now, Wanted((Policy(most_items=0),))).forgetting
    assert done is not None
    erasure = erase.erase(parts, namespace, MIRA, now=now, actor="test")
    assert erasure.status is ErasureStatus.PROVED
    assert erasure.counts["documents"] == erasure.counts["forgotten"] == 3
    assert forget.undo(parts, namespace, done.id, now=now, actor="test").revived == 1
    assert found(parts, namespace, "ferry") == ["Jonas repaired the ferry."]


def test_what_was_erased_is_refused_until_somebody_lifts_it(
    parts: Parts, namespace: Namespace, now: datetime, three: list[str]
) -> None:
    jonas = keep(parts, namespace, now, said("Something else entirely.", "Jonas")).receipts[0]
    erasure = erase.erase(parts, namespace, MIRA, now=now, actor="test")
    for draft in (said("A new thing.", "Mira"), said(TEXTS[2].upper(), "Jonas", "another")):
        with pytest.raises(Erased) as caught:
            keep(parts, namespace, now, draft)
        assert erasure.id in caught.value.problems[0].remedy
    patch = DocumentPatch(speaker="Mira")
    with pytest.raises(Erased):
        documents.patch(parts, namespace, Kind.MEMORY, jonas.id, patch, None, now, "test")
    new = [NewMessage(Role.USER, "Hello.", speaker="Mira", remember=False)]
    with pytest.raises(Erased):
        sessions.add(parts, namespace, "s", new, now=now, actor="test")
    assert erase.lift(parts, namespace, erasure.id) >= 1
    keep(parts, namespace, now, said(TEXTS[2], "Mira"))
    assert found(parts, namespace, "ferry winch")[0] == TEXTS[2]


@pytest.mark.parametrize("kind", list(SubjectKind))
def test_a_hold_blocks_deletion_purging_and_erasure(
    parts: Parts, namespace: Namespace, owner: Principal, now: datetime, three: list[str], kind: SubjectKind
) -> None:
    note = keep(parts, namespace, now, Draft(Kind.DOCUMENT, "The log of the ferry, kept by Mira.")).receipts[0]
    names = {"user": "Mira", "document": note.id, "memory": three[1], "session": "s", "entity": "Mira"}
    held, held_kind = (note.id, Kind.DOCUMENT) if kind is SubjectKind.DOCUMENT else (three[1], Kind.MEMORY)
    subject = Subject(kind, names[kind.value])
    holds.put(parts, namespace, subject, "case 4711", now=now, actor="test")
    with pytest.raises(OnHold):
        documents.delete(parts, namespace, held_kind, held, None, now, "test")
    with pytest.raises(OnHold):
        erase.erase(parts, namespace, subject, now=now, actor="test")
    with pytest.raises(OnHold):
        tenancy.delete_namespace(parts, owner, "default")
    everything = {"recorded_at": {"gte": "2020-01-01"}}
    purged = forgotten(parts, namespace, now, Wanted(filter=everything, action=Action.PURGE)).forgetting
    assert purged is not None
    assert documents.get(parts, namespace, held_kind, held).id == held
    archived = forgotten(parts, namespace, now, Wanted((Policy(most_items=0),))).plan
    assert held in {one.id for one in archived}  # it keeps everything
    holds.lift(parts, namespace, subject)
    erase.erase(parts, namespace, subject, now=now, actor="test")
    with pytest.raises(NotFound):
        documents.get(parts, namespace, held_kind, held)


def test_what_expires_is_out_of_recall_at_once_and_archived_when_it_is_forgotten(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    draft = Draft(Kind.MEMORY, "The code of the gate is 4711.", expires_at=now + DAY)
    id_ = keep(parts, namespace, now, draft).receipts[0].id
    question = Recall("code of the gate")
    assert recall(parts, namespace, question, now=now).results
    assert recall(parts, namespace, question, now=now + DAY).results == ()
    assert recall(parts, namespace, question, now=now - 30 * DAY).results  # a clock that was set back
    plan = forgotten(parts, namespace, now + 2 * DAY, Wanted((Policy(),))).plan
    assert [(one.id, one.rule) for one in plan] == [(id_, "expired")]
    with pytest.raises(Conflict):
        forget.revive(parts, namespace, Kind.MEMORY, id_, now=now + 2 * DAY, actor="test")
    for past in (now, now - DAY):
        with pytest.raises(InvalidInput):
            keep(parts, namespace, now, replace(draft, expires_at=past))
        patch = DocumentPatch(expires_at=past)
        with pytest.raises(InvalidInput):
            documents.patch(parts, namespace, Kind.MEMORY, id_, patch, None, now, "test")


def test_a_revived_item_counts_as_recalled(parts: Parts, namespace: Namespace, now: datetime, three: list[str]) -> None:
    late = now + 400 * DAY
    faded = Wanted((Policy(least_retrievability=0.9),))
    forgotten(parts, namespace, late, faded)
    forget.revive(parts, namespace, Kind.MEMORY, three[0], now=late, actor="test")
    assert found(parts, namespace, "ferry") == [TEXTS[0]]
    assert forgotten(parts, namespace, late + DAY / 24, faded).plan == ()
    kept = parts.database.read(lambda session: traces.find_many(session, namespace.id, three[:1]))
    assert kept[three[0]].last_recalled == late
    again = forget.revive(parts, namespace, Kind.MEMORY, three[0], now=late, actor="test")
    assert again.state is ItemState.ACTIVE


def test_the_archive_is_purged_after_its_time(
    parts: Parts, namespace: Namespace, now: datetime, three: list[str]
) -> None:
    forget.set_policies(parts, namespace, [Policy(most_items=1, purge_after_days=30)])
    forgotten(parts, namespace, now, Wanted())
    late = forgotten(parts, namespace, now + 31 * DAY, Wanted()).forgetting
    assert late is not None
    assert (late.archived, late.purged) == (0, 2)
    page = documents.list_page(parts, namespace, Kind.MEMORY, 10, None)
    assert len(page.items) == 1
    assert forget.list_page(parts, namespace, 10, None).items[0] == late


def test_forgetting_knows_only_its_own_namespace(
    parts: Parts, namespace: Namespace, owner: Principal, now: datetime, three: list[str]
) -> None:
    other = tenancy.create_namespace(parts, owner, "other", now)
    done = forgotten(parts, namespace, now, Wanted((Policy(most_items=0),))).forgetting
    assert done is not None
    for verb in (
        lambda: forget.get(parts, other, done.id),
        lambda: forget.undo(parts, other, done.id, now=now, actor="test"),
        lambda: forget.revive(parts, other, Kind.MEMORY, three[0], now=now, actor="test"),
        lambda: erase.erase(parts, other, MIRA, now=now, actor="test"),
        lambda: erase.get(parts, other, done.id),
        lambda: holds.put(parts, other, Subject(SubjectKind.MEMORY, three[0]), "x", now=now, actor="test"),
        lambda: holds.lift(parts, other, MIRA),
        lambda: forget.get(parts, namespace, "nothing"),
    ):
        with pytest.raises(NotFound):
            verb()
    with pytest.raises(InvalidInput):
        forgotten(parts, other, now, Wanted())  # it has no policies


def test_a_job_finishes_what_a_process_that_died_had_begun(
    parts: Parts, namespace: Namespace, now: datetime, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    parts.indexes.fold(namespace.id, now)
    with monkeypatch.context() as patched:
        patched.setattr(parts.database, "scrub", lambda: False)
        left = erase.erase(parts, namespace, MIRA, now=now, actor="test")
    assert left.status is ErasureStatus.SCRUBBING
    assert found(parts, namespace, "ferry") == []
    work_off(parts, now + DAY)
    assert erase.get(parts, namespace, left.id).status is ErasureStatus.SCRUBBED


def test_an_erasure_takes_the_gist_and_the_history_that_quote_it(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    new = [NewMessage(Role.USER, "The secret word is heron heron.", speaker="Mira")]
    sessions.add(parts, namespace, "s", new, now=now, actor="test")
    more = [NewMessage(Role.USER, f"The heron number {n} came.", remember=False) for n in range(75)]
    sessions.add(parts, namespace, "s", more, now=now, actor="test")
    assert "secret" in sessions.window(parts, namespace, "s").gist
    shown = erase.preview(parts, namespace, MIRA)
    assert (shown["documents"], shown["messages"]) == (1, 1)
    assert erase.erase(parts, namespace, MIRA, now=now, actor="test").status is ErasureStatus.PROVED
    sessions.add(parts, namespace, "s", more[:1], now=now, actor="test")
    gist = sessions.window(parts, namespace, "s").gist
    assert "heron" in gist
    assert "secret" not in gist


def test_a_fold_that_began_before_an_erasure_publishes_nothing(
    parts: Parts, namespace: Namespace, now: datetime, three: list[str], tmp_path: Path
) -> None:
    late = Indexes(parts.database, tmp_path / "segments", parts.embedder.dimension, parts.embedder.fingerprint, 1 << 30)
    keep(parts, namespace, now, said("Jonas repaired the ferry.", "Jonas"))
    with late.reading(namespace.id, 4) as index:
        files = SegmentFiles(parts.database, tmp_path / "segments", index.dimension, index.fingerprint)
        erase.erase(parts, namespace, MIRA, now=now, actor="test")
        assert files.write(namespace.id, index, now) is None
    assert files.files(namespace.id) == []
    assert found(replace(parts, indexes=late), namespace, "ferry") == ["Jonas repaired the ferry."]
    late.close()


def test_a_reader_who_still_sees_what_is_gone_delays_the_proof(
    parts: Parts, namespace: Namespace, now: datetime, three: list[str]
) -> None:
    def read(session: Session) -> ErasureStatus:
        stored.find(session, namespace.id, three[0])  # from here on it sees one moment
        with ThreadPoolExecutor(1) as other:
            erased = other.submit(erase.erase, parts, namespace, MIRA, now=now, actor="test").result()
        assert stored.find(session, namespace.id, three[0]) is not None
        return erased.status

    assert parts.database.read(read) is ErasureStatus.SCRUBBING
    work_off(parts, now + DAY)
    assert [one.status for one in erase.list_page(parts, namespace, 9, None).items] == [ErasureStatus.SCRUBBED]
