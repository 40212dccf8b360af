"""BM25 over many passages: the best rows exactly, without scoring every passage that shares a common word.

MaxScore (Turtle & Flood 1995, Inf. Process. Manag. 31(6), "Query evaluation: strategies and optimizations"): terms come
in the order of what they can add at most, the rarest first. Once a passage that has only the terms still to come cannot
be among the best, no further passages are taken up; for those that still can, the counts are looked up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.compiling import compiled
from retrieval.growable import key_of
from retrieval.index import Index
from retrieval.lexical import (
    LexicalParams,
    LexicalScores,
    Scratch,
    document_frequency,
    inverse_frequency,
    score,
    score_term,
)
from retrieval.ranking import ranked

Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

PRUNED_ABOVE = 20_000  # living passages; below, scoring all that share a word is as fast
WORTH_PRUNING = 2_000  # postings; a term with fewer is scored before it is asked whether it must be
SLACK = 1e-9  # of rounding


@dataclass(frozen=True, slots=True)
class Term:
    """The postings of one term of the question."""

    rows: Ints
    counts: Bytes
    idf: float


@dataclass(frozen=True, slots=True)
class Partial:
    """Rows with what the terms so far add up to, by passage and by window."""

    rows: Ints
    passage: Floats
    window: Floats


class PrunedScores:
    """The lexical arms of one question. `ceiling` is what a passage full of every term of it would score."""

    def __init__(self, index: Index, question: Sequence[str], params: LexicalParams) -> None:
        self._index, self._params = index, params
        self._alive = np.asarray(index.graph.alive.view, np.bool_)
        self._previous, self._following = index.graph.neighbour_rows()
        self._length = index.lexicon.length.view
        self._mean = max(index.lexicon.total / max(len(index), 1), 1.0)
        found = [self._term(key) for key in sorted({key_of(term) for term in question})]
        self.ceiling = sum(term.idf for term in found) * (params.k1 + 1.0)
        self._terms = sorted((term for term in found if len(term.rows)), key=lambda term: -term.idf)

    def best(self, limit: int, allowed: Bools | None) -> tuple[Ints, Ints]:
        """The `limit` best rows by passage and by window, only `allowed` ones (bool[n]; None: all living ones)."""
        taken, partial = self._taken_up(limit, allowed)
        for place in range(taken, len(self._terms)):
            partial = _still_possible(partial, limit, self._left(place))
            self._look_up(self._terms[place], partial)
        rows = partial.rows
        return ranked(rows, partial.passage, limit).rows, ranked(rows, partial.window, limit).rows

    def at(self, rows: Ints) -> tuple[Floats, Floats]:
        """Scores of these rows (ascending) by passage and by window: float64[rows] each."""
        partial = Partial(rows, np.zeros(len(rows)), np.zeros(len(rows)))
        for term in self._terms:
            self._look_up(term, partial)
        return partial.passage, partial.window

    def _term(self, key: int) -> Term:
        rows, counts = self._index.lexicon.postings(key)
        return Term(rows, counts, inverse_frequency(document_frequency(rows, self._alive), len(self._index)))

    def _taken_up(self, limit: int, allowed: Bools | None) -> tuple[int, Partial]:
        """How many terms had to be scored in full, and the partial scores of all allowed rows that have one."""
        with self._index.scratch() as scratch:
            count, taken = 0, 0
            for term in self._terms:
                if len(term.rows) > WORTH_PRUNING and count >= limit:
                    least = _least(_partial(scratch, count, allowed), limit)
                    if min(least) > self._left(taken) + SLACK:
                        break
                count = self._score(term, scratch, count)
                taken += 1
            partial = _partial(scratch, count, allowed)
            rows = scratch.touched[:count]
            scratch.passage[rows] = scratch.window[rows] = 0.0
            scratch.seen[rows] = 0
        return taken, partial

    def _score(self, term: Term, scratch: Scratch, count: int) -> int:
        params = self._params
        return score_term(
            term.rows, term.counts, term.idf, self._mean, params.k1, params.b, params.neighbour, self._length,
            self._alive, self._previous, self._following, scratch.passage, scratch.window, scratch.tf, scratch.reached,
            scratch.seen, scratch.touched, count,
        )  # fmt: skip

    def _left(self, place: int) -> float:
        """What the terms from this one on can add at most, to a passage as to a window."""
        return sum(term.idf for term in self._terms[place:]) * (self._params.k1 + 1.0)

    def _look_up(self, term: Term, partial: Partial) -> None:
        params = self._params
        _look_up(
            term.rows, term.counts, term.idf, self._mean, params.k1, params.b, params.neighbour, self._length,
            self._alive, self._previous, self._following, partial.rows, partial.passage, partial.window,
        )  # fmt: skip


Lexical = LexicalScores | PrunedScores


def lexical_scores(index: Index, question: Sequence[str], params: LexicalParams) -> Lexical:
    """The lexical arms of a question, given as terms. Both ways give the same scores."""
    if len(index) > PRUNED_ABOVE:
        return PrunedScores(index, question, params)
    previous, following = index.graph.neighbour_rows()
    alive = np.asarray(index.graph.alive.view, np.bool_)
    with index.scratch() as scratch:
        return score(index.lexicon, question, alive, previous, following, len(index), params, scratch)


def _partial(scratch: Scratch, count: int, allowed: Bools | None) -> Partial:
    rows = scratch.touched[:count]
    rows = rows.copy() if allowed is None else rows[allowed[rows]]
    return Partial(rows, scratch.passage[rows], scratch.window[rows])


def _least(partial: Partial, limit: int) -> tuple[float, float]:
    """The limit-th best score by passage and by window; 0 if there are not so many rows."""
    at = len(partial.rows) - limit
    if at < 0:
        return 0.0, 0.0
    return float(np.partition(partial.passage, at)[at]), float(np.partition(partial.window, at)[at])


def _still_possible(partial: Partial, limit: int, left: float) -> Partial:
    """Without the rows that cannot be among the best any more; in ascending order."""
    passage, window = _least(partial, limit)
    reach = left + SLACK
    there = np.flatnonzero((partial.passage + reach >= passage) | (partial.window + reach >= window))
    there = there[np.argsort(partial.rows[there], kind="stable")]
    return Partial(partial.rows[there], partial.passage[there], partial.window[there])


@compiled
def _find(rows: Ints, wanted: int, start: int) -> int:
    """The place of the first row that is not below `wanted`, by galloping from `start`."""
    size = len(rows)
    low, step = start, 1
    while low > 0 and rows[low - 1] >= wanted:
        low = max(0, low - step)
        step *= 2
    high, step = low, 1
    while high < size and rows[high] < wanted:
        low = high + 1
        high = min(size, high + step)
        step *= 2
    while low < high:
        middle = (low + high) // 2
        if rows[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _look_up(  # noqa: PLR0917 - a compiled loop takes arrays, not objects
    rows: Ints, counts: Bytes, idf: float, mean: float, k1: float, b: float, neighbour: float, length: Ints,
    alive: Bools, previous: Ints, following: Ints, wanted: Ints, passage: Floats, window: Floats,
) -> None:  # fmt: skip
    """Adds one term's scores of the rows `wanted`, as score_term does for all rows."""
    place = 0
    for at in range(len(wanted)):
        row = wanted[at]
        place = _find(rows, row, place)
        own = float(counts[place]) if place < len(rows) and rows[place] == row else 0.0
        around = float(length[row])
        tf = own
        for near in (previous[row], following[row]):
            if near >= 0 and alive[near]:
                around += neighbour * length[near]
                other = _find(rows, near, place)
                if other < len(rows) and rows[other] == near:
                    tf += neighbour * float(counts[other])
        if own > 0.0:
            passage[at] += idf * own * (k1 + 1.0) / (own + k1 * (1.0 - b + b * length[row] / mean))
        if tf > 0.0:
            window[at] += idf * tf * (k1 + 1.0) / (tf + k1 * (1.0 - b + b * around / mean))
