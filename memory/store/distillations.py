"""Queries about what an LLM distilled for a night: kept until it is a gist, and no longer than its sources."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from memory.sleeping.distilled import Cost, Distillation, Outcome, Statement
from memory.store.batches import MOST_PARAMETERS, batched
from memory.store.sleeping_tables import DistillationRow
from memory.types import JsonValue, NamespaceId


def add(session: Session, namespace: NamespaceId, night: str, made: Sequence[Distillation]) -> None:
    rows = [
        {
            "id": one.id,
            "namespace_id": namespace,
            "night_id": night,
            "sources": list(one.sources),
            "outcome": one.outcome.value,
            "statements": [_statement_json(each) for each in one.statements],
            "supported": one.supported,
            "dropped": one.dropped,
            "requests": one.cost.requests,
            "tokens": one.cost.tokens,
            "milliseconds": one.cost.milliseconds,
        }
        for one in made
    ]
    if rows:
        session.execute(insert(DistillationRow), rows)


def of_night(session: Session, namespace: NamespaceId, night: str) -> dict[tuple[str, ...], Distillation]:
    """By the items of which they were made."""
    query = select(DistillationRow).where(DistillationRow.namespace_id == namespace, DistillationRow.night_id == night)
    found = (_distillation(row) for row in session.execute(query.order_by(DistillationRow.id)).scalars())
    return {one.sources: one for one in found}


def find(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> dict[str, Distillation]:
    """Those of these gists that are still to be written."""
    found: dict[str, Distillation] = {}
    for some in batched(ids, MOST_PARAMETERS):
        query = select(DistillationRow).where(DistillationRow.namespace_id == namespace, DistillationRow.id.in_(some))
        found |= {row.id: _distillation(row) for row in session.execute(query).scalars()}
    return found


def take(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> frozenset[str]:
    """Removes these; the ids of those that were there."""
    found: set[str] = set()
    for some in batched(ids, MOST_PARAMETERS):
        where = (DistillationRow.namespace_id == namespace) & DistillationRow.id.in_(some)
        found.update(session.execute(delete(DistillationRow).where(where).returning(DistillationRow.id)).scalars())
    return frozenset(found)


def keep_only(session: Session, namespace: NamespaceId, night: str, ids: Collection[str]) -> None:
    """Of a night, what is planned to become a gist."""
    mine = select(DistillationRow.id).where(
        DistillationRow.namespace_id == namespace, DistillationRow.night_id == night
    )
    take(session, namespace, [id_ for id_ in session.execute(mine).scalars() if id_ not in ids])


def forget_items(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> None:
    """What was made of any of these goes: it tells of them in words of its own."""
    take(session, namespace, [one.id for one in of_items(session, namespace, ids)])


def of_items(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> list[Distillation]:
    """Those that were made of any of these."""
    wanted = frozenset(ids)
    rows = session.execute(select(DistillationRow).where(DistillationRow.namespace_id == namespace)).scalars()
    return [_distillation(row) for row in rows if not wanted.isdisjoint(map(str, row.sources))]


def _statement_json(one: Statement) -> dict[str, JsonValue]:
    return {"text": one.text, "sources": list(one.sources)}


def _distillation(row: DistillationRow) -> Distillation:
    return Distillation(
        id=row.id,
        sources=tuple(map(str, row.sources)),
        outcome=Outcome(row.outcome),
        statements=tuple(_statement(one) for one in row.statements if isinstance(one, Mapping)),
        supported=row.supported,
        dropped=row.dropped,
        cost=Cost(row.requests, row.tokens, row.milliseconds),
    )


def _statement(kept: Mapping[str, JsonValue]) -> Statement:
    sources = kept["sources"]
    assert isinstance(sources, list)
    return Statement(str(kept["text"]), tuple(map(str, sources)))
