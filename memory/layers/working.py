"""The working layer: seven things in mind, which fade by the minute and make room for each other. Pure.

Source: Miller 1956 (seven slots); ZenBrain (Apache-2.0), working memory layer, whose decay multiplied by the whole age
at every call. Here it goes by the time since the last decay, so that looking often makes nothing fade faster.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

SLOTS = 7
DECAY = 0.05  # a minute
GONE = 0.01  # relevance at which a slot is empty


class SlotKind(StrEnum):
    FACT = "fact"
    GOAL = "goal"
    CONTEXT = "context"
    CONSTRAINT = "constraint"


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing in mind: how relevant it was, 0 to 1, when it last faded."""

    id: str
    kind: SlotKind
    content: str
    relevance: float
    added_at: datetime
    decayed_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """What is in mind, most relevant first, and what had to make room."""

    slots: tuple[Slot, ...]
    evicted: tuple[Slot, ...]


def decay(slots: Sequence[Slot], now: datetime) -> list[Slot]:
    """The slots as they are now, without those that are empty. A clock that went back fades nothing."""
    faded = [_faded(slot, now) for slot in slots]
    return [slot for slot in faded if slot.relevance > GONE]


def hold(slots: Sequence[Slot], new: Sequence[Slot], now: datetime) -> Held:
    """Takes in `new`; what is said again is refreshed in its slot. The least relevant, then the oldest, makes room."""
    kept = {(slot.kind, slot.content): slot for slot in decay(slots, now)}
    for slot in new:
        known = kept.get((slot.kind, slot.content))
        kept[slot.kind, slot.content] = slot if known is None else replace(
            slot, id=known.id, added_at=known.added_at
        )  # fmt: skip
    order = sorted(kept.values(), key=lambda slot: (-slot.relevance, -slot.added_at.timestamp(), slot.id))
    return Held(tuple(order[:SLOTS]), tuple(order[SLOTS:]))


def _faded(slot: Slot, now: datetime) -> Slot:
    minutes = max(0.0, (now - slot.decayed_at).total_seconds() / 60)
    return replace(slot, relevance=slot.relevance * math.exp(-DECAY * minutes), decayed_at=max(now, slot.decayed_at))
