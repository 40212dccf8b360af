"""Operations: work that goes on after the answer can be watched, cancelled and tried again."""

from datetime import datetime

from sqlalchemy.orm import Session

from memory import enrichment
from memory.deferring import INGEST, defer_ingest
from memory.errors import Conflict, NotFound
from memory.ids import cursor_id, known_form
from memory.parts import Parts
from memory.store import documents, jobs, operations
from memory.types import JsonValue, Namespace, Operation, OperationStatus, Page, ReceiptStatus

CANCELLED = "The operation was cancelled."


def get(parts: Parts, namespace: Namespace, id_: str) -> Operation:
    """Raises NotFound."""
    return parts.database.read(lambda session: _find(session, namespace, id_))


def list_page(parts: Parts, namespace: Namespace, limit: int, cursor: str | None = None) -> Page[Operation]:
    """Newest first. Raises InvalidInput for a cursor that is none."""
    before = cursor_id(cursor)
    return parts.database.read(lambda session: operations.page(session, namespace.id, limit, before))


def cancel(parts: Parts, namespace: Namespace, id_: str, now: datetime) -> Operation:
    """What is done stays; what is pending will not be done, unless it is retried. Raises NotFound, Conflict."""

    def stop(session: Session) -> Operation:
        operation = _find(session, namespace, id_, lock=True)
        if operation.status is OperationStatus.CANCELLED:
            return operation
        if operation.status not in {OperationStatus.PENDING, OperationStatus.PROCESSING}:
            raise Conflict("The operation is over, so it cannot be cancelled.")
        if operation.kind == enrichment.ENRICH:
            enrichment.stop(session, namespace.id, now)
            return _find(session, namespace, id_)
        waiting = documents.pending(session, namespace.id, _documents(session, namespace, id_))
        documents.set_status(session, namespace.id, waiting, "failed", CANCELLED, now)
        jobs.cancel(session, namespace.id, f"{INGEST}:{id_}")
        status = OperationStatus.CANCELLED
        return operations.change(session, namespace.id, operation, status, operation.items, None, now)

    return parts.database.write(stop)


def retry(parts: Parts, namespace: Namespace, id_: str, now: datetime) -> Operation:
    """Tries the documents again that failed or were cancelled. Raises NotFound, Conflict."""

    def again(session: Session) -> Operation:
        operation = _find(session, namespace, id_, lock=True)
        if operation.status not in {OperationStatus.FAILED, OperationStatus.CANCELLED}:
            raise Conflict("Only an operation that failed or was cancelled can be retried.")
        if operation.kind == enrichment.ENRICH:
            return enrichment.again(session, namespace.id, operation, now)
        failed = documents.failed(session, namespace.id, _documents(session, namespace, id_))
        documents.set_status(session, namespace.id, failed, "pending", None, now)
        defer_ingest(session, namespace.id, operation.id, now)
        done = [receipt for receipt in operation.items if receipt.status is not ReceiptStatus.FAILED]
        return operations.change(session, namespace.id, operation, OperationStatus.PENDING, done, None, now)

    return parts.database.write(again)


def _find(session: Session, namespace: Namespace, id_: str, lock: bool = False) -> Operation:
    operation = operations.find(session, namespace.id, known_form(id_), lock)
    if operation is None:
        raise NotFound
    return operation


def _documents(session: Session, namespace: Namespace, id_: str) -> list[str]:
    ids: JsonValue = operations.payload(session, namespace.id, id_).get("documents")
    return [str(one) for one in ids] if isinstance(ids, list) else []
