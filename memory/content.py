"""What makes two contents the same, and what a stored document was sent as. Pure."""

import hashlib
import json
from datetime import UTC, datetime

from memory.types import Draft, Kind, StoredDocument

FIRST_LAYER = {Kind.MEMORY: "episodic", Kind.DOCUMENT: "base"}


def content_hash(draft: Draft) -> str:
    """SHA-256 (hex) of all that was sent: what differs in anything is no duplicate, so nothing is silently dropped."""
    content = [
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
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def may_repeat(draft: Draft) -> bool:
    """People say "ok" twice: a chat message that nothing else tells apart is new each time."""
    return (
        draft.kind is Kind.MEMORY
        and draft.session_id is not None
        and draft.occurred_at is None
        and draft.external_id is None
    )


def new_document(draft: Draft, id_: str, passages: int, status: str, now: datetime) -> StoredDocument:
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
        layer=FIRST_LAYER[draft.kind],
        version=1,
    )


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
    )
