"""The stages of a night: each reads, and decides what is to change. Nothing is written here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from memory import forget, naming
from memory.dynamics import confidence, replay, spectrum
from memory.dynamics.confidence import Evidence
from memory.errors import EigenvalueNotFound
from memory.forgetting.plan import Candidate
from memory.forgetting.plan import decide as plan_forgetting
from memory.forgetting.policies import Action, Policy
from memory.ids import id_from
from memory.layers.learning import Edge
from memory.layers.traces import Trace
from memory.layers.transitions import Happening, Move, decide
from memory.night_states import edge_state, place_state, trace_state
from memory.parts import Parts
from memory.repeating import DOUBT_REMOVED
from memory.reranking import CO_RECALL
from memory.sleeping import gists, probing, repeats, strengthening
from memory.sleeping.distilled import Distillation, Outcome
from memory.sleeping.episodes import Episode, Gist, Repeat
from memory.sleeping.probing import ReplayedNight
from memory.sleeping.records import ChangeOf, Night, NightChange, StageName
from memory.sleeping.strengthening import Remembered
from memory.store import distillations, learning, sleeping, traces
from memory.surveying import Seen, Survey, seen, survey
from memory.types import ItemState, JsonValue, Kind, LayerName, Namespace

TOLD_OFTEN = 2  # repeats that make a stated episode knowledge
STRENGTH = ("stability", "replayed_at", "replays")


@dataclass(frozen=True, slots=True)
class Tonight:
    """A night, and the one before it; None: there was none that counts."""

    parts: Parts
    namespace: Namespace
    night: Night
    last: Night | None


@dataclass(frozen=True, slots=True)
class Decided:
    """What a stage wants changed, and figures that do not follow from the changes."""

    changes: tuple[NightChange, ...] = ()
    counts: Mapping[str, float] = field(default_factory=dict)


def decided(tonight: Tonight, stage: StageName) -> Decided:
    """What this stage would change now. Raises StoreUnavailable, EmbedderError."""
    return DECIDING[stage](tonight)


def _settle(tonight: Tonight) -> Decided:
    found = []
    for one in _seen(tonight):
        move = decide(one.item, one.trace, one.retrievability)
        if move is not None:
            found.append(_place(StageName.SETTLE, one, move))
    return Decided(tuple(found))


def _replay(tonight: Tonight) -> Decided:
    mine = [one for one in _seen(tonight) if one.item.state is ItemState.ACTIVE and one.item.kind is Kind.MEMORY]
    factor = probing.replay_gain(_earlier(tonight.last))
    gain = 1 + (replay.RECOMMENDED.gain - 1) * factor
    after = strengthening.replayed([_remembered(one) for one in mine], gain, tonight.night.at)
    changes = [
        _trace(StageName.REPLAY, one.trace, after[one.item.id], STRENGTH) for one in mine if one.item.id in after
    ]
    return Decided(tuple(changes), {"gain": factor})


def _simulate(tonight: Tonight) -> Decided:
    mine = [_remembered(one) for one in _seen(tonight) if one.item.state is ItemState.ACTIVE]
    tried = strengthening.tried(mine, tonight.last.at if tonight.last else None)
    strong = frozenset(one.document for one in tried if one.action == "strengthen" and one.instead is None)
    weak = frozenset(one.document for one in tried) - strong
    known = _edges(tonight)
    changes = _edge_changes(StageName.SIMULATE, known, strengthening.edges_after(known, strong, weak))
    there = {(one.source, one.target) for one in known if one.kind == CO_RECALL}
    wanted = {
        (one.document, one.instead): one.score
        for one in tried
        if one.action == "strengthen" and one.instead is not None and (one.document, one.instead) not in there
    }
    for (source, target), score in wanted.items():
        edge = Edge(CO_RECALL, source, target, score, 1.0, 1, tonight.night.at)
        changes.append(_edge(StageName.SIMULATE, None, edge))
    return Decided(tuple(changes), {"candidates": float(len(tried))})


def _consolidate(tonight: Tonight) -> Decided:
    there = _survey(tonight)
    by_id, read = there.seen, there.episodes
    made = gists.related(read, tonight.parts.embedder.count_tokens)
    in_gists = {source for one in made for source in one.sources}
    told = tonight.parts.database.read(
        lambda session: distillations.of_night(session, tonight.namespace.id, tonight.night.id)
    )
    changes = _gist_changes(StageName.CONSOLIDATE, tonight, made, read, by_id, told)
    for repeat in _repeats(tonight, [one for one in read if one.id not in in_gists], by_id):
        changes += _corroborated(by_id[repeat.survivor], [by_id[id_] for id_ in repeat.repeats])
    return Decided(tuple(changes))


def _reconcile(tonight: Tonight) -> Decided:
    there = _survey(tonight)
    by_id, read = there.seen, there.episodes
    tokens = {one.id: one.tokens for one in read}
    changes: list[NightChange] = []
    for one in _repeats(tonight, read, by_id):
        behind: dict[str, JsonValue] = {"sources": list(one.repeats)}
        changes.append(NightChange(StageName.RECONCILE, ChangeOf.REPEATS, one.survivor, after=behind, why=one.why))
        for id_ in one.repeats:
            move = Move(Happening.ARCHIVED, f"{one.why}: {one.survivor}", state=ItemState.ARCHIVED)
            changes.append(
                _place(StageName.RECONCILE, by_id[id_], move, {"stands_in": one.survivor, "saved": tokens[id_]})
            )
    names = naming.changes(tonight.parts, tonight.namespace, tonight.night, read)
    return Decided((*changes, *names))


def _downscale(tonight: Tonight) -> Decided:
    known = _edges(tonight)
    if not known:
        return Decided()
    tonights = tonight.parts.database.read(
        lambda session: sleeping.changes(session, tonight.namespace.id, tonight.night.id, stage=StageName.REPLAY)
    )
    replayed = frozenset(one.document for _, one in tonights)
    pinned = tonight.parts.database.read(lambda session: traces.pinned(session, tonight.namespace.id))
    after = strengthening.downscaled(known, replayed, pinned)
    changes = _edge_changes(StageName.DOWNSCALE, known, after)
    if not _stays_whole(known, after, tonight.night):
        return Decided((), {"kept_for_health": float(len(changes))})
    return Decided(tuple(changes))


def _budget(tonight: Tonight) -> Decided:
    policies = forget.policies_of(tonight.parts, tonight.namespace)
    if not policies:
        return Decided()
    parts, at = tonight.parts, tonight.night.at
    there = _survey(tonight)
    changes: list[NightChange] = []
    left = dict(there.candidates)
    rules: list[Policy] = []
    for rule in policies:
        made = _condensed(tonight, rule, list(left.values()), [one for one in there.episodes if one.id in left])
        changes += _gist_changes(StageName.BUDGET, tonight, made, there.episodes, there.seen)
        for source in (source for one in made for source in one.sources):
            left.pop(source, None)
        taken = sum(parts.embedder.count_tokens(one.text) for one in made)
        rules.append(rule if rule.most_tokens is None else replace(rule, most_tokens=max(0, rule.most_tokens - taken)))
    for verdict in plan_forgetting(rules, list(left.values()), at):
        if verdict.action is Action.ARCHIVE:
            move = Move(Happening.ARCHIVED, verdict.why, state=ItemState.ARCHIVED)
            saved = left[verdict.id].tokens
            changes.append(_place(StageName.BUDGET, there.seen[verdict.id], move, {"saved": saved}))
    return Decided(tuple(changes))


def _nothing(_tonight: Tonight) -> Decided:
    return Decided()


DECIDING: Mapping[StageName, Callable[[Tonight], Decided]] = {
    StageName.SETTLE: _settle,
    StageName.REPLAY: _replay,
    StageName.SIMULATE: _simulate,
    StageName.CONSOLIDATE: _consolidate,
    StageName.RECONCILE: _reconcile,
    StageName.DOWNSCALE: _downscale,
    StageName.BUDGET: _budget,
    StageName.FOLD: _nothing,
    StageName.VERIFY: _nothing,
}


def _seen(tonight: Tonight) -> list[Seen]:
    return list(seen(tonight.parts, tonight.namespace, tonight.night.at))


def _survey(tonight: Tonight) -> Survey:
    return survey(tonight.parts, tonight.namespace, tonight.night.at)


def _edges(tonight: Tonight) -> list[Edge]:
    return tonight.parts.database.read(lambda session: learning.all_edges(session, tonight.namespace.id))


def _remembered(one: Seen) -> Remembered:
    return Remembered(one.trace, one.names)


def _earlier(last: Night | None) -> list[ReplayedNight]:
    """What the last night replayed with, and how well was remembered before it."""
    if last is None:
        return []
    before, gain = last.stage(StageName.SETTLE).probes_before, last.stage(StageName.REPLAY).counts.get("gain")
    return [] if before is None or gain is None else [ReplayedNight(gain, before)]


def _repeats(tonight: Tonight, read: Sequence[Episode], by_id: Mapping[str, Seen]) -> list[Repeat]:
    """Pairs of which one came after the last night; what is a gist, or said with others, is left alone."""
    since = tonight.last.at if tonight.last else None
    new = [one.id for one in read if since is None or by_id[one.id].item.recorded_at > since]
    return repeats.find([one for one in read if not one.is_gist], new)


def _corroborated(survivor: Seen, others: Sequence[Seen]) -> list[NightChange]:
    """More certain by what others say; knowledge, if it is a fact that was told often enough."""
    said = [Evidence(one.trace.confidence, DOUBT_REMOVED, 1.0) for one in others]
    after = replace(survivor.trace, confidence=confidence.combined(survivor.trace.confidence, said))
    found = [_trace(StageName.CONSOLIDATE, survivor.trace, after, ("confidence",))]
    if survivor.item.layer == LayerName.EPISODIC and len(others) >= TOLD_OFTEN:
        move = Move(Happening.PROMOTED, f"told {1 + len(others)} times", layer=LayerName.SEMANTIC)
        found.append(_place(StageName.CONSOLIDATE, survivor, move))
    return found


def _condensed(tonight: Tonight, rule: Policy, left: Sequence[Candidate], read: Sequence[Episode]) -> list[Gist]:
    """The gists that bring what a rule limits down to its tokens, or near it."""
    if rule.most_tokens is None:
        return []
    active = [one for one in left if one.state is ItemState.ACTIVE and rule.layer in {None, one.layer}]
    mine = [one for one in read if rule.layer in {None, one.layer}]
    others = sum(one.tokens for one in active) - sum(one.tokens for one in mine)
    params = replace(gists.RECOMMENDED, shortens_gists=True)
    return gists.condense(mine, max(0, rule.most_tokens - others), tonight.parts.embedder.count_tokens, params)


def _gist_changes(
    stage: StageName,
    tonight: Tonight,
    made: Sequence[Gist],
    read: Sequence[Episode],
    by_id: Mapping[str, Seen],
    distilled: Mapping[tuple[str, ...], Distillation] | None = None,
) -> list[NightChange]:
    """Each gist, then the sources that it stands in for."""
    tokens = {one.id: one.tokens for one in read}
    found = []
    for one in (one for one in made if one.parts):
        told = (distilled or {}).get(one.sources)
        is_distilled = told is not None and told.outcome is Outcome.DISTILLED
        quoted: list[JsonValue] = [] if is_distilled else [[part.source, part.start, part.end] for part in one.parts]
        id_, text, why = id_from(tonight.night.at, f"{tonight.night.id}:{stage}:{quoted}"), one.text, one.why
        if told is not None and is_distilled:
            id_, text, why = told.id, told.text, f"distilled from {len(one.sources)} memories"
        size = tonight.parts.embedder.count_tokens(text)
        saved = sum(tokens[source] for source in one.sources) - size
        after: dict[str, JsonValue] = {"parts": quoted, "sources": list(one.sources), "tokens": size, "saved": saved}
        if is_distilled:
            after["distilled"] = True
        found.append(NightChange(stage, ChangeOf.GIST, id_, after=after, why=why))
        move = Move(Happening.ARCHIVED, f"told in short by {id_}", state=ItemState.ARCHIVED)
        found += [_place(stage, by_id[source], move, {"stands_in": id_}) for source in one.sources]
    return found


def _place(stage: StageName, one: Seen, move: Move, more: Mapping[str, JsonValue] | None = None) -> NightChange:
    to = {"layer": move.layer, "state": move.state.value if move.state else None}
    after = {name: value for name, value in to.items() if value is not None} | dict(more or {})
    before = place_state(one.item)
    return NightChange(stage, ChangeOf.PLACE, one.item.id, "", "", before, after, move.why, move.kind)


def _trace(stage: StageName, before: Trace, after: Trace, names: Sequence[str]) -> NightChange:
    states = trace_state(before, names), trace_state(after, names)
    return NightChange(stage, ChangeOf.TRACE, before.document_id, "", "", *states)


def _edge_changes(stage: StageName, known: Sequence[Edge], after: Sequence[Edge]) -> list[NightChange]:
    before = {(one.kind, one.source, one.target): one for one in known}
    return [_edge(stage, before[one.kind, one.source, one.target], one) for one in after]


def _edge(stage: StageName, before: Edge | None, after: Edge) -> NightChange:
    states = edge_state(before) if before else None, edge_state(after) if after.weight > 0 else None
    return NightChange(stage, ChangeOf.EDGE, after.source, after.target, after.kind, *states)


def _stays_whole(known: Sequence[Edge], after: Sequence[Edge], night: Night) -> bool:
    """Whether the graph of edges hangs together about as well as before (spectral health)."""
    changed = {(one.kind, one.source, one.target): one for one in after}
    nodes = {id_: place for place, id_ in enumerate(sorted({end for one in known for end in (one.source, one.target)}))}
    weights = [changed.get((one.kind, one.source, one.target), one).weight for one in known]
    rng = np.random.default_rng(night.seed)
    try:
        before = spectrum.connectivity(_graph(known, [one.weight for one in known], nodes), rng)
        return not spectrum.health(_graph(known, weights, nodes), before, rng).should_roll_back
    except EigenvalueNotFound:
        return False


def _graph(known: Sequence[Edge], weights: Sequence[float], nodes: Mapping[str, int]) -> spectrum.Edges:
    source = np.array([nodes[one.source] for one in known], np.int64)
    target = np.array([nodes[one.target] for one in known], np.int64)
    return spectrum.Edges(len(nodes), source, target, np.array(weights))
