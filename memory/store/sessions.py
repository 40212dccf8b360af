"""Queries about conversations: their messages, the gist of what has left the window, and what is held in mind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.orm import Session

from memory.layers.short_term import Compaction, Message, Role
from memory.layers.working import Slot, SlotKind
from memory.store.layer_tables import MessageRow, SessionRow, SlotRow
from memory.types import NamespaceId


@dataclass(frozen=True, slots=True)
class Conversation:
    """The gist of a session, and the newest message that is in it."""

    gist: str = ""
    through: str | None = None


def touch(session: Session, namespace: NamespaceId, session_id: str, now: datetime) -> None:
    """Makes the session if it is not there. The namespace is locked."""
    where = (SessionRow.namespace_id == namespace) & (SessionRow.session_id == session_id)
    known = session.execute(update(SessionRow).where(where).values(updated_at=now).returning(SessionRow.session_id))
    if known.first() is None:
        session.execute(
            insert(SessionRow).values(
                namespace_id=namespace, session_id=session_id, gist="", created_at=now, updated_at=now
            )
        )


def conversation(session: Session, namespace: NamespaceId, session_id: str) -> Conversation:
    row = session.execute(
        select(SessionRow.gist, SessionRow.gist_through).where(
            SessionRow.namespace_id == namespace, SessionRow.session_id == session_id
        )
    ).first()
    return Conversation() if row is None else Conversation(row.gist, row.gist_through)


def set_gist(
    session: Session, namespace: NamespaceId, session_id: str, after: str | None, compaction: Compaction
) -> None:
    """Unless somebody else has compacted meanwhile."""
    is_same = SessionRow.gist_through.is_(None) if after is None else SessionRow.gist_through == after
    session.execute(
        update(SessionRow)
        .where(SessionRow.namespace_id == namespace, SessionRow.session_id == session_id, is_same)
        .values(gist=compaction.gist, gist_through=compaction.through)
    )


def forget_gist(session: Session, namespace: NamespaceId, session_id: str) -> None:
    """It is made again from the messages that are left."""
    session.execute(
        update(SessionRow)
        .where(SessionRow.namespace_id == namespace, SessionRow.session_id == session_id)
        .values(gist="", gist_through=None)
    )


def add_messages(session: Session, namespace: NamespaceId, messages: Sequence[Message]) -> None:
    if messages:
        session.execute(insert(MessageRow), [{"namespace_id": namespace, **_values(one)} for one in messages])


def newest(session: Session, namespace: NamespaceId, session_id: str, limit: int) -> list[Message]:
    """Oldest of them first."""
    rows = session.execute(_of(namespace, session_id).order_by(MessageRow.id.desc()).limit(limit)).scalars()
    return [_message(row) for row in rows][::-1]


def left_window(
    session: Session, namespace: NamespaceId, session_id: str, after: str | None, window: int, limit: int
) -> list[Message]:
    """Messages later than `after` that are older than the newest `window` ones, oldest first."""
    edge = session.execute(
        select(MessageRow.id)
        .where(MessageRow.namespace_id == namespace, MessageRow.session_id == session_id)
        .order_by(MessageRow.id.desc())
        .offset(window - 1)
        .limit(1)
    ).scalar_one_or_none()
    if edge is None:
        return []
    query = _of(namespace, session_id).where(MessageRow.id < edge)
    if after is not None:
        query = query.where(MessageRow.id > after)
    return [_message(row) for row in session.execute(query.order_by(MessageRow.id).limit(limit)).scalars()]


def of_documents(session: Session, namespace: NamespaceId, session_id: str, ids: Sequence[str]) -> list[Message]:
    """The messages of this session that these memories keep."""
    rows = session.execute(_of(namespace, session_id).where(MessageRow.document_id.in_(ids)).order_by(MessageRow.id))
    return [_message(row) for row in rows.scalars()]


def of_request(session: Session, namespace: NamespaceId, session_id: str, request: str) -> list[Message]:
    """The messages that came with this idempotency key, in their order."""
    rows = session.execute(_of(namespace, session_id).where(MessageRow.request == request).order_by(MessageRow.id))
    return [_message(row) for row in rows.scalars()]


def count(session: Session, namespace: NamespaceId, session_id: str) -> int:
    return session.execute(
        select(func.count()).where(MessageRow.namespace_id == namespace, MessageRow.session_id == session_id)
    ).scalar_one()


def slots(session: Session, namespace: NamespaceId, session_id: str) -> list[Slot]:
    rows = session.execute(
        select(SlotRow).where(SlotRow.namespace_id == namespace, SlotRow.session_id == session_id).order_by(SlotRow.id)
    ).scalars()
    return [Slot(row.id, SlotKind(row.kind), row.content, row.relevance, row.added_at, row.decayed_at) for row in rows]


def set_slots(session: Session, namespace: NamespaceId, session_id: str, held: Sequence[Slot]) -> None:
    """These and no others."""
    session.execute(delete(SlotRow).where(SlotRow.namespace_id == namespace, SlotRow.session_id == session_id))
    if held:
        session.execute(
            insert(SlotRow),
            [
                {
                    "id": slot.id,
                    "namespace_id": namespace,
                    "session_id": session_id,
                    "kind": slot.kind.value,
                    "content": slot.content,
                    "relevance": slot.relevance,
                    "added_at": slot.added_at,
                    "decayed_at": slot.decayed_at,
                }
                for slot in held
            ],
        )


def _of(namespace: NamespaceId, session_id: str) -> Select[MessageRow]:
    return select(MessageRow).where(MessageRow.namespace_id == namespace, MessageRow.session_id == session_id)


def _values(message: Message) -> dict[str, object]:
    return {
        "id": message.id,
        "session_id": message.session_id,
        "role": message.role.value,
        "speaker": message.speaker,
        "text": message.text,
        "tokens": message.tokens,
        "occurred_at": message.occurred_at,
        "recorded_at": message.recorded_at,
        "document_id": message.document_id,
        "request": message.request,
    }


def _message(row: MessageRow) -> Message:
    return Message(
        id=row.id,
        session_id=row.session_id,
        role=Role(row.role),
        text=row.text,
        tokens=row.tokens,
        recorded_at=row.recorded_at,
        speaker=row.speaker,
        occurred_at=row.occurred_at,
        document_id=row.document_id,
        request=row.request,
    )
