"""What nights change, as their changes keep it: places of items, fields of traces, edges. Read, compared, put back."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from memory.layers.learning import Edge
from memory.layers.traces import Trace
from memory.layers.transitions import plain
from memory.sleeping.records import ChangeOf, NightChange
from memory.store import documents, learning
from memory.types import JsonValue, NamespaceId, StoredDocument

Numbered = tuple[int, NightChange]
State = Mapping[str, JsonValue]


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


def stands(item: StoredDocument, state: State | None) -> bool:
    """Whether it says, and stands, what and where it did."""
    wanted, now_there = state or {}, place_state(item)
    return all(now_there[name] == wanted.get(name) for name in ("layer", "state", "hash"))


def is_known(item: StoredDocument, one: NightChange) -> bool:
    """Whether it is as the change left it, or was put back already."""
    return stands(item, one.after) or (one.before is not None and stands(item, one.before))


def has(trace: Trace, state: State | None) -> bool:
    return all(plain(getattr(trace, name)) == value for name, value in (state or {}).items())


def with_state(trace: Trace, state: State | None) -> Trace:
    values = {
        name: datetime.fromisoformat(str(value)) if name == "replayed_at" and value is not None else value
        for name, value in (state or {}).items()
    }
    return replace(trace, **values)  # type: ignore[arg-type]  # written by `trace_state`


def key_of(one: NightChange) -> tuple[str, str, str]:
    return (one.kind, one.document, one.other)


def edges(
    session: Session, namespace: NamespaceId, batch: Sequence[NightChange]
) -> dict[tuple[str, str, str], dict[str, JsonValue]]:
    kinds = {one.kind for one in batch}
    ids = {one.document for one in batch}
    return {
        (edge.kind, edge.source, edge.target): edge_state(edge)
        for kind in sorted(kinds)
        for edge in learning.edges(session, namespace, kind, ids)
    }


def between_items(session: Session, namespace: NamespaceId, batch: Sequence[Numbered]) -> list[Numbered]:
    """The changes of edges both ends of which are there still: an edge goes with either."""
    mine = [(number, one) for number, one in batch if one.of is ChangeOf.EDGE]
    there = {
        item.id for item in items_of(session, namespace, [id_ for _, one in mine for id_ in (one.document, one.other)])
    }
    return [(number, one) for number, one in mine if {one.document, one.other} <= there]


def put_edges(session: Session, namespace: NamespaceId, batch: Sequence[NightChange]) -> None:
    learning.drop_edges(session, namespace, [key_of(one) for one in batch if one.after is None])
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


def items_of(session: Session, namespace: NamespaceId, ids: Sequence[str]) -> list[StoredDocument]:
    return [one.document for one in documents.find_many(session, namespace, sorted(set(ids)))]


def by_kind_of(batch: Sequence[Numbered]) -> dict[ChangeOf, list[Numbered]]:
    found: dict[ChangeOf, list[Numbered]] = defaultdict(list)
    for number, one in batch:
        found[one.of].append((number, one))
    return found
