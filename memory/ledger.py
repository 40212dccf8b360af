"""Carries out what a night planned, a batch a transaction, and takes it back: exactly, or with all conflicts named."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from memory import gists, history, merging, removing
from memory.errors import Problem
from memory.gists import Written
from memory.layers.learning import Edge
from memory.layers.traces import Trace
from memory.layers.transitions import Happening, Move, plain
from memory.merging import Holders
from memory.parts import Parts
from memory.settling import Log
from memory.sleeping.episodes import Part
from memory.sleeping.records import ChangeOf, ChangeStatus, Night, NightChange
from memory.store import derivations, documents, learning, namespaces, sleeping, traces
from memory.store.derivations import REPEAT, Derivation
from memory.types import ItemState, JsonValue, NamespaceId, StoredDocument

BATCH = 200  # changes in one transaction
ACTOR = "sleep"  # in histories; who asked for it stands in the night
Numbered = tuple[int, NightChange]
State = Mapping[str, JsonValue]


@dataclass(slots=True)
class _Outcome:
    """What became of a batch: statuses by number, what a change left, and the newest revision."""

    revision: int
    statuses: dict[int, ChangeStatus] = field(default_factory=dict)
    left: dict[int, State] = field(default_factory=dict)

    def settle(self, number: int, is_done: bool) -> None:
        self.statuses[number] = ChangeStatus.APPLIED if is_done else ChangeStatus.PASSED_OVER


def write_gists(parts: Parts, namespace: NamespaceId, batch: Sequence[Numbered], now: datetime) -> dict[str, Written]:
    """The gists of a batch, read and encoded; no transaction is open meanwhile. Raises EmbedderError."""
    wanted = {
        one.document: gists.Wanted(tuple(_parts(one)), tuple(_sources(one)))
        for _, one in batch
        if one.of is ChangeOf.GIST
    }
    if not wanted:
        return {}
    ids = sorted({source for one in wanted.values() for source in one.sources})
    there = parts.database.read(lambda session: documents.find_many(session, namespace, ids))
    known = {one.document.id: one.document for one in there if one.document.state is ItemState.ACTIVE}
    return gists.write(parts, wanted, known, now)


def runs(batch: Sequence[Numbered]) -> list[Sequence[Numbered]]:
    """Portions in which no item is changed twice in the same way, so that each change sees what the one before left."""
    found: list[list[Numbered]] = []
    seen: set[tuple[str, str, str, str]] = set()
    for number, one in batch:
        key = (one.of.value, one.kind, one.document, one.other)
        if not found or key in seen or len(found[-1]) == BATCH:
            found.append([])
            seen = set()
        found[-1].append((number, one))
        seen.add(key)
    return list(found)


def apply(
    session: Session,
    namespace: NamespaceId,
    night: Night,
    batch: Sequence[Numbered],
    written: Mapping[str, Written],
    model: str,
    holders: Holders,
) -> int:
    """Does what was planned, but for what somebody changed since; the revision after it. Raises NotFound."""
    outcome = _Outcome(namespaces.lock(session, namespace))
    log = Log(ACTOR, night.at)
    by_kind = _sorted(batch)
    _apply_traces(session, namespace, by_kind[ChangeOf.TRACE], outcome)
    _apply_edges(session, namespace, by_kind[ChangeOf.EDGE], outcome)
    _apply_gists(session, namespace, by_kind[ChangeOf.GIST], written, model, log, outcome)
    _apply_places(session, namespace, by_kind[ChangeOf.PLACE], log, outcome)
    _apply_repeats(session, namespace, by_kind[ChangeOf.REPEATS], outcome)
    _apply_merges(session, namespace, by_kind[ChangeOf.NAMES], holders, log, outcome)
    sleeping.set_changes(session, namespace, night.id, outcome.statuses, outcome.left)
    return outcome.revision


def conflicts(session: Session, namespace: NamespaceId, batch: Sequence[Numbered]) -> dict[int, Problem]:
    """Which of these applied changes cannot be taken back, by number, and why: something else came after them."""
    ids = sorted({one.document for _, one in batch})
    items = {one.document.id: one.document for one in documents.find_many(session, namespace, ids)}
    whole = {number for number, _ in _between_items(session, namespace, batch)}
    known = traces.find_many(session, namespace, ids)
    edges = _edges(session, namespace, [one for _, one in batch if one.of is ChangeOf.EDGE])
    found = {}
    for number, one in batch:
        item, trace = items.get(one.document), known.get(one.document)
        what = None
        if one.of is ChangeOf.TRACE and trace is not None and not _has(trace, one.after):
            what = "was used or judged since"
        elif one.of in {ChangeOf.PLACE, ChangeOf.GIST} and item is not None and not _is_known(item, one):
            what = f"was changed since; it is {item.state.value} now"
        elif one.of is ChangeOf.EDGE and number in whole and edges.get(_key(one)) != one.after:
            what = "was used together with others since"
        if what is not None:
            found[number] = Problem(one.document, what, "leave it out with `except`, or change it back")
    return found


def take_back(
    session: Session,
    namespace: NamespaceId,
    night: Night,
    batch: Sequence[Numbered],
    excepted: Collection[int],
    log: Log,
    holders: Holders,
) -> int:
    """Undoes these applied changes, which come newest first, but for the numbers `excepted`; the revision after it."""
    outcome = _Outcome(namespaces.lock(session, namespace))
    by_kind = _sorted([one for one in batch if one[0] not in excepted])
    for _, one in by_kind[ChangeOf.REPEATS]:
        derivations.remove(session, namespace, one.document, _sources(one))
    merges = {one.document for _, one in by_kind[ChangeOf.NAMES]}
    outcome.revision = max(outcome.revision, merging.take_back(session, namespace, merges, holders, log))
    _move_back(session, namespace, by_kind[ChangeOf.PLACE], log, outcome)
    made = documents.find_many(session, namespace, [one.document for _, one in by_kind[ChangeOf.GIST]])
    if made:
        outcome.revision = removing.remove(session, namespace, [one.document for one in made], log)
    there = _between_items(session, namespace, by_kind[ChangeOf.EDGE])
    back = [replace(one, before=one.after, after=one.before) for _, one in there]
    _put_edges(session, namespace, back)
    known = traces.find_many(session, namespace, {one.document for _, one in by_kind[ChangeOf.TRACE]})
    for _, one in by_kind[ChangeOf.TRACE]:
        if one.document in known:
            known[one.document] = _with(known[one.document], one.before)
    traces.replace(session, namespace, list(known.values()))
    undone = {number: ChangeStatus.UNDONE for number, _ in batch if number not in excepted}
    sleeping.set_changes(session, namespace, night.id, undone, {})
    return outcome.revision


def trace_state(trace: Trace, names: Collection[str]) -> dict[str, JsonValue]:
    """Fields of a trace as a change keeps them."""
    return {name: plain(getattr(trace, name)) for name in names}


def edge_state(edge: Edge) -> dict[str, JsonValue]:
    return {
        "weight": edge.weight,
        "variance": edge.variance,
        "count": edge.count,
        "last_activated": edge.last_activated.isoformat(),
    }


def place_state(item: StoredDocument) -> dict[str, JsonValue]:
    return {
        "layer": item.layer,
        "state": item.state.value,
        "reason": item.reason,
        "hash": item.content_hash,
    }


def _sorted(batch: Sequence[Numbered]) -> dict[ChangeOf, list[Numbered]]:
    found: dict[ChangeOf, list[Numbered]] = defaultdict(list)
    for number, one in batch:
        found[one.of].append((number, one))
    return found


def _apply_traces(session: Session, namespace: NamespaceId, batch: Sequence[Numbered], outcome: _Outcome) -> None:
    known = traces.find_many(session, namespace, {one.document for _, one in batch})
    for number, one in batch:
        trace = known.get(one.document)
        is_same = trace is not None and _has(trace, one.before)
        if trace is not None and is_same:
            known[one.document] = _with(trace, one.after)
        outcome.settle(number, is_same)
    traces.replace(session, namespace, list(known.values()))


def _apply_edges(session: Session, namespace: NamespaceId, batch: Sequence[Numbered], outcome: _Outcome) -> None:
    known = _edges(session, namespace, [one for _, one in batch])
    there = _between_items(session, namespace, batch)
    same = [(number, one) for number, one in there if known.get(_key(one)) == one.before]
    _put_edges(session, namespace, [one for _, one in same])
    done = {number for number, _ in same}
    for number, _ in batch:
        outcome.settle(number, number in done)


def _apply_gists(
    session: Session,
    namespace: NamespaceId,
    batch: Sequence[Numbered],
    written: Mapping[str, Written],
    model: str,
    log: Log,
    outcome: _Outcome,
) -> None:
    wanted = {number: written[one.document] for number, one in batch if one.document in written}
    ids = sorted({source for one in wanted.values() for source in one.made_of.sources})
    there = {one.document.id for one in documents.find_many(session, namespace, ids)}
    made = {number: one for number, one in wanted.items() if there.issuperset(one.made_of.sources)}
    if made:
        outcome.revision = gists.add(session, namespace, list(made.values()), model, log)
    items = {one.id: one for one in _items(session, namespace, [one.id for one in made.values()])}
    for number, one in batch:
        outcome.settle(number, number in made)
        if number in made:
            outcome.left[number] = {**(one.after or {}), **place_state(items[one.document])}


def _apply_places(
    session: Session, namespace: NamespaceId, batch: Sequence[Numbered], log: Log, outcome: _Outcome
) -> None:
    items = {one.id: one for one in _items(session, namespace, [one.document for _, one in batch])}
    stand_ins = [stand_in for _, one in batch if (stand_in := _stand_in(one)) is not None]
    there = {one.id for one in _items(session, namespace, stand_ins)}
    moves = {}
    for number, one in batch:
        is_same = one.document in items and _stands(items[one.document], one.before)
        stand_in = _stand_in(one)
        if is_same and (stand_in is None or stand_in in there):
            moves[one.document] = _move(one)
        else:
            outcome.settle(number, False)
    moved = history.move(session, namespace, moves, log.now, log.actor)
    outcome.revision = max(outcome.revision, moved.revision)
    after = {one.id: one for one in moved.items}
    for number, one in batch:
        if one.document in moves:
            outcome.settle(number, one.document in after)
            if one.document in after:
                outcome.left[number] = {**(one.after or {}), **place_state(after[one.document])}


def _apply_repeats(session: Session, namespace: NamespaceId, batch: Sequence[Numbered], outcome: _Outcome) -> None:
    ids = [id_ for _, one in batch for id_ in (one.document, *_sources(one))]
    there = {item.id for item in _items(session, namespace, ids)}
    known = derivations.sources_of(session, namespace, [one.document for _, one in batch])
    for number, one in batch:
        before = known.get(one.document, ())
        fresh = [source for source in _sources(one) if source in there and source not in before]
        is_done = one.document in there and bool(fresh)
        if is_done:
            told = [Derivation(one.document, source, 0, REPEAT) for source in fresh]
            derivations.add(session, namespace, told)
            outcome.left[number] = {"sources": fresh}
        outcome.settle(number, is_done)


def _apply_merges(
    session: Session,
    namespace: NamespaceId,
    batch: Sequence[Numbered],
    holders: Holders,
    log: Log,
    outcome: _Outcome,
) -> None:
    done, revision = merging.apply(session, namespace, [one.document for _, one in batch], holders, log)
    outcome.revision = max(outcome.revision, revision)
    for number, one in batch:
        outcome.settle(number, one.document in done)


def _move_back(
    session: Session, namespace: NamespaceId, batch: Sequence[Numbered], log: Log, outcome: _Outcome
) -> None:
    moves: dict[str, Move] = {}
    for _, one in batch:
        before = one.before or {}
        moves[one.document] = Move(
            Happening.TAKEN_BACK,
            one.why,
            layer=str(before["layer"]),
            state=ItemState(str(before["state"])),
            reason=str(before["reason"]),
            still_counts=True,
        )
    moved = history.move(session, namespace, moves, log.now, log.actor)
    outcome.revision = max(outcome.revision, moved.revision)


def _move(one: NightChange) -> Move:
    after = one.after or {}
    assert one.happening is not None
    layer, state = after.get("layer"), after.get("state")
    return Move(
        one.happening,
        one.why,
        layer=None if layer is None else str(layer),
        state=None if state is None else ItemState(str(state)),
        still_counts=True,
    )


def _stand_in(one: NightChange) -> str | None:
    """The item that takes its place: without it, it stays where it is."""
    found = (one.after or {}).get("stands_in")
    return None if found is None else str(found)


def _items(session: Session, namespace: NamespaceId, ids: Sequence[str]) -> list[StoredDocument]:
    return [one.document for one in documents.find_many(session, namespace, sorted(set(ids)))]


def _stands(item: StoredDocument, state: State | None) -> bool:
    """Whether it says, and stands, what and where it did."""
    wanted, now_there = state or {}, place_state(item)
    return all(now_there[name] == wanted.get(name) for name in ("layer", "state", "hash"))


def _is_known(item: StoredDocument, one: NightChange) -> bool:
    """Whether it is as the change left it, or was put back already."""
    return _stands(item, one.after) or (one.before is not None and _stands(item, one.before))


def _key(one: NightChange) -> tuple[str, str, str]:
    return (one.kind, one.document, one.other)


def _edges(
    session: Session, namespace: NamespaceId, batch: Sequence[NightChange]
) -> dict[tuple[str, str, str], dict[str, JsonValue]]:
    kinds = {one.kind for one in batch}
    ids = {one.document for one in batch}
    return {
        (edge.kind, edge.source, edge.target): edge_state(edge)
        for kind in sorted(kinds)
        for edge in learning.edges(session, namespace, kind, ids)
    }


def _between_items(session: Session, namespace: NamespaceId, batch: Sequence[Numbered]) -> list[Numbered]:
    """The changes of edges both ends of which are there still: an edge goes with either."""
    mine = [(number, one) for number, one in batch if one.of is ChangeOf.EDGE]
    there = {
        item.id for item in _items(session, namespace, [id_ for _, one in mine for id_ in (one.document, one.other)])
    }
    return [(number, one) for number, one in mine if {one.document, one.other} <= there]


def _put_edges(session: Session, namespace: NamespaceId, batch: Sequence[NightChange]) -> None:
    learning.drop_edges(session, namespace, [_key(one) for one in batch if one.after is None])
    wanted = [
        Edge(
            one.kind,
            one.document,
            one.other,
            float(str(one.after["weight"])),
            float(str(one.after["variance"])),
            int(str(one.after["count"])),
            datetime.fromisoformat(str(one.after["last_activated"])),
        )
        for one in batch
        if one.after is not None
    ]
    learning.put_edges(session, namespace, wanted)


def _has(trace: Trace, state: State | None) -> bool:
    return all(plain(getattr(trace, name)) == value for name, value in (state or {}).items())


def _with(trace: Trace, state: State | None) -> Trace:
    values = {
        name: datetime.fromisoformat(str(value)) if name == "replayed_at" and value is not None else value
        for name, value in (state or {}).items()
    }
    return replace(trace, **values)  # type: ignore[arg-type]  # written by `trace_state`


def _sources(one: NightChange) -> list[str]:
    found = (one.after or {}).get("sources")
    return [str(source) for source in found] if isinstance(found, Sequence) and not isinstance(found, str) else []


def _parts(one: NightChange) -> list[Part]:
    kept = (one.after or {}).get("parts")
    assert isinstance(kept, Sequence)
    assert not isinstance(kept, str)
    found = []
    for each in kept:
        assert isinstance(each, Sequence)
        found.append(Part(str(each[0]), int(str(each[1])), int(str(each[2]))))
    return found
