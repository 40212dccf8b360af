"""Conversations: messages that come in and are remembered, the window of the newest, and what is held in mind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from memory.dynamics import hopfield
from memory.erased import refuse, refuse_session
from memory.errors import InvalidInput, Problem
from memory.ids import new_id
from memory.layers import working
from memory.layers.short_term import WINDOW, Message, Role, compact, within
from memory.layers.working import SLOTS, Held, Slot, SlotKind
from memory.parts import Parts
from memory.receipts import remembered_to_json
from memory.remember import remember
from memory.store import idempotency as kept_answers
from memory.store import namespaces, passages, sessions
from memory.types import Draft, Idempotency, Kind, Metadata, Namespace, Receipt, ReceiptStatus, Remembered
from memory.validation import accept, accept_question
from retrieval.quantize import to_floats
from retrieval.types import ByteVector, DocumentId

MOST_MESSAGES = 500  # of a window
MOST_TO_COMPACT = 200  # messages at once
MOST_SLOT_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message as sent in; with `remember` it becomes a memory too."""

    role: Role
    text: str
    speaker: str | None = None
    occurred_at: datetime | None = None
    metadata: Metadata | None = None
    remember: bool = True


@dataclass(frozen=True, slots=True)
class Window:
    """The newest messages of a session, oldest first, and the gist of what came before them."""

    messages: tuple[Message, ...]
    tokens: int
    total: int  # messages of the session, those before the window included
    gist: str


@dataclass(frozen=True, slots=True)
class Kept:
    """The messages in the order in which they were sent, and the receipts of those that became memories."""

    messages: tuple[Message, ...]
    remembered: Remembered | None


@dataclass(frozen=True, slots=True)
class Completed:
    """A message that a fragment was completed to."""

    message: Message
    weight: float  # its share of the completed pattern, 0 to 1
    score: float  # how near it is to where the fragment had led by then


def add(
    parts: Parts,
    namespace: Namespace,
    session_id: str,
    new: Sequence[NewMessage],
    *,
    now: datetime,
    actor: str,
    idempotency: Idempotency | None = None,
) -> Kept:
    """All of them or none, in one transaction with the memories they become. Raises what remember raises."""
    drafts = accept([_draft(session_id, one) for one in new], parts.limits)
    key = idempotency.key if idempotency else None
    messages = [replace(_message(parts, *one, now), request=key) for one in zip(new, drafts, strict=True)]
    chosen = [number for number, one in enumerate(new) if one.remember]
    if not chosen:
        remembered = None
        kept = parts.database.write(
            lambda session: _write_alone(session, namespace, session_id, messages, idempotency, now)
        )
    else:
        written: list[Message] = []

        def also(session: Session, remembered: Remembered) -> None:
            ids = dict(zip(chosen, remembered.receipts, strict=True))
            written[:] = _linked(messages, ids)
            repeated = [receipt.id for receipt in ids.values() if receipt.status is ReceiptStatus.DUPLICATE]
            there = sessions.of_documents(session, namespace.id, session_id, repeated) if repeated else []
            known = {one.document_id for one in there}
            _write(session, namespace, session_id, [one for one in written if one.document_id not in known], now)

        remembered = remember(
            parts,
            namespace,
            [drafts[number] for number in chosen],
            now=now,
            actor=actor,
            idempotency=idempotency,
            also=also,
        )
        kept = written or parts.database.read(
            lambda session: sessions.of_request(session, namespace.id, session_id, key or "")
        )
    _compact(parts, namespace, session_id)
    return Kept(tuple(kept), remembered)


def window(
    parts: Parts, namespace: Namespace, session_id: str, limit: int = WINDOW, max_tokens: int | None = None
) -> Window:
    """Empty for a session that nobody has spoken in."""

    def read(session: Session) -> Window:
        newest = sessions.newest(session, namespace.id, session_id, min(limit, MOST_MESSAGES))
        kept = within(newest, limit, max_tokens)
        gist = sessions.conversation(session, namespace.id, session_id).gist
        total = sessions.count(session, namespace.id, session_id)
        return Window(tuple(kept), sum(one.tokens for one in kept), total, gist)

    return parts.database.read(read)


def complete(parts: Parts, namespace: Namespace, session_id: str, fragment: str, limit: int) -> list[Completed]:
    """The messages of the window that a fragment is a part of, most likely first; those that became no memory have no
    pattern to be completed to. Raises InvalidInput, EmbedderError.
    """
    text = accept_question(fragment, parts.limits, "fragment")
    messages, stored = parts.database.read(lambda session: _patterns(session, parts, namespace, session_id))
    if not messages:
        return []
    state = parts.embedder.encode_question(text).astype(np.float64)
    patterns = to_floats(np.stack([stored[DocumentId(str(one.document_id))] for one in messages]))
    completion = hopfield.complete(state, patterns.astype(np.float64))
    return [Completed(messages[one.row], one.weight, one.score) for one in hopfield.strongest(completion, limit)]


def _patterns(
    session: Session, parts: Parts, namespace: Namespace, session_id: str
) -> tuple[list[Message], dict[DocumentId, ByteVector]]:
    newest = sessions.newest(session, namespace.id, session_id, WINDOW)
    ids = [one.document_id for one in newest if one.document_id is not None]
    stored = passages.vectors(session, namespace.id, parts.embedder.fingerprint, ids)
    return [one for one in newest if one.document_id in stored], stored


def in_mind(parts: Parts, namespace: Namespace, session_id: str, now: datetime) -> list[Slot]:
    """What is held in mind now, most relevant first."""
    slots = parts.database.read(lambda session: sessions.slots(session, namespace.id, session_id))
    return list(working.hold(slots, [], now).slots)


def hold(
    parts: Parts,
    namespace: Namespace,
    session_id: str,
    new: Sequence["NewSlot"],
    *,
    keep: bool,
    now: datetime,
) -> Held:
    """Takes these in mind: instead of what is there, or with `keep` beside it. Of more than seven the least relevant
    goes to short-term memory, as a message. Raises InvalidInput.
    """
    _check(new)
    slots = [Slot(new_id(now), one.kind, one.content, one.relevance, now, now) for one in new]

    def write(session: Session) -> Held:
        namespaces.lock(session, namespace.id)
        refuse_session(session, namespace.id, session_id)
        before = sessions.slots(session, namespace.id, session_id)
        if not keep:
            named = {(slot.kind, slot.content) for slot in slots}
            before = [slot for slot in before if (slot.kind, slot.content) in named]
        held = working.hold(before, slots, now)
        sessions.touch(session, namespace.id, session_id, now)
        sessions.set_slots(session, namespace.id, session_id, held.slots)
        evicted = [_evicted(parts, session_id, slot, now) for slot in held.evicted]
        sessions.add_messages(session, namespace.id, evicted)
        return held

    return parts.database.write(write)


@dataclass(frozen=True, slots=True)
class NewSlot:
    kind: SlotKind
    content: str
    relevance: float = 1.0


def _check(new: Sequence[NewSlot]) -> None:
    problems = []
    for number, one in enumerate(new):
        if not one.content.strip():
            problems.append(Problem(f"slots[{number}].content", "is empty", "send some text, or leave the slot out"))
        if len(one.content) > MOST_SLOT_CHARACTERS:
            message = f"has {len(one.content)} characters; {MOST_SLOT_CHARACTERS} are the limit"
            problems.append(Problem(f"slots[{number}].content", message, "shorten it"))
        if not 0 <= one.relevance <= 1:
            problems.append(Problem(f"slots[{number}].relevance", "is not between 0 and 1", "send 0 to 1"))
    if len(new) > 10 * SLOTS:
        problems.append(Problem("slots", f"are {len(new)}; nobody holds so much in mind", f"send at most {SLOTS}"))
    if problems:
        raise InvalidInput(problems)


def _evicted(parts: Parts, session_id: str, slot: Slot, now: datetime) -> Message:
    tokens = parts.embedder.count_tokens(slot.content)
    text = f"{slot.kind.value}: {slot.content}"
    return Message(new_id(now), session_id, Role.WORKING, text, tokens, now, occurred_at=slot.added_at)


def _message(parts: Parts, new: NewMessage, draft: Draft, now: datetime) -> Message:
    return Message(
        id=new_id(now),
        session_id=draft.session_id or "",
        role=new.role,
        text=draft.text,
        tokens=parts.embedder.count_tokens(draft.text),
        recorded_at=now,
        speaker=draft.speaker,
        occurred_at=draft.occurred_at,
    )


def _linked(messages: Sequence[Message], receipts: Mapping[int, Receipt]) -> list[Message]:
    """Messages that became memories know which."""
    return [
        replace(one, document_id=receipts[number].id) if number in receipts else one
        for number, one in enumerate(messages)
    ]


def _write(session: Session, namespace: Namespace, session_id: str, messages: Sequence[Message], now: datetime) -> None:
    namespaces.lock(session, namespace.id)
    drafts = [Draft(Kind.MEMORY, one.text, speaker=one.speaker, session_id=session_id) for one in messages]
    refuse(session, namespace.id, drafts)
    sessions.touch(session, namespace.id, session_id, now)
    sessions.add_messages(session, namespace.id, messages)


def _write_alone(
    session: Session,
    namespace: Namespace,
    session_id: str,
    messages: list[Message],
    idempotency: Idempotency | None,
    now: datetime,
) -> list[Message]:
    """Messages of which none becomes a memory: what is told by its key is written once."""
    revision = namespaces.lock(session, namespace.id)
    if idempotency is not None:
        if kept_answers.answer(session, namespace.id, idempotency) is not None:
            return sessions.of_request(session, namespace.id, session_id, idempotency.key)
        answer = remembered_to_json(Remembered((), revision))
        kept_answers.keep(session, namespace.id, idempotency, 201, answer, now)
    _write(session, namespace, session_id, messages, now)
    return messages


def _draft(session_id: str, message: NewMessage) -> Draft:
    return Draft(
        kind=Kind.MEMORY,
        text=message.text,
        speaker=message.speaker or message.role.value,
        session_id=session_id,
        occurred_at=message.occurred_at,
        metadata=message.metadata or {},
    )


def _compact(parts: Parts, namespace: Namespace, session_id: str) -> None:
    """Puts what has left the window into the gist, if it is enough to bother. Nothing is deleted."""

    def read(session: Session) -> tuple[sessions.Conversation, list[Message]]:
        known = sessions.conversation(session, namespace.id, session_id)
        left = sessions.left_window(session, namespace.id, session_id, known.through, WINDOW, MOST_TO_COMPACT)
        return known, left

    known, left = parts.database.read(read)
    compaction = compact(known.gist, left)
    if compaction is not None:
        parts.database.write(
            lambda session: sessions.set_gist(session, namespace.id, session_id, known.through, compaction)
        )
