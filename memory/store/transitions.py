"""Queries about what happened to items."""

from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from memory.ids import new_id
from memory.layers.transitions import Happening, Transition
from memory.store.layer_tables import TransitionRow
from memory.types import NamespaceId


def add(session: Session, namespace: NamespaceId, transitions: Sequence[Transition]) -> None:
    if transitions:
        session.execute(
            insert(TransitionRow),
            [
                {
                    "id": new_id(one.at),
                    "namespace_id": namespace,
                    "document_id": one.document_id,
                    "kind": one.kind.value,
                    "at": one.at,
                    "actor": one.actor,
                    "why": one.why,
                    "before": None if one.before is None else dict(one.before),
                    "after": None if one.after is None else dict(one.after),
                }
                for one in transitions
            ],
        )


def of_document(session: Session, namespace: NamespaceId, document_id: str, limit: int) -> list[Transition]:
    """The newest, oldest of them first."""
    rows = session.execute(
        select(TransitionRow)
        .where(TransitionRow.namespace_id == namespace, TransitionRow.document_id == document_id)
        .order_by(TransitionRow.id.desc())
        .limit(limit)
    ).scalars()
    found = [
        Transition(row.document_id, Happening(row.kind), row.at, row.actor, row.why, row.before, row.after)
        for row in rows
    ]
    return found[::-1]
