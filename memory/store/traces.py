"""Queries about traces: written in bulk with their items, changed by reviews, read for ranking."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, bindparam, insert, inspect, select, update
from sqlalchemy.orm import Session

from memory.layers.traces import Copies, Trace, Window
from memory.store.batches import MOST_PARAMETERS, batched
from memory.store.layer_tables import TraceRow
from memory.store.tables import DocumentRow, PassageRow
from memory.types import ItemState, Kind, Metadata, NamespaceId

_COLUMNS = tuple(getattr(TraceRow, one.key).label(one.key) for one in inspect(TraceRow).column_attrs)
IN_RECALL = (DocumentRow.state == ItemState.ACTIVE.value) & (DocumentRow.status == "ready")

Value = str | int | float | bool | Metadata | datetime | None


def add(session: Session, namespace: NamespaceId, traces: Sequence[Trace]) -> None:
    if traces:
        session.execute(insert(TraceRow), [{"namespace_id": namespace, **_values(one)} for one in traces])


def find_many(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> dict[str, Trace]:
    """Those that are there, by the id of their item."""
    found: dict[str, Trace] = {}
    for some in batched(ids, MOST_PARAMETERS):
        where = (TraceRow.namespace_id == namespace) & TraceRow.document_id.in_(some)
        for row in session.execute(select(*_COLUMNS).where(where)):
            found[row.document_id] = _trace(row)
    return found


def judged(session: Session, namespace: NamespaceId) -> list[Trace]:
    """Of items in recall that went otherwise than expected, by id."""
    query = select(*_COLUMNS).join(DocumentRow, DocumentRow.id == TraceRow.document_id)
    where = (TraceRow.namespace_id == namespace) & (TraceRow.surprise != 0) & IN_RECALL
    return [_trace(row) for row in session.execute(query.where(where).order_by(TraceRow.document_id))]


def pinned(session: Session, namespace: NamespaceId) -> frozenset[str]:
    """Items that are exempt from fading."""
    where = (TraceRow.namespace_id == namespace) & TraceRow.pinned.is_(True)
    return frozenset(session.execute(select(TraceRow.document_id).where(where)).scalars())


@dataclass(frozen=True, slots=True)
class Standing:
    """What recall wants to know of the item of a passage."""

    document: str
    is_memory: bool
    session_id: str | None
    speaker: str | None
    essence: str
    substance: float
    said_at: datetime
    surprise: float
    stability: float = 1.0  # this and the next ones only if they are asked for
    difficulty: float = 5.0
    last_recalled: datetime | None = None
    salience: float = 0.5
    trust: float = 1.0


# Every recall asks this: it is put together once. By whether the whole standing is wanted.
_STANDINGS = {
    is_whole: select(
        PassageRow.id,
        PassageRow.document_id,
        DocumentRow.kind,
        DocumentRow.session_id,
        DocumentRow.speaker,
        TraceRow.essence,
        TraceRow.substance,
        TraceRow.said_at,
        TraceRow.surprise,
        *more,
    )
    .join(DocumentRow, DocumentRow.id == PassageRow.document_id)
    .join(TraceRow, TraceRow.document_id == PassageRow.document_id)
    .where(PassageRow.namespace_id == bindparam("namespace"), PassageRow.id.in_(bindparam("ids", expanding=True)))
    for is_whole, more in {
        False: (),
        True: (TraceRow.stability, TraceRow.difficulty, TraceRow.last_recalled, TraceRow.salience, TraceRow.trust),
    }.items()
}


def standings(session: Session, namespace: NamespaceId, passages: Iterable[str], is_whole: bool) -> dict[str, Standing]:
    """By the id of the passage: one indexed read, the longer if the `is_whole` standing is wanted."""
    found: dict[str, Standing] = {}
    for some in batched(passages, MOST_PARAMETERS):
        rows = session.execute(_STANDINGS[is_whole], {"namespace": namespace, "ids": list(some)})
        for row in rows:
            passage, document, kind, *rest = row
            found[passage] = Standing(document, kind == Kind.MEMORY.value, *rest)
    return found


def with_essences(session: Session, namespace: NamespaceId, essences: Iterable[str]) -> dict[str, str]:
    """The id of the oldest memory in recall that says this and still holds, by essence."""
    found: dict[str, str] = {}
    for some in batched(essences, MOST_PARAMETERS):
        rows = session.execute(
            select(TraceRow.essence, TraceRow.document_id)
            .join(DocumentRow, DocumentRow.id == TraceRow.document_id)
            .where(
                TraceRow.namespace_id == namespace,
                TraceRow.essence.in_(some),
                DocumentRow.kind == Kind.MEMORY.value,
                DocumentRow.state == ItemState.ACTIVE.value,
                DocumentRow.status != "failed",
                DocumentRow.valid_to.is_(None),
                DocumentRow.expires_at.is_(None),
            )
            .order_by(TraceRow.document_id)
        )
        for essence, id_ in rows:
            found.setdefault(essence, id_)
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
        "substance": trace.substance,
        "essence": trace.essence,
        "said_at": trace.said_at,
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
        "replayed_at": trace.replayed_at,
        "replays": trace.replays,
    }


def _trace(row: Row[*tuple[object, ...]]) -> Trace:
    return Trace(
        document_id=row.document_id,
        stability=row.stability,
        difficulty=row.difficulty,
        last_recalled=row.last_recalled,
        copies=Copies(row.copied_at, row.verbatim, row.episodic, row.gist, row.gist_at),
        said_at=row.said_at,
        recalls=row.recalls,
        salience=row.salience,
        substance=row.substance,
        essence=row.essence,
        valence=row.valence,
        arousal=row.arousal,
        context=row.context,
        confidence=row.confidence,
        surprise=row.surprise,
        trust=row.trust,
        pinned=row.pinned,
        labile=None if row.labile_until is None else Window(row.labile_until, row.labile_snapshot or {}),
        replayed_at=row.replayed_at,
        replays=row.replays,
    )
