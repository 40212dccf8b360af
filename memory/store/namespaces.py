"""Queries about tenants and namespaces. `lock` comes first in every write: writes to a namespace follow each other."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from memory.errors import NotFound
from memory.ids import new_id
from memory.store.tables import DocumentRow, NamespaceRow, TenantRow
from memory.types import JsonValue, Kind, Metadata, Namespace, NamespaceId, NamespaceStats, TenantId


def add_tenant(session: Session, name: str, now: datetime) -> TenantId:
    """The tenant of this name, made if it is not there."""
    _insert_unless_there(session, TenantRow, id=new_id(now), name=name, created_at=now)
    return TenantId(session.execute(select(TenantRow.id).where(TenantRow.name == name)).scalar_one())


def find(session: Session, tenant: TenantId, name: str) -> Namespace | None:
    row = session.execute(
        select(NamespaceRow).where(NamespaceRow.tenant_id == tenant, NamespaceRow.name == name)
    ).scalar_one_or_none()
    return None if row is None else _namespace(row)


def get(session: Session, namespace: NamespaceId) -> Namespace:
    """Raises NotFound."""
    row = session.get(NamespaceRow, namespace)
    if row is None:
        raise NotFound
    return _namespace(row)


def add(session: Session, tenant: TenantId, name: str, now: datetime) -> bool:
    """Makes a namespace; False if it is there already."""
    values = {"id": new_id(now), "tenant_id": tenant, "name": name, "settings": {}, "revision": 0, "created_at": now}
    return _insert_unless_there(session, NamespaceRow, **values)


def lock(session: Session, namespace: NamespaceId) -> int:
    """The current revision; nobody else writes to the namespace until this transaction ends. Raises NotFound."""
    found = session.execute(
        select(NamespaceRow.revision).where(NamespaceRow.id == namespace).with_for_update(key_share=True)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("This namespace is not there any more.")
    return found


def advance(session: Session, namespace: NamespaceId, changes: int) -> int:
    """Takes the next `changes` sequence numbers; the answer is the last of them."""
    return session.execute(
        update(NamespaceRow)
        .where(NamespaceRow.id == namespace)
        .values(revision=NamespaceRow.revision + changes)
        .returning(NamespaceRow.revision)
    ).scalar_one()


# Every recall asks this: it is put together once.
_REVISION = select(NamespaceRow.revision).where(NamespaceRow.id == bindparam("namespace"))


def revision(session: Session, namespace: NamespaceId) -> int:
    """Raises NotFound."""
    found = session.execute(_REVISION, {"namespace": namespace}).scalar_one_or_none()
    if found is None:
        raise NotFound("This namespace is not there any more.")
    return found


def of_tenant(session: Session, tenant: TenantId) -> list[Namespace]:
    """By name."""
    rows = session.execute(
        select(NamespaceRow).where(NamespaceRow.tenant_id == tenant).order_by(NamespaceRow.name)
    ).scalars()
    return [_namespace(row) for row in rows]


def settings_of(session: Session, ids: Iterable[NamespaceId]) -> dict[NamespaceId, Metadata]:
    """Of those that are there."""
    rows = session.execute(select(NamespaceRow.id, NamespaceRow.settings).where(NamespaceRow.id.in_(list(ids))))
    return {NamespaceId(id_): found for id_, found in rows}


def set_settings(session: Session, namespace: NamespaceId, changed: Metadata) -> None:
    session.execute(update(NamespaceRow).where(NamespaceRow.id == namespace).values(settings=dict(changed)))


def change_setting(session: Session, namespace: NamespaceId, name: str, value: JsonValue) -> None:
    """Sets one thing and leaves the others. Raises NotFound."""
    lock(session, namespace)
    kept = settings_of(session, [namespace]).get(namespace, {})
    set_settings(session, namespace, {**kept, name: value})


def remove(session: Session, namespace: NamespaceId) -> None:
    """With all that belongs to it."""
    session.execute(delete(NamespaceRow).where(NamespaceRow.id == namespace))


def stats(session: Session, tenant: TenantId, only: str | None = None) -> list[NamespaceStats]:
    """The namespaces of a tenant, or only one of them, with their sizes, by name."""
    counts = (
        select(
            DocumentRow.namespace_id,
            func.count().filter(DocumentRow.kind == Kind.DOCUMENT.value).label("documents"),
            func.count().filter(DocumentRow.kind == Kind.MEMORY.value).label("memories"),
            func.sum(DocumentRow.passages).filter(DocumentRow.revision > 0).label("passages"),
        )
        .group_by(DocumentRow.namespace_id)
        .subquery()
    )
    query = (
        select(NamespaceRow, counts.c.documents, counts.c.memories, counts.c.passages)
        .outerjoin(counts, counts.c.namespace_id == NamespaceRow.id)
        .where(NamespaceRow.tenant_id == tenant)
    )
    if only is not None:
        query = query.where(NamespaceRow.name == only)
    return [
        NamespaceStats(
            row.name,
            row.revision,
            documents or 0,
            memories or 0,
            int(passages or 0),
            row.created_at,
            row.settings.get("linkable") is True,
            str(row.settings["owner"]) if row.settings.get("owner") else None,
        )
        for row, documents, memories, passages in session.execute(query.order_by(NamespaceRow.name))
    ]


def _namespace(row: NamespaceRow) -> Namespace:
    return Namespace(NamespaceId(row.id), TenantId(row.tenant_id), row.name, row.revision)


def _insert_unless_there(session: Session, table: type[TenantRow | NamespaceRow], **values: object) -> bool:
    insert = postgres_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    made = session.execute(insert(table).values(**values).on_conflict_do_nothing().returning(table.id))
    return made.first() is not None
