"""Queries about traces: written in bulk with their items, changed by reviews, read for ranking."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from memory.layers.traces import Copies, Trace, Window
from memory.store.batches import MOST_PARAMETERS, batched
from memory.store.layer_tables import TraceRow
from memory.types import Metadata, NamespaceId

Value = str | int | float | bool | Metadata | datetime | None


def add(session: Session, namespace: NamespaceId, traces: Sequence[Trace]) -> None:
    if traces:
        session.execute(insert(TraceRow), [{"namespace_id": namespace, **_values(one)} for one in traces])


def find_many(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> dict[str, Trace]:
    """Those that are there, by the id of their item."""
    found: dict[str, Trace] = {}
    for some in batched(ids, MOST_PARAMETERS):
        where = (TraceRow.namespace_id == namespace) & TraceRow.document_id.in_(some)
        for row in session.execute(select(TraceRow).where(where)).scalars():
            found[row.document_id] = _trace(row)
    return found


def replace(session: Session, namespace: NamespaceId, traces: Sequence[Trace]) -> None:
    """Writes all fields of traces that are there."""
    for one in traces:
        where = (TraceRow.namespace_id == namespace) & (TraceRow.document_id == one.document_id)
        session.execute(update(TraceRow).where(where).values(**_values(one)))


def _values(trace: Trace) -> dict[str, Value]:
    return {
        "document_id": trace.document_id,
        "stability": trace.stability,
        "difficulty": trace.difficulty,
        "last_recalled": trace.last_recalled,
        "recalls": trace.recalls,
        "salience": trace.salience,
        "valence": trace.valence,
        "arousal": trace.arousal,
        "context": None if trace.context is None else dict(trace.context),
        "confidence": trace.confidence,
        "verbatim": trace.copies.verbatim,
        "episodic": trace.copies.episodic,
        "gist": trace.copies.gist,
        "copied_at": trace.copies.made_at,
        "gist_at": trace.copies.gist_at,
        "surprise": trace.surprise,
        "trust": trace.trust,
        "pinned": trace.pinned,
        "labile_until": trace.labile.until if trace.labile else None,
        "labile_snapshot": dict(trace.labile.snapshot) if trace.labile else None,
    }


def _trace(row: TraceRow) -> Trace:
    return Trace(
        document_id=row.document_id,
        stability=row.stability,
        difficulty=row.difficulty,
        last_recalled=row.last_recalled,
        copies=Copies(row.copied_at, row.verbatim, row.episodic, row.gist, row.gist_at),
        recalls=row.recalls,
        salience=row.salience,
        valence=row.valence,
        arousal=row.arousal,
        context=row.context,
        confidence=row.confidence,
        surprise=row.surprise,
        trust=row.trust,
        pinned=row.pinned,
        labile=None if row.labile_until is None else Window(row.labile_until, row.labile_snapshot or {}),
    )
