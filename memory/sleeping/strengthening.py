"""What a night replays and tries out, and what that does to traces and edges. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from memory.dynamics import replay, simulation
from memory.dynamics.checks import days_between
from memory.dynamics.replay import ReplayParams
from memory.dynamics.simulation import Action, Candidate
from memory.layers.learning import Edge
from memory.layers.traces import Trace
from memory.sleeping import surroundings

MOST_TRIED = 500  # candidates of one night, the most surprising first
SUCCESS = 0.6  # reward from which an episode ended well


@dataclass(frozen=True, slots=True)
class Remembered:
    """An item in recall with its trace and the names that it mentions."""

    trace: Trace
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Asleep:
    """A memory as far as replay chooses by it."""

    document: str
    recalls: int
    arousal: float  # 0 to 1
    last_recalled: datetime
    stability: float  # days
    replayed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a candidate: strengthened or not; for one that was imagined, the item that went well instead."""

    document: str
    action: Action
    score: float
    instead: str | None = None


def chosen(items: Sequence[Asleep], now: datetime, share: float = 0.02) -> list[str]:
    """What is replayed: used, moving, recent and unstable memories first. 20 of them, or this `share` if it is more."""
    if not items:
        return []
    params = replace(replay.RECOMMENDED, most=max(replay.RECOMMENDED.most, int(share * len(items))))
    asked = replay.priorities(
        np.array([float(one.recalls) for one in items]),
        np.array([one.arousal for one in items]),
        np.array([days_between(one.last_recalled, now) for one in items]),
        np.array([one.stability for one in items]),
        params,
    )
    places = replay.select(asked, np.array([_nights_since(one, now) for one in items]), params)
    return [items[place].document for place in places]


def replayed(trace: Trace, gain: float, now: datetime) -> Trace:
    """The trace after a replay; `gain` is that of stability."""
    params = replace(replay.RECOMMENDED, gain=gain)
    stability = replay.replayed_stability(trace.stability, trace.arousal, params)
    return replace(trace, stability=stability, replayed_at=now, replays=trace.replays + 1)


def tried(
    judged: Sequence[Remembered], since: datetime | None, names: Callable[[], Iterable[Sequence[str]]]
) -> list[Tried]:
    """What was judged since the last night, and how it might have gone: selected by value (arXiv 2604.23878).

    The `names` of every item in recall are asked for only if something went badly enough to be imagined otherwise.
    """
    mine = [one for one in judged if one.trace.surprise and (since is None or one.trace.last_recalled >= since)]
    mine.sort(key=lambda one: (-abs(one.trace.surprise), one.trace.document_id))
    real = {one.trace.document_id: _candidate(one) for one in mine[:MOST_TRIED]}
    successes = [one for one in real.values() if one.reward >= SUCCESS]
    imagined: list[Candidate] = []
    if successes and any(simulation.is_seed(one) for one in real.values()):
        around = surroundings.of_names(names(), successes)
        imagined = [one for failure in real.values() for one in simulation.counterfactuals(failure, around)]
    by_name = _named(list(real.values()))
    found = []
    for selection in simulation.select(list(real.values()), imagined):
        candidate = selection.candidate
        document = candidate.id.split("/", 1)[0]
        instead = None
        if candidate.id not in real:
            new = [name for name in candidate.entities if name not in real[document].entities]
            instead = next((other for name in new for other in by_name.get(name, ()) if other != document), None)
            if instead is None:
                continue
        found.append(Tried(document, selection.action, selection.score, instead))
    return found


def edges_after(known: Sequence[Edge], strengthened: frozenset[str], weakened: frozenset[str]) -> list[Edge]:
    """Edges with an end that was tried out, as they are afterwards; weight 0 says: prune it."""
    found = []
    for one in known:
        ends = {one.source, one.target}
        if ends & strengthened:
            found.append(replace(one, weight=simulation.edge_after(one.weight, Action.STRENGTHEN)))
        elif ends & weakened:
            found.append(replace(one, weight=simulation.edge_after(one.weight, Action.DECAY)))
    return [after for after in found if after not in known]


def downscaled(
    known: Sequence[Edge],
    replayed_items: frozenset[str],
    protected: frozenset[str],
    params: ReplayParams = replay.RECOMMENDED,
) -> list[Edge]:
    """Edges as the night leaves them, scaled down, grown between what was replayed; weight 0 says: prune it."""
    if not known:
        return []
    night = replay.night_edges(
        np.array([one.weight for one in known]),
        np.array([{one.source, one.target} <= replayed_items for one in known]),
        np.array([bool({one.source, one.target} & protected) for one in known]),
        params,
    )
    weights = np.where(night.is_pruned, 0.0, night.weights)
    pairs = zip(known, weights.tolist(), strict=True)
    return [replace(one, weight=weight) for one, weight in pairs if weight != one.weight]


def _nights_since(one: Asleep, now: datetime) -> float:
    """1 for what was replayed last night; infinity for never."""
    if one.replayed_at is None:
        return float("inf")
    return max(1.0, round(days_between(one.replayed_at, now)))


def _candidate(one: Remembered) -> Candidate:
    trace = one.trace
    return Candidate(
        id=trace.document_id,
        td_error=trace.surprise,
        reward=min(1.0, max(0.0, (1 + trace.surprise) / 2)),
        entities=tuple(sorted(one.names)),
        valence=2 * trace.valence - 1,
        arousal=trace.arousal,
    )


def _named(candidates: Sequence[Candidate]) -> Mapping[str, Sequence[str]]:
    """The items that ended well, by the names that they mention, the best first."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in sorted(candidates, key=lambda one: (-one.reward, one.id)):
        if one.reward >= SUCCESS:
            for name in one.entities:
                found[name].append(one.id)
    return found
