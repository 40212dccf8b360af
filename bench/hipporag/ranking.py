"""Which passages HippoRAG 1 and 2 rank first: seeds, and what passages get of the walk's mass. Pure."""

from collections.abc import Collection, Sequence

import numpy as np

from bench.hipporag.graph import Floats, Walk
from bench.hipporag.knowledge import Knowledge, Rows

FACTS = 5  # nearest facts whose phrases are seeds
PHRASES = 5  # seeds among phrases
PASSAGE_WEIGHT = 0.05  # of a passage's similarity among the seeds


def scaled(values: Floats) -> Floats:
    """From 0 (the least) to 1 (the greatest); all 1 where all are equal."""
    least, greatest = values.min(initial=np.inf), values.max(initial=-np.inf)
    if not len(values) or least == greatest:
        return np.ones_like(values)
    found: Floats = (values - least) / (greatest - least)
    return found


def nearest_facts(scores: Floats, only: Collection[int] | None = None) -> Rows:
    """The best facts by score; of these, `only` some: the recognition filter, if something can tell."""
    best = np.argsort(-scores, kind="stable")[:FACTS]
    return best if only is None else best[np.isin(best, list(only))]


def fact_seeds(knowledge: Knowledge, facts: Rows, scores: Floats) -> Floats:
    """float64[phrases]: the mean of score / spread over the facts that name a phrase, for the best phrases."""
    sums, counts = np.zeros(len(knowledge.phrases)), np.zeros(len(knowledge.phrases))
    for fact in facts:
        for phrase in knowledge.ends[fact]:
            sums[phrase] += scores[fact] / knowledge.spread[phrase]
            counts[phrase] += 1
    means = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
    best = np.argsort(-means, kind="stable")[:PHRASES]
    seeds = np.zeros_like(means)
    seeds[best] = means[best]
    return seeds


def by_facts(knowledge: Knowledge, walk: Walk, similarity: Floats, scores: Floats, facts: Rows) -> Floats:
    """HippoRAG 2: the mass of passage nodes, float64[passages]. `walk` has them after the phrases.

    `similarity` is of passages to the question, `scores` (0 to 1) are of all facts, `facts` are those that were kept.
    Without any, passages are ranked by similarity alone.
    """
    dense = scaled(similarity)
    if not len(facts):
        return dense
    seeds = np.concatenate([fact_seeds(knowledge, facts, scores), PASSAGE_WEIGHT * dense])
    return walk.from_seeds(seeds)[len(knowledge.phrases) :]


def by_entities(knowledge: Knowledge, walk: Walk, similarity: Floats, linked: Sequence[int]) -> Floats:
    """HippoRAG 1: the mass of the phrases of a passage's facts, float64[passages].

    `linked` are the phrases that the question's entities were linked to. Without any, passages are ranked by similarity
    alone, as the paper's ensemble does (appendix F.2).
    """
    if not linked:
        return scaled(similarity)
    seeds = np.zeros(len(knowledge.phrases))
    rows = np.array(linked, np.int64)
    seeds[rows] = 1 / knowledge.spread[rows]
    mass = walk.from_seeds(seeds)
    subjects, objects = knowledge.ends.T
    of_fact = mass[subjects] + np.where(subjects == objects, 0.0, mass[objects])
    return scaled(np.array([of_fact[facts].sum() for facts in knowledge.facts_of]))
