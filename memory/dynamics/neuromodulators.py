"""Four slow and fast levels that say how to learn now: dopamine, noradrenaline, serotonin, acetylcholine. Pure.

Source: ZenBrain paper (arXiv 2604.23878v2), NeuromodulatorEngine; opponency of dopamine and serotonin after Daw,
Kakade and Dayan 2002. What the original got wrong: its tonic rule follows the last events and never returns to the
baseline (`COMPAT` keeps that; 200 novelties leave it at 1), and its reported "drift of 6.2 %" reads a mean maximum
deviation as a level. `RECOMMENDED`, a proposal of this project, pulls to the baseline at every event and in time, and
opposes symmetrically.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from types import MappingProxyType

from memory.dynamics.checks import above, aware, clip, require, within

MILLISECOND = timedelta(milliseconds=1)
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")

MOST_BURSTS = 16  # that are kept apart


class Signal(StrEnum):
    """What happened, as far as it moves a level."""

    NOVELTY = "novelty"
    PREDICTION_ERROR = "prediction_error"
    STABLE_FOCUS = "stable_focus"
    EXPLORATION = "exploration"
    ROUTINE = "routine"
    CONFIRMATION = "confirmation"
    REJECTION = "rejection"
    CONTEXT_SWITCH = "context_switch"


@dataclass(frozen=True, slots=True)
class Levels:
    """One number a channel: a level of 0-1, or how much an event moves it."""

    dopamine: float = 0.0  # novelty, exploration
    noradrenaline: float = 0.0  # learning rate
    serotonin: float = 0.0  # patience of consolidation
    acetylcholine: float = 0.0  # encoding something new over retrieving something old

    def __add__(self, other: "Levels") -> "Levels":
        return Levels(
            self.dopamine + other.dopamine,
            self.noradrenaline + other.noradrenaline,
            self.serotonin + other.serotonin,
            self.acetylcholine + other.acetylcholine,
        )

    def times(self, factor: float) -> "Levels":
        return Levels(
            self.dopamine * factor,
            self.noradrenaline * factor,
            self.serotonin * factor,
            self.acetylcholine * factor,
        )

    def clipped(self) -> "Levels":
        return Levels(*map(clip, (self.dopamine, self.noradrenaline, self.serotonin, self.acetylcholine)))


def _level(value: float) -> Levels:
    return Levels(value, value, value, value)


COMPAT_DELTAS: Mapping[Signal, Levels] = MappingProxyType(
    {
        Signal.NOVELTY: Levels(dopamine=1.0, serotonin=-0.3),
        Signal.PREDICTION_ERROR: Levels(noradrenaline=1.0),
        Signal.STABLE_FOCUS: Levels(serotonin=1.0, dopamine=-0.3),
        Signal.EXPLORATION: Levels(acetylcholine=1.0),
        Signal.ROUTINE: Levels(dopamine=-0.2, serotonin=0.2),
        Signal.CONFIRMATION: Levels(noradrenaline=-0.1),
        Signal.REJECTION: Levels(noradrenaline=0.5, dopamine=-0.2),
        Signal.CONTEXT_SWITCH: Levels(serotonin=-0.3, acetylcholine=0.3),
    }
)
# Opposition is a rule of its own here, so it is not in the table as well.
DELTAS: Mapping[Signal, Levels] = MappingProxyType(
    {
        **COMPAT_DELTAS,
        Signal.NOVELTY: Levels(dopamine=1.0),
        Signal.STABLE_FOCUS: Levels(serotonin=1.0),
    }
)


@dataclass(frozen=True, slots=True)
class NeuromodulatorParams:
    """How events move the levels and how these come back."""

    baseline: float = 0.5  # level without events
    keep: float = 0.95  # share of the tonic level (of its distance from the baseline) that an event leaves
    half_life: timedelta = timedelta(minutes=5)  # of a phasic burst
    lifetime: timedelta = timedelta(minutes=50)  # after which a burst is dropped
    opposition: float = 0.3  # share of a channel's move that its opponent takes the other way
    relaxation: timedelta | None = timedelta(
        hours=6
    )  # half-life of the tonic distance from the baseline; None: for ever
    pulls_to_baseline: bool = True
    deltas: Mapping[Signal, Levels] = field(default_factory=lambda: DELTAS)  # for a magnitude of 1
    is_enabled: bool = True  # False: every level is the baseline, always

    def __post_init__(self) -> None:
        require(
            within("baseline", self.baseline, 0, 1),
            within("keep", self.keep, 0, 1),
            above("half_life", self.half_life.total_seconds(), 0),
            above("lifetime", self.lifetime.total_seconds(), 0),
            within("opposition", self.opposition, 0, 1),
            None if self.relaxation is None else above("relaxation", self.relaxation.total_seconds(), 0),
        )


COMPAT = NeuromodulatorParams(opposition=0.0, relaxation=None, pulls_to_baseline=False, deltas=COMPAT_DELTAS)
RECOMMENDED = NeuromodulatorParams()


@dataclass(frozen=True, slots=True)
class Event:
    """A signal of a magnitude of 0-1 at a time."""

    signal: Signal
    magnitude: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Burst:
    """What an event adds for some minutes."""

    deltas: Levels
    at: datetime


@dataclass(frozen=True, slots=True)
class NeuromodulatorState:
    """Of one user in one context: the tonic levels as of `updated_at`, and the bursts that still sound."""

    tonic: Levels
    updated_at: datetime
    bursts: tuple[Burst, ...] = ()


@dataclass(frozen=True, slots=True)
class Modulation:
    """What the levels mean to the other mechanisms."""

    learning_rate: float  # factor, .5-1.5, of reviews and of edges
    interval: float  # factor, .75-1.25, of the days until the next review
    diversity: float  # lambda of maximal marginal relevance, .9 (only relevance) to .5
    encoding: float  # weight of encoding new over retrieving old, 0-1


def initial(now: datetime, params: NeuromodulatorParams = RECOMMENDED) -> NeuromodulatorState:
    """Every level at the baseline. Raises ParamsInvalid if `now` has no time zone."""
    require(aware("now", now))
    return NeuromodulatorState(_level(params.baseline), now)


def after(
    state: NeuromodulatorState, events: Iterable[Event], params: NeuromodulatorParams = RECOMMENDED
) -> NeuromodulatorState:
    """The state after the events, in the order of their times; the order within a millisecond makes no difference.

    An event older than the state counts as of the state. Raises ParamsInvalid, with all problems: magnitudes outside
    0-1, times without a zone.
    """
    found = list(events)
    require(
        *(within(f"events[{number}].magnitude", each.magnitude, 0, 1) for number, each in enumerate(found)),
        *(aware(f"events[{number}].at", each.at) for number, each in enumerate(found)),
    )
    found.sort(key=lambda each: (_tick(each.at), each.signal, each.magnitude))
    for _, together in groupby(found, key=lambda each: _tick(each.at)):
        for event in together:
            state = _after_one(state, event, params)
    return state


def levels(state: NeuromodulatorState, now: datetime, params: NeuromodulatorParams = RECOMMENDED) -> Levels:
    """The levels now, 0-1: tonic plus bursts. Raises ParamsInvalid if `now` has no time zone."""
    require(aware("now", now))
    if not params.is_enabled:
        return _level(params.baseline)
    total = _tonic(state, now, params)
    for burst in state.bursts:
        age = max(timedelta(0), now - burst.at)
        if age < params.lifetime:
            total = total + burst.deltas.times(0.5 ** (age / params.half_life))
    return total.clipped()


def gathered(
    state: NeuromodulatorState, most: int = MOST_BURSTS, params: NeuromodulatorParams = RECOMMENDED
) -> NeuromodulatorState:
    """The state with its oldest bursts taken together, so that no more than `most` are kept, however much happens.

    They all fade alike, so what they add is the same, but for the thousandth part that is left of one at the end of
    its lifetime.
    """
    bursts = sorted(state.bursts, key=lambda one: one.at)
    if len(bursts) <= max(1, most):
        return state
    early, late = bursts[: len(bursts) - max(1, most) + 1], bursts[len(bursts) - max(1, most) + 1 :]
    at = early[-1].at
    total = Levels()
    for one in early:
        total = total + one.deltas.times(0.5 ** ((at - one.at) / params.half_life))
    return NeuromodulatorState(state.tonic, state.updated_at, (Burst(total, at), *late))


def modulation(now: Levels) -> Modulation:
    """What the levels mean to learning, reviewing and retrieval;

    the baseline of .5 leaves the first two as they are.
    """
    return Modulation(
        learning_rate=0.5 + now.noradrenaline,
        interval=0.75 + 0.5 * now.serotonin,
        diversity=0.9 - 0.4 * now.dopamine,
        encoding=now.acetylcholine,
    )


def plasticity(messages: int) -> float:
    """How much a conversation is to be learned from, .56 to .94, by its messages in the last two hours (full at 20)."""
    return 0.5 + 0.5 / (1 + math.exp(-4 * (min(max(0, messages) / 20, 1.0) - 0.5)))


def _after_one(state: NeuromodulatorState, event: Event, params: NeuromodulatorParams) -> NeuromodulatorState:
    at = max(event.at, state.updated_at)
    deltas = _opposed(params.deltas[event.signal].times(event.magnitude), params.opposition)
    tonic = _tonic(state, at, params)
    if params.pulls_to_baseline:
        kept = _towards(tonic, params.baseline, params.keep)
        tonic = (kept + deltas.times(1 - params.keep)).clipped()
    else:
        tonic = tonic.times(params.keep) + (tonic + deltas).clipped().times(1 - params.keep)
    sounding = tuple(burst for burst in state.bursts if at - burst.at < params.lifetime)
    return NeuromodulatorState(tonic, at, (*sounding, Burst(deltas, at)))


def _tonic(state: NeuromodulatorState, now: datetime, params: NeuromodulatorParams) -> Levels:
    if params.relaxation is None:
        return state.tonic
    elapsed = max(timedelta(0), now - state.updated_at)
    return _towards(state.tonic, params.baseline, 0.5 ** (elapsed / params.relaxation))


def _towards(level: Levels, baseline: float, kept: float) -> Levels:
    """Only the share `kept` of the distance from the baseline stays."""
    return level.times(kept) + _level(baseline * (1 - kept))


def _opposed(deltas: Levels, opposition: float) -> Levels:
    return deltas + Levels(dopamine=-opposition * deltas.serotonin, serotonin=-opposition * deltas.dopamine)


def _tick(moment: datetime) -> int:
    return (moment - EPOCH) // MILLISECOND
