"""What happens to an item between layers and states, and which of it the layers decide by themselves. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from memory.layers.traces import Trace
from memory.types import ChangeKind, ItemState, JsonValue, LayerName, StoredDocument

RECALLS_TO_PROMOTE = 3  # an episode that was needed so often has become knowledge (ZenBrain 1.6)
LEAST_TO_PROMOTE = 0.5  # retrievability
DOUBTFUL = 0.3  # confidence below which a fact is a mere report again
FADED = 0.1  # retrievability at which an item leaves recall (ZenBrain 2.2)


class Happening(StrEnum):
    REMEMBERED = "remembered"
    CHANGED = "changed"
    PROMOTED = "promoted"
    DEMOTED = "demoted"
    MOVED = "moved"  # to another layer, by hand
    ARCHIVED = "archived"
    RESTORED = "restored"
    QUARANTINED = "quarantined"
    RELEASED = "released"
    SUPERSEDED = "superseded"
    OUTDATED = "outdated"  # a part of what it says was superseded
    REINSTATED = "reinstated"  # what superseded it is gone
    REVIEWED = "reviewed"
    RECONSOLIDATED = "reconsolidated"
    REVIVED = "revived"  # from the archive, because somebody asked for it
    UNFORGOTTEN = "unforgotten"  # from the archive, because the forgetting was undone
    TAKEN_BACK = "taken_back"  # what a night made of it was undone


@dataclass(frozen=True, slots=True)
class Transition:
    """What happened to an item, when, by whom and why; `before` and `after` hold what differs."""

    document_id: str
    kind: Happening
    at: datetime
    actor: str
    why: str = ""
    before: Mapping[str, JsonValue] | None = None
    after: Mapping[str, JsonValue] | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Where the layers want an item: to be applied by `memory/history.py`."""

    kind: Happening
    why: str
    layer: str | None = None  # None: it stays
    state: ItemState | None = None
    reason: str | None = None  # of the layer; None: what `why` says
    still_counts: bool = False  # what it states goes on ending others, for something else says it in its place


def decide(document: StoredDocument, trace: Trace, retrievability: float) -> Move | None:
    """What the layers make of an item that is remembered so well (0 to 1); None: it stays where it is."""
    if document.state is not ItemState.ACTIVE:
        return None
    if retrievability <= FADED and not trace.pinned:
        return Move(Happening.ARCHIVED, f"faded: retrievability {retrievability:.2f}", state=ItemState.ARCHIVED)
    is_needed = trace.recalls >= RECALLS_TO_PROMOTE and retrievability >= LEAST_TO_PROMOTE
    if document.layer == LayerName.EPISODIC and is_needed:
        return Move(Happening.PROMOTED, f"recalled {trace.recalls} times", layer=LayerName.SEMANTIC)
    if document.layer == LayerName.SEMANTIC and trace.confidence < DOUBTFUL:
        return Move(Happening.DEMOTED, f"confidence {trace.confidence:.2f}", layer=LayerName.EPISODIC)
    return None


def change_of(before: ItemState, after: ItemState) -> ChangeKind:
    """What an index must do about an item of which only the state, or what filters see, is new."""
    if (before is ItemState.ACTIVE) == (after is ItemState.ACTIVE):
        return ChangeKind.PATCHED
    return ChangeKind.SHOWN if after is ItemState.ACTIVE else ChangeKind.HIDDEN


def between(before: StoredDocument, after: StoredDocument, at: datetime, actor: str, why: str = "") -> list[Transition]:
    """What a change made of an item, one transition for each thing that is worth its own line in the history."""
    found: list[Transition] = []
    fields = ("text", "title", "source", "speaker", "external_id", "occurred_at", "expires_at", "metadata")
    different = [name for name in fields if getattr(before, name) != getattr(after, name)]
    if different:
        was, now = ({name: plain(getattr(one, name)) for name in different} for one in (before, after))
        found.append(Transition(after.id, Happening.CHANGED, at, actor, why, was, now))
    if before.layer != after.layer:
        moved = {"layer": before.layer}, {"layer": after.layer}
        found.append(Transition(after.id, Happening.MOVED, at, actor, why, *moved))
    if before.state is not after.state:
        states = {"state": before.state.value}, {"state": after.state.value}
        found.append(Transition(after.id, _of_state(before.state, after.state), at, actor, why, *states))
    return found


def _of_state(before: ItemState, after: ItemState) -> Happening:
    if after is ItemState.ACTIVE:
        return Happening.RELEASED if before is ItemState.QUARANTINED else Happening.RESTORED
    return Happening.ARCHIVED if after is ItemState.ARCHIVED else Happening.QUARANTINED


def plain(value: JsonValue | datetime) -> JsonValue:
    """As JSON has it: times as text."""
    return value.isoformat() if isinstance(value, datetime) else value
