"""Queries about answers that are kept so that a repeated request gets the same one."""

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from memory.errors import IdempotencyReuse
from memory.store.tables import IdempotencyRow, Json
from memory.types import Idempotency, NamespaceId


def answer(session: Session, namespace: NamespaceId, idempotency: Idempotency) -> Json | None:
    """What was answered to this request before. Raises IdempotencyReuse."""
    row = session.execute(
        select(IdempotencyRow).where(IdempotencyRow.namespace_id == namespace, IdempotencyRow.key == idempotency.key)
    ).scalar_one_or_none()
    if row is None:
        return None
    if row.request_sha256 != idempotency.request_sha256:
        raise IdempotencyReuse
    return row.response


def keep(
    session: Session, namespace: NamespaceId, idempotency: Idempotency, status: int, response: Json, now: datetime
) -> None:
    session.execute(
        insert(IdempotencyRow).values(
            namespace_id=namespace,
            key=idempotency.key,
            request_sha256=idempotency.request_sha256,
            status_code=status,
            response=response,
            created_at=now,
        )
    )


def forget(session: Session, before: datetime) -> int:
    """Removes answers of all namespaces that were kept before this time; how many there were."""
    gone = session.execute(
        delete(IdempotencyRow).where(IdempotencyRow.created_at < before).returning(IdempotencyRow.key)
    )
    return len(gone.all())
