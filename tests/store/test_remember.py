"""Writes: receipts, duplicates, external ids, idempotency, and what is worked off later."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from memory import documents, operations
from memory.errors import ExternalIdTaken, IdempotencyReuse, InvalidInput, NotFound
from memory.parts import Parts
from memory.remember import remember
from memory.store.tables import ChangeRow, DocumentRow, PassageRow
from memory.tenancy import delete_namespace
from memory.types import Idempotency, Kind, Namespace, OperationStatus, Principal, Recall, Receipt, ReceiptStatus
from tests.fakes import MoodyEmbedder
from tests.store.working import found, keep, note, results, said, work_off

STORED, DUPLICATE, ACCEPTED = ReceiptStatus.STORED, ReceiptStatus.DUPLICATE, ReceiptStatus.ACCEPTED


def _statuses(receipts: tuple[Receipt, ...]) -> list[ReceiptStatus]:
    return [receipt.status for receipt in receipts]


def test_a_write_is_recallable_in_the_next_call(parts: Parts, namespace: Namespace, now: datetime) -> None:
    for number in range(20):
        text = f"Harbour number {number} belongs to captain {number * 7919}."
        keep(parts, namespace, now, note(text))
        assert found(parts, namespace, f"Whom does captain {number * 7919} serve?")[0] == text


def test_receipts_are_in_the_order_of_the_drafts_and_revisions_count_on(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    kept = keep(parts, namespace, now, note("One."), said("Two."), note("Three."))
    assert _statuses(kept.receipts) == [STORED] * 3
    assert [receipt.revision for receipt in kept.receipts] == [1, 2, 3]
    assert kept.revision == 3
    assert [receipt.kind for receipt in kept.receipts] == [Kind.DOCUMENT, Kind.MEMORY, Kind.DOCUMENT]
    assert documents.get(parts, namespace, Kind.MEMORY, kept.receipts[1].id).text == "Two."


def test_the_same_content_is_kept_once(parts: Parts, namespace: Namespace, now: datetime) -> None:
    first = keep(parts, namespace, now, note("The tide turns at six."))
    again = keep(parts, namespace, now + timedelta(hours=1), note("The tide turns at six."), note("Something new."))
    assert _statuses(again.receipts) == [DUPLICATE, STORED]
    assert again.receipts[0].id == first.receipts[0].id
    assert found(parts, namespace, "When does the tide turn?").count("The tide turns at six.") == 1


def test_duplicates_are_seen_within_a_request(parts: Parts, namespace: Namespace, now: datetime) -> None:
    kept = keep(parts, namespace, now, note("Same."), note("Same."), note("Other."))
    assert _statuses(kept.receipts) == [STORED, DUPLICATE, STORED]
    assert kept.receipts[0].id == kept.receipts[1].id


@pytest.mark.parametrize(
    "change", [{"title": "T"}, {"source": "s"}, {"metadata": {"a": 1}}, {"external_id": "e"}, {"kind": Kind.MEMORY}]
)
def test_what_differs_in_anything_is_no_duplicate(
    parts: Parts, namespace: Namespace, now: datetime, change: dict[str, str]
) -> None:
    one = note("Same text.")
    kept = keep(parts, namespace, now, one, replace(one, **change))  # type: ignore[arg-type]
    assert _statuses(kept.receipts) == [STORED, STORED]


def test_duplicates_are_not_encoded_again(
    parts: Parts, namespace: Namespace, embedder: MoodyEmbedder, now: datetime
) -> None:
    keep(parts, namespace, now, note("One."), note("Two."))
    before = embedder.encoded
    keep(parts, namespace, now, note("One."), note("Two."))
    assert embedder.encoded == before


def test_people_may_say_ok_twice(parts: Parts, namespace: Namespace, now: datetime) -> None:
    turn = said("ok", "Mira", "chat-1")
    assert _statuses(keep(parts, namespace, now, turn, turn).receipts) == [STORED, STORED]
    assert _statuses(keep(parts, namespace, now, turn).receipts) == [STORED]
    dated = said("ok", "Mira", "chat-1", now)
    assert _statuses(keep(parts, namespace, now, dated, dated).receipts) == [STORED, DUPLICATE]


def test_an_external_id_names_one_content(parts: Parts, namespace: Namespace, now: datetime) -> None:
    first = keep(parts, namespace, now, note("Version one.", external_id="x"))
    again = keep(parts, namespace, now, note("Version one.", external_id="x"))
    assert again.receipts[0].status is DUPLICATE
    assert again.receipts[0].id == first.receipts[0].id
    with pytest.raises(ExternalIdTaken):
        keep(parts, namespace, now, note("Unrelated."), note("Version two.", external_id="x"))
    assert "Unrelated." not in found(parts, namespace, "Unrelated?")
    with pytest.raises(ExternalIdTaken):
        keep(parts, namespace, now, note("A.", external_id="y"), note("B.", external_id="y"))


def test_bad_input_writes_nothing_at_all(parts: Parts, namespace: Namespace, now: datetime) -> None:
    with pytest.raises(InvalidInput) as caught:
        keep(parts, namespace, now, note("Fine."), note(" \n"), note("a\x00b"), note("\ud800"))
    assert [problem.field for problem in caught.value.problems] == [f"documents[{n}].text" for n in (1, 2, 3)]
    assert all(problem.remedy for problem in caught.value.problems)
    assert parts.database.read(lambda session: session.execute(select(DocumentRow.id)).all()) == []


def test_a_repeated_key_gets_the_same_answer(parts: Parts, namespace: Namespace, now: datetime) -> None:
    key = Idempotency("k", "hash-1")
    first = remember(parts, namespace, [said("hi", session="s")], now=now, actor="a", idempotency=key)
    later = now + timedelta(hours=1)
    assert remember(parts, namespace, [said("hi", session="s")], now=later, actor="a", idempotency=key) == first
    with pytest.raises(IdempotencyReuse):
        remember(parts, namespace, [said("x")], now=now, actor="a", idempotency=Idempotency("k", "hash-2"))
    assert len(documents.list_page(parts, namespace, Kind.MEMORY, 10, None).items) == 1


def test_a_repeated_key_gets_the_operation_too(parts: Parts, namespace: Namespace, now: datetime) -> None:
    many = [said(f"Turn {number}.", session="s") for number in range(100)]
    key = Idempotency("k", "hash-1")
    first = remember(parts, namespace, many, now=now, actor="a", idempotency=key)
    assert first.operation is not None
    assert remember(parts, namespace, many, now=now, actor="a", idempotency=key) == first


def test_requests_with_one_key_at_the_same_time_are_done_once(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    key = Idempotency("k", "hash-1")
    turn = [said("hello", session="s")]  # would not be seen as a duplicate

    def send(_: int) -> Receipt:
        return remember(parts, namespace, turn, now=now, actor="a", idempotency=key).receipts[0]

    with ThreadPoolExecutor(16) as pool:
        receipts = set(pool.map(send, range(16)))
    assert len(receipts) == 1
    assert len(documents.list_page(parts, namespace, Kind.MEMORY, 50, None).items) == 1


def test_the_same_content_at_the_same_time_is_kept_once(parts: Parts, namespace: Namespace, now: datetime) -> None:
    def send(number: int) -> Receipt:
        return keep(parts, namespace, now, note("The one and only.")).receipts[0]

    with ThreadPoolExecutor(16) as pool:
        receipts = list(pool.map(send, range(16)))
    assert len({receipt.id for receipt in receipts}) == 1
    assert _statuses(tuple(receipts)).count(STORED) == 1


def test_turns_of_a_session_stand_one_after_the_other(parts: Parts, namespace: Namespace, now: datetime) -> None:
    long = " ".join(f"Sentence number {number} of a long turn goes on and on." for number in range(60))
    keep(parts, namespace, now, said("First.", session="s"), said(long, session="s"), said("Other.", session="t"))
    keep(parts, namespace, now, said("Last.", session="s"))
    rows = parts.database.read(
        lambda session: session.execute(select(PassageRow.group_key, PassageRow.position, PassageRow.text)).all()
    )
    places = sorted(position for group, position, _ in rows if group == "session:s")
    assert places == list(range(len(places)))
    assert len(places) > 4
    assert next(position for group, position, text in rows if text == "Last.") == places[-1]
    assert [position for group, position, _ in rows if group == "session:t"] == [0]


def test_every_change_is_logged_with_its_sequence(parts: Parts, namespace: Namespace, now: datetime) -> None:
    keep(parts, namespace, now, note("One."), note("Two."))
    keep(parts, namespace, now, note("One."))
    rows = parts.database.read(
        lambda session: session.execute(select(ChangeRow.sequence, ChangeRow.kind, ChangeRow.actor)).all()
    )
    assert [tuple(row) for row in rows] == [(1, "document.added", "test"), (2, "document.added", "test")]


def test_catching_up_never_skips_a_write_that_commits_late(parts: Parts, namespace: Namespace, now: datetime) -> None:
    """Writers and readers run together; every acknowledged write is seen by the recall that follows it."""

    def write_then_look(worker: int) -> list[bool]:
        seen = []
        for number in range(6):
            text = f"Signal w{worker}x{number} was raised."
            keep(parts, namespace, now, note(text))
            seen.append(text in found(parts, namespace, f"w{worker}x{number}", top_k=200))
        return seen

    with ThreadPoolExecutor(8) as pool:
        assert all(all(seen) for seen in pool.map(write_then_look, range(8)))
    assert len(found(parts, namespace, "Which signal was raised?", top_k=200)) == 48


def test_large_input_is_durable_first_and_recallable_when_its_operation_is_done(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    kept = keep(parts, namespace, now, *(said(f"Lamp {number} hangs in room {number}.") for number in range(150)))
    assert set(_statuses(kept.receipts)) == {ACCEPTED}
    assert kept.operation is not None
    assert kept.operation.total == 150
    assert documents.get(parts, namespace, Kind.MEMORY, kept.receipts[7].id).status == "pending"
    assert found(parts, namespace, "Where is lamp 7?") == []
    work_off(parts, now)
    done = operations.get(parts, namespace, kept.operation.id)
    assert (done.status, done.done) == (OperationStatus.COMPLETED, 150)
    assert {receipt.id for receipt in done.items} == {receipt.id for receipt in kept.receipts}
    assert "Lamp 7 hangs in room 7." in found(parts, namespace, "Where is lamp 7?")
    assert documents.get(parts, namespace, Kind.MEMORY, kept.receipts[7].id).status == "ready"


def test_one_large_document_is_worked_off_as_a_whole(parts: Parts, namespace: Namespace, now: datetime) -> None:
    text = "\n\n".join(f"Chapter {number}. The bell of tower {number} rings {number} times." for number in range(3000))
    kept = keep(parts, namespace, now, note(text, title="Bells"))
    assert _statuses(kept.receipts) == [ACCEPTED]
    work_off(parts, now)
    stored = documents.get(parts, namespace, Kind.DOCUMENT, kept.receipts[0].id)
    assert stored.passages == len(documents.passages(parts, namespace, stored.id)) > 64
    assert stored.status == "ready"
    assert any("tower 1234 rings" in text for text in found(parts, namespace, "tower 1234"))


def test_raw_turns_keep_their_places_before_those_that_come_later(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    keep(parts, namespace, now, *(said(f"Turn {number}.", session="s") for number in range(70)))
    keep(parts, namespace, now, said("Afterwards.", session="s"))
    work_off(parts, now)
    rows = parts.database.read(
        lambda session: session.execute(
            select(PassageRow.position, PassageRow.text).order_by(PassageRow.position)
        ).all()
    )
    assert [tuple(row) for row in rows] == [*((n, f"Turn {n}.") for n in range(70)), (70, "Afterwards.")]


def test_an_embedder_out_of_reach_delays_but_loses_nothing(
    parts: Parts, namespace: Namespace, embedder: MoodyEmbedder, now: datetime
) -> None:
    embedder.is_away = True
    kept = keep(parts, namespace, now, note("The lighthouse keeper is called Ada."))
    assert _statuses(kept.receipts) == [ACCEPTED]
    work_off(parts, now)
    assert documents.get(parts, namespace, Kind.DOCUMENT, kept.receipts[0].id).status == "pending"
    embedder.is_away = False
    assert work_off(parts, now + timedelta(minutes=10)) >= 1
    assert found(parts, namespace, "Who keeps the lighthouse?") == ["The lighthouse keeper is called Ada."]


def test_a_namespace_that_is_gone_takes_no_more(
    parts: Parts, namespace: Namespace, owner: Principal, now: datetime
) -> None:
    keep(parts, namespace, now, note("Going."), *(said(f"Turn {number}") for number in range(80)))
    delete_namespace(parts, owner, namespace.name)
    with pytest.raises(NotFound):
        keep(parts, namespace, now, note("Gone."))
    with pytest.raises(NotFound):
        results(parts, namespace, Recall("Gone?"))
    work_off(parts, now)
    assert parts.database.read(lambda session: session.execute(select(PassageRow.id)).all()) == []
