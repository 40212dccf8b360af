"""Answers a question from an index: arms, seeds, one walk, a second look, fusion.

Each arm gives its best candidates. Seeds are the entities that the question names, those of the sentences nearest to
it, and passages (seeds.py). One Personalized PageRank joins them; its mass is one kind of evidence among those that
evidence.py weighs for every candidate.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from retrieval import pool
from retrieval.adjacency import GraphParams
from retrieval.errors import EmptyReset
from retrieval.evidence import evidence, only_arms
from retrieval.explain import ArmScore, PathStep, Walk, arm_scores, paths_to
from retrieval.filters import Filter
from retrieval.fusion import ARMS, EVIDENCE, FusionParams, combine, probability
from retrieval.index import Index
from retrieval.lexical import LexicalParams, term_hits
from retrieval.normalize import terms
from retrieval.pagerank import Visited, WalkParams
from retrieval.pool import Pool
from retrieval.predicates import Condition, Operator
from retrieval.pruned import Lexical, lexical_scores
from retrieval.questions import Asked, asked
from retrieval.ranking import ranked
from retrieval.second_hop import FactParams, Hop, led_on, nearest_facts, recognised_entities
from retrieval.seeds import SeedParams, Seeds, named_entities, seeds_of
from retrieval.types import FactId, FloatVector, PassageId
from retrieval.vectors.dense import PROBE_SHARE

Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SearchParams:
    per_arm: int = 200  # candidates from each arm
    probe_share: float = PROBE_SHARE  # share of a large index's vectors, the nearest ones by cells, that are compared
    without_speakers: bool = True  # names of speakers are left out of what is encoded and looked up ...
    speaker_share: float = 0.1  # ... if they say at least this share of all passages: else their names tell them apart
    graph: GraphParams = field(default_factory=GraphParams)
    walk: WalkParams = field(default_factory=WalkParams)
    lexical: LexicalParams = field(default_factory=LexicalParams)
    seeds: SeedParams = field(default_factory=SeedParams)
    fusion: FusionParams = field(default_factory=FusionParams)
    facts: FactParams = field(default_factory=FactParams)

    @classmethod
    def only(cls, arm: str) -> "SearchParams":
        """One arm alone, as a baseline that takes the question as it is: dense, sentence, bm25 or window."""
        return cls(without_speakers=False, fusion=FusionParams.only(arm))


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    vector: FloatVector  # float32[d], length 1; of the wording of what is asked
    asked: Asked | None = None  # what `understood` made of it; without it, search asks again


@dataclass(frozen=True, slots=True)
class Seed:
    """Where the walk began: an entity (`name`) or a passage (`passage`), with its share of the mass."""

    kind: str  # entity or passage
    label: str
    mass: float


@dataclass(frozen=True, slots=True)
class Hit:
    id: PassageId
    score: float  # higher is better; comparable within one answer
    probability: float  # calibrated chance that it helps, 0 to 1; comparable across questions
    arms: Mapping[str, ArmScore] = field(default_factory=dict)
    path: tuple[PathStep, ...] = ()  # after `traced`
    row: int = -1  # in the index that answered; good as long as that does not change


@dataclass(frozen=True, slots=True)
class SearchResult:
    hits: tuple[Hit, ...]
    seeds: tuple[Seed, ...] = ()
    facts: tuple[FactId, ...] = ()  # nearest to the question, best first
    named: Mapping[int, float] | None = None  # entity rows that its wording names; None where nobody looked
    walk: Walk | None = None  # of what is to be explained


@dataclass(frozen=True, slots=True)
class Considered:
    """All candidates with what speaks for them: what is left to do is to weigh it."""

    pool: Pool
    evidence: Floats  # float64[len(EVIDENCE), candidates], in the order of EVIDENCE
    is_spoken: Bools
    mass: Floats  # PageRank
    seeds: Seeds
    visited: Visited | None  # None where nothing was walked
    named: Mapping[int, float] | None  # entities that the question names; None where nobody looked

    def calibrated_by(self) -> tuple[Floats, Floats]:
        """What the probability follows from, besides the PageRank: best cosine, share of the highest window BM25."""
        arms = self.pool.features
        return np.maximum(arms.dense, arms.sentence), arms.window / max(self.pool.ceiling, 1e-9)


def understood(index: Index, text: str, params: SearchParams) -> Asked:
    """What is asked; its `wording` is what the encoder is to read."""
    called = index.speakers.called(index.columns.values("speaker")) if params.without_speakers else {}
    found = asked(text, called)
    if not found.speakers:
        return found
    alive = np.asarray(index.graph.alive.view, np.bool_)
    living = {
        name: bearers
        for name, bearers in called.items()
        if bearers & found.speakers and _share_said(index, bearers, alive) >= params.speaker_share
    }
    return asked(text, living)


def search(
    index: Index,
    question: Question,
    params: SearchParams,
    filter_: Filter | None = None,
    top_k: int = 10,
    explain: bool = False,
    facts: Sequence[FactId] = (),
) -> SearchResult:
    """The `top_k` best passages that the filter permits. `facts` have been recognised as helpful.

    With `explain`, hits have what the arms say of them; `traced` adds their paths, which take longer.

    Raises DimensionMismatch.
    """
    if not len(index) or top_k < 1:
        return SearchResult(())
    return _answer(index, question, params, consider(index, question, params, filter_, facts), top_k, explain)


def traced(index: Index, found: SearchResult, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """These hits with their paths. `found` is of this index, and to be explained."""
    if found.walk is None:
        return tuple(hits)
    paths = paths_to(index, [hit.row for hit in hits], found.walk)
    return tuple(replace(hit, path=path) for hit, path in zip(hits, paths, strict=True))


def consider(
    index: Index,
    question: Question,
    params: SearchParams,
    filter_: Filter | None = None,
    facts: Sequence[FactId] = (),
) -> Considered:
    """The candidates of an index that is not empty, as far as the filter permits. Raises DimensionMismatch."""
    alive = np.asarray(index.graph.alive.view, np.bool_)
    about = question.asked or understood(index, question.text, params)
    lexical = lexical_scores(index, terms(about.wording), params.lexical)
    all_ = None if len(index) == index.rows else alive
    found = pool.gathered(index, question.vector, lexical, params.per_arm, params.probe_share, all_)
    allowed = alive if filter_ is None else alive & filter_.mask(index.columns)
    named: dict[int, float] | None = None
    seeds, visited = Seeds(np.zeros(0, np.int32), np.zeros(0)), None
    if params.fusion.uses("graph"):
        named = named_entities(index, about.wording, params.seeds.common_word)
        recognised = dict.fromkeys(recognised_entities(index, facts, found.rows), params.facts.recognised)
        seeds = seeds_of(index, named | recognised, params.seeds, params.graph, found)
        try:
            visited = index.walker.walk(index.graph, seeds.nodes, seeds.mass, params.walk, params.graph)
        except EmptyReset:
            visited = None  # nothing to walk from: the arms answer alone
    candidates = _candidates(index, question, params, lexical, found, visited, allowed, filter_ is not None)
    mass = _mass_of(candidates.rows, visited)
    log_mass = np.log(mass + params.walk.floor)
    if params.fusion.uses(*EVIDENCE[len(ARMS) :]):
        hits = term_hits(index.lexicon, terms(about.wording), candidates.rows, alive, len(index))
        weighed = evidence(index, about, question.vector, named or {}, candidates, log_mass, hits, params.graph)
    else:
        weighed = _of_arms_alone(candidates, log_mass)
    return Considered(candidates, *weighed, mass, seeds, visited, named)


def _of_arms_alone(candidates: Pool, log_mass: Floats) -> tuple[Floats, Bools]:
    arms, nothing = only_arms(candidates.features, log_mass), np.zeros(len(log_mass))
    return np.stack([arms.get(name, nothing) for name in EVIDENCE]), nothing > 0


def _share_said(index: Index, speakers: Set[str], alive: Bools) -> float:
    """The share of the living passages that these speakers say."""
    said = alive & Condition("speaker", Operator.IN, tuple(sorted(speakers))).mask(index.columns)
    return float(said.sum()) / max(len(index), 1)


def _candidates(
    index: Index, question: Question, params: SearchParams, lexical: Lexical, found: Pool, visited: Visited | None,
    allowed: Bools, is_filtered: bool,
) -> Pool:  # fmt: skip
    """The pool and the passages where the walk left most, as far as they are allowed.

    A filter cuts results, not the walk; but each arm then looks again among the allowed, so that a narrow filter still
    finds its best.
    """
    rows = [found.rows[allowed[found.rows]]]
    if is_filtered:
        again = pool.gathered(index, question.vector, lexical, params.per_arm, params.probe_share, allowed)
        rows.append(again.rows)
    if visited is not None:
        reached = visited.nodes % 2 == 0
        passages, mass = visited.nodes[reached] // 2, visited.mass[reached]
        permitted = allowed[passages] & (mass > 0)
        rows.append(ranked(passages[permitted], mass[permitted], params.per_arm).rows)
    return pool.described(index, question.vector, lexical, np.unique(np.concatenate(rows)))


def _mass_of(rows: Ints, visited: Visited | None) -> Floats:
    mass = np.zeros(len(rows))
    if visited is not None:
        order = np.argsort(visited.nodes)
        nodes = visited.nodes[order]
        at = np.searchsorted(nodes, 2 * rows)
        at[at == len(nodes)] = 0
        there = nodes[at] == 2 * rows
        mass[there] = visited.mass[order][at[there]]
    return mass


def _answer(
    index: Index, question: Question, params: SearchParams, found: Considered, top_k: int, explain: bool
) -> SearchResult:
    final = combine(found.evidence, found.is_spoken, params.fusion)
    if found.visited is not None and params.facts.hop > 0 and len(index.graph.facts):
        hop = Hop(question.vector, found.named or {}, index.graph.weights(params.graph))
        final = led_on(index, hop, found.pool.rows, final, params.facts)
    final = np.round(final, 9)  # below this, floating-point noise decides; ties go to the older passage
    rows = found.pool.rows
    order = np.lexsort((rows, -final))[:top_k]
    chance = probability(*found.calibrated_by(), np.log(found.mass + params.walk.floor))
    hits = []
    for place in order:
        row = int(rows[place])
        hit = Hit(index.passage_id(row), float(final[place]), float(chance[place]), row=row)
        if explain:
            hit = replace(hit, arms=arm_scores(found.pool.features, found.mass, int(place)))
        hits.append(hit)
    near = nearest_facts(index, question.vector, rows[order[: params.facts.keeps]], params.facts.near)
    if not explain:
        return SearchResult(tuple(hits), facts=near, named=found.named)
    return SearchResult(tuple(hits), _shown_seeds(index, found.seeds), near, found.named, _walk(found, params))


def _walk(found: Considered, params: SearchParams) -> Walk | None:
    if found.visited is None:
        return None
    return Walk(found.seeds, found.visited, params.graph, params.walk.damping)


def _shown_seeds(index: Index, seeds: Seeds, most: int = 20) -> tuple[Seed, ...]:
    shown = []
    for at in np.argsort(-seeds.mass, kind="stable")[:most]:
        row = int(seeds.nodes[at]) // 2
        is_entity = seeds.nodes[at] % 2 == 1
        label = index.graph.displays[row] if is_entity else index.passage_id(row)
        shown.append(Seed("entity" if is_entity else "passage", label, float(seeds.mass[at] / seeds.mass.sum())))
    return tuple(shown)
