"""Queries about hints, and about what they begin from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from memory.store.batches import MOST_PARAMETERS, batched
from memory.store.layer_tables import TraceRow
from memory.store.sleeping_tables import HintRow
from memory.store.tables import DocumentRow
from memory.types import ItemState, JsonValue, NamespaceId, Page
from retrieval.explain import PathStep


@dataclass(frozen=True, slots=True)
class Hint:
    """An association that nobody asked for. Only names lie on the path between the passages at its ends."""

    id: str
    source: str  # the item that it begins at, written or used on the day before the night
    target: str
    score: float  # activation, 0 to 1
    path: tuple[PathStep, ...]
    why: str
    at: datetime


def add(session: Session, namespace: NamespaceId, hints: Sequence[Hint]) -> None:
    rows = [
        {
            "id": one.id,
            "namespace_id": namespace,
            "source_id": one.source,
            "target_id": one.target,
            "score": one.score,
            "path": [asdict(step) for step in one.path],
            "why": one.why,
            "at": one.at,
        }
        for one in hints
    ]
    if rows:
        session.execute(insert(HintRow), rows)


def page(session: Session, namespace: NamespaceId, now: datetime, limit: int, before: str | None) -> Page[Hint]:
    """Newest first: those that were not dismissed, and whose items are both in recall."""
    source, target = aliased(DocumentRow), aliased(DocumentRow)
    query = (
        select(HintRow)
        .join(source, source.id == HintRow.source_id)
        .join(target, target.id == HintRow.target_id)
        .where(HintRow.namespace_id == namespace, HintRow.dismissed_at.is_(None))
    )
    for end in (source, target):
        query = query.where(end.state == ItemState.ACTIVE.value, or_(end.expires_at.is_(None), end.expires_at > now))
    if before is not None:
        query = query.where(HintRow.id < before)
    rows = session.execute(query.order_by(HintRow.id.desc()).limit(limit + 1)).scalars().all()
    items = tuple(_hint(row) for row in rows[:limit])
    return Page(items, items[-1].id if len(rows) > limit else None)


def dismiss(session: Session, namespace: NamespaceId, id_: str, now: datetime) -> bool:
    """It is kept, so that it does not come back; False if it is not there."""
    one = and_(HintRow.namespace_id == namespace, HintRow.id == id_, HintRow.dismissed_at.is_(None))
    return (
        session.execute(update(HintRow).where(one).values(dismissed_at=now).returning(HintRow.id)).first() is not None
    )


def are_told(session: Session, namespace: NamespaceId, night: datetime) -> bool:
    """Whether the night that began then has given its hints."""
    given = exists().where(HintRow.namespace_id == namespace, HintRow.at == night)
    return bool(session.execute(select(given)).scalar_one())


def pairs(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> set[frozenset[str]]:
    """What was told of these items already, dismissed or not."""
    found: set[frozenset[str]] = set()
    for some in batched(ids, MOST_PARAMETERS // 2):
        where = or_(HintRow.source_id.in_(some), HintRow.target_id.in_(some))
        rows = session.execute(
            select(HintRow.source_id, HintRow.target_id).where(HintRow.namespace_id == namespace, where)
        )
        found |= {frozenset((source, target)) for source, target in rows}
    return found


def forget_items(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> None:
    """They say something else now, and may not name what joined them."""
    for some in batched(ids, MOST_PARAMETERS // 2):
        where = or_(HintRow.source_id.in_(some), HintRow.target_id.in_(some))
        session.execute(delete(HintRow).where(HintRow.namespace_id == namespace, where))


def of_today(session: Session, namespace: NamespaceId, start: datetime, end: datetime, limit: int) -> list[str]:
    """Ids of items in recall that were written, or used, from `start` until before `end`; the latest first."""
    used = func.coalesce(TraceRow.last_recalled, DocumentRow.recorded_at)
    rows = session.execute(
        select(DocumentRow.id)
        .outerjoin(TraceRow, TraceRow.document_id == DocumentRow.id)
        .where(
            DocumentRow.namespace_id == namespace,
            DocumentRow.state == ItemState.ACTIVE.value,
            DocumentRow.valid_to.is_(None),
            or_(
                and_(DocumentRow.recorded_at >= start, DocumentRow.recorded_at < end),
                and_(used >= start, used < end),
            ),
        )
        .order_by(used.desc(), DocumentRow.id.desc())
        .limit(limit)
    ).scalars()
    return list(rows)


def _hint(row: HintRow) -> Hint:
    path = tuple(_step(step) for step in row.path if isinstance(step, Mapping))
    return Hint(row.id, row.source_id, row.target_id, row.score, path, row.why, row.at)


def _step(kept: Mapping[str, JsonValue]) -> PathStep:
    node, id_, label, edge = (str(kept[name]) for name in ("node", "id", "label", "edge"))
    return PathStep(node, id_, label, edge, float(str(kept["weight"])))
