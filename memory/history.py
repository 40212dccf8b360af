"""What happened to an item, oldest first, and the transitions that the layers decide."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from memory.errors import NotFound
from memory.ids import known_form
from memory.layers.learning import Reconsolidation, Review
from memory.layers.semantic import Statement
from memory.layers.transitions import Happening, Move, Transition
from memory.parts import Parts
from memory.settling import Log, recount
from memory.store import changes, documents, namespaces, reviews, statements, transitions
from memory.store.documents import Placed
from memory.types import Change, ChangeKind, ItemState, Kind, Namespace, StoredDocument
from retrieval.types import DocumentId

MOST = 1_000  # entries of each kind


@dataclass(frozen=True, slots=True)
class History:
    """An item, what happened to it, and what it states with when that held."""

    document: StoredDocument
    entries: tuple[Transition, ...]
    statements: tuple[Statement, ...]


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
        return History(found.document, tuple(entries), tuple(said))

    return parts.database.read(read)


def apply(
    parts: Parts, namespace: Namespace, moves: Sequence[tuple[str, Move]], *, now: datetime, actor: str
) -> list[str]:
    """Moves items (id, move) to other layers or states, in one transaction; the ids of those that did move.

    What is gone meanwhile, or is there already, is passed over.
    """

    def write(session: Session) -> tuple[list[str], int]:
        revision = namespaces.lock(session, namespace.id)
        wanted = dict(moves)
        moved = [
            (one, after)
            for one in documents.find_many(session, namespace.id, sorted(wanted))
            if (after := _moved(one.document, wanted[one.document.id], now)) is not None
        ]
        moved.sort(key=lambda one: one[1].id)
        if not moved:
            return [], revision
        last = namespaces.advance(session, namespace.id, len(moved))
        log = []
        for sequence, (one, after) in enumerate(moved, last - len(moved) + 1):
            documents.replace(session, namespace.id, Placed(after, one.position, one.places, sequence))
            log.append(Change(sequence, ChangeKind.PATCHED, DocumentId(after.id)))
        changes.append(session, namespace.id, log, actor, now)
        happened = [_transition(one.document, after, wanted[after.id], actor, now) for one, after in moved]
        transitions.add(session, namespace.id, happened)
        for counts in (True, False):
            ids = [after.id for before, after in moved if _counts(after) is counts is not _counts(before.document)]
            last = recount(session, namespace.id, ids, counts, Log(actor, now)) or last
        return [after.id for _, after in moved], last

    ids, revision = parts.database.write(write)
    parts.indexes.follow(namespace.id, revision)
    return ids


def _moved(document: StoredDocument, move: Move, now: datetime) -> StoredDocument | None:
    """None if it is there already, or has no passages yet."""
    if document.status != "ready":
        return None
    after = replace(
        document,
        layer=move.layer or document.layer,
        reason=move.why if move.layer else document.reason,
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
