"""Merging the postings of a base with those of a delta: by counting, which takes no sorting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval import csr
from retrieval.compiling import compiled

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Postings:
    """By term, ascending: the rows that have it, ascending, and how often each of them does (up to 255)."""

    term: Keys
    ptr: Longs
    row: Ints
    count: Bytes


def packed(later: Mapping[int, Sequence[int]]) -> Postings:
    """Postings from lists by term of `row << 8 | count`."""
    keys = np.fromiter(later, np.uint64, len(later))
    order = np.argsort(keys)
    lists = list(later.values())
    numbers = np.concatenate([np.zeros(0, np.int64), *(np.array(lists[at], np.int64) for at in order)])
    sizes = np.array([len(lists[at]) for at in order], np.int64)
    return Postings(keys[order], csr.starts(sizes), (numbers >> 8).astype(np.int32), (numbers & 255).astype(np.uint8))


def merged(base: Postings, later: Postings, new_row: Ints) -> Postings:
    """Both, with rows renumbered (int32 by old row, -1: gone). Rows of `later` must be above those of `base`."""
    terms = np.union1d(base.term, later.term)
    lengths = np.zeros(len(terms), np.int64)
    parts = [(part, np.searchsorted(terms, part.term)) for part in (base, later)]
    for part, at in parts:
        _count(part.ptr, part.row, at, new_row, lengths)
    ends = csr.starts(lengths)
    row, count = np.empty(ends[-1], np.int32), np.empty(ends[-1], np.uint8)
    cursor = ends[:-1].copy()
    for part, at in parts:
        _place(part.ptr, part.row, part.count, at, new_row, cursor, row, count)
    there = lengths > 0
    return Postings(terms[there], csr.starts(lengths[there]), row, count)


@compiled
def _count(ptr: Longs, row: Ints, at: Longs, new_row: Ints, lengths: Longs) -> None:
    for term in range(len(at)):
        for place in range(ptr[term], ptr[term + 1]):
            if new_row[row[place]] >= 0:
                lengths[at[term]] += 1


@compiled
def _place(
    ptr: Longs, row: Ints, count: Bytes, at: Longs, new_row: Ints, cursor: Longs, out_row: Ints, out_count: Bytes
) -> None:
    for term in range(len(at)):
        for place in range(ptr[term], ptr[term + 1]):
            new = new_row[row[place]]
            if new >= 0:
                out_row[cursor[at[term]]] = new
                out_count[cursor[at[term]]] = count[place]
                cursor[at[term]] += 1
