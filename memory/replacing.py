"""The write transaction that changes a document: its fields, and its passages if they are new."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from memory import enrichment, gists, removing
from memory.content import draft_of
from memory.deferring import start_operation
from memory.erased import refuse
from memory.errors import ExternalIdTaken
from memory.layers.procedural import Procedure, trigger_of
from memory.layers.routing import procedure_in, route
from memory.layers.transitions import between, change_of
from memory.settling import Log, recount, restate, stated_by
from memory.store import changes, distillations, documents, hints, namespaces, passages, procedures, transitions
from memory.store.documents import Placed
from memory.storing import passages_of
from memory.types import Change, ChangeKind, EncodedPassage, ItemState, Kind, LayerName, NamespaceId, StoredDocument
from retrieval.types import DocumentId


@dataclass(frozen=True, slots=True)
class Replacement:
    """A document before and after. If it needs encoding and is not `encoded`, the worker encodes it."""

    before: Placed
    after: StoredDocument
    needs_encoding: bool
    encoded: Sequence[EncodedPassage] | None
    model: str
    now: datetime
    actor: str
    has_llm: bool = False


@dataclass(frozen=True, slots=True)
class Replaced:
    document: StoredDocument
    revision: int


def write(session: Session, namespace: NamespaceId, replacement: Replacement) -> Replaced | None:
    """None if the document was changed or deleted meanwhile. Raises ExternalIdTaken, NotFound."""
    namespaces.lock(session, namespace)
    before, after = replacement.before, replacement.after
    found = documents.find(session, namespace, after.id)
    if found is None or found.document.version != before.document.version:
        return None
    _check_external_id(session, namespace, after)
    refuse(session, namespace, [draft_of(after)], draft_of(before.document))
    log = Log(replacement.actor, replacement.now)
    if replacement.needs_encoding:
        after = _without_gists(session, namespace, before.document, after, log)
    if replacement.needs_encoding and replacement.encoded is None:
        return _write_raw(session, namespace, replace(replacement, after=after), found)
    revision = namespaces.advance(session, namespace, 1)
    kind = change_of(before.document.state, after.state)
    places = found.places
    if replacement.encoded is not None:
        kind = ChangeKind.ADDED if found.revision == 0 else ChangeKind.REPLACED
        passages.remove(session, namespace, after.id)
        rows = passages_of(found, replacement.encoded, revision)
        extraction = enrichment.expected(session, namespace, replacement.has_llm, replacement.now)
        passages.add(session, namespace, replacement.model, rows, extraction)
        places = len(rows)
        after = replace(after, status="ready", error=None)
    elif kind is ChangeKind.SHOWN:
        passages.renew(session, namespace, after.id, revision)
    after = replace(after, passages=places)
    documents.replace(session, namespace, Placed(after, found.position, places, revision))
    changes.append(session, namespace, [Change(revision, kind, DocumentId(after.id))], log.actor, log.now)
    _keep_history(session, namespace, replacement, after)
    settled = _restate(session, namespace, replacement, after)
    if settled is None:
        return Replaced(after, revision)
    found = documents.find(session, namespace, after.id)
    return Replaced(found.document if found else after, settled)


def _without_gists(
    session: Session, namespace: NamespaceId, before: StoredDocument, after: StoredDocument, log: Log
) -> StoredDocument:
    """Gists quote what it said, and hints its names: they go. What gists stood for comes back, this document too."""
    hints.forget_items(session, namespace, [after.id])
    distillations.forget_items(session, namespace, [after.id])
    made = gists.of_sources(session, namespace, [after.id], log)
    if not made:
        return after
    removing.remove(session, namespace, made, log)
    was_replaced = before.state is after.state is ItemState.ARCHIVED
    return replace(after, state=ItemState.ACTIVE) if was_replaced else after


def _restate(session: Session, namespace: NamespaceId, replacement: Replacement, after: StoredDocument) -> int | None:
    """The revision after what it says now was set against what else is said; None if that changes nothing."""
    before, log = replacement.before.document, Log(replacement.actor, replacement.now)
    counts = after.state is ItemState.ACTIVE
    if after.kind is not Kind.MEMORY:
        return None
    if _says(before) == _says(after) and replacement.before.revision > 0:
        return None if before.state is after.state else recount(session, namespace, [after.id], counts, log)
    draft = draft_of(after)
    stated = stated_by(after.id, draft, route(draft).reading, after.recorded_at)
    settled = restate(session, namespace, [after.id], stated, log)
    return settled if counts else recount(session, namespace, [after.id], counts, log) or settled


def _says(document: StoredDocument) -> Sequence[object]:
    return (document.text, document.speaker, document.occurred_at, document.expires_at)


def _keep_history(session: Session, namespace: NamespaceId, replacement: Replacement, after: StoredDocument) -> None:
    before = replacement.before.document
    transitions.add(session, namespace, between(before, after, replacement.now, replacement.actor))
    if after.layer == LayerName.PROCEDURAL and (after.text, after.layer) != (before.text, before.layer):
        _keep_procedure(session, namespace, after)


def _keep_procedure(session: Session, namespace: NamespaceId, after: StoredDocument) -> None:
    """Its steps follow its text; how its runs went stays."""
    known = procedures.find(session, namespace, after.id)
    told = Procedure(after.id, trigger_of(after.text), procedure_in(after.text))
    if known is None:
        procedures.add(session, namespace, [told])
    else:
        procedures.replace(session, namespace, replace(known, trigger=told.trigger, steps=told.steps))


def _write_raw(session: Session, namespace: NamespaceId, replacement: Replacement, found: Placed) -> Replaced:
    """The new text is durable; the passages of the old one, if there are any, serve until the worker has read it."""
    after = replace(replacement.after, status="pending", error=None)
    documents.replace(session, namespace, Placed(after, found.position, found.places, found.revision))
    _keep_history(session, namespace, replacement, after)
    start_operation(session, namespace, [after.id], replacement.actor, replacement.now)
    return Replaced(after, namespaces.revision(session, namespace))


def _check_external_id(session: Session, namespace: NamespaceId, document: StoredDocument) -> None:
    if document.external_id is not None:
        key = (document.kind, document.external_id)
        holder = documents.with_external_ids(session, namespace, [key]).get(key)
        if holder is not None and holder.id != document.id:
            raise ExternalIdTaken
