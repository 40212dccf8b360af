"""Where the walk begins: at the entities that a question names, at those of the nearest sentences, and at passages.

Passages are seeds in proportion to what the arms say (HippoRAG 2, arXiv 2502.14802, section 3.3, seeds every passage;
here the best of each arm are).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.adjacency import GraphParams, Weights, specificity
from retrieval.extractors.rules import question_names
from retrieval.fusion import softmax, standardised
from retrieval.index import Index
from retrieval.normalize import normal_name
from retrieval.pool import Pool

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
class Seeds:
    """Distinct nodes and the mass of the reset distribution on each."""

    nodes: Ints
    mass: Floats


def seeds_of(index: Index, named: dict[int, float], params: SeedParams, graph: GraphParams, pool: Pool) -> Seeds:
    """`named` are the entities that the question names, each with a factor up to 1."""
    entities = _entity_seeds(index, named, params, graph, pool)
    mass: dict[int, float] = {}
    total = sum(entities.values())
    for entity, weight in entities.items():
        mass[2 * entity + 1] = params.entities * weight / total
    arms = pool.features
    standing = (
        standardised(arms.dense)
        + standardised(arms.sentence)
        + params.bm25 * standardised(arms.bm25)
        + params.window * standardised(arms.window)
    )
    for row, share in zip(pool.rows, softmax(standing, params.temperature), strict=True):
        mass[2 * int(row)] = params.passages * float(share)
    return Seeds(np.fromiter(mass, np.int32, len(mass)), np.fromiter(mass.values(), np.float64, len(mass)))


def _entity_seeds(
    index: Index, named: dict[int, float], params: SeedParams, graph: GraphParams, pool: Pool
) -> dict[int, float]:
    """Weights of the entities that the question names, and of those that the nearest sentences name; hubs weigh
    nothing.
    """
    weights = index.graph.weights(graph)
    found = {entity: factor * entity_specificity(index, entity, weights) for entity, factor in named.items()}
    for sentence, similar in pool.nearest_sentences(params.sentences):
        entities = index.sentences.entities_of(sentence)
        for entity in map(int, entities):
            own = entity_specificity(index, entity, weights)
            weight = params.sentence * max(similar, 0.0) * own / len(entities) ** 0.5
            found[entity] = found.get(entity, 0.0) + weight
    return {entity: weight for entity, weight in found.items() if weight > 0}


def entity_specificity(index: Index, entity: int, weights: Weights) -> float:
    """How much this entity says about a passage that names it."""
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
