"""Queries about all items of a namespace, for nights: what decides about each, and what is read of few of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from memory.sleeping.strengthening import Asleep
from memory.store.batches import MOST_PARAMETERS, batched
from memory.store.documents import WITHOUT_TEXT, stored
from memory.store.layer_tables import TraceRow
from memory.store.tables import DocumentRow, PassageRow
from memory.store.traces import IN_RECALL
from memory.types import Kind, NamespaceId, StoredDocument


@dataclass(frozen=True, slots=True)
class VersionedText:
    """What an item says, and since which version of it."""

    version: int
    text: str


@dataclass(frozen=True, slots=True)
class Brief:
    """What of an item that is in recall, and of its trace, decides what a night may do with it."""

    id: str
    version: int
    kind: Kind
    layer: str
    recorded_at: datetime
    said_at: datetime
    last_recalled: datetime
    recalls: int
    pinned: bool
    essence: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where the first passage of an item stands: its group of neighbours, and its position there."""

    group: str
    position: int


def asleep(session: Session, namespace: NamespaceId) -> list[Asleep]:
    """The memories in recall, by id."""
    rows = session.execute(
        select(
            TraceRow.document_id,
            TraceRow.recalls,
            TraceRow.arousal,
            TraceRow.last_recalled,
            TraceRow.stability,
            TraceRow.replayed_at,
        )
        .join(DocumentRow, DocumentRow.id == TraceRow.document_id)
        .where(TraceRow.namespace_id == namespace, DocumentRow.kind == Kind.MEMORY.value, IN_RECALL)
        .order_by(TraceRow.document_id)
    )
    return [Asleep(*row) for row in rows]


def briefs(session: Session, namespace: NamespaceId, model: str, after: str, limit: int) -> list[Brief]:
    """Of items that are in recall, hold now and have been read by this model, by id, a batch at a time."""
    rows = session.execute(
        select(
            DocumentRow.id,
            DocumentRow.version,
            DocumentRow.kind,
            DocumentRow.layer,
            DocumentRow.recorded_at,
            TraceRow.said_at,
            TraceRow.last_recalled,
            TraceRow.recalls,
            TraceRow.pinned,
            TraceRow.essence,
        )
        .join(TraceRow, TraceRow.document_id == DocumentRow.id)
        .where(DocumentRow.namespace_id == namespace, DocumentRow.id > after, *_holding(namespace, model))
        .order_by(DocumentRow.id)
        .limit(limit)
    )
    return [Brief(id_, version, Kind(kind), *rest) for id_, version, kind, *rest in rows]


def recalls(session: Session, namespace: NamespaceId, model: str) -> dict[str, int]:
    """How often each item has helped that is in recall, holds now, and has been read by this model."""
    query = select(TraceRow.document_id, TraceRow.recalls).join(DocumentRow, DocumentRow.id == TraceRow.document_id)
    return {id_: times for id_, times in session.execute(query.where(*_holding(namespace, model)))}


def said(session: Session, namespace: NamespaceId, model: str) -> list[str]:
    """The ids of the same items, in the order in which they were said."""
    query = select(TraceRow.document_id).join(DocumentRow, DocumentRow.id == TraceRow.document_id)
    order = (TraceRow.said_at, TraceRow.document_id)
    return list(session.execute(query.where(*_holding(namespace, model)).order_by(*order)).scalars())


def without_texts(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> list[StoredDocument]:
    """Those that are there, in no order; of what they say, only the hash."""
    found = []
    for some in batched(ids, MOST_PARAMETERS):
        rows = session.execute(
            select(*WITHOUT_TEXT).where(DocumentRow.namespace_id == namespace, DocumentRow.id.in_(some))
        )
        found += [stored(row, with_text=False) for row in rows]
    return found


def texts(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> dict[str, VersionedText]:
    """What those say that are there."""
    found: dict[str, VersionedText] = {}
    for some in batched(ids, MOST_PARAMETERS):
        rows = session.execute(
            select(DocumentRow.id, DocumentRow.version, DocumentRow.text).where(
                DocumentRow.namespace_id == namespace, DocumentRow.id.in_(some)
            )
        )
        found.update({id_: VersionedText(version, text) for id_, version, text in rows})
    return found


def places(session: Session, namespace: NamespaceId, model: str, ids: Iterable[str]) -> dict[str, Place]:
    """Of those of these items that this model has read."""
    found: dict[str, Place] = {}
    for some in batched(ids, MOST_PARAMETERS):
        rows = session.execute(
            select(PassageRow.document_id, PassageRow.group_key, PassageRow.position)
            .where(PassageRow.namespace_id == namespace, PassageRow.document_id.in_(some), PassageRow.model == model)
            .order_by(PassageRow.document_id, PassageRow.ordinal)
        )
        for id_, group, position in rows:
            found.setdefault(id_, Place(group, position))
    return found


def _holding(namespace: NamespaceId, model: str) -> tuple[ColumnElement[bool], ...]:
    is_read = exists().where(PassageRow.document_id == TraceRow.document_id, PassageRow.model == model)
    return (TraceRow.namespace_id == namespace, DocumentRow.valid_to.is_(None), IN_RECALL, is_read)
