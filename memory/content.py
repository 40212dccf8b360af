"""What makes two contents the same, and what a stored document was sent as. Pure."""

import hashlib
import json
from datetime import UTC, datetime

from memory.layers.routing import ASKED_FOR, Route
from memory.types import Draft, JsonValue, Kind, StoredDocument


def content_hash(draft: Draft) -> str:
    """SHA-256 (hex) of all that was sent: what differs in anything is no duplicate, so nothing is silently dropped."""
    content: list[JsonValue] = [
        draft.kind.value,
        draft.text,
        draft.format,
        draft.title,
        draft.source,
        draft.external_id,
        draft.metadata,
        draft.occurred_at.astimezone(UTC).isoformat() if draft.occurred_at else None,
        draft.speaker,
        draft.session_id,
    ]
    if draft.layer is not None or draft.expires_at is not None:
        content += [draft.layer, draft.expires_at.astimezone(UTC).isoformat() if draft.expires_at else None]
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def may_repeat(draft: Draft) -> bool:
    """People say "ok" twice: a chat message that nothing else tells apart is new each time."""
    return (
        draft.kind is Kind.MEMORY
        and draft.session_id is not None
        and draft.occurred_at is None
        and draft.external_id is None
    )


def new_document(draft: Draft, id_: str, passages: int, status: str, route: Route, now: datetime) -> StoredDocument:
    return StoredDocument(
        id=id_,
        kind=draft.kind,
        text=draft.text,
        format=draft.format,
        title=draft.title,
        source=draft.source,
        external_id=draft.external_id,
        metadata=draft.metadata,
        occurred_at=draft.occurred_at,
        recorded_at=now,
        updated_at=now,
        speaker=draft.speaker,
        session_id=draft.session_id,
        content_hash=content_hash(draft),
        status=status,
        error=None,
        passages=passages,
        layer=route.layer,
        version=1,
        reason=route.reason,
        valid_from=holds_from(draft, now),
        expires_at=draft.expires_at,
    )


def holds_from(draft: Draft, now: datetime) -> datetime | None:
    """A memory speaks of the time at which it was made; a document, unless it is dated, of any time."""
    return draft.occurred_at or (now if draft.kind is Kind.MEMORY else None)


def draft_of(document: StoredDocument) -> Draft:
    """What would have to be sent to get this document."""
    return Draft(
        kind=document.kind,
        text=document.text,
        format=document.format,
        title=document.title,
        source=document.source,
        external_id=document.external_id,
        metadata=document.metadata,
        occurred_at=document.occurred_at,
        speaker=document.speaker,
        session_id=document.session_id,
        layer=document.layer if document.reason == ASKED_FOR else None,
        expires_at=document.expires_at,
    )
