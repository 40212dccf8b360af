"""The stages of a night: each reads, and decides what is to change. Nothing is written here."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import numpy as np

from memory import forget, naming, rereading, retelling, surveying
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
from memory.rereading import Seen
from memory.sleeping import gists, probing, strengthening
from memory.sleeping.distilled import Distillation, Outcome
from memory.sleeping.episodes import Edition, Gist, Outline, Repeat
from memory.sleeping.probing import ReplayedNight
from memory.sleeping.records import ChangeOf, Night, NightChange, StageName
from memory.store import distillations, learning, sleeping, traces
from memory.types import ItemState, JsonValue, LayerName, Namespace

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
class _Retold:
    """A repeat with its survivor and the others as they are."""

    repeat: Repeat
    survivor: Seen
    others: Sequence[Seen]


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
    for one in surveying.seen(tonight.parts, tonight.namespace, tonight.night.at):
        move = decide(one.item, one.trace, one.retrievability)
        if move is not None:
            found.append(_place(StageName.SETTLE, one, move))
    return Decided(tuple(found))


def _replay(tonight: Tonight) -> Decided:
    parts, namespace, at = tonight.parts, tonight.namespace.id, tonight.night.at
    factor = probing.replay_gain(_earlier(tonight.last))
    gain = 1 + (replay.RECOMMENDED.gain - 1) * factor
    ids = sorted(strengthening.chosen(surveying.asleep(parts, tonight.namespace), at))
    known = parts.database.read(lambda session: traces.find_many(session, namespace, ids))
    mine = [known[id_] for id_ in ids if id_ in known]
    changes = [_trace(StageName.REPLAY, one, strengthening.replayed(one, gain, at), STRENGTH) for one in mine]
    return Decided(tuple(changes), {"gain": factor})


def _simulate(tonight: Tonight) -> Decided:
    names = partial(surveying.names_in_recall, tonight.parts, tonight.namespace)
    tried = strengthening.tried(surveying.judged(tonight.parts, tonight.namespace), _since(tonight), names)
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
    parts, namespace, at = tonight.parts, tonight.namespace, tonight.night.at
    named = list(surveying.named(parts, namespace, at))
    made = gists.related(named, parts.embedder.count_tokens, rereading.library(parts, namespace, at))
    del named
    in_gists = {source for one in made for source in one.sources}
    told = tonight.parts.database.read(
        lambda session: distillations.of_night(session, tonight.namespace.id, tonight.night.id)
    )
    changes = _gist_changes(StageName.CONSOLIDATE, tonight, made, told)
    for one in _repeats(tonight, in_gists):
        changes += _corroborated(one.survivor, one.others)
    return Decided(tuple(changes))


def _reconcile(tonight: Tonight) -> Decided:
    changes: list[NightChange] = []
    for one in _repeats(tonight):
        survivor, why = one.survivor.item.id, one.repeat.why
        behind: dict[str, JsonValue] = {"sources": [other.item.id for other in one.others]}
        changes.append(NightChange(StageName.RECONCILE, ChangeOf.REPEATS, survivor, after=behind, why=why))
        move = Move(Happening.ARCHIVED, f"{why}: {survivor}", state=ItemState.ARCHIVED)
        for other, tokens in zip(one.others, one.repeat.tokens, strict=True):
            changes.append(_place(StageName.RECONCILE, other, move, {"stands_in": survivor, "saved": tokens}))
    texts = surveying.said(tonight.parts, tonight.namespace)
    names = naming.changes(tonight.parts, tonight.namespace, tonight.night, texts)
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
    there = surveying.outlines(parts, tonight.namespace, at)
    changes: list[NightChange] = []
    left = there.candidates
    rules: list[Policy] = []
    for rule in policies:
        made = _condensed(tonight, rule, left.values(), [one for one in there.in_recall if one.edition.id in left])
        changes += _gist_changes(StageName.BUDGET, tonight, made)
        for source in (source for one in made for source in one.sources):
            left.pop(source, None)
        taken = sum(parts.embedder.count_tokens(one.text) for one in made)
        rules.append(rule if rule.most_tokens is None else replace(rule, most_tokens=max(0, rule.most_tokens - taken)))
    verdicts = [one for one in plan_forgetting(rules, list(left.values()), at) if one.action is Action.ARCHIVE]
    judged = [Edition(one.id, one.version) for one in verdicts]
    unchanged = rereading.seen_again(parts, tonight.namespace, judged, at)
    for verdict in (one for one in verdicts if one.id in unchanged):
        move = Move(Happening.ARCHIVED, verdict.why, state=ItemState.ARCHIVED)
        changes.append(_place(StageName.BUDGET, unchanged[verdict.id], move, {"saved": left[verdict.id].tokens}))
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


def _edges(tonight: Tonight) -> list[Edge]:
    return tonight.parts.database.read(lambda session: learning.all_edges(session, tonight.namespace.id))


def _earlier(last: Night | None) -> list[ReplayedNight]:
    """What the last night replayed with, and how well was remembered before it."""
    if last is None:
        return []
    before, gain = last.stage(StageName.SETTLE).probes_before, last.stage(StageName.REPLAY).counts.get("gain")
    return [] if before is None or gain is None else [ReplayedNight(gain, before)]


def _since(tonight: Tonight) -> datetime | None:
    return tonight.last.at if tonight.last else None


def _repeats(tonight: Tonight, without: Collection[str] = ()) -> Iterator[_Retold]:
    """Pairs of which one came after the last night; what is a gist, or said with others, is left alone."""
    parts, namespace, at = tonight.parts, tonight.namespace, tonight.night.at
    found = retelling.find(parts, namespace, at, _since(tonight), without)
    compared = [edition for one in found for edition in (one.survivor, *one.repeats)]
    there = rereading.seen_again(parts, namespace, compared, at)
    for one in found:
        if there.keys() >= {one.survivor.id, *(other.id for other in one.repeats)}:
            yield _Retold(one, there[one.survivor.id], [there[other.id] for other in one.repeats])


def _corroborated(survivor: Seen, others: Sequence[Seen]) -> list[NightChange]:
    """More certain by what others say; knowledge, if it is a fact that was told often enough."""
    said = [Evidence(one.trace.confidence, DOUBT_REMOVED, 1.0) for one in others]
    after = replace(survivor.trace, confidence=confidence.combined(survivor.trace.confidence, said))
    found = [_trace(StageName.CONSOLIDATE, survivor.trace, after, ("confidence",))]
    if survivor.item.layer == LayerName.EPISODIC and len(others) >= TOLD_OFTEN:
        move = Move(Happening.PROMOTED, f"told {1 + len(others)} times", layer=LayerName.SEMANTIC)
        found.append(_place(StageName.CONSOLIDATE, survivor, move))
    return found


def _condensed(tonight: Tonight, rule: Policy, left: Iterable[Candidate], read: Sequence[Outline]) -> list[Gist]:
    """The gists that bring what a rule limits down to its tokens, or near it."""
    if rule.most_tokens is None:
        return []
    active = [one for one in left if one.state is ItemState.ACTIVE and rule.layer in {None, one.layer}]
    mine = [one for one in read if rule.layer in {None, one.layer}]
    others = sum(one.tokens for one in active) - sum(one.tokens for one in mine)
    params = replace(gists.RECOMMENDED, shortens_gists=True)
    library = rereading.library(tonight.parts, tonight.namespace, tonight.night.at)
    return gists.condense(mine, max(0, rule.most_tokens - others), tonight.parts.embedder.count_tokens, library, params)


def _gist_changes(
    stage: StageName,
    tonight: Tonight,
    made: Sequence[Gist],
    distilled: Mapping[tuple[str, ...], Distillation] | None = None,
) -> list[NightChange]:
    """Each gist, then the sources that it stands in for; without those of which a source has changed meanwhile."""
    editions = (edition for one in made for edition in one.made_of)
    there = rereading.seen_again(tonight.parts, tonight.namespace, editions, tonight.night.at)
    found = []
    for one in (one for one in made if one.parts and there.keys() >= set(one.sources)):
        told = (distilled or {}).get(one.sources)
        is_distilled = told is not None and told.outcome is Outcome.DISTILLED
        quoted: list[JsonValue] = [] if is_distilled else [[part.source, part.start, part.end] for part in one.parts]
        id_, text, why = id_from(tonight.night.at, f"{tonight.night.id}:{stage}:{quoted}"), one.text, one.why
        if told is not None and is_distilled:
            id_, text, why = told.id, told.text, f"distilled from {len(one.sources)} memories"
        size = tonight.parts.embedder.count_tokens(text)
        saved = one.tokens - size
        after: dict[str, JsonValue] = {"parts": quoted, "sources": list(one.sources), "tokens": size, "saved": saved}
        if is_distilled:
            after["distilled"] = True
        found.append(NightChange(stage, ChangeOf.GIST, id_, after=after, why=why))
        move = Move(Happening.ARCHIVED, f"told in short by {id_}", state=ItemState.ARCHIVED)
        found += [_place(stage, there[source], move, {"stands_in": id_}) for source in one.sources]
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
