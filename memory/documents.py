"""Documents and memories as they are kept: read, listed, changed and deleted."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from memory import holds, removing
from memory.content import content_hash, draft_of, holds_from
from memory.encoding import encode, estimated_passages, split_draft
from memory.errors import Conflict, InvalidInput, NotFound, Problem, VersionMismatch
from memory.ids import cursor_id, known_form
from memory.layers.routing import ASKED_FOR
from memory.parts import Parts
from memory.replacing import Replacement, write
from memory.settling import Log
from memory.store import documents, namespaces
from memory.store import passages as stored_passages
from memory.store.documents import Placed, Wanted
from memory.types import (
    UNSET,
    DocumentPatch,
    Draft,
    EncodedPassage,
    Kind,
    Namespace,
    Page,
    StoredDocument,
    StoredPassage,
)
from memory.validation import accept, check_expiry
from retrieval.errors import EmbedderUnavailable

__all__ = ["DocumentPatch", "Wanted", "delete", "get", "list_page", "passages", "patch"]

EVERYTHING = Wanted()
MOST_TRIES = 4  # of a change, if others keep changing the same document


def get(parts: Parts, namespace: Namespace, kind: Kind, id_: str) -> StoredDocument:
    """Raises NotFound."""
    return parts.database.read(lambda session: _find(session, namespace, kind, id_)).document


def list_page(
    parts: Parts, namespace: Namespace, kind: Kind, limit: int, cursor: str | None, wanted: Wanted = EVERYTHING
) -> Page[StoredDocument]:
    """Newest first. Raises InvalidInput for a cursor that is none."""
    before = cursor_id(cursor)
    if wanted.session_id is not None and "\x00" in wanted.session_id:
        return Page((), None)
    return parts.database.read(lambda session: documents.page(session, namespace.id, kind, limit, before, wanted))


def passages(parts: Parts, namespace: Namespace, id_: str) -> list[StoredPassage]:
    """The passages of a document or memory, in order. Raises NotFound."""

    def find(session: Session) -> list[StoredPassage]:
        if documents.find(session, namespace.id, known_form(id_)) is None:
            raise NotFound
        return stored_passages.of_document(session, namespace.id, id_)

    return parts.database.read(find)


def patch(
    parts: Parts,
    namespace: Namespace,
    kind: Kind,
    id_: str,
    change: DocumentPatch,
    if_match: int | None,
    now: datetime,
    actor: str,
) -> StoredDocument:
    """Changes the fields that are set. A text that is long is encoded later; until then the old one is found.

    Raises NotFound, VersionMismatch, InvalidInput, ExternalIdTaken.
    """
    for _try in range(MOST_TRIES):
        before = parts.database.read(lambda session: _find(session, namespace, kind, id_))
        _check_version(before.document, if_match)
        draft = accept([_patched(draft_of(before.document), change)], parts.limits)[0]
        check_expiry([None if change.expires_at is UNSET else change.expires_at], now)
        after = _after(before.document, draft, change, now)
        if replace(after, updated_at=before.document.updated_at, version=before.document.version) == before.document:
            return before.document
        needs_encoding = before.document.status != "ready" or _seen(draft) != _seen(draft_of(before.document))
        encoded = _encoded(parts, draft, now) if needs_encoding else None
        model, has_llm = parts.embedder.fingerprint, parts.llm is not None
        replacement = Replacement(before, after, needs_encoding, encoded, model, now, actor, has_llm)
        done = parts.database.write(partial(write, namespace=namespace.id, replacement=replacement))
        if done is not None:
            parts.indexes.follow(namespace.id, done.revision)
            return done.document
        if if_match is not None:
            raise VersionMismatch
    raise Conflict("Others keep changing this document; try again.")


def delete(
    parts: Parts, namespace: Namespace, kind: Kind, id_: str, if_match: int | None, now: datetime, actor: str
) -> None:
    """With its passages; it is gone from the next recall. Raises NotFound, VersionMismatch, OnHold."""

    def gone(session: Session) -> int:
        namespaces.lock(session, namespace.id)
        found = _find(session, namespace, kind, id_).document
        _check_version(found, if_match)
        holds.check(session, namespace.id, [found])
        return removing.remove(session, namespace.id, [found], Log(actor, now))

    parts.indexes.follow(namespace.id, parts.database.write(gone))


def _find(session: Session, namespace: Namespace, kind: Kind, id_: str) -> Placed:
    found = documents.find(session, namespace.id, known_form(id_))
    if found is None or found.document.kind is not kind:
        raise NotFound
    return found


def _check_version(document: StoredDocument, if_match: int | None) -> None:
    if if_match is not None and if_match != document.version:
        raise VersionMismatch


def _patched(draft: Draft, change: DocumentPatch) -> Draft:
    given = {field.name: getattr(change, field.name) for field in fields(change) if field.name != "state"}
    return replace(draft, **{name: value for name, value in given.items() if value is not UNSET})


def _seen(draft: Draft) -> Sequence[object]:
    """What the encoder and the rules see of a document."""
    return (draft.text, draft.format, draft.title, draft.speaker, draft.occurred_at)


def _encoded(parts: Parts, draft: Draft, now: datetime) -> list[EncodedPassage] | None:
    """None if it takes too long now."""
    if estimated_passages([draft]) > parts.limits.passages_at_once:
        return None
    split = split_draft(parts.embedder, draft)
    if not split.pieces:
        raise InvalidInput([Problem("text", "has no visible character", "send text")])
    if len(split.pieces) > parts.limits.passages_at_once:
        return None
    try:
        return encode(parts.embedder, [split], now)[0]
    except EmbedderUnavailable:
        return None


def _after(document: StoredDocument, draft: Draft, change: DocumentPatch, now: datetime) -> StoredDocument:
    return replace(
        document,
        text=draft.text,
        title=draft.title,
        source=draft.source,
        external_id=draft.external_id,
        metadata=draft.metadata,
        occurred_at=draft.occurred_at,
        speaker=draft.speaker,
        content_hash=content_hash(draft),
        updated_at=now,
        version=document.version + 1,
        valid_from=holds_from(draft, document.recorded_at),
        expires_at=draft.expires_at,
        state=document.state if change.state is UNSET else change.state,
        layer=draft.layer or document.layer,
        reason=ASKED_FOR if draft.layer else document.reason,
    )
