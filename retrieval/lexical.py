"""BM25 over passages and over their context windows, with postings that can be added to and taken from at any time.

Score of a passage for a term (Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework", section 3.4):
idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / mean length)), idf = ln(1 + (N - df + .5) / (df + .5)).
A window is a passage with its two neighbours: term counts and lengths add up. All totals are those of the living
passages at
the time of the question, so that neither adding nor removing ever leaves a trace.
"""

import re
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.compiling import compiled
from retrieval.growable import Growable, key_of
from retrieval.normalize import terms
from retrieval.postings import Postings, merged, packed
from retrieval.ranking import ranked
from retrieval.types import AnyArray, Arrays

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

ASKS = "?"  # stands among the terms for the share of a passage that asks, in hundredths; no word is spelled so
_ENDS = re.compile(r"[.!?…。！？؟]+")
_QUESTION_MARKS = frozenset("?？؟")


@dataclass(frozen=True, slots=True)
class LexicalParams:
    k1: float = 1.2
    b: float = 0.75
    neighbour: float = 1.0  # how much a neighbour's terms count in a window


@dataclass(frozen=True, slots=True)
class LexicalScores:
    """Scores of the rows that share a term with the question: `passage` and `window` float64[rows].

    `ceiling` is what a passage full of every term of the question would score.
    """

    rows: Ints
    passage: Floats
    window: Floats
    ceiling: float

    def best(self, limit: int, allowed: NDArray[np.bool_] | None) -> tuple[Ints, Ints]:
        """The `limit` best rows by passage and by window, only `allowed` ones (bool[n]; None: all living ones)."""
        within = slice(None) if allowed is None else allowed[self.rows]
        rows, passage, window = self.rows[within], self.passage[within], self.window[within]
        return ranked(rows, passage, limit).rows, ranked(rows, window, limit).rows

    def at(self, rows: Ints) -> tuple[Floats, Floats]:
        """Scores of these rows by passage and by window: float64[rows] each."""
        passage, window = np.zeros(len(rows)), np.zeros(len(rows))
        if len(self.rows):
            at = np.searchsorted(self.rows, rows)
            at[at == len(self.rows)] = 0
            there = self.rows[at] == rows
            passage[there], window[there] = self.passage[at[there]], self.window[at[there]]
        return passage, window


@dataclass(frozen=True, slots=True)
class TermHits:
    """Which of some rows have which terms of a question: bool[terms, rows], and each term's share of the whole idf."""

    share: Floats
    has: NDArray[np.bool_]

    @property
    def cover(self) -> Floats:
        """The share of the question, 0 to 1, that each row has."""
        return self.share @ self.has

    def left_by(self, places: NDArray[np.integer]) -> Floats:
        """float64[places, rows]: the share of the question that a row has and the row at this place has not."""
        return np.asarray((self.share[:, None] * ~self.has[:, places]).T @ self.has)


@compiled
def score_term(  # noqa: PLR0917 - a compiled loop takes arrays, not objects
    rows: Ints, counts: NDArray[np.uint8], idf: float, mean: float, k1: float, b: float, neighbour: float, length: Ints,
    alive: NDArray[np.bool_], previous: Ints, following: Ints, passage: Floats, window: Floats, tf: Floats,
    reached: Ints, seen: NDArray[np.uint8], touched: Ints, count: int,
) -> int:  # fmt: skip
    """Adds one term's scores; `tf` and `reached` are scratch, zero before and after. Returns how many rows are
    touched.
    """
    size = 0
    for at in range(len(rows)):
        row = rows[at]
        if not alive[row]:
            continue
        own = float(counts[at])
        passage[row] += idf * own * (k1 + 1.0) / (own + k1 * (1.0 - b + b * length[row] / mean))
        for place in range(3):
            near = row if place == 0 else (previous[row] if place == 1 else following[row])
            if near < 0 or not alive[near]:
                continue
            if tf[near] == 0.0:
                reached[size] = near
                size += 1
            tf[near] += own if place == 0 else own * neighbour
    for at in range(size):
        row = reached[at]
        around = float(length[row])
        for near in (previous[row], following[row]):
            if near >= 0 and alive[near]:
                around += neighbour * length[near]
        # A passage without neighbours is its own window; with them, a window is about three passages long.
        window[row] += idf * tf[row] * (k1 + 1.0) / (tf[row] + k1 * (1.0 - b + b * around / mean))
        tf[row] = 0.0
        if seen[row] == 0:
            seen[row] = 1
            touched[count] = row
            count += 1
    return count


@compiled
def document_frequency(rows: Ints, alive: NDArray[np.bool_]) -> int:
    """How many of these rows are alive."""
    found = 0
    for row in rows:
        found += alive[row]
    return found


def inverse_frequency(df: int, living: int) -> float:
    """The idf of a term in `df` of `living` passages."""
    return float(np.log(1.0 + (living - df + 0.5) / (df + 0.5)))


class Lexicon:
    """Postings by term: a memory-mapped base, and a delta by term."""

    def __init__(self, base: Arrays | None = None) -> None:
        base = base if base is not None else _nothing()
        self._term = base["term"]
        self._ptr = base["posting_ptr"]
        self._row = base["posting_row"]
        self._count = base["posting_count"]
        self.length = Growable(base["length"])  # terms in each passage, removed ones included
        self._later: dict[int, array[int]] = {}
        self._later_postings = 0
        self.total = int(base["length"].sum())  # terms in the living passages

    def add(self, text: str) -> None:
        """Adds the next passage."""
        row = len(self.length)
        found = Counter(map(key_of, terms(text)))
        length = found.total()
        if asking := _asking(text):
            found[key_of(ASKS)] = asking
        for term, count in found.items():
            postings = self._later.get(term)
            if postings is None:
                postings = self._later[term] = array("q")
            postings.append(row << 8 | min(count, 255))
        self.length.extend([length])
        self._later_postings += len(found)
        self.total += length

    def remove(self, passage: int) -> None:
        self.total -= int(self.length.view[passage])

    def postings(self, term: int) -> tuple[Ints, NDArray[np.uint8]]:
        """Rows (ascending, removed ones included) and counts of a term."""
        at = int(np.searchsorted(self._term, np.uint64(term)))
        rows, counts = self._row[:0], self._count[:0]
        if at < len(self._term) and int(self._term[at]) == term:
            rows, counts = self._row[self._ptr[at] : self._ptr[at + 1]], self._count[self._ptr[at] : self._ptr[at + 1]]
        later = self._later.get(term)
        if later is None:
            return rows, counts
        numbers = np.array(later, np.int64)
        rows = np.concatenate([rows, (numbers >> 8).astype(np.int32)])
        counts = np.concatenate([counts, (numbers & 255).astype(np.uint8)])
        for values in (rows, counts):
            values.setflags(write=False)  # as memory-mapped postings are: one compiled loop serves both
        return rows, counts

    def asking(self, rows: Ints) -> Floats:
        """The share of the sentences of these rows that ask, 0 to 1."""
        found, hundredths = self.postings(key_of(ASKS))
        share = np.zeros(len(rows))
        there = _among(found, rows)
        share[there] = hundredths[np.searchsorted(found, rows[there])] / 100
        return share

    def compact(self, kept: NDArray[np.int64]) -> dict[str, AnyArray]:
        """The arrays of a base with only the passages `kept` (old rows, ascending)."""
        new_row = np.full(len(self.length), -1, np.int32)
        new_row[kept] = np.arange(len(kept), dtype=np.int32)
        base = Postings(self._term, self._ptr, self._row, self._count)
        both = merged(base, packed(self._later), new_row)
        return {
            "term": both.term,
            "posting_ptr": both.ptr,
            "posting_row": both.row,
            "posting_count": both.count,
            "length": self.length.view[kept],
        }

    @property
    def nbytes(self) -> int:
        return self.length.nbytes + 8 * self._later_postings + 200 * len(self._later)


class Scratch:
    """Arrays of one question's scoring, all zero between questions."""

    def __init__(self, passages: int) -> None:
        self.passages = passages
        self.passage, self.window, self.tf = np.zeros(passages), np.zeros(passages), np.zeros(passages)
        self.reached, self.touched = np.empty(passages, np.int32), np.empty(passages, np.int32)
        self.seen = np.zeros(passages, np.uint8)


def score(
    lexicon: Lexicon, question: Sequence[str], alive: NDArray[np.bool_], previous: Ints, following: Ints, living: int,
    params: LexicalParams, scratch: Scratch,
) -> LexicalScores:  # fmt: skip
    """BM25 of every living passage, and of its window, that shares a term with the question."""
    mean = max(lexicon.total / max(living, 1), 1.0)
    count = 0
    ceiling = 0.0
    for term in sorted({key_of(term) for term in question}):
        rows, counts = lexicon.postings(term)
        df = document_frequency(rows, alive)
        idf = inverse_frequency(df, living)
        ceiling += idf * (params.k1 + 1.0)
        if df == 0:
            continue
        count = score_term(
            rows, counts, idf, mean, params.k1, params.b, params.neighbour, lexicon.length.view, alive, previous,
            following,
            scratch.passage, scratch.window, scratch.tf, scratch.reached, scratch.seen, scratch.touched, count,
        )  # fmt: skip
    touched = np.sort(scratch.touched[:count])
    scores = LexicalScores(touched, scratch.passage[touched], scratch.window[touched], ceiling)
    for array_ in (scratch.passage, scratch.window):
        array_[touched] = 0.0
    scratch.seen[touched] = 0
    return scores


def term_hits(lexicon: Lexicon, question: Sequence[str], rows: Ints, alive: NDArray[np.bool_], living: int) -> TermHits:
    """Which of these rows have which terms of the question."""
    keys = sorted({key_of(term) for term in question})
    has, idf = np.zeros((len(keys), len(rows)), np.bool_), np.zeros(len(keys))
    for at, key in enumerate(keys):
        found, _ = lexicon.postings(key)
        has[at] = _among(found, rows)
        idf[at] = inverse_frequency(document_frequency(found, alive), living)
    return TermHits(idf / max(float(idf.sum()), 1e-12), has)


def _asking(text: str) -> int:
    """The share of sentences that end with a question mark, in hundredths; what ends with none counts as one."""
    ends = [bool(_QUESTION_MARKS.intersection(end)) for end in _ENDS.findall(text)]
    if not any(ends):
        return 0
    return max(1, round(100 * sum(ends) / (len(ends) + (text.rstrip()[-1].isalnum()))))


def _among(found: Ints, rows: Ints) -> NDArray[np.bool_]:
    """Which of `rows` are in `found`, which is ascending."""
    if not len(found):
        return np.zeros(len(rows), np.bool_)
    at = np.minimum(np.searchsorted(found, rows), len(found) - 1)
    return np.asarray(found[at] == rows)


def _nothing() -> dict[str, AnyArray]:
    empty: dict[str, AnyArray] = {
        "term": np.zeros(0, np.uint64), "posting_ptr": np.zeros(1, np.int64), "posting_row": np.zeros(0, np.int32),
        "posting_count": np.zeros(0, np.uint8), "length": np.zeros(0, np.int32),
    }  # fmt: skip
    for values in empty.values():
        values.setflags(write=False)
    return empty
