"""Queries about statements: all that was said of one attribute of one subject."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, or_, select, tuple_, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from memory.layers.semantic import Key, Statement, Step
from memory.store.batches import MOST_PARAMETERS, batched
from memory.store.layer_tables import StatementRow
from memory.types import NamespaceId


def add(session: Session, namespace: NamespaceId, statements: Sequence[Statement]) -> None:
    if statements:
        session.execute(insert(StatementRow), [_values(namespace, one) for one in statements])


def of_keys(session: Session, namespace: NamespaceId, keys: Iterable[Key], since: datetime) -> list[Statement]:
    """Those that may matter for what began at `since` or later (`semantic.may_matter`)."""
    matters = or_(StatementRow.valid_to.is_(None), StatementRow.valid_to >= since, StatementRow.valid_from >= since)
    found: list[Statement] = []
    for some in batched(keys, MOST_PARAMETERS):
        pairs = [(key.subject, key.attribute) for key in some]
        where = tuple_(StatementRow.subject, StatementRow.attribute).in_(pairs)
        rows = session.execute(
            select(StatementRow).where(StatementRow.namespace_id == namespace, where, matters)
        ).scalars()
        found += [_statement(row) for row in rows]
    return found


def find_many(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> list[Statement]:
    """Those that are there, in no order."""
    found: list[Statement] = []
    for some in batched(ids, MOST_PARAMETERS):
        where = (StatementRow.namespace_id == namespace) & StatementRow.id.in_(some)
        found += [_statement(row) for row in session.execute(select(StatementRow).where(where)).scalars()]
    return found


def of_documents(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> list[Statement]:
    """In the order in which they were recorded."""
    found: list[Statement] = []
    for some in batched(ids, MOST_PARAMETERS):
        where = (StatementRow.namespace_id == namespace) & StatementRow.document_id.in_(some)
        rows = session.execute(select(StatementRow).where(where).order_by(StatementRow.id)).scalars()
        found += [_statement(row) for row in rows]
    return found


def steps_of(session: Session, namespace: NamespaceId, documents: Iterable[str]) -> list[Step]:
    """Those of these documents, in no order."""
    return _steps(session, namespace, StatementRow.document_id, documents)


def followers(session: Session, namespace: NamespaceId, steps: Iterable[Step]) -> dict[str, Step]:
    """Those that ended these, those that ended them, and so on, by id."""
    found: dict[str, Step] = {}
    latest = list(steps)
    while wanted := {one.superseded_by for one in latest if one.superseded_by is not None} - found.keys():
        latest = _steps(session, namespace, StatementRow.id, wanted)
        if not latest:
            break
        found |= {one.id: one for one in latest}
    return found


def _steps(
    session: Session, namespace: NamespaceId, column: InstrumentedAttribute[str], values: Iterable[str]
) -> list[Step]:
    found: list[Step] = []
    for some in batched(values, MOST_PARAMETERS):
        where = (StatementRow.namespace_id == namespace) & column.in_(some)
        rows = session.execute(
            select(StatementRow.id, StatementRow.document_id, StatementRow.superseded_by).where(where)
        )
        found += [Step(*row) for row in rows]
    return found


def end(session: Session, namespace: NamespaceId, statements: Iterable[Statement]) -> None:
    """Writes when they ended, since when that is known, and by what; or that they have not ended."""
    for one in statements:
        session.execute(
            update(StatementRow)
            .where(StatementRow.namespace_id == namespace, StatementRow.id == one.id)
            .values(valid_to=one.valid_to, retired_at=one.retired_at, superseded_by=one.superseded_by)
        )


def count(session: Session, namespace: NamespaceId, ids: Iterable[str], counts: bool) -> None:
    """Whether those of these documents may end others."""
    for some in batched(ids, MOST_PARAMETERS):
        session.execute(
            update(StatementRow)
            .where(StatementRow.namespace_id == namespace, StatementRow.document_id.in_(some))
            .values(counts=counts)
        )


def remove(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> None:
    """Those of these documents."""
    for some in batched(ids, MOST_PARAMETERS):
        session.execute(
            delete(StatementRow).where(StatementRow.namespace_id == namespace, StatementRow.document_id.in_(some))
        )


def _values(namespace: NamespaceId, one: Statement) -> dict[str, object]:
    return {
        "id": one.id,
        "namespace_id": namespace,
        "document_id": one.document_id,
        "subject": one.subject,
        "attribute": one.attribute,
        "value": one.value,
        "negated": one.negated,
        "text": one.text,
        "is_whole": one.is_whole,
        "counts": one.counts,
        "valid_from": one.valid_from,
        "recorded_at": one.recorded_at,
        "valid_to": one.valid_to,
        "retired_at": one.retired_at,
        "superseded_by": one.superseded_by,
    }


def _statement(row: StatementRow) -> Statement:
    return Statement(
        id=row.id,
        document_id=row.document_id,
        subject=row.subject,
        attribute=row.attribute,
        value=row.value,
        negated=row.negated,
        text=row.text,
        is_whole=row.is_whole,
        counts=row.counts,
        valid_from=row.valid_from,
        recorded_at=row.recorded_at,
        valid_to=row.valid_to,
        retired_at=row.retired_at,
        superseded_by=row.superseded_by,
    )
