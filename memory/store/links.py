"""Queries about links between namespaces. A link belongs to both and goes with either."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from memory.ids import new_id
from memory.layers.cross_context import Candidate, Link, LinkStatus
from memory.store.layer_tables import LinkRow
from memory.store.tables import NamespaceRow
from memory.types import NamespaceId


def add_new(
    session: Session, namespace: NamespaceId, other: NamespaceId, candidates: Sequence[Candidate], now: datetime
) -> int:
    """Those that are not known yet, whatever became of them; how many there were. Both namespaces are locked."""
    is_first = namespace < other
    first, second = (namespace, other) if is_first else (other, namespace)
    wanted = {
        (one.name, one.other_name) if is_first else (one.other_name, one.name): one.similarity for one in candidates
    }
    known = session.execute(
        select(LinkRow.name, LinkRow.other_name).where(LinkRow.namespace_id == first, LinkRow.other_id == second)
    )
    new = {pair: similarity for pair, similarity in wanted.items() if pair not in {tuple(row) for row in known}}
    if new:
        session.execute(
            insert(LinkRow),
            [
                {
                    "id": new_id(now),
                    "namespace_id": first,
                    "other_id": second,
                    "name": name,
                    "other_name": other_name,
                    "similarity": similarity,
                    "status": LinkStatus.CANDIDATE.value,
                    "found_at": now,
                }
                for (name, other_name), similarity in new.items()
            ],
        )
    return len(new)


def of_namespace(session: Session, namespace: NamespaceId, status: LinkStatus | None = None) -> list[Link]:
    """Seen from this namespace, nearest first."""
    first, second = aliased(NamespaceRow), aliased(NamespaceRow)
    query = (
        select(LinkRow, first.name, second.name)
        .join(first, first.id == LinkRow.namespace_id)
        .join(second, second.id == LinkRow.other_id)
        .where(or_(LinkRow.namespace_id == namespace, LinkRow.other_id == namespace))
    )
    if status is not None:
        query = query.where(LinkRow.status == status.value)
    rows = session.execute(query.order_by(LinkRow.similarity.desc(), LinkRow.id))
    return [_link(row, names, row.namespace_id == namespace) for row, *names in rows]


def decide(
    session: Session, namespace: NamespaceId, link_id: str, status: LinkStatus, actor: str, now: datetime
) -> bool:
    """False if it is not there."""
    done = session.execute(
        update(LinkRow)
        .where(LinkRow.id == link_id, or_(LinkRow.namespace_id == namespace, LinkRow.other_id == namespace))
        .values(status=status.value, decided_at=now, decided_by=actor)
        .returning(LinkRow.id)
    )
    return done.first() is not None


def confirmed_with(session: Session, namespace: NamespaceId) -> list[NamespaceId]:
    """Namespaces that share something with this one for sure."""
    rows = session.execute(
        select(LinkRow.namespace_id, LinkRow.other_id).where(
            or_(LinkRow.namespace_id == namespace, LinkRow.other_id == namespace),
            LinkRow.status == LinkStatus.CONFIRMED.value,
        )
    )
    return sorted({NamespaceId(other if first == namespace else first) for first, other in rows})


def _link(row: LinkRow, names: Sequence[str], is_first: bool) -> Link:
    near, far = names if is_first else reversed(names)
    return Link(
        id=row.id,
        namespace=near,
        other=far,
        name=row.name if is_first else row.other_name,
        other_name=row.other_name if is_first else row.name,
        similarity=row.similarity,
        status=LinkStatus(row.status),
        found_at=row.found_at,
        decided_at=row.decided_at,
    )
