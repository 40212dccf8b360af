"""Passage vectors: exact up to some 20,000 in a base, above that FAISS finds candidates and the stored codes rank them.

Vectors are stored as int8 codes (quantize.py); every score that leaves this file is the cosine with the decoded code,
so that
a vector scores the same in base and delta, before and after a rebuild.
"""

import math

import faiss
import numpy as np
from numpy.typing import NDArray

from retrieval.errors import DimensionMismatch
from retrieval.growable import Growable
from retrieval.quantize import cosines, to_floats
from retrieval.ranking import Ranked, ranked
from retrieval.types import AnyArray, ByteVector, FloatVector
from retrieval.vectors import lists

Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]

EXACT_UP_TO = 20_000  # base vectors; a flat search of more costs more than it gives
PROBE_SHARE = 0.25  # share of the inverted lists that a search reads
LEAST_COMPARED = 200_000  # ... but never fewer vectors than these, which take some ten milliseconds
PROBES = 8  # inverted lists that a look for the single nearest vector reads
OVERFETCH = 2  # candidates for each wanted row, to be ranked exactly
CHUNK = 65_536  # vectors decoded at a time

faiss.omp_set_num_threads(1)  # one question, one thread: threads of concurrent questions would fight


class Vectors:
    """int8 codes [n, d] by row: a memory-mapped base and a delta, with the FAISS index that searches both."""

    def __init__(self, dimension: int, base: ByteVector | None = None, stored: NDArray[np.uint8] | None = None) -> None:
        self.dimension = dimension
        self._base = base if base is not None else np.zeros((0, dimension), np.int8)
        self._later = Growable(dtype=np.int8, width=dimension)
        self._lists = lists.from_array(stored) if stored is not None and len(stored) else None
        self._flat = faiss.IndexFlatIP(dimension)
        if self._lists is None:
            for start in range(0, len(self._base), CHUNK):
                self._flat.add(to_floats(self._base[start : start + CHUNK]))

    def __len__(self) -> int:
        return len(self._base) + len(self._later)

    def add(self, codes: ByteVector) -> None:
        """Appends int8[n, d]. Raises DimensionMismatch."""
        if codes.ndim != 2 or codes.shape[1] != self.dimension:
            raise DimensionMismatch(f"The index has {self.dimension} dimensions, the vectors have shape {codes.shape}.")
        if len(codes):
            self._later.extend(codes)
            (self._flat if self._lists is None else self._lists).add(to_floats(codes))

    def search(
        self, question: FloatVector, limit: int, allowed: Bools | None, probe_share: float = PROBE_SHARE
    ) -> Ranked:
        """The nearest rows, only `allowed` ones (bool[n]; None: all). Raises DimensionMismatch.

        `probe_share` is the share of the inverted lists, if there are any, that are read; 1 reads them all.
        """
        if question.shape != (self.dimension,):
            raise DimensionMismatch(
                f"The index has {self.dimension} dimensions, the question has shape {question.shape}."
            )
        rows = self._candidates(question, limit, allowed, probe_share)
        return ranked(rows, self.scores(question, rows), limit)

    def nearest(self, vectors: FloatVector) -> FloatVector:
        """The cosine of each of float32[m, d] with its nearest row: float32[m]; -1 in an empty index.

        Where there are inverted lists, few are read: a tenth of a millisecond, and seldom the second nearest instead.
        Rows that are gone count until a fold takes them out. Raises DimensionMismatch.
        """
        if vectors.ndim != 2 or vectors.shape[1] != self.dimension:
            raise DimensionMismatch(
                f"The index has {self.dimension} dimensions, the vectors have shape {vectors.shape}."
            )
        if not len(self) or not len(vectors):
            return np.full(len(vectors), -1, np.float32)
        if self._lists is None:
            cosine, _ = self._flat.search(vectors, 1)
        else:
            cosine, _ = self._lists.search(vectors, 1, params=faiss.SearchParametersIVF(nprobe=PROBES))
        return np.asarray(np.clip(cosine[:, 0], -1, 1), np.float32)

    def scores(self, question: FloatVector, rows: Ints) -> FloatVector:
        """Cosines with these rows: float32[rows]."""
        base = len(self._base)
        if not len(self._later):
            return cosines(self._base, rows, question)
        found = np.empty(len(rows), np.float32)
        is_old = rows < base
        found[is_old] = cosines(self._base, rows[is_old], question)
        found[~is_old] = cosines(self._later.view, rows[~is_old] - base, question)
        return found

    def codes(self, rows: NDArray[np.integer]) -> ByteVector:
        """int8[rows, d]."""
        base = len(self._base)
        if not len(self._later):
            return np.asarray(self._base[rows])
        codes = np.empty((len(rows), self.dimension), np.int8)
        old = rows < base
        codes[old] = self._base[rows[old]]
        codes[~old] = self._later.view[rows[~old] - base]
        return codes

    def compact(self, kept: NDArray[np.int64]) -> dict[str, AnyArray]:
        """The arrays of a base with only the rows `kept` (ascending)."""
        codes = self.codes(kept)
        if len(kept) <= EXACT_UP_TO:
            stored = np.zeros(0, np.uint8)
        elif self._lists is None or lists.is_outgrown(self._lists, len(kept)):
            stored = lists.to_array(lists.build(codes))
        else:
            new_row = np.full(len(self), -1, np.int32)
            new_row[kept] = np.arange(len(kept), dtype=np.int32)
            stored = lists.compacted(self._lists, new_row, len(kept))
        return {"vector_codes": codes, "vector_lists": stored}

    def _candidates(self, question: FloatVector, limit: int, allowed: Bools | None, share: float) -> Ints:
        if not len(self):
            return np.zeros(0, np.int32)
        selector = {} if allowed is None else {"sel": _selector(allowed)}
        if self._lists is None:
            params = faiss.SearchParameters(**selector) if selector else None
            _, found = self._flat.search(question[None], min(limit, len(self)), params=params)
        else:
            share = min(1.0, max(share, LEAST_COMPARED / len(self)))
            probes = math.ceil(self._lists.nlist * share)
            params = faiss.SearchParametersIVF(nprobe=probes, **selector)
            _, found = self._lists.search(question[None], min(limit * OVERFETCH, len(self)), params=params)
        return np.asarray(found[0][found[0] >= 0], np.int32)

    @property
    def nbytes(self) -> int:
        stored = self._lists.ntotal * (self.dimension + 8) if self._lists is not None else 0
        return int(self._later.nbytes + 4 * self.dimension * self._flat.ntotal + stored)


def _selector(allowed: Bools) -> faiss.IDSelectorBitmap:
    return faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
