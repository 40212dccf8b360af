"""What a night replays and tries out, and what that does to traces and edges. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from memory.dynamics import replay, simulation
from memory.dynamics.checks import days_between
from memory.dynamics.replay import ReplayParams
from memory.dynamics.simulation import Action, Candidate, Neighbour, Surroundings
from memory.layers.learning import Edge
from memory.layers.traces import Trace

MOST_TRIED = 500  # candidates of one night, the most surprising first
SUCCESS = 0.6  # reward from which an episode ended well
MOST_NEIGHBOURS = 20  # of one name
MOST_NAMED = 200  # items that a name may have and still tell something


@dataclass(frozen=True, slots=True)
class Remembered:
    """An item in recall with its trace and the names that it mentions."""

    trace: Trace
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a candidate: strengthened or not; for one that was imagined, the item that went well instead."""

    document: str
    action: Action
    score: float
    instead: str | None = None


def replayed(items: Sequence[Remembered], gain: float, now: datetime, share: float = 0.02) -> dict[str, Trace]:
    """The traces of what is replayed, as they are afterwards: used, moving, recent and unstable ones first.

    A night replays 20 items, or this `share` of them if that is more; `gain` is that of stability.
    """
    if not items:
        return {}
    params = replace(replay.RECOMMENDED, gain=gain, most=max(replay.RECOMMENDED.most, int(share * len(items))))
    traces = [one.trace for one in items]
    asked = replay.priorities(
        np.array([float(one.recalls) for one in traces]),
        np.array([one.arousal for one in traces]),
        np.array([days_between(one.last_recalled, now) for one in traces]),
        np.array([one.stability for one in traces]),
        params,
    )
    chosen = replay.select(asked, np.array([_nights_since(one, now) for one in traces]), params)
    return {traces[place].document_id: _after(traces[place], params, now) for place in chosen}


def tried(items: Sequence[Remembered], since: datetime | None) -> list[Tried]:
    """What was judged since the last night, and how it might have gone: selected by value (arXiv 2604.23878)."""
    judged = [one for one in items if one.trace.surprise and (since is None or one.trace.last_recalled >= since)]
    judged.sort(key=lambda one: (-abs(one.trace.surprise), one.trace.document_id))
    real = {one.trace.document_id: _candidate(one) for one in judged[:MOST_TRIED]}
    if not real:
        return []
    around = _surroundings(items, [one for one in real.values() if one.reward >= SUCCESS])
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


def _nights_since(trace: Trace, now: datetime) -> float:
    """1 for what was replayed last night; infinity for never."""
    if trace.replayed_at is None:
        return float("inf")
    return max(1.0, round(days_between(trace.replayed_at, now)))


def _after(trace: Trace, params: ReplayParams, now: datetime) -> Trace:
    stability = replay.replayed_stability(trace.stability, trace.arousal, params)
    return replace(trace, stability=stability, replayed_at=now, replays=trace.replays + 1)


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


def _surroundings(items: Sequence[Remembered], successes: Sequence[Candidate]) -> Surroundings:
    """Names that are mentioned together; how often is how important one is to the other."""
    together: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    counts: dict[str, int] = defaultdict(int)
    for one in items:
        for name in one.names:
            counts[name] += 1
    for one in items:
        names = sorted(name for name in one.names if counts[name] <= MOST_NAMED)
        for place, left in enumerate(names):
            for right in names[place + 1 :]:
                together[left][right] += 1.0
                together[right][left] += 1.0
    neighbours = {
        name: [Neighbour(other, weight) for other, weight in sorted(around.items(), key=_heaviest)[:MOST_NEIGHBOURS]]
        for name, around in together.items()
    }
    return Surroundings(neighbours, dict.fromkeys(neighbours, "name"), successes)


def _heaviest(pair: tuple[str, float]) -> tuple[float, str]:
    return (-pair[1], pair[0])


def _named(candidates: Sequence[Candidate]) -> Mapping[str, Sequence[str]]:
    """The items that ended well, by the names that they mention, the best first."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in sorted(candidates, key=lambda one: (-one.reward, one.id)):
        if one.reward >= SUCCESS:
            for name in one.entities:
                found[name].append(one.id)
    return found
