"""Queries about published base segments."""

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from memory.store.tables import SegmentRow
from memory.types import NamespaceId, Segment


def newest(session: Session, namespace: NamespaceId, model: str, fmt: str) -> Segment | None:
    """The newest segment that this process can read."""
    row = session.execute(
        select(SegmentRow)
        .where(SegmentRow.namespace_id == namespace, SegmentRow.model == model, SegmentRow.format == fmt)
        .order_by(SegmentRow.revision.desc(), SegmentRow.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return None if row is None else _segment(row)


def publish(session: Session, namespace: NamespaceId, segment: Segment, now: datetime) -> None:
    session.execute(
        insert(SegmentRow).values(
            id=segment.id,
            namespace_id=namespace,
            revision=segment.revision,
            sha256=segment.sha256,
            bytes=segment.bytes,
            passages=segment.passages,
            model=segment.model,
            format=segment.format,
            path=segment.path,
            created_at=now,
        )
    )


def trim(session: Session, namespace: NamespaceId, keep: int) -> None:
    """Withdraws all but the newest `keep`."""
    newest = select(SegmentRow.id).where(SegmentRow.namespace_id == namespace).order_by(SegmentRow.id.desc())
    kept = session.execute(newest.limit(keep)).scalars().all()
    session.execute(delete(SegmentRow).where(SegmentRow.namespace_id == namespace, SegmentRow.id.not_in(kept)))


def paths(session: Session, namespace: NamespaceId) -> set[str]:
    """Where the files of all published segments are."""
    return set(session.execute(select(SegmentRow.path).where(SegmentRow.namespace_id == namespace)).scalars())


def _segment(row: SegmentRow) -> Segment:
    return Segment(row.id, row.revision, row.sha256, row.bytes, row.passages, row.model, row.format, row.path)
