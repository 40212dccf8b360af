"""Queries about documents and memories."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Update, delete, func, insert, inspect, select, tuple_, update
from sqlalchemy.orm import Load, Session

from memory.layers.semantic import Ending
from memory.store import facts
from memory.store.batches import MOST_PARAMETERS, batched
from memory.store.tables import DocumentRow
from memory.types import ItemState, Kind, Metadata, NamespaceId, Page, StoredDocument


@dataclass(frozen=True, slots=True)
class Known:
    """What a receipt says of a document that is there."""

    id: str
    kind: Kind
    external_id: str | None
    content_hash: str
    status: str
    passages: int
    layer: str
    revision: int
    reason: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A document with what the store alone needs to know of it."""

    document: StoredDocument
    position: int  # of its first passage in its session
    places: int  # how many passages it has, or keeps free in its session while it is pending
    revision: int  # the sequence of its newest change; 0 if its passages were never made


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to."""

    session_id: str | None = None
    layer: str | None = None
    state: ItemState | None = None
    status: str | None = None


def add(session: Session, namespace: NamespaceId, placed: Sequence[Placed]) -> None:
    if placed:
        session.execute(insert(DocumentRow), [{"namespace_id": namespace, **_values(one)} for one in placed])


def find(session: Session, namespace: NamespaceId, document_id: str) -> Placed | None:
    row = session.execute(
        select(DocumentRow).where(DocumentRow.namespace_id == namespace, DocumentRow.id == document_id)
    ).scalar_one_or_none()
    return None if row is None else Placed(stored(row), row.position, row.passages, row.revision)


def find_many(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> list[Placed]:
    """Those that are there, in no order."""
    found = []
    for some in batched(ids, MOST_PARAMETERS):
        rows = session.execute(select(*COLUMNS).where(DocumentRow.namespace_id == namespace, DocumentRow.id.in_(some)))
        found += [Placed(stored(row), row.position, row.passages, row.revision) for row in rows]
    return found


def page(
    session: Session, namespace: NamespaceId, kind: Kind, limit: int, before: str | None, wanted: Wanted
) -> Page[StoredDocument]:
    """Newest first; `before` is the last id of the page before."""
    query = select(DocumentRow).where(DocumentRow.namespace_id == namespace, DocumentRow.kind == kind.value)
    if before is not None:
        query = query.where(DocumentRow.id < before)
    if wanted.session_id is not None:
        query = query.where(DocumentRow.session_id == wanted.session_id)
    if wanted.layer is not None:
        query = query.where(DocumentRow.layer == wanted.layer)
    if wanted.state is not None:
        query = query.where(DocumentRow.state == wanted.state.value)
    if wanted.status is not None:
        query = query.where(DocumentRow.status == wanted.status)
    rows = session.execute(query.order_by(DocumentRow.id.desc()).limit(limit + 1)).scalars().all()
    items = tuple(stored(row) for row in rows[:limit])
    return Page(items, items[-1].id if len(rows) > limit else None)


def with_hashes(session: Session, namespace: NamespaceId, hashes: Iterable[str]) -> dict[str, Known]:
    """The oldest document of each content hash, of those that still hold: what is true again is said anew."""
    found: dict[str, Known] = {}
    for some in batched(hashes, MOST_PARAMETERS):
        # All kinds are named so that the index on (namespace, kind, hash) serves.
        where = DocumentRow.kind.in_([kind.value for kind in Kind]) & DocumentRow.content_hash.in_(some)
        where &= DocumentRow.valid_to.is_(None)
        for known in _known(session, namespace, where):
            found.setdefault(known.content_hash, known)
    return found


def with_external_ids(
    session: Session, namespace: NamespaceId, external_ids: Iterable[tuple[Kind, str]]
) -> dict[tuple[Kind, str], Known]:
    found: dict[tuple[Kind, str], Known] = {}
    for some in batched(external_ids, MOST_PARAMETERS):
        pairs = [(kind.value, external_id) for kind, external_id in some]
        for known in _known(session, namespace, tuple_(DocumentRow.kind, DocumentRow.external_id).in_(pairs)):
            found[known.kind, str(known.external_id)] = known
    return found


def states(session: Session, namespace: NamespaceId) -> dict[str, int]:
    """How many documents and memories are in each state."""
    query = select(DocumentRow.state, func.count()).where(DocumentRow.namespace_id == namespace)
    return {state: count for state, count in session.execute(query.group_by(DocumentRow.state))}


def next_position(session: Session, namespace: NamespaceId, session_id: str) -> int:
    """The first free position of a session."""
    last = session.execute(
        select(func.max(DocumentRow.position + DocumentRow.passages)).where(
            DocumentRow.namespace_id == namespace,
            DocumentRow.kind == Kind.MEMORY.value,
            DocumentRow.session_id == session_id,
        )
    ).scalar_one()
    return last or 0


def replace(session: Session, namespace: NamespaceId, placed: Placed) -> None:
    """Writes all fields of a document that is there."""
    session.execute(_one(namespace, placed.document.id).values(**_values(placed)))


def make_ready(
    session: Session, namespace: NamespaceId, document_id: str, passages: int, revision: int, now: datetime
) -> None:
    """Its passages are there."""
    session.execute(
        _one(namespace, document_id).values(
            status="ready", error=None, passages=passages, revision=revision, updated_at=now
        )
    )


def advance(session: Session, namespace: NamespaceId, document_id: str, revision: int) -> None:
    """Its newest change is this one; what is shown of it stays as it is."""
    session.execute(_one(namespace, document_id).values(revision=revision))


def pending(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> dict[str, int]:
    """Which of these documents are pending, each with the number of its characters."""
    found: dict[str, int] = {}
    for some in batched(ids, MOST_PARAMETERS):
        rows = session.execute(
            select(DocumentRow.id, func.length(DocumentRow.text)).where(
                DocumentRow.namespace_id == namespace, DocumentRow.id.in_(some), DocumentRow.status == "pending"
            )
        )
        found.update({id_: characters for id_, characters in rows})
    return found


def failed(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> list[str]:
    """Which of these documents have failed."""
    found: list[str] = []
    for some in batched(ids, MOST_PARAMETERS):
        rows = session.execute(
            select(DocumentRow.id).where(
                DocumentRow.namespace_id == namespace, DocumentRow.id.in_(some), DocumentRow.status == "failed"
            )
        )
        found += rows.scalars()
    return found


def end(
    session: Session, namespace: NamespaceId, document_id: str, ending: Ending | None, revision: int, now: datetime
) -> None:
    """Writes when what it says stopped holding; None: it holds."""
    session.execute(
        _one(namespace, document_id).values(
            valid_to=ending.valid_to if ending else None,
            retired_at=ending.retired_at if ending else None,
            superseded_by=ending.superseded_by if ending else None,
            version=DocumentRow.version + 1,
            revision=revision,
            updated_at=now,
        )
    )


def set_status(
    session: Session, namespace: NamespaceId, ids: Iterable[str], status: str, error: str | None, now: datetime
) -> None:
    for some in batched(ids, MOST_PARAMETERS):
        session.execute(
            update(DocumentRow)
            .where(DocumentRow.namespace_id == namespace, DocumentRow.id.in_(some))
            .values(status=status, error=error, updated_at=now)
        )


def remove(session: Session, namespace: NamespaceId, document_id: str) -> bool:
    """With its passages, and the facts that only they state. False if it is not there."""
    facts.withdraw_document(session, namespace, document_id)
    gone = session.execute(
        delete(DocumentRow)
        .where(DocumentRow.namespace_id == namespace, DocumentRow.id == document_id)
        .returning(DocumentRow.id)
    )
    return gone.first() is not None


def remove_many(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> None:
    """With all that is kept of them."""
    for some in batched(ids, MOST_PARAMETERS):
        for id_ in some:
            facts.withdraw_document(session, namespace, id_)
        session.execute(delete(DocumentRow).where(DocumentRow.namespace_id == namespace, DocumentRow.id.in_(some)))


def without_text() -> Load:
    """An option for queries that meet a document once a passage: its text would be read as often."""
    return Load(DocumentRow).defer(DocumentRow.text, raiseload=True)


COLUMNS = tuple(getattr(DocumentRow, one.key).label(one.key) for one in inspect(DocumentRow).column_attrs)
"""What `stored` reads, for queries of many rows: objects take twice as long."""

WITHOUT_TEXT = tuple(column for column in COLUMNS if column.name != DocumentRow.text.key)


def stored(row: DocumentRow | Row[*tuple[object, ...]], with_text: bool = True) -> StoredDocument:
    """The document of an object, or of a row that has its columns by name."""
    return StoredDocument(
        id=row.id,
        kind=Kind(row.kind),
        text=row.text if with_text else "",
        format=row.format,
        title=row.title,
        source=row.source,
        external_id=row.external_id,
        metadata=row.metadata_,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        updated_at=row.updated_at,
        speaker=row.speaker,
        session_id=row.session_id,
        content_hash=row.content_hash,
        status=row.status,
        error=row.error,
        passages=row.passages if row.revision else 0,
        layer=row.layer,
        version=row.version,
        reason=row.reason,
        state=ItemState(row.state),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        retired_at=row.retired_at,
        superseded_by=row.superseded_by,
        expires_at=row.expires_at,
    )


def _values(placed: Placed) -> dict[str, str | int | Metadata | datetime | None]:
    document = placed.document
    return {
        "id": document.id,
        "kind": document.kind.value,
        "text": document.text,
        "format": document.format,
        "title": document.title,
        "source": document.source,
        "external_id": document.external_id,
        "metadata_": dict(document.metadata),
        "occurred_at": document.occurred_at,
        "recorded_at": document.recorded_at,
        "updated_at": document.updated_at,
        "speaker": document.speaker,
        "session_id": document.session_id,
        "position": placed.position,
        "passages": placed.places,
        "content_hash": document.content_hash,
        "status": document.status,
        "error": document.error,
        "layer": document.layer,
        "reason": document.reason,
        "state": document.state.value,
        "valid_from": document.valid_from,
        "valid_to": document.valid_to,
        "retired_at": document.retired_at,
        "superseded_by": document.superseded_by,
        "expires_at": document.expires_at,
        "version": document.version,
        "revision": placed.revision,
    }


def _one(namespace: NamespaceId, document_id: str) -> Update:
    return update(DocumentRow).where(DocumentRow.namespace_id == namespace, DocumentRow.id == document_id)


def _known(session: Session, namespace: NamespaceId, where: ColumnElement[bool]) -> list[Known]:
    rows = session.execute(
        select(
            DocumentRow.id,
            DocumentRow.kind,
            DocumentRow.external_id,
            DocumentRow.content_hash,
            DocumentRow.status,
            DocumentRow.passages,
            DocumentRow.layer,
            DocumentRow.revision,
            DocumentRow.reason,
        )
        .where(DocumentRow.namespace_id == namespace, where)
        .order_by(DocumentRow.id)
    )
    return [
        Known(id_, Kind(kind), external_id, content_hash, status, passages if revision else 0, layer, revision, reason)
        for id_, kind, external_id, content_hash, status, passages, layer, revision, reason in rows
    ]
