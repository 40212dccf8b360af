"""The second hop by facts: from what is found first, along the entities in between, to the facts that answer the rest.

A question such as "Which hotel is the best in the city where she was born?" names the first passage but not the second.
The best passages name the entities that lead on, the better the nearer to the question a passage's own fact about one
is; which of their passages matters is said by facts too: those that join such an entity, and are near to the question,
raise the passage that states them. Entities that the question names itself lead nowhere new. Where there are no facts,
nothing changes.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.adjacency import Weights, specificity
from retrieval.bridges import UNSAID
from retrieval.fusion import standardised
from retrieval.index import Index
from retrieval.types import FactId, FloatVector

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]

FIRST = 1e-6  # by which the best passage stays ahead of those that it leads to


@dataclass(frozen=True, slots=True)
class FactParams:
    hop: float = 0.2  # weight of the second hop, in standard deviations of the score
    start: int = 5  # best passages, from which it goes on
    most: int = 500  # facts of one entity that are looked at
    near: int = 0  # facts that are told of with the answer
    recognised: float = 3.0  # weight of the entities of a fact that somebody has recognised, as of named ones
    keeps: int = 100  # passages among whose facts the nearest are looked for


@dataclass(frozen=True, slots=True)
class Hop:
    """The question (float32[d]), the entities that it names, and what turns counts into weights."""

    question: FloatVector
    named: Collection[int]
    weights: Weights


def led_on(index: Index, hop: Hop, rows: Ints, final: Floats, params: FactParams) -> Floats:
    """The scores of these rows with what the second hop adds.

    It leads on from the best passage, which therefore stays before all others.
    """
    if not len(rows):
        return final
    starts, shares = _best(rows, final, params.start)
    reached = second_hop(index, hop, starts, shares, params)[rows]
    if not reached.any():
        return final
    raised = final + params.hop * final.std() * standardised(reached)
    raised[rows == starts[0]] = raised.max() + FIRST
    return np.asarray(raised)


def second_hop(index: Index, hop: Hop, starts: Ints, shares: Floats, params: FactParams) -> Floats:
    """How well the facts of each passage row lead on from these passages, each with its share: float64[rows]."""
    reached = np.zeros(index.rows)
    facts, strengths, origins = [], [], []
    for passage, share in zip(map(int, starts), shares, strict=True):
        for entity, nearness in _named_by(index, hop, passage).items():
            strength = float(share) * nearness * _bridge(index, entity, hop.weights)
            if strength <= 0:
                continue
            found = index.graph.facts.of_entity(entity, params.most)
            facts += found
            strengths += [strength] * len(found)
            origins += [passage] * len(found)
    if not facts:
        return reached
    rows, where = np.unique(np.array(facts, np.int64), return_inverse=True)
    similar = np.maximum(index.graph.facts.similarities(hop.question, rows), 0.0).astype(np.float64)
    owners = index.graph.facts.passages(rows)[where]
    leads_on = owners != np.array(origins, np.int32)
    value = similar[where] * np.array(strengths)
    np.maximum.at(reached, owners[leads_on], value[leads_on])
    return reached


def _named_by(index: Index, hop: Hop, passage: int) -> dict[int, float]:
    """The entities of a passage that the question does not name, and how near to the question it speaks of each.

    That is the cosine of its nearest fact about the entity; about one that it only mentions, a share of its own cosine.
    """
    own = np.array([passage], np.int32)
    unsaid = UNSAID * max(float(index.vectors.scores(hop.question, own)[0]), 0.0)
    rows = index.graph.facts.of_passages(own)
    said: dict[int, float] = {}
    for row, cosine in zip(map(int, rows), index.graph.facts.similarities(hop.question, rows), strict=True):
        for entity in index.graph.facts.entities(row):
            said[entity] = max(said.get(entity, 0.0), float(cosine))
    mentioned = map(int, index.graph.mentions_of(passage)[0])
    return {entity: said.get(entity, unsaid) for entity in mentioned if entity not in hop.named}


def nearest_facts(index: Index, question: FloatVector, passages: Ints, limit: int) -> tuple[FactId, ...]:
    """The facts of these passages that are nearest to the question, each once; equal ones by their ids."""
    rows = index.graph.facts.of_passages(passages)
    similar = np.round(index.graph.facts.similarities(question, rows).astype(np.float64), 6)
    best: dict[FactId, float] = {}
    for at in np.argsort(-similar, kind="stable")[: 4 * limit]:
        best.setdefault(index.graph.facts.id(int(rows[at])), float(similar[at]))
    return tuple(sorted(best, key=lambda fact: (-best[fact], fact))[:limit])


def recognised_entities(index: Index, facts: Sequence[FactId], passages: Ints) -> list[int]:
    """The entities that these facts join, as far as one of the passages states them."""
    if not facts:
        return []
    rows = index.graph.facts.of_passages(passages)
    wanted = set(facts)
    found = {index.graph.facts.id(int(row)): index.graph.facts.entities(int(row)) for row in rows}
    return sorted({entity for fact in wanted & found.keys() for entity in found[fact]})


def _best(rows: Ints, final: Floats, most: int) -> tuple[Ints, Floats]:
    """The best of these rows, and how they stand against the first: by score, in standard deviations."""
    order = np.lexsort((rows, -np.round(final, 9)))[:most]
    deviation = float(final.std()) if len(final) else 0.0
    if deviation < 1e-12:
        return rows[order], np.ones(len(order))
    return rows[order], np.exp((final[order] - final[order[0]]) / deviation)


def _bridge(index: Index, entity: int, weights: Weights) -> float:
    """1 for an entity that nothing else names, 0 for a hub."""
    view = index.graph
    own = specificity(int(view.df.view[entity]), int(view.kind.view[entity]), weights)
    return float(own / weights.specificity[1])
