"""The job behind an operation: encodes pending documents, a few at a time, each of them whole or not at all."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from memory import enrichment
from memory.content import draft_of
from memory.encoding import AT_ONCE, BYTES_A_PASSAGE, encode, split_draft
from memory.errors import StoreUnavailable
from memory.indexing import defer_fold
from memory.layers.routing import route
from memory.leases import Lease, LeaseLost
from memory.parts import Parts
from memory.settling import Log, restate, stated_by
from memory.store import changes, documents, namespaces, operations, passages
from memory.store.documents import Placed
from memory.storing import passages_of
from memory.types import (
    Change,
    ChangeKind,
    EncodedPassage,
    ItemState,
    Job,
    JsonValue,
    Kind,
    NamespaceId,
    Operation,
    OperationStatus,
    Receipt,
    ReceiptStatus,
    StoredDocument,
)
from retrieval.errors import EmbedderUnavailable
from retrieval.types import DocumentId

RUNNING = {OperationStatus.PENDING, OperationStatus.PROCESSING}
LATER = (StoreUnavailable, EmbedderUnavailable, LeaseLost)  # nothing is wrong with the document

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """The operation that a job belongs to, and who asked for it."""

    namespace: NamespaceId
    operation: str
    documents: Sequence[str]
    actor: str


def run(parts: Parts, lease: Lease) -> None:
    """Until no document of the operation is pending. Raises EmbedderUnavailable, StoreUnavailable, LeaseLost."""
    work = _work(parts, lease.job)
    while batch := parts.database.read(lambda session: _next(session, work)):
        _ingest(parts, lease, work, batch)
    lease.write(lambda session: _complete(session, parts, lease, work))


def give_up(session: Session, job: Job, error: str, lease: Lease) -> None:
    """What is still pending has failed."""
    assert job.namespace is not None
    work = _work_of(session, job)
    operation = operations.find(session, work.namespace, work.operation, lock=True)
    if operation is None or operation.status not in RUNNING:
        return
    waiting = documents.pending(session, work.namespace, work.documents)
    documents.set_status(session, work.namespace, waiting, "failed", error, lease.watch.now)
    failed = documents.find_many(session, work.namespace, waiting)
    items = [*operation.items, *(_receipt(one.document, ReceiptStatus.FAILED, 0, one.revision) for one in failed)]
    now = lease.watch.now
    operations.change(session, work.namespace, operation, OperationStatus.FAILED, items, error, now)


def _work(parts: Parts, job: Job) -> Work:
    return parts.database.read(lambda session: _work_of(session, job))


def _work_of(session: Session, job: Job) -> Work:
    assert job.namespace is not None
    operation = str(job.payload["operation"])
    payload: Mapping[str, JsonValue] = operations.payload(session, job.namespace, operation)
    ids = payload.get("documents")
    return Work(
        job.namespace,
        operation,
        [str(id_) for id_ in ids] if isinstance(ids, list) else [],
        str(payload.get("actor", "")),
    )


def _next(session: Session, work: Work) -> list[Placed]:
    """The next pending documents, about as many as the encoder takes at once; none if the operation is over."""
    operation = operations.find(session, work.namespace, work.operation)
    if operation is None or operation.status not in RUNNING:
        return []
    waiting = documents.pending(session, work.namespace, work.documents)
    chosen: list[str] = []
    size = 0
    for id_ in work.documents:
        if id_ in waiting and size < AT_ONCE:
            chosen.append(id_)
            size += 1 + waiting[id_] // BYTES_A_PASSAGE
    found = {one.document.id: one for one in documents.find_many(session, work.namespace, chosen)}
    return [found[id_] for id_ in chosen if id_ in found]


def _ingest(parts: Parts, lease: Lease, work: Work, batch: Sequence[Placed]) -> None:
    try:
        split = [split_draft(parts.embedder, draft_of(one.document)) for one in batch]
        encoded = encode(parts.embedder, split, lease.watch.now, lease.keep)
    except LATER:
        raise
    except Exception as error:  # noqa: BLE001  # kept with the document
        if len(batch) > 1:  # one of them cannot be encoded; the others can
            for one in batch:
                _ingest(parts, lease, work, [one])
            return
        _log.exception("document cannot be encoded", extra={"document": batch[0].document.id})
        message = f"{type(error).__name__}: {error}"
        lease.write(lambda session: _fail(session, lease, work, batch[0], message))
    else:
        lease.write(lambda session: _store(session, parts, lease, work, batch, encoded))


def _fail(session: Session, lease: Lease, work: Work, placed: Placed, error: str) -> None:
    operation = _running(session, work)
    if operation is not None:
        now = lease.watch.now
        documents.set_status(session, work.namespace, [placed.document.id], "failed", error, now)
        receipt = _receipt(placed.document, ReceiptStatus.FAILED, 0, placed.revision)
        _progress(session, lease, work, operation, [receipt])


def _store(
    session: Session,
    parts: Parts,
    lease: Lease,
    work: Work,
    batch: Sequence[Placed],
    encoded: Sequence[Sequence[EncodedPassage]],
) -> None:
    """Adds those documents that are still as they were when they were read."""
    last = namespaces.lock(session, work.namespace)
    operation = _running(session, work)
    now_there = {one.document.id: one for one in documents.find_many(session, work.namespace, _ids(batch))}
    ready = [
        (one, found)
        for one, found in zip(batch, encoded, strict=True)
        if one.document.id in now_there and _is_same(one, now_there[one.document.id])
    ]
    if operation is None or not ready:
        return
    now = lease.watch.now
    namespaces.advance(session, work.namespace, len(ready))
    extraction = enrichment.expected(session, work.namespace, parts.llm is not None, now)
    log: list[Change] = []
    receipts: list[Receipt] = []
    for revision, (one, found) in enumerate(ready, last + 1):
        is_new = one.revision == 0
        if not is_new:
            passages.remove(session, work.namespace, one.document.id)
        documents.make_ready(session, work.namespace, one.document.id, len(found), revision, now)
        rows = passages_of(one, found, revision)
        passages.add(session, work.namespace, parts.embedder.fingerprint, rows, extraction)
        log.append(Change(revision, ChangeKind.ADDED if is_new else ChangeKind.REPLACED, DocumentId(one.document.id)))
        receipts.append(_receipt(one.document, ReceiptStatus.STORED, len(found), revision))
    changes.append(session, work.namespace, log, work.actor, now)
    _restate(session, work, [one.document for one, _ in ready], now)
    _progress(session, lease, work, operation, receipts)


def _speaks(document: StoredDocument) -> bool:
    """A memory that is held back states nothing new."""
    return document.kind is Kind.MEMORY and document.state is not ItemState.QUARANTINED


def _restate(session: Session, work: Work, ready: Sequence[StoredDocument], now: datetime) -> None:
    """What the memories among these state holds from now on, when they can be recalled."""
    memories = [(one, draft_of(one)) for one in ready if _speaks(one)]
    stated = [
        each for one, draft in memories for each in stated_by(one.id, draft, route(draft).reading, one.recorded_at)
    ]
    restate(session, work.namespace, [one.id for one, _ in memories], stated, Log(work.actor, now))


def _complete(session: Session, parts: Parts, lease: Lease, work: Work) -> None:
    operation = _running(session, work)
    if operation is not None:
        failed = sum(receipt.status is ReceiptStatus.FAILED for receipt in operation.items)
        status = OperationStatus.FAILED if failed else OperationStatus.COMPLETED
        error = f"{failed} of {operation.total} documents failed; each has its error." if failed else None
        operations.change(session, work.namespace, operation, status, operation.items, error, lease.watch.now)
    if parts.indexes.is_fold_due(session, work.namespace):
        defer_fold(session, work.namespace)


def _running(session: Session, work: Work) -> Operation | None:
    operation = operations.find(session, work.namespace, work.operation, lock=True)
    return operation if operation is not None and operation.status in RUNNING else None


def _progress(session: Session, lease: Lease, work: Work, operation: Operation, receipts: Sequence[Receipt]) -> None:
    items = [*operation.items, *receipts]
    operations.change(session, work.namespace, operation, OperationStatus.PROCESSING, items, None, lease.watch.now)


def _is_same(before: Placed, now: Placed) -> bool:
    return now.document.version == before.document.version and now.document.status == "pending"


def _ids(batch: Sequence[Placed]) -> list[str]:
    return [one.document.id for one in batch]


def _receipt(document: StoredDocument, status: ReceiptStatus, passages: int, revision: int) -> Receipt:
    return Receipt(
        document.id,
        document.kind,
        status,
        document.content_hash,
        passages,
        document.layer,
        revision,
        document.reason,
    )
