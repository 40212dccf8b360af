"""What cannot be encoded at once: the operation that does it later, and its job."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from memory.ids import new_id
from memory.store import jobs, operations
from memory.types import NamespaceId, Operation, OperationId, OperationStatus

INGEST = "ingest"


def start_operation(
    session: Session, namespace: NamespaceId, ids: Sequence[str], actor: str, now: datetime
) -> Operation:
    """An operation that encodes these documents, and its job."""
    operation = Operation(
        id=OperationId(new_id(now)),
        kind=INGEST,
        status=OperationStatus.PENDING,
        done=0,
        total=len(ids),
        items=(),
        error=None,
        created_at=now,
        updated_at=now,
    )
    operations.add(session, namespace, operation, {"documents": list(ids), "actor": actor})
    defer_ingest(session, namespace, operation.id, now)
    return operation


def defer_ingest(session: Session, namespace: NamespaceId, operation: str, now: datetime) -> None:
    jobs.defer(session, namespace, INGEST, {"operation": operation}, now, f"{INGEST}:{operation}")
