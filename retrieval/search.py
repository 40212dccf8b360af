"""Answers a question from an index: arms, seeds, one walk, fusion.

Seeds are the entities that the question names, the entities of the sentences nearest to it, and the passages
themselves in
proportion to what the arms say (HippoRAG 2, arXiv 2502.14802, section 3.3, seeds every passage; here the best of each
arm get one). One Personalized PageRank joins them, and its mass is fused with the arms, which keep the head of the
ranking.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from retrieval.adjacency import GraphParams, Weights, specificity
from retrieval.errors import EmptyReset
from retrieval.explain import ArmScore, PathStep, arm_scores, path_to
from retrieval.extractors.rules import question_names
from retrieval.filters import Filter
from retrieval.fusion import Features, FusionParams, combine, probability, softmax, standardised
from retrieval.index import Index
from retrieval.lexical import LexicalParams
from retrieval.normalize import normal_name, terms
from retrieval.pagerank import Visited, WalkParams
from retrieval.pruned import Lexical, lexical_scores
from retrieval.ranking import ranked
from retrieval.types import FloatVector, PassageId
from retrieval.vectors.dense import PROBE_SHARE

Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

LONGEST_NAME = 8  # words of a name that is looked up in a question


@dataclass(frozen=True, slots=True)
class SeedParams:
    sentences: int = 3  # the nearest sentences whose entities are seeds
    sentence: float = 0.3  # weight of such an entity against one that the question names
    common_word: float = 0.3  # factor on a one-word name that the question does not capitalise
    entities: float = 1.0  # mass of all entity seeds
    passages: float = 2.5  # mass of all passage seeds
    temperature: float = 0.7
    bm25: float = 0.5  # weights of the standardised arms in the passage seeds; dense and best sentence weigh 1
    window: float = 0.5


@dataclass(frozen=True, slots=True)
class SearchParams:
    per_arm: int = 200  # candidates from each arm
    probe_share: float = PROBE_SHARE  # share of a large index's vectors, the nearest ones by cells, that are compared
    graph: GraphParams = field(default_factory=GraphParams)
    walk: WalkParams = field(default_factory=WalkParams)
    lexical: LexicalParams = field(default_factory=LexicalParams)
    seeds: SeedParams = field(default_factory=SeedParams)
    fusion: FusionParams = field(default_factory=FusionParams)

    @classmethod
    def only(cls, arm: str) -> "SearchParams":
        """One arm alone, as a baseline: dense, sentence, bm25 or window."""
        return cls(fusion=replace(FusionParams(0.0, 0.0, 0.0, 0.0, 0.0), **{arm: 1.0}))


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    vector: FloatVector  # float32[d], length 1


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
    path: tuple[PathStep, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    hits: tuple[Hit, ...]
    seeds: tuple[Seed, ...] = ()


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidate rows with what the arms say of them, and the sentences nearest to the question."""

    rows: Ints
    features: Features
    sentences: tuple[tuple[int, float], ...]  # (sentence, cosine), nearest first
    ceiling: float  # the highest BM25 that any passage could have


def search(
    index: Index,
    question: Question,
    params: SearchParams,
    filter_: Filter | None = None,
    top_k: int = 10,
    explain: bool = False,
) -> SearchResult:
    """The `top_k` best passages that the filter permits. Raises DimensionMismatch."""
    if not len(index) or top_k < 1:
        return SearchResult(())
    alive = np.asarray(index.graph.alive.view, np.bool_)
    lexical = _lexical(index, question, params)
    pool = _pool(index, question, params, lexical, None if len(index) == index.rows else alive)
    allowed = alive if filter_ is None else alive & filter_.mask(index.columns)
    seeds: tuple[Ints, Floats] = (np.zeros(0, np.int32), np.zeros(0))
    visited = None
    if params.fusion.graph > 0:
        seeds = _seeds(index, question, params, pool)
        try:
            visited = index.walker.walk(index.graph, *seeds, params.walk, params.graph)
        except EmptyReset:
            visited = None  # nothing to walk from: the arms answer alone
    candidates = _candidates(index, question, params, lexical, pool, visited, allowed, filter_ is not None)
    return _answer(index, params, candidates, visited, seeds, top_k, explain)


def _lexical(index: Index, question: Question, params: SearchParams) -> Lexical:
    return lexical_scores(index, terms(question.text), params.lexical)


def _pool(index: Index, question: Question, params: SearchParams, lexical: Lexical, allowed: Bools | None) -> Pool:
    """The union of the best rows of every arm."""
    found = [index.vectors.search(question.vector, params.per_arm, allowed, params.probe_share).rows]
    found += lexical.best(params.per_arm, allowed)
    return _described(index, question, lexical, np.unique(np.concatenate(found)), params.seeds.sentences)


def _described(index: Index, question: Question, lexical: Lexical, rows: Ints, nearest: int) -> Pool:
    """What the arms say of these rows (ascending)."""
    dense = index.vectors.scores(question.vector, rows).astype(np.float64)
    found = index.sentences.similar(question.vector, rows)
    similar, owners = found.cosine.astype(np.float64), found.owner
    best = dense.copy()  # a passage without sentences is its own sentence
    has = np.zeros(len(rows), np.bool_)
    has[owners] = True
    best[has] = -1.0
    np.maximum.at(best, owners, similar)
    passage, window = lexical.at(rows)
    order = np.lexsort((rows[owners], -similar))[:nearest]
    sentences = tuple((int(found.number[k]), float(similar[k])) for k in order)
    return Pool(rows, Features(dense, best, passage, window), sentences, lexical.ceiling)


def _seeds(index: Index, question: Question, params: SearchParams, pool: Pool) -> tuple[Ints, Floats]:
    """Distinct nodes and the mass of the reset distribution on each."""
    seeds = params.seeds
    entities = _entity_seeds(index, question, params, pool)
    mass: dict[int, float] = {}
    total = sum(entities.values())
    for entity, weight in entities.items():
        mass[2 * entity + 1] = seeds.entities * weight / total
    arms = pool.features
    standing = (
        standardised(arms.dense)
        + standardised(arms.sentence)
        + seeds.bm25 * standardised(arms.bm25)
        + seeds.window * standardised(arms.window)
    )
    for row, share in zip(pool.rows, softmax(standing, seeds.temperature), strict=True):
        mass[2 * int(row)] = seeds.passages * float(share)
    return np.fromiter(mass, np.int32, len(mass)), np.fromiter(mass.values(), np.float64, len(mass))


def _entity_seeds(index: Index, question: Question, params: SearchParams, pool: Pool) -> dict[int, float]:
    """Weights of the entities that the question names, and of those that the nearest sentences name; hubs weigh
    nothing.
    """
    weights = index.graph.weights(params.graph)
    found: dict[int, float] = {}
    for entity, factor in named_entities(index, question.text, params.seeds.common_word).items():
        found[entity] = factor * _specificity(index, entity, weights)
    for sentence, similar in pool.sentences:
        entities = index.sentences.entities_of(sentence)
        for entity in map(int, entities):
            weight = (
                params.seeds.sentence * max(similar, 0.0) * _specificity(index, entity, weights) / len(entities) ** 0.5
            )
            found[entity] = found.get(entity, 0.0) + weight
    return {entity: weight for entity, weight in found.items() if weight > 0}


def _specificity(index: Index, entity: int, weights: Weights) -> float:
    return float(specificity(int(index.graph.df.view[entity]), int(index.graph.kind.view[entity]), weights))


def named_entities(index: Index, question: str, common_word: float) -> dict[int, float]:
    """Entity rows whose name stands in the question (longest match first), each with a factor up to 1."""
    names = question_names(question)
    capitalised = {word for name in names if name.capitalised for word in name.name.split()}
    words = normal_name(question).split()
    found: dict[int, float] = {}
    start = 0
    while start < len(words):
        for end in range(min(len(words), start + LONGEST_NAME), start, -1):
            entity = index.graph.entity(" ".join(words[start:end]))
            if entity >= 0:
                is_common = end - start == 1 and words[start] not in capitalised
                found[entity] = max(found.get(entity, 0.0), common_word if is_common else 1.0)
                start = end
                break
        else:
            start += 1
    for name in names:  # names in scripts without spaces, and aliases of names
        entity = index.graph.entity(name.name)
        if entity >= 0:
            found.setdefault(entity, 1.0)
        elif name.capitalised:
            for near, similar in index.graph.near(name.name).items():
                found.setdefault(near, similar)
    return found


def _candidates(
    index: Index, question: Question, params: SearchParams, lexical: Lexical, pool: Pool, visited: Visited | None,
    allowed: Bools, is_filtered: bool,
) -> Pool:  # fmt: skip
    """The pool and the passages where the walk left most, as far as they are allowed.

    A filter cuts results, not the walk; but each arm then looks again among the allowed, so that a narrow filter still
    finds its best.
    """
    rows = [pool.rows[allowed[pool.rows]]]
    if is_filtered:
        rows.append(_pool(index, question, params, lexical, allowed).rows)
    if visited is not None:
        reached = visited.nodes % 2 == 0
        passages, mass = visited.nodes[reached] // 2, visited.mass[reached]
        permitted = allowed[passages] & (mass > 0)
        rows.append(ranked(passages[permitted], mass[permitted], params.per_arm).rows)
    return _described(index, question, lexical, np.unique(np.concatenate(rows)), 0)


def _answer(
    index: Index, params: SearchParams, pool: Pool, visited: Visited | None, seeds: tuple[Ints, Floats], top_k: int,
    explain: bool,
) -> SearchResult:  # fmt: skip
    mass = np.zeros(len(pool.rows))
    if visited is not None:
        order = np.argsort(visited.nodes)
        nodes = visited.nodes[order]
        at = np.searchsorted(nodes, 2 * pool.rows)
        at[at == len(nodes)] = 0
        there = nodes[at] == 2 * pool.rows
        mass[there] = visited.mass[order][at[there]]
    log_mass = np.log(mass + params.walk.floor)
    final = combine(pool.features, None if visited is None else log_mass, params.fusion)
    final = np.round(final, 9)  # below this, floating-point noise decides; ties go to the older passage
    order = np.lexsort((pool.rows, -final))[:top_k]
    nearest = np.maximum(pool.features.dense, pool.features.sentence)
    chance = probability(nearest, pool.features.window / max(pool.ceiling, 1e-9), log_mass)
    hits = []
    for place in order:
        row = int(pool.rows[place])
        hit = Hit(index.passage_id(row), float(final[place]), float(chance[place]))
        if explain:
            arms = arm_scores(pool.features, mass, int(place))
            path = path_to(index, row, seeds, visited, params.graph, params.walk.damping) if visited else ()
            hit = replace(hit, arms=arms, path=path)
        hits.append(hit)
    return SearchResult(tuple(hits), _shown_seeds(index, seeds) if explain else ())


def _shown_seeds(index: Index, seeds: tuple[Ints, Floats], most: int = 20) -> tuple[Seed, ...]:
    nodes, mass = seeds
    shown = []
    for at in np.argsort(-mass, kind="stable")[:most]:
        row = int(nodes[at]) // 2
        is_entity = nodes[at] % 2 == 1
        label = index.graph.displays[row] if is_entity else index.passage_id(row)
        shown.append(Seed("entity" if is_entity else "passage", label, float(mass[at] / mass.sum())))
    return tuple(shown)
