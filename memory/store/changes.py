"""Queries about the log of changes, which every index follows."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, func, insert, select
from sqlalchemy.orm import Session

from memory.store.tables import ChangeRow
from memory.types import Change, ChangeKind, NamespaceId
from retrieval.types import DocumentId

NEW = (ChangeKind.ADDED.value, ChangeKind.REPLACED.value)


def append(session: Session, namespace: NamespaceId, changes: Sequence[Change], actor: str, now: datetime) -> None:
    if changes:
        session.execute(
            insert(ChangeRow),
            [
                {
                    "namespace_id": namespace,
                    "sequence": change.sequence,
                    "kind": change.kind.value,
                    "document_id": change.document_id,
                    "actor": actor,
                    "at": now,
                }
                for change in changes
            ],
        )


def after(session: Session, namespace: NamespaceId, revision: int, limit: int) -> list[Change]:
    """The first changes later than `revision`, in order."""
    rows = session.execute(
        select(ChangeRow.sequence, ChangeRow.kind, ChangeRow.document_id)
        .where(ChangeRow.namespace_id == namespace, ChangeRow.sequence > revision)
        .order_by(ChangeRow.sequence)
        .limit(limit)
    )
    return [
        Change(sequence, ChangeKind(kind), None if document is None else DocumentId(document))
        for sequence, kind, document in rows
    ]


def since(
    session: Session, namespace: NamespaceId, start: datetime | None, without: str
) -> tuple[int, datetime | None]:
    """How often others than `without` wrote something new after `start`, and when they last did.

    What comes back or goes, as when a night is undone, is not new.
    """
    query = select(func.count(), func.max(ChangeRow.at)).where(
        ChangeRow.namespace_id == namespace, ChangeRow.actor != without, ChangeRow.kind.in_(NEW)
    )
    if start is not None:
        query = query.where(ChangeRow.at > start)
    count, last = session.execute(query).one()
    return count, last


def is_rebuilt_after(session: Session, namespace: NamespaceId, revision: int) -> bool:
    """Whether all that was derived from this revision must not be kept."""
    called_in = exists().where(
        ChangeRow.namespace_id == namespace,
        ChangeRow.sequence > revision,
        ChangeRow.kind == ChangeKind.REBUILT.value,
    )
    return bool(session.execute(select(called_in)).scalar_one())
