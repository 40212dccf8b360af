"""What decides whether items are kept, measured from rows: retrievability, value, size, pins and holds."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import pairwise
from sys import intern
from typing import Protocol, TypeVar

import numpy as np
from sqlalchemy.orm import Session

from memory.attributes import attributes_of
from memory.dynamics import fsrs
from memory.dynamics.checks import days_between
from memory.forgetting.plan import Candidate, value_of
from memory.holds import held
from memory.layers.traces import Trace, strength_of
from memory.parts import Parts
from memory.store import forgetting, traces
from memory.types import ItemState, Namespace, NamespaceId, StoredDocument
from retrieval.columns import Columns
from retrieval.filters import parse
from retrieval.predicates import Filter
from retrieval.quantize import to_floats
from retrieval.types import FloatVector, PassageId

BATCH = 500  # items read in one transaction

__all__ = ["IN_FULL", "Depth", "Known", "Wish", "batches", "candidates", "measured", "parse", "portions"]


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


class _Ordered(Protocol):
    """Items by id, with whatever is told of them."""

    @property
    def items(self) -> Sequence[_Identified]: ...


Portion = TypeVar("Portion", bound=_Ordered)


@dataclass(frozen=True, slots=True)
class Wish:
    """Which items are measured, and whether their tokens must be counted, which takes longest."""

    filter: Filter | None = None
    counts_tokens: bool = False


@dataclass(frozen=True, slots=True)
class Depth:
    """What is read of items besides themselves and their traces."""

    names: bool = False
    texts: bool = False  # and vectors, holds, and when what is archived came there


IN_FULL = Depth(names=True, texts=True)


@dataclass(frozen=True, slots=True)
class Known:
    """A batch of items with what is kept of them."""

    items: Sequence[StoredDocument]
    traces: dict[str, Trace]
    names: dict[str, set[str]]
    archived_at: dict[str, datetime] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    vectors: dict[str, list[bytes]] = field(default_factory=dict)


def candidates(parts: Parts, namespace: Namespace, wish: Wish, now: datetime) -> Iterator[Candidate]:
    """All items that have been read, by id. No transaction is open while they are measured."""
    for known in batches(parts, namespace, IN_FULL):
        wanted = _matching(known.items, wish.filter)
        for one, candidate in measured(parts, known, now, wish.counts_tokens):
            if one.id in wanted:
                yield candidate


def batches(parts: Parts, namespace: Namespace, depth: Depth) -> Iterator[Known]:
    """All items that have been read, by id, some at a time."""
    model = parts.embedder.fingerprint
    return portions(parts, partial(_read, namespace=namespace.id, model=model, depth=depth))


def portions(parts: Parts, read: Callable[..., Portion]) -> Iterator[Portion]:
    """What `read` finds in a session `after` an id, from the first on until there are no more; each a transaction."""
    after = ""
    while (known := parts.database.read(partial(read, after=after))).items:
        after = known.items[-1].id
        yield known


def measured(
    parts: Parts, known: Known, now: datetime, counts_tokens: bool
) -> Iterator[tuple[StoredDocument, Candidate]]:
    """The items of a batch with what decides whether they are kept. Tokens are 0 unless they are to be counted."""
    spread = _variances(known)
    for one in known.items:
        tokens = parts.tokens.of(one) if counts_tokens else 0
        yield one, _candidate(one, known, spread[one.id], tokens, now)


def _read(session: Session, namespace: NamespaceId, model: str, depth: Depth, after: str) -> Known:
    items = forgetting.items(session, namespace, after, BATCH, depth.texts)
    ids = [one.id for one in items]
    archived = [one.id for one in items if one.state is ItemState.ARCHIVED]
    return Known(
        items,
        traces.find_many(session, namespace, ids),
        names=forgetting.names_of(session, namespace, ids) if depth.names else {},
        archived_at=forgetting.archived_at(session, namespace, archived) if depth.texts else {},
        held=frozenset(held(session, namespace, items)) if depth.texts else frozenset(),
        vectors=forgetting.vectors_of(session, namespace, model, ids) if depth.texts else {},
    )


def _candidate(item: StoredDocument, known: Known, variance: float, tokens: int, now: datetime) -> Candidate:
    trace = known.traces.get(item.id)
    recalled = trace.last_recalled if trace else item.recorded_at
    value = value_of(
        chars=len(item.text),
        entities=len(known.names.get(item.id, ())),
        variance=variance,
        recalls=trace.recalls if trace else 0,
        confidence=trace.confidence if trace else 0.0,
        days=days_between(recalled, now),
    )
    is_archived = item.state is ItemState.ARCHIVED
    return Candidate(
        id=item.id,
        kind=item.kind,
        layer=intern(item.layer),
        state=item.state,
        version=item.version,
        expires_at=item.expires_at,
        archived_at=known.archived_at.get(item.id, item.updated_at) if is_archived else None,
        is_pinned=trace.pinned if trace else False,
        is_held=item.id in known.held,
        retrievability=fsrs.retrievability(strength_of(trace), now) if trace else 1.0,
        value=value,
        tokens=tokens,
        bytes=len(item.text.encode("utf-8", "surrogatepass")),
    )


def _matching(items: Sequence[StoredDocument], wanted: Filter | None) -> set[str]:
    if wanted is None:
        return {one.id for one in items}
    columns = Columns()
    for one in items:
        columns.append(attributes_of(one, PassageId(one.id)))
    return {one.id for one, fits in zip(items, wanted.mask(columns), strict=True) if fits}


def _variances(known: Known) -> dict[str, float]:
    """How much each item differs from its neighbours: one passage from the next, within it and in its session."""
    last: dict[str, FloatVector] = {}
    found: dict[str, float] = {}
    floats = _floats([vector for one in known.items for vector in known.vectors.get(one.id, ())])
    for one in known.items:
        own = [next(floats) for _ in known.vectors.get(one.id, ())]
        row = [last[one.session_id], *own] if one.session_id in last else own
        steps = [float(left @ right) for left, right in pairwise(row)]
        found[one.id] = max(0.0, 1 - sum(steps) / len(steps)) if steps else 0.0
        if one.session_id is not None and own:
            last[one.session_id] = own[-1]
    return found


def _floats(vectors: Sequence[bytes]) -> Iterator[FloatVector]:
    """Each of them by itself, worked out together."""
    return iter(to_floats(np.frombuffer(b"".join(vectors), np.int8).reshape(len(vectors), -1))) if vectors else iter(())
