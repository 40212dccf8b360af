"""Queries about learned edges, judgements of answers, and the levels of neuromodulators."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import Session

from memory.ids import new_id
from memory.layers.learning import Burst, Edge, Judgement, Levels
from memory.store.batches import MOST_PARAMETERS, batched
from memory.store.layer_tables import EdgeRow, JudgementRow, LevelsRow
from memory.types import JsonValue, NamespaceId


def edges(session: Session, namespace: NamespaceId, kind: str, ids: Iterable[str]) -> list[Edge]:
    """Those that touch any of these items, in either direction."""
    found: dict[tuple[str, str], Edge] = {}
    for some in batched(ids, MOST_PARAMETERS // 2):
        where = or_(EdgeRow.source.in_(some), EdgeRow.target.in_(some))
        query = select(EdgeRow).where(EdgeRow.namespace_id == namespace, EdgeRow.kind == kind, where)
        for row in session.execute(query).scalars():
            found[row.source, row.target] = _edge(row)
    return [found[pair] for pair in sorted(found)]


def put_edges(session: Session, namespace: NamespaceId, edges: Sequence[Edge]) -> None:
    """Writes edges whether they are there or not. The namespace is locked."""
    drop_edges(session, namespace, [(one.kind, one.source, one.target) for one in edges])
    if edges:
        session.execute(
            insert(EdgeRow),
            [
                {
                    "namespace_id": namespace,
                    "kind": one.kind,
                    "source": one.source,
                    "target": one.target,
                    "weight": one.weight,
                    "variance": one.variance,
                    "count": one.count,
                    "last_activated": one.last_activated,
                }
                for one in edges
            ],
        )


def drop_edges(session: Session, namespace: NamespaceId, edges: Sequence[tuple[str, str, str]]) -> None:
    """By kind, source and target; what is not there is passed over."""
    for kind, source, target in edges:
        same = (EdgeRow.kind == kind) & (EdgeRow.source == source) & (EdgeRow.target == target)
        session.execute(delete(EdgeRow).where(EdgeRow.namespace_id == namespace, same))


def all_edges(session: Session, namespace: NamespaceId) -> list[Edge]:
    rows = session.execute(
        select(EdgeRow).where(EdgeRow.namespace_id == namespace).order_by(EdgeRow.kind, EdgeRow.source, EdgeRow.target)
    ).scalars()
    return [_edge(row) for row in rows]


def add_judgements(session: Session, namespace: NamespaceId, judgements: Sequence[Judgement]) -> None:
    if judgements:
        session.execute(
            insert(JudgementRow),
            [
                {
                    "id": new_id(one.at),
                    "namespace_id": namespace,
                    "person": one.person,
                    "kind": one.kind,
                    "accepted": one.accepted,
                    "confidence": one.confidence,
                    "at": one.at,
                }
                for one in judgements
            ],
        )


def judgements_since(session: Session, namespace: NamespaceId, person: str, start: datetime) -> list[Judgement]:
    """Oldest first."""
    rows = session.execute(
        select(JudgementRow)
        .where(JudgementRow.namespace_id == namespace, JudgementRow.person == person, JudgementRow.at >= start)
        .order_by(JudgementRow.at, JudgementRow.id)
    ).scalars()
    return [Judgement(row.person, row.kind, row.accepted, row.at, row.confidence) for row in rows]


def levels(session: Session, namespace: NamespaceId, person: str) -> Levels | None:
    """None for a person of whom nothing is known yet."""
    row = session.execute(
        select(LevelsRow).where(LevelsRow.namespace_id == namespace, LevelsRow.person == person)
    ).scalar_one_or_none()
    if row is None:
        return None
    return Levels(
        person=row.person,
        dopamine=row.dopamine,
        noradrenaline=row.noradrenaline,
        serotonin=row.serotonin,
        acetylcholine=row.acetylcholine,
        updated_at=row.updated_at,
        bursts=tuple(_burst(one) for one in row.bursts),
    )


def put_levels(session: Session, namespace: NamespaceId, levels: Levels) -> None:
    """Writes them whether they are there or not. The namespace is locked."""
    session.execute(delete(LevelsRow).where(LevelsRow.namespace_id == namespace, LevelsRow.person == levels.person))
    session.execute(
        insert(LevelsRow).values(
            namespace_id=namespace,
            person=levels.person,
            dopamine=levels.dopamine,
            noradrenaline=levels.noradrenaline,
            serotonin=levels.serotonin,
            acetylcholine=levels.acetylcholine,
            bursts=[{"at": one.at.isoformat(), "deltas": dict(one.deltas)} for one in levels.bursts],
            updated_at=levels.updated_at,
        )
    )


def _edge(row: EdgeRow) -> Edge:
    return Edge(row.kind, row.source, row.target, row.weight, row.variance, row.count, row.last_activated)


def _burst(value: JsonValue) -> Burst:
    assert isinstance(value, dict)
    deltas = value["deltas"]
    assert isinstance(deltas, dict)
    return Burst(datetime.fromisoformat(str(value["at"])), {str(name): float(delta) for name, delta in deltas.items()})
