"""A weak memory is rescued by a strong one of the same topic close in time: synaptic tagging and capture. Pure.

Source: Frey and Morris 1997 (a tag set by a weak stimulus captures the proteins of a strong one nearby); numbers from
the published description of ZenBrain's rescue.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from memory.dynamics.checks import above, aware, ordered, require, within


@dataclass(frozen=True, slots=True)
class RescueParams:
    """Who is weak, who is strong, how near in time they must be, and what the rescue does."""

    weak_below: float = 0.4  # confidence
    strong_above: float = 0.7  # confidence
    window: timedelta = timedelta(minutes=30)  # either way
    gain: float = 0.3  # added to the strength, which stays at or below 1
    slowing: float = 0.5  # factor of the decay rate

    def __post_init__(self) -> None:
        require(
            within("weak_below", self.weak_below, 0, 1),
            within("strong_above", self.strong_above, 0, 1),
            ordered("weak_below", self.weak_below, "strong_above", self.strong_above),
            within("window", self.window.total_seconds(), 0),
            within("gain", self.gain, 0, 1),
            above("slowing", self.slowing, 0),
        )


COMPAT = RECOMMENDED = RescueParams()


@dataclass(frozen=True, slots=True)
class Rescuable:
    """What the rescue needs to know of a memory."""

    id: str
    topic: str
    confidence: float  # 0-1
    strength: float  # 0-1
    decay_rate: float  # per day, >= 0
    recorded_at: datetime
    was_rescued: bool = False


def donor(weak: Rescuable, others: Iterable[Rescuable], params: RescueParams = RECOMMENDED) -> Rescuable | None:
    """The strong memory that rescues a weak one: of its topic, nearest in time, then most confident; None if none.

    Raises ParamsInvalid if a time has no zone.
    """
    if weak.was_rescued or not weak.confidence < params.weak_below:
        return None
    near = [other for other in others if _can_give(other, weak, params)]
    return min(near, key=lambda other: (_apart(other, weak), -other.confidence, other.id), default=None)


def rescued(weak: Rescuable, params: RescueParams = RECOMMENDED) -> Rescuable:
    """The memory after its rescue; a second one changes nothing."""
    if weak.was_rescued:
        return weak
    strength = min(1.0, weak.strength + params.gain)
    return replace(weak, strength=strength, decay_rate=weak.decay_rate * params.slowing, was_rescued=True)


def _can_give(other: Rescuable, weak: Rescuable, params: RescueParams) -> bool:
    is_candidate = other.id != weak.id and other.topic == weak.topic and other.confidence > params.strong_above
    return is_candidate and _apart(other, weak) <= params.window


def _apart(first: Rescuable, second: Rescuable) -> timedelta:
    require(aware("recorded_at", first.recorded_at), aware("recorded_at", second.recorded_at))
    return abs(first.recorded_at - second.recorded_at)
