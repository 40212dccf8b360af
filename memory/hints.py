"""Hints: after a night, what the items of the day lead to, far away and long unused, without anybody having asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from memory.dynamics.checks import DAY, days_between
from memory.errors import NotFound
from memory.ids import cursor_id, id_from, known_form
from memory.layers.traces import Trace
from memory.leases import Write
from memory.parts import Parts
from memory.recall import FAST
from memory.sleeping.associations import RECOMMENDED, Association, why, worth_telling
from memory.sleeping.records import Night
from memory.store import documents, hints, namespaces, passages, traces
from memory.store.hints import Hint
from memory.store.passages import Recollected
from memory.types import ItemState, Namespace, Page, StoredDocument
from retrieval.index import Index
from retrieval.spreading import Reached, spread
from retrieval.types import DocumentId, PassageId

MOST_ITEMS = 200  # of the day, the latest, from which activation spreads
MOST_PASSAGES = 5  # of one item
MOST_REACHED = 10  # from one passage


@dataclass(frozen=True, slots=True)
class Told:
    """A hint with the two passages that it joins."""

    hint: Hint
    source: Recollected
    target: Recollected


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of items that activation begins at or comes to."""

    items: dict[str, StoredDocument]
    traces: dict[str, Trace]

    def association(self, source: str, target: str, reached: Reached, now: datetime) -> Association:
        here, there = self.items[source], self.items[target]
        return Association(
            source=source,
            target=target,
            activation=reached.activation,
            days_apart=abs(self._happened(source) - self._happened(target)) / DAY,
            days_unused=days_between(self._used(target), now),
            is_elsewhere=source != target and (here.session_id is None or here.session_id != there.session_id),
            path=reached.path,
        )

    def is_in_recall(self, id_: str, now: datetime) -> bool:
        item = self.items.get(id_)
        return (
            item is not None
            and item.state is ItemState.ACTIVE
            and item.valid_to is None
            and (item.expires_at is None or item.expires_at > now)
        )

    def _happened(self, id_: str) -> datetime:
        trace, item = self.traces.get(id_), self.items[id_]
        return trace.said_at if trace else item.occurred_at or item.recorded_at

    def _used(self, id_: str) -> datetime:
        trace, written = self.traces.get(id_), self.items[id_].recorded_at
        return max(trace.last_recalled, written) if trace else written


def find(parts: Parts, namespace: Namespace, night: Night, write: Write) -> None:
    """Gives the hints of a night that is over: once, and no more than a few. Raises NotFound."""
    if parts.database.read(lambda session: hints.are_told(session, namespace.id, night.at)):
        return
    chosen = associations(parts, namespace, night.at)
    told = [_hint(namespace, one, night.at) for one in chosen]

    def put_down(session: Session) -> int:
        namespaces.lock(session, namespace.id)
        if hints.are_told(session, namespace.id, night.at):  # by another process, meanwhile
            return 0
        there = {end for one in told for end in (one.source, one.target)}
        known = {one.document.id for one in documents.find_many(session, namespace.id, sorted(there))}
        hints.add(session, namespace.id, [one for one in told if {one.source, one.target} <= known])
        return len(told)

    if told:
        write(put_down)


def associations(parts: Parts, namespace: Namespace, now: datetime) -> Sequence[Association]:
    """What is worth telling of what was written or used on the day before `now`. Raises NotFound."""
    of_today = partial(hints.of_today, namespace=namespace.id, start=now - DAY, end=now, limit=MOST_ITEMS)
    begun = parts.database.read(of_today)
    revision = parts.database.read(lambda session: namespaces.revision(session, namespace.id))
    with parts.indexes.reading(namespace.id, revision) as index:
        reached = [(source, one) for source in begun for one in _reached(index, source)]
    owners = parts.database.read(lambda session: passages.owners(session, namespace.id, {one.id for _, one in reached}))
    ids = sorted({*begun, *owners.values()})
    known = parts.database.read(lambda session: _known(session, namespace, ids))
    pairs = parts.database.read(lambda session: hints.pairs(session, namespace.id, begun))
    found = [
        known.association(source, owners[one.id], one, now)
        for source, one in reached
        if one.id in owners and known.is_in_recall(source, now) and known.is_in_recall(owners[one.id], now)
    ]
    return worth_telling(found, pairs)


def list_page(parts: Parts, namespace: Namespace, limit: int, cursor: str | None, now: datetime) -> Page[Told]:
    """Newest first, without those that were dismissed. Raises InvalidInput for a cursor that is none."""
    before = cursor_id(cursor)

    def read(session: Session) -> Page[Told]:
        found = hints.page(session, namespace.id, now, limit, before)
        ends = [PassageId(step.id) for one in found.items for step in (one.path[0], one.path[-1])]
        quoted = passages.recollect(session, namespace.id, ends)
        return Page(tuple(_told(found.items, quoted)), found.next_cursor)

    return parts.database.read(read)


def dismiss(parts: Parts, namespace: Namespace, id_: str, now: datetime) -> None:
    """It does not come back. Raises NotFound."""
    hint = known_form(id_)
    if not parts.database.write(lambda session: hints.dismiss(session, namespace.id, hint, now)):
        raise NotFound


def _reached(index: Index, source: str) -> Iterator[Reached]:
    for row in index.living_rows(DocumentId(source))[:MOST_PASSAGES]:
        yield from spread(index, row, RECOMMENDED.least_activation, MOST_REACHED, FAST)


def _known(session: Session, namespace: Namespace, ids: Sequence[str]) -> _Known:
    items = {one.document.id: one.document for one in documents.find_many(session, namespace.id, ids)}
    return _Known(items, traces.find_many(session, namespace.id, ids))


def _hint(namespace: Namespace, one: Association, at: datetime) -> Hint:
    id_ = id_from(at, f"{namespace.id}\0{one.source}\0{one.target}")
    return Hint(id_, one.source, one.target, one.activation, one.path, why(one), at)


def _told(found: Sequence[Hint], quoted: dict[PassageId, Recollected]) -> Iterator[Told]:
    for one in found:
        source, target = (quoted.get(PassageId(step.id)) for step in (one.path[0], one.path[-1]))
        if source is not None and target is not None:
            yield Told(one, source, target)
