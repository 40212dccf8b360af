"""Keeps statements in step with the memories that make them: in each write transaction, what is said decides what held.

Runs inside the transaction of the write, under the lock of the namespace; only memories that state something cost
anything here.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from memory.content import holds_from
from memory.ids import new_id
from memory.layers.semantic import Ending, Key, Statement, changed, endings, settle
from memory.layers.statements import Reading
from memory.layers.transitions import Happening, Transition
from memory.store import changes, documents, namespaces, statements, transitions
from memory.types import Change, ChangeKind, Draft, NamespaceId, StoredDocument
from retrieval.types import DocumentId


@dataclass(frozen=True, slots=True)
class Stated:
    """What a memory states, and from when on."""

    document_id: str
    reading: Reading
    valid_from: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Log:
    """Who changes something, and when."""

    actor: str
    now: datetime


def stated_by(document_id: str, draft: Draft, reading: Reading, recorded_at: datetime) -> list[Stated]:
    """Empty if it states nothing, or only for a time: what expires ends nothing that lasts."""
    valid_from = holds_from(draft, recorded_at)
    if not reading.said or valid_from is None or draft.expires_at is not None:
        return []
    return [Stated(document_id, reading, valid_from, recorded_at)]


def restate(
    session: Session, namespace: NamespaceId, gone: Sequence[str], stated: Sequence[Stated], log: Log
) -> int | None:
    """Takes away what the documents `gone` state, adds what is `stated`, and settles what held when.

    Documents whose validity changes by that get a change of their own, so that indexes follow. The answer is the
    revision after them; None if there are none.
    """
    old = statements.of_documents(session, namespace, gone) if gone else []
    new = [one for each in stated for one in _statements(each, log.now)]
    if not old and not new:
        return None
    if old:
        statements.remove(session, namespace, gone)
    return _settle(session, namespace, [*old, *new], new, set(gone), log)


def recount(session: Session, namespace: NamespaceId, ids: Sequence[str], counts: bool, log: Log) -> int | None:
    """What these documents state ends others from now on, or does not any more: they came into recall, or left it.

    The answer is the revision after that; None if it changes nothing.
    """
    mine = [one for one in statements.of_documents(session, namespace, ids) if one.counts is not counts]
    if not mine:
        return None
    statements.count(session, namespace, ids, counts)
    return _settle(session, namespace, mine, [], set(), log)


def _settle(
    session: Session,
    namespace: NamespaceId,
    differing: Sequence[Statement],
    new: Sequence[Statement],
    touched: set[str],
    log: Log,
) -> int | None:
    """Settles what is said of the keys of what is `differing` (it came, went, or counts otherwise), with what is new,
    and ends or reinstates documents by that.
    """
    keys = {one.key for one in differing}
    since = min(one.valid_from for one in differing)
    before = statements.of_keys(session, namespace, sorted_keys(keys), since)
    after = _settled([*before, *new], log.now)
    known = {one.id for one in before}
    fresh = [one for one in after if one.id not in known]
    statements.add(session, namespace, fresh)
    ended = changed(before, [one for one in after if one.id in known])
    statements.end(session, namespace, ended)
    _log_outdated(session, namespace, ended, after, log)
    touched = touched | {one.document_id for one in [*ended, *fresh]}
    return _end_documents(session, namespace, sorted(touched), log)


def sorted_keys(keys: set[Key]) -> list[Key]:
    return sorted(keys, key=lambda key: (key.subject, key.attribute))


def _statements(stated: Stated, now: datetime) -> list[Statement]:
    return [
        Statement(
            id=new_id(now),
            document_id=stated.document_id,
            subject=one.subject,
            attribute=one.attribute,
            value=one.value,
            negated=one.negated,
            text=one.text,
            is_whole=stated.reading.is_whole,
            valid_from=stated.valid_from,
            recorded_at=stated.recorded_at,
        )
        for one in stated.reading.said
    ]


def _settled(known: Sequence[Statement], now: datetime) -> list[Statement]:
    grouped: dict[Key, list[Statement]] = defaultdict(list)
    for one in known:
        grouped[one.key].append(one)
    return [one for some in grouped.values() for one in settle(some, now)]


def _log_outdated(
    session: Session, namespace: NamespaceId, ended: Sequence[Statement], after: Sequence[Statement], log: Log
) -> None:
    """A memory that says more than statements stays in recall; its history tells which part does not hold any more."""
    by_id = {one.id: one for one in after}
    transitions.add(
        session,
        namespace,
        [
            Transition(
                one.document_id,
                Happening.OUTDATED,
                log.now,
                log.actor,
                f"“{by_id[one.superseded_by].text}”",
                {one.attribute: one.value},
                {one.attribute: by_id[one.superseded_by].value, "statement_of": by_id[one.superseded_by].document_id},
            )
            for one in ended
            if one.superseded_by in by_id and not one.is_whole
        ],
    )


def _end_documents(session: Session, namespace: NamespaceId, ids: Sequence[str], log: Log) -> int | None:
    """Writes the ends of documents where they differ, each with a change and a line in its history."""
    mine = statements.of_documents(session, namespace, ids)
    successors = [one.superseded_by for one in mine if one.superseded_by is not None]
    owners = {one.id: one for one in [*mine, *statements.find_many(session, namespace, successors)]}
    ends = endings(mine, {id_: one.document_id for id_, one in owners.items()})
    differing: list[tuple[StoredDocument, Ending | None]] = []
    for placed in documents.find_many(session, namespace, ids):
        end = ends.get(placed.document.id)
        was = placed.document
        if (was.valid_to, was.superseded_by) != ((end.valid_to, end.superseded_by) if end else (None, None)):
            differing.append((was, end))
    if not differing:
        return None
    differing.sort(key=lambda one: one[0].id)
    last = namespaces.advance(session, namespace, len(differing))
    texts = {one.document_id: one.text for one in owners.values()}
    for revision, (was, end) in enumerate(differing, last - len(differing) + 1):
        documents.end(session, namespace, was.id, end, revision, log.now)
    log_of_changes = [
        Change(revision, ChangeKind.PATCHED, DocumentId(was.id))
        for revision, (was, _) in enumerate(differing, last - len(differing) + 1)
    ]
    changes.append(session, namespace, log_of_changes, log.actor, log.now)
    transitions.add(session, namespace, [_transition(was, end, texts, log) for was, end in differing])
    return last


def _transition(was: StoredDocument, end: Ending | None, texts: dict[str, str], log: Log) -> Transition:
    after = replace(
        was,
        valid_to=end.valid_to if end else None,
        superseded_by=end.superseded_by if end else None,
    )
    kind = Happening.SUPERSEDED if end else Happening.REINSTATED
    why = f"“{texts.get(end.superseded_by, '')}”" if end else "what superseded it is gone"
    return Transition(was.id, kind, log.now, log.actor, why, _shown(was), _shown(after))


def _shown(document: StoredDocument) -> dict[str, str | None]:
    return {
        "valid_to": document.valid_to.isoformat() if document.valid_to else None,
        "superseded_by": document.superseded_by,
    }
