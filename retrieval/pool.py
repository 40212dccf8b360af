"""Candidates: the best passages of every arm, and what the arms say of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.fusion import Features
from retrieval.index import Index
from retrieval.pruned import Lexical
from retrieval.sentence_vectors import Similar
from retrieval.types import FloatVector

Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidate rows, ascending, with what the arms say of them; `sentences` are all of theirs with their cosines."""

    rows: Ints
    features: Features
    sentences: Similar
    ceiling: float  # the highest BM25 that any passage could have

    def nearest_sentences(self, limit: int) -> list[tuple[int, float]]:
        """(sentence, cosine), nearest first."""
        cosine = self.sentences.cosine.astype(np.float64)
        order = np.lexsort((self.rows[self.sentences.owner], -cosine))[:limit]
        return [(int(self.sentences.number[at]), float(cosine[at])) for at in order]


def gathered(
    index: Index, vector: FloatVector, lexical: Lexical, per_arm: int, probe_share: float, allowed: Bools | None
) -> Pool:
    """The union of the best rows of every arm, only `allowed` ones (bool[n]; None: all)."""
    found = [index.vectors.search(vector, per_arm, allowed, probe_share).rows, *lexical.best(per_arm, allowed)]
    return described(index, vector, lexical, np.unique(np.concatenate(found)))


def described(index: Index, vector: FloatVector, lexical: Lexical, rows: Ints) -> Pool:
    """What the arms say of these rows (ascending)."""
    dense = index.vectors.scores(vector, rows).astype(np.float64)
    sentences = index.sentences.similar(vector, rows)
    best = dense.copy()  # a passage without sentences is its own sentence
    has = np.zeros(len(rows), np.bool_)
    has[sentences.owner] = True
    best[has] = -1.0
    np.maximum.at(best, sentences.owner, sentences.cosine.astype(np.float64))
    passage, window = lexical.at(rows)
    return Pool(rows, Features(dense, best, passage, window), sentences, lexical.ceiling)
