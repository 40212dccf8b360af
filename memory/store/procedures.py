"""Queries about procedures; the text of each is the memory with the same id."""

from collections.abc import Sequence

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from memory.layers.procedural import Procedure
from memory.store.layer_tables import ProcedureRow
from memory.types import NamespaceId, Page


def add(session: Session, namespace: NamespaceId, procedures: Sequence[Procedure]) -> None:
    if procedures:
        session.execute(insert(ProcedureRow), [{"namespace_id": namespace, **_values(one)} for one in procedures])


def find(session: Session, namespace: NamespaceId, id_: str) -> Procedure | None:
    row = session.execute(
        select(ProcedureRow).where(ProcedureRow.namespace_id == namespace, ProcedureRow.document_id == id_)
    ).scalar_one_or_none()
    return None if row is None else _procedure(row)


def page(session: Session, namespace: NamespaceId, limit: int, before: str | None) -> Page[Procedure]:
    """Newest first; `before` is the last id of the page before."""
    query = select(ProcedureRow).where(ProcedureRow.namespace_id == namespace)
    if before is not None:
        query = query.where(ProcedureRow.document_id < before)
    rows = session.execute(query.order_by(ProcedureRow.document_id.desc()).limit(limit + 1)).scalars().all()
    items = tuple(_procedure(row) for row in rows[:limit])
    return Page(items, items[-1].id if len(rows) > limit else None)


def replace(session: Session, namespace: NamespaceId, procedure: Procedure) -> None:
    session.execute(
        update(ProcedureRow)
        .where(ProcedureRow.namespace_id == namespace, ProcedureRow.document_id == procedure.id)
        .values(**_values(procedure))
    )


def _values(procedure: Procedure) -> dict[str, object]:
    return {
        "document_id": procedure.id,
        "trigger": procedure.trigger,
        "steps": list(procedure.steps),
        "tools": list(procedure.tools),
        "outcome": procedure.outcome,
        "success_rate": procedure.success_rate,
        "runs": procedure.runs,
        "last_run": procedure.last_run,
    }


def _procedure(row: ProcedureRow) -> Procedure:
    return Procedure(
        id=row.document_id,
        trigger=row.trigger,
        steps=tuple(map(str, row.steps)),
        tools=tuple(map(str, row.tools)),
        outcome=row.outcome,
        success_rate=row.success_rate,
        runs=row.runs,
        last_run=row.last_run,
    )
