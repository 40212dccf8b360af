"""Background work: each job is done once, whatever dies; operations can be watched, cancelled and retried."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from memory import documents, jobs, operations
from memory.errors import Conflict, NotFound
from memory.leases import LEASE, Lease, LeaseLost
from memory.parts import Parts
from memory.remember import remember
from memory.stopwatch import Stopwatch
from memory.store import jobs as queue
from memory.store.tables import IdempotencyRow, JobRow
from memory.types import (
    Idempotency,
    Job,
    Kind,
    Namespace,
    Operation,
    OperationStatus,
    ReceiptStatus,
)
from tests.fakes import POISON, MoodyEmbedder
from tests.store.working import found, keep, note, said, work_off


@pytest.fixture
def operation(parts: Parts, namespace: Namespace, now: datetime) -> Operation:
    work_off(parts, now)
    kept = keep(parts, namespace, now, *(said(f"Lamp {number} hangs in room {number}.") for number in range(100)))
    assert kept.operation is not None
    return kept.operation


def _claim(parts: Parts, now: datetime) -> Job | None:
    return parts.database.write(lambda session: queue.claim(session, now, now + LEASE))


def test_each_job_is_claimed_by_one_worker(parts: Parts, namespace: Namespace, now: datetime) -> None:
    work_off(parts, now)

    def defer(session: object) -> None:
        for number in range(40):
            queue.defer(session, namespace.id, "any", {"number": number}, now)  # type: ignore[arg-type]

    parts.database.write(defer)

    def claim_all(_: int) -> list[str]:
        claimed = []
        while job := _claim(parts, now):
            claimed.append(job.id)
        return claimed

    with ThreadPoolExecutor(8) as pool:
        claimed = [id_ for ids in pool.map(claim_all, range(8)) for id_ in ids]
    assert len(claimed) == len(set(claimed)) == 40


def test_a_unique_key_keeps_one_job(parts: Parts, namespace: Namespace, now: datetime) -> None:
    def defer(_: int) -> bool:
        return parts.database.write(lambda session: queue.defer(session, namespace.id, "any", {}, now, "only one"))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(defer, range(8))) == 1


def test_a_job_is_not_run_before_its_time(parts: Parts, namespace: Namespace, now: datetime) -> None:
    work_off(parts, now)
    parts.database.write(lambda session: queue.defer(session, None, "any", {}, now + timedelta(hours=9)))
    assert _claim(parts, now) is None
    assert _claim(parts, now + timedelta(hours=9)) is not None


def test_a_job_whose_worker_died_is_claimed_again_after_its_lease(
    parts: Parts, namespace: Namespace, operation: Operation, now: datetime
) -> None:
    dead = _claim(parts, now)
    assert dead is not None
    assert not jobs.run_one(parts, now + LEASE / 2, "other")
    assert jobs.run_one(parts, now + LEASE + timedelta(seconds=1), "other")
    assert operations.get(parts, namespace, operation.id).status is OperationStatus.COMPLETED


def test_a_worker_that_was_away_too_long_writes_nothing(
    parts: Parts, namespace: Namespace, operation: Operation, now: datetime
) -> None:
    slow = _claim(parts, now)
    assert slow is not None
    quick = _claim(parts, now + LEASE * 2)
    assert quick is not None
    lease = Lease(parts.database, slow, Stopwatch(now))
    with pytest.raises(LeaseLost):
        lease.write(lambda session: pytest.fail("it is not ours any more"))


def test_workers_at_the_same_time_encode_each_document_once(
    parts: Parts, namespace: Namespace, operation: Operation, now: datetime
) -> None:
    more = keep(parts, namespace, now, *(note(f"Door {number} leads to hall {number}.") for number in range(100)))
    assert more.operation is not None
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: work_off(parts, now), range(4)))
    for one in (operation, more.operation):
        done = operations.get(parts, namespace, one.id)
        assert (done.status, done.done) == (OperationStatus.COMPLETED, 100)
        assert {receipt.status for receipt in done.items} == {ReceiptStatus.STORED}
    assert len(found(parts, namespace, "lamp door room hall", 200)) == 200


def test_progress_can_be_watched(
    parts: Parts, namespace: Namespace, operation: Operation, embedder: MoodyEmbedder, now: datetime
) -> None:
    """The second call of the encoder fails: what the first one made is kept, and the rest follows."""
    calls = 0
    real = embedder.encode_passages

    def fail_later(inputs: object) -> object:
        nonlocal calls
        calls += 1
        embedder.is_away = calls > 1
        return real(inputs)  # type: ignore[arg-type]

    embedder.encode_passages = fail_later  # type: ignore[method-assign,assignment]
    jobs.run_one(parts, now, "worker")
    seen = operations.get(parts, namespace, operation.id)
    assert seen.status is OperationStatus.PROCESSING
    assert 0 < seen.done < seen.total
    assert len(seen.items) == seen.done
    embedder.encode_passages = real  # type: ignore[method-assign]
    embedder.is_away = False
    work_off(parts, now + timedelta(minutes=10))
    done = operations.get(parts, namespace, operation.id)
    assert (done.status, done.done) == (OperationStatus.COMPLETED, 100)


def test_a_document_that_cannot_be_encoded_fails_alone(parts: Parts, namespace: Namespace, now: datetime) -> None:
    texts = [f"Lamp {number} hangs in room {number}." for number in range(100)]
    texts[30] = f"This one is {POISON}."
    kept = keep(parts, namespace, now, *map(note, texts))
    assert kept.operation is not None
    work_off(parts, now)
    done = operations.get(parts, namespace, kept.operation.id)
    assert (done.status, done.done) == (OperationStatus.FAILED, 100)
    assert done.error is not None
    assert [receipt.id for receipt in done.items if receipt.status is ReceiptStatus.FAILED] == [kept.receipts[30].id]
    bad = documents.get(parts, namespace, Kind.DOCUMENT, kept.receipts[30].id)
    assert (bad.status, bad.passages) == ("failed", 0)
    assert bad.error is not None
    assert "cannot be encoded" in bad.error
    assert "Lamp 99 hangs in room 99." in found(parts, namespace, "Where is lamp 99?")


def test_what_failed_can_be_retried_and_sent_again(
    parts: Parts, namespace: Namespace, embedder: MoodyEmbedder, now: datetime
) -> None:
    kept = keep(parts, namespace, now, note(f"It is {POISON}."), *(note(f"Lamp {n}.") for n in range(80)))
    assert kept.operation is not None
    work_off(parts, now)
    again = operations.retry(parts, namespace, kept.operation.id, now)
    assert (again.status, again.done) == (OperationStatus.PENDING, 80)
    embedder.encode_passages = super(MoodyEmbedder, embedder).encode_passages  # type: ignore[method-assign]
    work_off(parts, now)
    done = operations.get(parts, namespace, kept.operation.id)
    assert (done.status, done.done, done.error) == (OperationStatus.COMPLETED, 81, None)
    with pytest.raises(Conflict):
        operations.retry(parts, namespace, kept.operation.id, now)


def test_sending_a_failed_document_again_is_another_try(
    parts: Parts, namespace: Namespace, embedder: MoodyEmbedder, now: datetime
) -> None:
    kept = keep(parts, namespace, now, note(f"It is {POISON}."), *(note(f"Lamp {n}.") for n in range(80)))
    work_off(parts, now)
    embedder.encode_passages = super(MoodyEmbedder, embedder).encode_passages  # type: ignore[method-assign]
    again = keep(parts, namespace, now, note(f"It is {POISON}."))
    assert again.receipts[0].status is ReceiptStatus.STORED
    assert again.receipts[0].id != kept.receipts[0].id
    assert found(parts, namespace, POISON)[0] == f"It is {POISON}."


def test_an_operation_can_be_cancelled_and_taken_up_again(
    parts: Parts, namespace: Namespace, operation: Operation, now: datetime
) -> None:
    cancelled = operations.cancel(parts, namespace, operation.id, now)
    assert cancelled.status is OperationStatus.CANCELLED
    assert operations.cancel(parts, namespace, operation.id, now).status is OperationStatus.CANCELLED
    assert work_off(parts, now) == 0
    assert found(parts, namespace, "lamp") == []
    operations.retry(parts, namespace, operation.id, now)
    work_off(parts, now)
    assert operations.get(parts, namespace, operation.id).status is OperationStatus.COMPLETED
    with pytest.raises(Conflict):
        operations.cancel(parts, namespace, operation.id, now)


def test_cancelling_stops_a_worker_in_the_middle(
    parts: Parts, namespace: Namespace, operation: Operation, embedder: MoodyEmbedder, now: datetime
) -> None:
    real = embedder.encode_passages

    def cancel_meanwhile(inputs: object) -> object:
        operations.cancel(parts, namespace, operation.id, now)
        return real(inputs)  # type: ignore[arg-type]

    embedder.encode_passages = cancel_meanwhile  # type: ignore[method-assign,assignment]
    work_off(parts, now)
    assert operations.get(parts, namespace, operation.id).status is OperationStatus.CANCELLED
    embedder.encode_passages = real  # type: ignore[method-assign]
    assert found(parts, namespace, "lamp") == []


def test_a_document_deleted_while_it_waits_stays_deleted(
    parts: Parts, namespace: Namespace, operation: Operation, now: datetime
) -> None:
    waiting = documents.list_page(parts, namespace, Kind.MEMORY, 1, None).items[0]
    documents.delete(parts, namespace, Kind.MEMORY, waiting.id, None, now, "test")
    work_off(parts, now)
    done = operations.get(parts, namespace, operation.id)
    assert (done.status, done.done) == (OperationStatus.COMPLETED, 99)
    assert waiting.text not in found(parts, namespace, waiting.text, 200)


def test_attempts_are_bounded(
    parts: Parts, namespace: Namespace, operation: Operation, embedder: MoodyEmbedder, now: datetime
) -> None:
    embedder.is_away = True
    for day in range(jobs.MOST_ATTEMPTS_WHILE_UNAVAILABLE + 1):
        work_off(parts, now + timedelta(days=day))
    failed = operations.get(parts, namespace, operation.id)
    assert failed.status is OperationStatus.FAILED
    assert failed.error is not None
    assert "EmbedderUnavailable" in failed.error
    assert {receipt.status for receipt in failed.items} == {ReceiptStatus.FAILED}
    embedder.is_away = False
    operations.retry(parts, namespace, operation.id, now)
    work_off(parts, now)
    assert operations.get(parts, namespace, operation.id).status is OperationStatus.COMPLETED


def test_waiting_grows_between_attempts(
    parts: Parts, namespace: Namespace, operation: Operation, embedder: MoodyEmbedder, now: datetime
) -> None:
    embedder.is_away = True
    waits = []
    at = now
    for _ in range(4):
        assert jobs.run_one(parts, at, "worker")
        run_at = parts.database.read(
            lambda session: session.execute(select(JobRow.run_at).where(JobRow.kind == "ingest")).scalar_one()
        )
        waits.append(run_at - at)
        at = run_at
    assert all(later > earlier * 1.5 for earlier, later in pairwise(waits))


def test_old_answers_are_forgotten(parts: Parts, namespace: Namespace, now: datetime) -> None:
    work_off(parts, now)
    for hour in range(3):
        key = Idempotency(f"k{hour}", "hash")
        remember(parts, namespace, [said("x")], now=now + timedelta(hours=hour), actor="a", idempotency=key)
    work_off(parts, now + timedelta(hours=25, minutes=30))
    kept = parts.database.read(lambda session: session.execute(select(IdempotencyRow.key)).scalars().all())
    assert kept == ["k2"]
    assert jobs.counts(parts) == {"todo": 1, "doing": 0, "failed": 0}  # the next cleaning


def test_an_unknown_operation_is_not_found(parts: Parts, namespace: Namespace, now: datetime) -> None:
    for id_ in ("", "x", "\x00", "01a20bf1-abdc-74b6-b274-0500c1171437"):
        with pytest.raises(NotFound):
            operations.get(parts, namespace, id_)
        with pytest.raises(NotFound):
            operations.cancel(parts, namespace, id_, now)


def test_operations_are_listed_newest_first(parts: Parts, namespace: Namespace, now: datetime) -> None:
    ids = []
    for batch in range(3):
        kept = keep(parts, namespace, now, *(said(f"Lamp {batch}-{n}.") for n in range(70)))
        assert kept.operation is not None
        ids.append(kept.operation.id)
    first = operations.list_page(parts, namespace, 2)
    second = operations.list_page(parts, namespace, 2, first.next_cursor)
    assert [one.id for one in (*first.items, *second.items)] == ids[::-1]
    assert second.next_cursor is None


def test_a_lease_is_kept_while_work_goes_on(
    parts: Parts, namespace: Namespace, operation: Operation, now: datetime
) -> None:
    job = _claim(parts, now)
    assert job is not None
    late = Stopwatch(now + LEASE * 0.75)
    lease = Lease(parts.database, job, late)
    lease.keep()
    assert lease.job.lease_until > job.lease_until
    assert _claim(parts, now + LEASE + timedelta(seconds=30)) is None
