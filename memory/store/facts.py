"""Queries about facts: each is one row, and goes with the last passage that states it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from sqlalchemy import delete, exists, func, insert, or_, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from memory.facts import Fact, FactDraft, FactSource
from memory.ids import new_id
from memory.store.batches import MOST_PARAMETERS, batched
from memory.store.tables import FactPassageRow, FactRow, PassageRow
from memory.types import NamespaceId
from retrieval.types import FactId, IndexedFact, PassageId

AT_ONCE = 500  # rows of one INSERT


def add(
    session: Session,
    namespace: NamespaceId,
    stated: Mapping[PassageId, Sequence[FactDraft]],
    model: str,
    now: datetime,
) -> None:
    """The facts that these passages state. What is known already gains a passage; its first vector of `model` stays."""
    drafts = {draft.key: draft for facts in stated.values() for draft in facts}
    ids = _known(session, namespace, drafts)
    new = [draft for key, draft in drafts.items() if key not in ids]
    ids |= {draft.key: FactId(new_id(now)) for draft in new}
    rows = [_values(namespace, ids[draft.key], draft, model, now) for draft in new]
    for some in batched(rows, AT_ONCE):
        session.execute(insert(FactRow), some)
    said = {
        (passage, ids[draft.key]): ordinal for passage, facts in stated.items() for ordinal, draft in enumerate(facts)
    }
    upsert = postgres_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    joined = [
        {"passage_id": passage, "fact_id": fact, "namespace_id": namespace, "ordinal": ordinal}
        for (passage, fact), ordinal in said.items()
    ]
    for few in batched(joined, AT_ONCE):
        session.execute(upsert(FactPassageRow).on_conflict_do_nothing(), few)


def withdraw(session: Session, namespace: NamespaceId, passages: Iterable[str]) -> None:
    """These passages state nothing any more; facts of an LLM or a rule that nobody else states are dropped."""
    withdrawn: set[str] = set()
    for some in batched(passages, MOST_PARAMETERS):
        withdrawn.update(
            session.execute(
                delete(FactPassageRow)
                .where(FactPassageRow.namespace_id == namespace, FactPassageRow.passage_id.in_(some))
                .returning(FactPassageRow.fact_id)
            ).scalars()
        )
    for some in batched(sorted(withdrawn), MOST_PARAMETERS):
        session.execute(
            delete(FactRow).where(
                FactRow.namespace_id == namespace,
                FactRow.id.in_(some),
                FactRow.source != FactSource.USER.value,
                ~exists().where(FactPassageRow.fact_id == FactRow.id),
            )
        )


def withdraw_document(session: Session, namespace: NamespaceId, document_id: str) -> None:
    """The passages of this document state nothing any more."""
    states = select(FactPassageRow.passage_id).join(PassageRow, PassageRow.id == FactPassageRow.passage_id).distinct()
    passages = session.execute(
        states.where(PassageRow.namespace_id == namespace, PassageRow.document_id == document_id)
    ).scalars()
    withdraw(session, namespace, passages.all())


def for_index(
    session: Session, namespace: NamespaceId, model: str, passages: Iterable[str]
) -> dict[PassageId, list[IndexedFact]]:
    """The facts that these passages state and that are still believed, in the order in which they state them."""
    found: dict[PassageId, list[IndexedFact]] = {}
    for some in batched(passages, MOST_PARAMETERS):
        rows = session.execute(
            select(FactPassageRow.passage_id, FactRow.id, FactRow.subject_name, FactRow.object_name, FactRow.vector)
            .join(FactRow, FactRow.id == FactPassageRow.fact_id)
            .where(
                FactPassageRow.namespace_id == namespace,
                FactPassageRow.passage_id.in_(some),
                FactRow.model == model,
                FactRow.vector.is_not(None),
                FactRow.retired_at.is_(None),
            )
            .order_by(FactPassageRow.passage_id, FactPassageRow.ordinal)
        )
        for passage, id_, subject, object_, vector in rows:
            fact = IndexedFact(FactId(id_), subject, object_, np.frombuffer(vector or b"", np.int8))
            found.setdefault(PassageId(passage), []).append(fact)
    return found


def find_many(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> dict[FactId, Fact]:
    """Those that are there."""
    found: dict[FactId, Fact] = {}
    for some in batched(ids, MOST_PARAMETERS):
        rows = session.execute(select(FactRow).where(FactRow.namespace_id == namespace, FactRow.id.in_(some)))
        found |= {FactId(row.id): _fact(row) for row in rows.scalars()}
    return found


def about(
    session: Session, namespace: NamespaceId, names: Collection[str], limit: int, after: str | None
) -> list[Fact]:
    """Facts with one of these (normal names) as subject or object, oldest first, with the passages that state them."""
    query = select(FactRow).where(
        FactRow.namespace_id == namespace, or_(FactRow.subject_name.in_(names), FactRow.object_name.in_(names))
    )
    if after is not None:
        query = query.where(FactRow.id > after)
    facts = [_fact(row) for row in session.execute(query.order_by(FactRow.id).limit(limit)).scalars()]
    stated: dict[str, list[PassageId]] = {}
    rows = session.execute(
        select(FactPassageRow.fact_id, FactPassageRow.passage_id)
        .where(FactPassageRow.namespace_id == namespace, FactPassageRow.fact_id.in_([fact.id for fact in facts]))
        .order_by(FactPassageRow.passage_id)
    )
    for fact_id, passage in rows:
        stated.setdefault(fact_id, []).append(PassageId(passage))
    return [_with_passages(fact, stated.get(fact.id, ())) for fact in facts]


def count(session: Session, namespace: NamespaceId) -> int:
    return session.execute(select(func.count()).where(FactRow.namespace_id == namespace)).scalar_one()


def _known(session: Session, namespace: NamespaceId, keys: Iterable[str]) -> dict[str, FactId]:
    found: dict[str, FactId] = {}
    for some in batched(keys, MOST_PARAMETERS):
        rows = session.execute(
            select(FactRow.key, FactRow.id).where(FactRow.namespace_id == namespace, FactRow.key.in_(some))
        )
        found |= {key: FactId(id_) for key, id_ in rows}
    return found


def _values(
    namespace: NamespaceId, id_: FactId, draft: FactDraft, model: str, now: datetime
) -> dict[str, str | float | bytes | datetime | None]:
    return {
        "id": id_,
        "namespace_id": namespace,
        "key": draft.key,
        "subject": draft.subject,
        "predicate": draft.predicate,
        "object": draft.object,
        "subject_name": draft.subject_name,
        "object_name": draft.object_name,
        "text": draft.text,
        "confidence": draft.confidence,
        "valid_from": draft.valid_from,
        "valid_to": draft.valid_to,
        "recorded_at": now,
        "retired_at": None,
        "source": draft.source.value,
        "vector": draft.vector.tobytes(),
        "model": model,
    }


def _fact(row: FactRow) -> Fact:
    return Fact(
        id=FactId(row.id),
        subject=row.subject,
        predicate=row.predicate,
        object=row.object,
        subject_name=row.subject_name,
        object_name=row.object_name,
        text=row.text,
        confidence=row.confidence,
        source=FactSource(row.source),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        recorded_at=row.recorded_at,
        retired_at=row.retired_at,
    )


def _with_passages(fact: Fact, passages: Sequence[PassageId]) -> Fact:
    return replace(fact, passages=tuple(passages))
