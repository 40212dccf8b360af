"""What happened to an item, oldest first, and the transitions that the layers decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from memory.errors import NotFound
from memory.ids import known_form
from memory.layers.learning import Reconsolidation, Review
from memory.layers.semantic import Statement
from memory.layers.transitions import Happening, Move, Transition, change_of
from memory.parts import Parts
from memory.settling import Log, recount
from memory.store import changes, derivations, documents, namespaces, passages, reviews, statements, transitions
from memory.store.derivations import Derivation
from memory.store.documents import Placed
from memory.types import Change, ChangeKind, ItemState, Kind, Namespace, NamespaceId, StoredDocument
from retrieval.types import DocumentId

MOST = 1_000  # entries of each kind


@dataclass(frozen=True, slots=True)
class History:
    """An item, what happened to it, what it states with when that held, and what it stands for if sleep made it."""

    document: StoredDocument
    entries: tuple[Transition, ...]
    statements: tuple[Statement, ...]
    sources: tuple[Derivation, ...] = ()


def of(parts: Parts, namespace: Namespace, kind: Kind, id_: str) -> History:
    """Raises NotFound."""

    def read(session: Session) -> History:
        found = documents.find(session, namespace.id, known_form(id_))
        if found is None or found.document.kind is not kind:
            raise NotFound
        entries = [
            _remembered(found.document),
            *transitions.of_document(session, namespace.id, id_, MOST),
            *(_of_review(one) for one in reviews.of_document(session, namespace.id, id_, MOST)),
            *(_of_change(one) for one in reviews.reconsolidations(session, namespace.id, id_, MOST)),
        ]
        entries.sort(key=lambda one: one.at)
        said = statements.of_documents(session, namespace.id, [id_])
        made = derivations.find(session, namespace.id, [id_])
        return History(found.document, tuple(entries), tuple(said), tuple(made))

    return parts.database.read(read)


@dataclass(frozen=True, slots=True)
class Moved:
    """The items that did move, as they are now, and the revision after that."""

    items: tuple[StoredDocument, ...]
    revision: int


def apply(
    parts: Parts, namespace: Namespace, moves: Sequence[tuple[str, Move]], *, now: datetime, actor: str
) -> list[str]:
    """Moves items (id, move) to other layers or states, in one transaction; the ids of those that did move.

    What is gone meanwhile, or is there already, is passed over.
    """
    moved = parts.database.write(lambda session: move(session, namespace.id, dict(moves), now, actor))
    parts.indexes.follow(namespace.id, moved.revision)
    return [one.id for one in moved.items]


def move(session: Session, namespace: NamespaceId, moves: Mapping[str, Move], now: datetime, actor: str) -> Moved:
    """The same inside a transaction of the caller."""
    revision = namespaces.lock(session, namespace)
    moved = [
        (one, after)
        for one in documents.find_many(session, namespace, sorted(moves))
        if (after := _moved(one.document, moves[one.document.id], now)) is not None
    ]
    moved.sort(key=lambda one: one[1].id)
    if not moved:
        return Moved((), revision)
    last = namespaces.advance(session, namespace, len(moved))
    log = []
    for sequence, (one, after) in enumerate(moved, last - len(moved) + 1):
        documents.replace(session, namespace, Placed(after, one.position, one.places, sequence))
        kind = change_of(one.document.state, after.state)
        if kind is ChangeKind.SHOWN:
            passages.renew(session, namespace, after.id, sequence)
        log.append(Change(sequence, kind, DocumentId(after.id)))
    changes.append(session, namespace, log, actor, now)
    happened = [_transition(one.document, after, moves[after.id], actor, now) for one, after in moved]
    transitions.add(session, namespace, happened)
    counting = [one for one in moved if not moves[one[1].id].still_counts]
    return _recounted(session, namespace, moved, counting, last, Log(actor, now))


def _recounted(
    session: Session,
    namespace: NamespaceId,
    moved: Sequence[tuple[Placed, StoredDocument]],
    counting: Sequence[tuple[Placed, StoredDocument]],
    last: int,
    log: Log,
) -> Moved:
    """What is not in recall supersedes nothing: that may end, or reinstate, other items and these themselves."""
    settled = None
    for counts in (True, False):
        ids = [after.id for before, after in counting if _counts(after) is counts is not _counts(before.document)]
        settled = recount(session, namespace, ids, counts, log) or settled
    if settled is None:
        return Moved(tuple(after for _, after in moved), last)
    now_there = documents.find_many(session, namespace, [after.id for _, after in moved])
    return Moved(tuple(sorted((one.document for one in now_there), key=lambda one: one.id)), settled)


def _moved(document: StoredDocument, move: Move, now: datetime) -> StoredDocument | None:
    """None if it is there already, or has no passages yet."""
    if document.status != "ready":
        return None
    reason = move.why if move.reason is None and move.layer else move.reason
    after = replace(
        document,
        layer=move.layer or document.layer,
        reason=document.reason if reason is None else reason,
        state=move.state or document.state,
    )
    return None if after == document else replace(after, version=document.version + 1, updated_at=now)


def _counts(document: StoredDocument) -> bool:
    return document.state is ItemState.ACTIVE


def _transition(before: StoredDocument, after: StoredDocument, move: Move, actor: str, now: datetime) -> Transition:
    was, is_ = ({"layer": one.layer, "state": one.state.value} for one in (before, after))
    return Transition(after.id, move.kind, now, actor, move.why, was, is_)


def _remembered(document: StoredDocument) -> Transition:
    return Transition(document.id, Happening.REMEMBERED, document.recorded_at, "", document.reason)


def _of_review(one: Review) -> Transition:
    return Transition(one.document_id, Happening.REVIEWED, one.at, one.actor, one.outcome, one.before, one.after)


def _of_change(one: Reconsolidation) -> Transition:
    undone = "" if one.undone_at is None else f", undone at {one.undone_at.isoformat()}"
    why = f"{one.mode}: prediction error {one.effective_error:.2f}{undone}"
    return Transition(one.document_id, Happening.RECONSOLIDATED, one.at, one.actor, why, one.before, one.after)
