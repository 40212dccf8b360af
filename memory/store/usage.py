"""Queries about what an LLM was asked and what it cost, and its replies that are kept."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from memory.ids import new_id
from memory.llm.chat import Attempt
from memory.store.batches import MOST_PARAMETERS, batched
from memory.store.tables import DocumentRow, LlmCacheRow, UsageRow
from memory.types import JsonValue, NamespaceId


def add(session: Session, namespace: NamespaceId, purpose: str, attempts: Sequence[Attempt], now: datetime) -> None:
    if attempts:
        session.execute(
            insert(UsageRow),
            [
                {
                    "id": new_id(now),
                    "namespace_id": namespace,
                    "day": _day(now),
                    "at": now,
                    "purpose": purpose,
                    "model": attempt.model,
                    "input_tokens": attempt.input_tokens,
                    "output_tokens": attempt.output_tokens,
                    "milliseconds": attempt.ms,
                    "error": attempt.error,
                }
                for attempt in attempts
            ],
        )


def tokens_of_day(session: Session, namespace: NamespaceId, now: datetime) -> int:
    """Input and output, of all requests of the day (UTC) so far."""
    spent = func.sum(UsageRow.input_tokens + UsageRow.output_tokens)
    query = select(spent).where(UsageRow.namespace_id == namespace, UsageRow.day == _day(now))
    return int(session.execute(query).scalar_one() or 0)


def keep_replies(
    session: Session,
    namespace: NamespaceId,
    replies: Mapping[str, tuple[str, Mapping[str, JsonValue]]],
    now: datetime,
) -> None:
    """Replies by key, each with its document; those of documents that are gone are not kept."""
    documents = {document for document, _ in replies.values()}
    there: set[str] = set()
    for some in batched(documents, MOST_PARAMETERS):
        rows = select(DocumentRow.id).where(DocumentRow.namespace_id == namespace, DocumentRow.id.in_(some))
        there.update(session.execute(rows).scalars())
    values = [
        {"namespace_id": namespace, "key": key, "document_id": document, "reply": reply, "created_at": now}
        for key, (document, reply) in replies.items()
        if document in there
    ]
    upsert = postgres_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    if values:
        session.execute(upsert(LlmCacheRow).on_conflict_do_nothing(), values)


def replies(session: Session, namespace: NamespaceId, keys: Iterable[str]) -> dict[str, Mapping[str, JsonValue]]:
    """Those that are kept."""
    found: dict[str, Mapping[str, JsonValue]] = {}
    for some in batched(keys, MOST_PARAMETERS):
        rows = session.execute(
            select(LlmCacheRow.key, LlmCacheRow.reply).where(
                LlmCacheRow.namespace_id == namespace, LlmCacheRow.key.in_(some)
            )
        )
        found |= {key: reply for key, reply in rows}
    return found


def _day(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()
