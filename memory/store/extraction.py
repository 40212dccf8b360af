"""Queries about how far the extraction from passages is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

import numpy as np
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from memory.facts import Enriched, ExtractionStatus
from memory.store.batches import MOST_PARAMETERS, batched
from memory.store.documents import without_text
from memory.store.passages import packed, unpacked
from memory.store.tables import DocumentRow, PassageRow
from memory.types import JsonValue, NamespaceId
from retrieval.types import Mention, PassageId

PARTS_OF_A_DOCUMENT = 8  # a long document is put into the index anew at most so many times


@dataclass(frozen=True, slots=True)
class PassageToRead:
    """A passage as an LLM sees it, and what the rules have found in it."""

    id: PassageId
    document_id: str
    title: str
    speaker: str | None
    occurred_at: datetime | None
    text: str
    sentences: tuple[str, ...]
    mentions: tuple[Mention, ...]


def ask_for(session: Session, namespace: NamespaceId) -> int:
    """An LLM will be asked about every passage that it was not asked about, or in vain; how many now wait."""
    wanted = [kind.value for kind in (ExtractionStatus.NONE, ExtractionStatus.RULES, ExtractionStatus.FAILED)]
    _change(session, namespace, wanted, ExtractionStatus.PENDING)
    return counts(session, namespace)[ExtractionStatus.PENDING]


def give_up(session: Session, namespace: NamespaceId) -> None:
    """An LLM will not be asked about what waits."""
    _change(session, namespace, [ExtractionStatus.PENDING.value], ExtractionStatus.RULES)


def counts(session: Session, namespace: NamespaceId) -> dict[ExtractionStatus, int]:
    rows = session.execute(
        select(PassageRow.extraction, func.count())
        .where(PassageRow.namespace_id == namespace)
        .group_by(PassageRow.extraction)
    )
    found = {kind: count for kind, count in rows}
    return {kind: found.get(kind.value, 0) for kind in ExtractionStatus}


def next_pending(session: Session, namespace: NamespaceId, most: int) -> list[PassageToRead]:
    """About `most` passages that wait: whole documents, and of a long one a considerable part."""
    waiting = select(PassageRow.document_id, func.count()).where(*_waits(namespace)).group_by(PassageRow.document_id)
    found: list[PassageToRead] = []
    for document, count in session.execute(waiting.order_by(PassageRow.document_id).limit(most)).all():
        if found and len(found) + count > most:
            break
        found += _of_document(session, namespace, document, max(most, ceil(count / PARTS_OF_A_DOCUMENT)))
    return found


def still_pending(session: Session, namespace: NamespaceId, passages: Iterable[PassageId]) -> dict[PassageId, str]:
    """Those of these passages that are there and wait, each with its document."""
    found: dict[PassageId, str] = {}
    for some in batched(passages, MOST_PARAMETERS):
        rows = session.execute(
            select(PassageRow.id, PassageRow.document_id).where(*_waits(namespace), PassageRow.id.in_(some))
        )
        found |= {PassageId(id_): document for id_, document in rows}
    return found


def finish(session: Session, enriched: Sequence[Enriched]) -> None:
    """Passages that an LLM has been asked about, found before with `still_pending`."""
    if enriched:
        session.execute(update(PassageRow), [_finished(one) for one in enriched])


def fail(session: Session, errors: Mapping[PassageId, str]) -> None:
    """Passages that an LLM was asked about in vain, found before with `still_pending`."""
    for passage, error in errors.items():
        session.execute(
            update(PassageRow)
            .where(PassageRow.id == passage)
            .values(
                extraction=ExtractionStatus.FAILED.value,
                extraction_failures=func.coalesce(PassageRow.extraction_failures, 0) + 1,
                extraction_error=error,
            )
        )


def errors(session: Session, namespace: NamespaceId, most: int) -> dict[PassageId, str]:
    """Why the extraction from some passages failed."""
    rows = session.execute(
        select(PassageRow.id, PassageRow.extraction_error)
        .where(PassageRow.namespace_id == namespace, PassageRow.extraction == ExtractionStatus.FAILED.value)
        .order_by(PassageRow.document_id, PassageRow.ordinal)
        .limit(most)
    )
    return {PassageId(id_): error or "" for id_, error in rows}


def _waits(namespace: NamespaceId) -> tuple[ColumnElement[bool], ...]:
    return (PassageRow.namespace_id == namespace, PassageRow.extraction == ExtractionStatus.PENDING.value)


def _of_document(session: Session, namespace: NamespaceId, document: str, most: int) -> list[PassageToRead]:
    rows = session.execute(
        select(PassageRow, DocumentRow)
        .join(DocumentRow, DocumentRow.id == PassageRow.document_id)
        .where(*_waits(namespace), PassageRow.document_id == document)
        .order_by(PassageRow.ordinal)
        .limit(most)
        .options(without_text())
    )
    return [_to_read(passage, owner) for passage, owner in rows]


def _to_read(row: PassageRow, owner: DocumentRow) -> PassageToRead:
    spans = np.frombuffer(row.sentences, "<i4").reshape(-1, 2)
    return PassageToRead(
        id=PassageId(row.id),
        document_id=row.document_id,
        title=owner.title,
        speaker=owner.speaker,
        occurred_at=owner.occurred_at,
        text=row.text,
        sentences=tuple(row.text[start:end] for start, end in spans),
        mentions=unpacked(row.mentions),
    )


def _finished(one: Enriched) -> dict[str, str | int | list[JsonValue] | None]:
    return {
        "id": one.passage,
        "extraction": ExtractionStatus.DONE.value,
        "extracted": len(one.facts),
        "extraction_error": None,
        "llm_mentions": packed(one.mentions),
    }


def _change(session: Session, namespace: NamespaceId, before: Sequence[str], after: ExtractionStatus) -> None:
    session.execute(
        update(PassageRow)
        .where(PassageRow.namespace_id == namespace, PassageRow.extraction.in_(before))
        .values(extraction=after.value)
    )
