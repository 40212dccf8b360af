"""Takes back what nights changed: exactly, or with all conflicts named."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from memory import history, merging, removing
from memory.errors import Problem
from memory.layers.transitions import Happening, Move
from memory.merging import Holders
from memory.night_states import (
    Numbered,
    between_items,
    by_kind_of,
    edges,
    has,
    is_known,
    key_of,
    put_edges,
    with_state,
)
from memory.settling import Log
from memory.sleeping.records import ChangeOf, ChangeStatus, Night
from memory.store import derivations, documents, namespaces, sleeping, traces
from memory.types import ItemState, NamespaceId


def conflicts(session: Session, namespace: NamespaceId, batch: Sequence[Numbered]) -> dict[int, Problem]:
    """Which of these applied changes cannot be taken back, by number, and why: something else came after them."""
    ids = sorted({one.document for _, one in batch})
    items = {one.document.id: one.document for one in documents.find_many(session, namespace, ids)}
    whole = {number for number, _ in between_items(session, namespace, batch)}
    known = traces.find_many(session, namespace, ids)
    known_edges = edges(session, namespace, [one for _, one in batch if one.of is ChangeOf.EDGE])
    found = {}
    for number, one in batch:
        item, trace = items.get(one.document), known.get(one.document)
        what = None
        if one.of is ChangeOf.TRACE and trace is not None and not has(trace, one.after):
            what = "was used or judged since"
        elif one.of in {ChangeOf.PLACE, ChangeOf.GIST} and item is not None and not is_known(item, one):
            what = f"was changed since; it is {item.state.value} now"
        elif one.of is ChangeOf.EDGE and number in whole and known_edges.get(key_of(one)) != one.after:
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
    revision = namespaces.lock(session, namespace)
    by_kind = by_kind_of([one for one in batch if one[0] not in excepted])
    for _, one in by_kind[ChangeOf.REPEATS]:
        derivations.remove(session, namespace, one.document, one.sources)
    merges = {one.document for _, one in by_kind[ChangeOf.NAMES]}
    revision = max(
        revision,
        merging.take_back(session, namespace, merges, holders, log),
        _move_back(session, namespace, by_kind[ChangeOf.PLACE], log),
    )
    made = documents.find_many(session, namespace, [one.document for _, one in by_kind[ChangeOf.GIST]])
    if made:
        revision = removing.remove(session, namespace, [one.document for one in made], log)
    there = between_items(session, namespace, by_kind[ChangeOf.EDGE])
    back = [replace(one, before=one.after, after=one.before) for _, one in there]
    put_edges(session, namespace, back)
    known = traces.find_many(session, namespace, {one.document for _, one in by_kind[ChangeOf.TRACE]})
    for _, one in by_kind[ChangeOf.TRACE]:
        if one.document in known:
            known[one.document] = with_state(known[one.document], one.before)
    traces.replace(session, namespace, list(known.values()))
    undone = {number: ChangeStatus.UNDONE for number, _ in batch if number not in excepted}
    sleeping.set_changes(session, namespace, night.id, undone, {})
    return revision


def _move_back(session: Session, namespace: NamespaceId, batch: Sequence[Numbered], log: Log) -> int:
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
    return history.move(session, namespace, moves, log.now, log.actor).revision
