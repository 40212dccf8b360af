"""Queries about reviews and reconsolidations: what feedback did to items, for their history and for undoing it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from memory.ids import new_id
from memory.layers.learning import Reconsolidation, Review
from memory.store.layer_tables import ReconsolidationRow, ReviewRow
from memory.types import NamespaceId


def add(session: Session, namespace: NamespaceId, reviews: Sequence[Review]) -> None:
    if reviews:
        session.execute(
            insert(ReviewRow),
            [
                {
                    "id": new_id(one.at),
                    "namespace_id": namespace,
                    "document_id": one.document_id,
                    "rating": one.rating,
                    "outcome": one.outcome,
                    "retrievability": one.retrievability,
                    "at": one.at,
                    "actor": one.actor,
                    "before": None if one.before is None else dict(one.before),
                    "after": None if one.after is None else dict(one.after),
                }
                for one in reviews
            ],
        )


def of_document(session: Session, namespace: NamespaceId, document_id: str, limit: int) -> list[Review]:
    """The newest, oldest of them first."""
    rows = session.execute(
        select(ReviewRow)
        .where(ReviewRow.namespace_id == namespace, ReviewRow.document_id == document_id)
        .order_by(ReviewRow.id.desc())
        .limit(limit)
    ).scalars()
    return [
        Review(row.document_id, row.rating, row.outcome, row.at, row.actor, row.retrievability, row.before, row.after)
        for row in rows
    ][::-1]


def add_reconsolidation(session: Session, namespace: NamespaceId, one: Reconsolidation) -> None:
    session.execute(
        insert(ReconsolidationRow).values(
            id=one.id,
            namespace_id=namespace,
            document_id=one.document_id,
            mode=one.mode,
            prediction_error=one.prediction_error,
            effective_error=one.effective_error,
            before=dict(one.before),
            after=dict(one.after),
            levels=None if one.levels is None else dict(one.levels),
            at=one.at,
            actor=one.actor,
            undone_at=one.undone_at,
        )
    )


def reconsolidations(session: Session, namespace: NamespaceId, document_id: str, limit: int) -> list[Reconsolidation]:
    """The newest, oldest of them first."""
    rows = session.execute(
        select(ReconsolidationRow)
        .where(ReconsolidationRow.namespace_id == namespace, ReconsolidationRow.document_id == document_id)
        .order_by(ReconsolidationRow.id.desc())
        .limit(limit)
    ).scalars()
    return [_reconsolidation(row) for row in rows][::-1]


def find_reconsolidation(session: Session, namespace: NamespaceId, id_: str) -> Reconsolidation | None:
    where = (ReconsolidationRow.namespace_id == namespace) & (ReconsolidationRow.id == id_)
    row = session.execute(select(ReconsolidationRow).where(where)).scalar_one_or_none()
    return None if row is None else _reconsolidation(row)


def undo(session: Session, namespace: NamespaceId, reconsolidation_id: str, now: datetime) -> Reconsolidation | None:
    """Marks it as undone, and returns it; None if it is not there, or was undone before: undoing twice is once."""
    row = session.execute(
        update(ReconsolidationRow)
        .where(
            ReconsolidationRow.namespace_id == namespace,
            ReconsolidationRow.id == reconsolidation_id,
            ReconsolidationRow.undone_at.is_(None),
        )
        .values(undone_at=now)
        .returning(ReconsolidationRow)
    ).scalar_one_or_none()
    return None if row is None else _reconsolidation(row)


def _reconsolidation(row: ReconsolidationRow) -> Reconsolidation:
    return Reconsolidation(
        id=row.id,
        document_id=row.document_id,
        mode=row.mode,
        prediction_error=row.prediction_error,
        effective_error=row.effective_error,
        before=row.before,
        after=row.after,
        at=row.at,
        actor=row.actor,
        levels=row.levels,
        undone_at=row.undone_at,
    )
