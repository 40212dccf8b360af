"""Queries about certificates of erasure, and about tombstones: hashes by which what was erased is refused."""

from collections.abc import Iterable

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from memory.forgetting.records import Erasure, ErasureStatus
from memory.forgetting.subjects import SubjectKind
from memory.store.batches import MOST_PARAMETERS, batched
from memory.store.forgetting_tables import ErasureRow, TombstoneRow
from memory.types import NamespaceId, Page


def add_tombstones(session: Session, namespace: NamespaceId, erasure: str, digests: Iterable[str]) -> int:
    """Of those that are not there yet."""
    new = sorted(set(digests) - set(erased(session, namespace, digests)))
    if new:
        rows = [{"namespace_id": namespace, "sha256": one, "erasure_id": erasure} for one in new]
        session.execute(insert(TombstoneRow), rows)
    return len(new)


def erased(session: Session, namespace: NamespaceId, digests: Iterable[str]) -> dict[str, str]:
    """Which of these were erased, each with the id of its erasure."""
    found: dict[str, str] = {}
    for some in batched(digests, MOST_PARAMETERS):
        rows = session.execute(
            select(TombstoneRow.sha256, TombstoneRow.erasure_id).where(
                TombstoneRow.namespace_id == namespace, TombstoneRow.sha256.in_(some)
            )
        )
        found.update({sha256: erasure for sha256, erasure in rows})
    return found


def lift_tombstones(session: Session, namespace: NamespaceId, erasure: str) -> int:
    gone = session.execute(
        delete(TombstoneRow)
        .where(TombstoneRow.namespace_id == namespace, TombstoneRow.erasure_id == erasure)
        .returning(TombstoneRow.sha256)
    )
    return len(gone.all())


def add(session: Session, namespace: NamespaceId, erasure: Erasure) -> None:
    session.execute(insert(ErasureRow).values(namespace_id=namespace, **_values(erasure)))


def replace(session: Session, namespace: NamespaceId, erasure: Erasure) -> None:
    where = (ErasureRow.namespace_id == namespace) & (ErasureRow.id == erasure.id)
    session.execute(update(ErasureRow).where(where).values(**_values(erasure)))


def find(session: Session, namespace: NamespaceId, id_: str) -> Erasure | None:
    row = session.execute(
        select(ErasureRow).where(ErasureRow.namespace_id == namespace, ErasureRow.id == id_)
    ).scalar_one_or_none()
    return None if row is None else _erasure(row)


def page(session: Session, namespace: NamespaceId, limit: int, before: str | None) -> Page[Erasure]:
    """Newest first; `before` is the last id of the page before."""
    query = select(ErasureRow).where(ErasureRow.namespace_id == namespace)
    if before is not None:
        query = query.where(ErasureRow.id < before)
    rows = session.execute(query.order_by(ErasureRow.id.desc()).limit(limit + 1)).scalars().all()
    items = tuple(_erasure(row) for row in rows[:limit])
    return Page(items, items[-1].id if len(rows) > limit else None)


def _values(erasure: Erasure) -> dict[str, object]:
    return {
        "id": erasure.id,
        "kind": erasure.kind.value,
        "subject_sha256": erasure.subject_sha256,
        "status": erasure.status.value,
        "counts": dict(erasure.counts),
        "proof": dict(erasure.proof),
        "actor": erasure.actor,
        "at": erasure.at,
        "scrubbed_at": erasure.scrubbed_at,
    }


def _erasure(row: ErasureRow) -> Erasure:
    return Erasure(
        id=row.id,
        kind=SubjectKind(row.kind),
        subject_sha256=row.subject_sha256,
        status=ErasureStatus(row.status),
        counts={name: int(str(count)) for name, count in row.counts.items()},
        proof=row.proof,
        actor=row.actor,
        at=row.at,
        scrubbed_at=row.scrubbed_at,
    )
