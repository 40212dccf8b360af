"""Carries out what a night planned, a batch a transaction."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from memory import gists, history, merging
from memory.gists import Written
from memory.layers.transitions import Move
from memory.merging import Holders
from memory.night_states import (
    Numbered,
    State,
    between_items,
    by_kind_of,
    edges,
    has,
    items_of,
    key_of,
    place_state,
    put_edges,
    stands,
    with_state,
)
from memory.parts import Parts
from memory.settling import Log
from memory.sleeping.episodes import Part
from memory.sleeping.records import ChangeOf, ChangeStatus, Night, NightChange
from memory.store import derivations, distillations, namespaces, sleeping, traces
from memory.store.derivations import REPEAT, Derivation
from memory.types import ItemState, JsonValue, NamespaceId, StoredDocument

BATCH = 200  # changes in one transaction
ACTOR = "sleep"  # in histories; who asked for it stands in the night


@dataclass(slots=True)
class _Outcome:
    """What became of a batch: statuses by number, what a change left, and the newest revision."""

    revision: int
    statuses: dict[int, ChangeStatus] = field(default_factory=dict)
    left: dict[int, State] = field(default_factory=dict)

    def settle(self, number: int, is_done: bool) -> None:
        self.statuses[number] = ChangeStatus.APPLIED if is_done else ChangeStatus.PASSED_OVER


def write_gists(parts: Parts, namespace: NamespaceId, night: Night, batch: Sequence[Numbered]) -> dict[str, Written]:
    """The gists of a batch, read and encoded, but for those of which a source says something else by now.

    No transaction is open while the model works. Raises EmbedderError.
    """
    made = [(number, one) for number, one in batch if one.of is ChangeOf.GIST]
    if not made:
        return {}
    told = parts.database.read(
        lambda session: distillations.find(session, namespace, [one.document for _, one in made])
    )
    known = parts.database.read(lambda session: _unchanged_sources(session, namespace, night, made))
    wanted = {
        one.document: gists.Wanted(
            tuple(_parts(one)), one.sources, told[one.document].statements if one.document in told else ()
        )
        for _, one in made
        if one.document in told or not _is_distilled(one)
    }
    sources = {id_: item for some in known.values() for id_, item in some.items()}
    return gists.write(parts, namespace, wanted, sources, night.at)


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
    """Does what was planned, but for what somebody changed since; the revision after it. Raises NotFound.

    What another process, asleep on the same night, has done of it meanwhile is left as that one did it.
    """
    outcome = _Outcome(namespaces.lock(session, namespace))
    left = sleeping.still_planned(session, namespace, night.id, [number for number, _ in batch])
    log = Log(ACTOR, night.at)
    by_kind = by_kind_of([(number, one) for number, one in batch if number in left])
    sources = _unchanged_sources(session, namespace, night, [*by_kind[ChangeOf.GIST], *by_kind[ChangeOf.REPEATS]])
    _apply_traces(session, namespace, by_kind[ChangeOf.TRACE], outcome)
    _apply_edges(session, namespace, by_kind[ChangeOf.EDGE], outcome)
    ready = {id_: one for id_, one in written.items() if len(sources.get(id_, ())) == len(one.made_of.sources)}
    _apply_gists(session, namespace, by_kind[ChangeOf.GIST], ready, model, log, outcome)
    _apply_places(session, namespace, by_kind[ChangeOf.PLACE], log, outcome)
    _apply_repeats(session, namespace, by_kind[ChangeOf.REPEATS], sources, outcome)
    _apply_merges(session, namespace, by_kind[ChangeOf.NAMES], holders, log, outcome)
    sleeping.set_changes(session, namespace, night.id, outcome.statuses, outcome.left)
    return outcome.revision


def _apply_traces(session: Session, namespace: NamespaceId, batch: Sequence[Numbered], outcome: _Outcome) -> None:
    known = traces.find_many(session, namespace, {one.document for _, one in batch})
    for number, one in batch:
        trace = known.get(one.document)
        is_same = trace is not None and has(trace, one.before)
        if trace is not None and is_same:
            known[one.document] = with_state(trace, one.after)
        outcome.settle(number, is_same)
    traces.replace(session, namespace, list(known.values()))


def _apply_edges(session: Session, namespace: NamespaceId, batch: Sequence[Numbered], outcome: _Outcome) -> None:
    known = edges(session, namespace, [one for _, one in batch])
    there = between_items(session, namespace, batch)
    same = [(number, one) for number, one in there if known.get(key_of(one)) == one.before]
    put_edges(session, namespace, [one for _, one in same])
    done = {number for number, _ in same}
    for number, _ in batch:
        outcome.settle(number, number in done)


def _apply_gists(
    session: Session,
    namespace: NamespaceId,
    batch: Sequence[Numbered],
    ready: Mapping[str, Written],
    model: str,
    log: Log,
    outcome: _Outcome,
) -> None:
    told = distillations.take(session, namespace, [one.document for _, one in batch])
    made = {
        number: ready[one.document]
        for number, one in batch
        if one.document in ready and (one.document in told or not _is_distilled(one))
    }
    if made:
        outcome.revision = gists.add(session, namespace, list(made.values()), model, log)
    items = {one.id: one for one in items_of(session, namespace, [one.id for one in made.values()])}
    for number, one in batch:
        outcome.settle(number, number in made)
        if number in made:
            outcome.left[number] = {**(one.after or {}), **place_state(items[one.document])}


def _apply_places(
    session: Session, namespace: NamespaceId, batch: Sequence[Numbered], log: Log, outcome: _Outcome
) -> None:
    items = {one.id: one for one in items_of(session, namespace, [one.document for _, one in batch])}
    in_recall = _in_recall(session, namespace, [one.stand_in for _, one in batch if one.stand_in is not None])
    moves = {}
    for number, one in batch:
        is_same = one.document in items and stands(items[one.document], one.before)
        if is_same and (one.stand_in is None or one.stand_in in in_recall):
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


def _apply_repeats(
    session: Session,
    namespace: NamespaceId,
    batch: Sequence[Numbered],
    sources: Mapping[str, Collection[str]],
    outcome: _Outcome,
) -> None:
    in_recall = _in_recall(session, namespace, [one.document for _, one in batch])
    known = derivations.sources_of(session, namespace, [one.document for _, one in batch])
    for number, one in batch:
        before, unchanged = known.get(one.document, ()), sources.get(one.document, ())
        fresh: list[JsonValue] = [source for source in one.sources if source in unchanged and source not in before]
        is_done = one.document in in_recall and bool(fresh)
        if is_done:
            told = [Derivation(one.document, str(source), 0, REPEAT) for source in fresh]
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


def _in_recall(session: Session, namespace: NamespaceId, ids: Sequence[str]) -> set[str]:
    """Those of these items that can stand for others: they are in recall, and what they say holds."""
    return {
        one.id for one in items_of(session, namespace, ids) if one.state is ItemState.ACTIVE and one.valid_to is None
    }


def _unchanged_sources(
    session: Session, namespace: NamespaceId, night: Night, batch: Sequence[Numbered]
) -> dict[str, dict[str, StoredDocument]]:
    """By gist or survivor: those of its sources that say, and stand, what and where they did when it was decided."""
    ids = sorted({source for _, one in batch for source in one.sources})
    wanted = {one.document for _, one in batch}
    items = {one.id: one for one in items_of(session, namespace, ids)}
    found: dict[str, dict[str, StoredDocument]] = defaultdict(dict)
    for place in sleeping.places_of(session, namespace, night.id, ids):
        item = items.get(place.document)
        if item is not None and place.stand_in in wanted and stands(item, place.before):
            found[place.stand_in][item.id] = item
    return found


def _is_distilled(one: NightChange) -> bool:
    """Whether its text is kept apart, until a source of it goes."""
    return (one.after or {}).get("distilled") is True


def _parts(one: NightChange) -> list[Part]:
    kept = (one.after or {}).get("parts")
    assert isinstance(kept, Sequence)
    assert not isinstance(kept, str)
    found = []
    for each in kept:
        assert isinstance(each, Sequence)
        found.append(Part(str(each[0]), int(str(each[1])), int(str(each[2]))))
    return found
