"""Queries about operations: work that goes on after the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from memory.receipts import receipts_from_json, receipts_to_json
from memory.store.tables import OperationRow
from memory.types import JsonValue, NamespaceId, Operation, OperationId, OperationStatus, Page, Receipt


def add(session: Session, namespace: NamespaceId, operation: Operation, payload: Mapping[str, JsonValue]) -> None:
    session.execute(
        insert(OperationRow).values(
            id=operation.id,
            namespace_id=namespace,
            kind=operation.kind,
            status=operation.status.value,
            done=operation.done,
            total=operation.total,
            items=receipts_to_json(operation.items),
            error=operation.error,
            payload=payload,
            created_at=operation.created_at,
            updated_at=operation.updated_at,
        )
    )


def find(session: Session, namespace: NamespaceId, operation: str, lock: bool = False) -> Operation | None:
    """With `lock`, nobody else changes it until this transaction ends."""
    query = select(OperationRow).where(OperationRow.namespace_id == namespace, OperationRow.id == operation)
    row = session.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    return None if row is None else _operation(row)


def payload(session: Session, namespace: NamespaceId, operation: str) -> Mapping[str, JsonValue]:
    """What the operation is to do; empty if it is not there."""
    found = session.execute(
        select(OperationRow.payload).where(OperationRow.namespace_id == namespace, OperationRow.id == operation)
    ).scalar_one_or_none()
    return found or {}


def page(session: Session, namespace: NamespaceId, limit: int, before: str | None) -> Page[Operation]:
    """Newest first."""
    query = select(OperationRow).where(OperationRow.namespace_id == namespace)
    if before is not None:
        query = query.where(OperationRow.id < before)
    rows = session.execute(query.order_by(OperationRow.id.desc()).limit(limit + 1)).scalars().all()
    items = tuple(_operation(row) for row in rows[:limit])
    return Page(items, items[-1].id if len(rows) > limit else None)


def change(
    session: Session,
    namespace: NamespaceId,
    operation: Operation,
    status: OperationStatus,
    items: Sequence[Receipt],
    error: str | None,
    now: datetime,
) -> Operation:
    """The operation as it is from now on; `done` is the number of its items."""
    changed = replace(operation, status=status, items=tuple(items), done=len(items), error=error, updated_at=now)
    session.execute(
        update(OperationRow)
        .where(OperationRow.namespace_id == namespace, OperationRow.id == operation.id)
        .values(status=status.value, items=receipts_to_json(items), done=len(items), error=error, updated_at=now)
    )
    return changed


def running(session: Session, namespace: NamespaceId, kind: str) -> list[Operation]:
    """Those that are not over, oldest first, for nobody else to change until this transaction ends."""
    rows = session.execute(
        select(OperationRow)
        .where(
            OperationRow.namespace_id == namespace,
            OperationRow.kind == kind,
            OperationRow.status.in_([OperationStatus.PENDING.value, OperationStatus.PROCESSING.value]),
        )
        .order_by(OperationRow.id)
        .with_for_update()
    ).scalars()
    return [_operation(row) for row in rows]


def progress(session: Session, namespace: NamespaceId, operation: Operation) -> None:
    """Writes how far an operation without receipts is."""
    session.execute(
        update(OperationRow)
        .where(OperationRow.namespace_id == namespace, OperationRow.id == operation.id)
        .values(
            status=operation.status.value,
            done=operation.done,
            total=operation.total,
            error=operation.error,
            updated_at=operation.updated_at,
        )
    )


def _operation(row: OperationRow) -> Operation:
    return Operation(
        id=OperationId(row.id),
        kind=row.kind,
        status=OperationStatus(row.status),
        done=row.done,
        total=row.total,
        items=receipts_from_json(row.items),
        error=row.error,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
