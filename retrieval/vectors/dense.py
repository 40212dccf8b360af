"""Passage vectors: exact up to some 20,000 in a base, above that FAISS finds candidates and the stored codes rank them.

Vectors are stored as int8 codes (quantize.py); every score that leaves this file is the cosine with the decoded code,
so that
a vector scores the same in base and delta, before and after a rebuild.
"""

from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from retrieval.errors import DimensionMismatch
from retrieval.growable import Growable
from retrieval.quantize import to_floats
from retrieval.types import ByteVector, FloatVector

Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]

EXACT_UP_TO = 20_000  # base vectors; a flat search of more costs more than it gives
PROBE_SHARE = 0.04  # share of the inverted lists that a search reads
OVERFETCH = 2  # candidates for each wanted row, to be ranked exactly
CHUNK = 65_536  # vectors decoded at a time

faiss.omp_set_num_threads(1)  # one question, one thread: threads of concurrent questions would fight


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rows by falling score; equal scores by rising row."""

    rows: Ints
    scores: FloatVector


def ranked(rows: Ints, scores: NDArray[np.floating], limit: int) -> Ranked:
    """The `limit` best of these, equal scores by rising row."""
    order = np.lexsort((rows, -scores))[:limit]
    return Ranked(rows[order], scores[order].astype(np.float32))


class Vectors:
    """int8 codes [n, d] by row: a memory-mapped base and a delta, with the FAISS indexes that search them."""

    def __init__(self, dimension: int, base: ByteVector | None = None, lists: NDArray[np.uint8] | None = None) -> None:
        self.dimension = dimension
        self._base = base if base is not None else np.zeros((0, dimension), np.int8)
        self._later = Growable(dtype=np.int8, width=dimension)
        self._lists = faiss.deserialize_index(np.array(lists)) if lists is not None and len(lists) else None
        self._flat = faiss.IndexFlatIP(dimension)
        self._flat_from = len(self._base) if self._lists is not None else 0  # the row of the flat index's first vector
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
            self._flat.add(to_floats(codes))

    def search(self, question: FloatVector, limit: int, allowed: Bools | None) -> Ranked:
        """The nearest rows, only `allowed` ones (bool[n]; None: all). Raises DimensionMismatch."""
        if question.shape != (self.dimension,):
            raise DimensionMismatch(
                f"The index has {self.dimension} dimensions, the question has shape {question.shape}."
            )
        found = [self._search_flat(question, limit, allowed)]
        if self._lists is not None:
            found.append(self._search_lists(self._lists, question, limit, allowed))
        rows = np.concatenate(found)
        return ranked(rows, self.scores(question, rows), limit)

    def scores(self, question: FloatVector, rows: Ints) -> FloatVector:
        """Cosines with these rows: float32[rows]."""
        if not len(rows):
            return np.zeros(0, np.float32)
        codes = self.codes(rows)
        return (to_floats(codes) @ question).astype(np.float32)

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

    def _search_flat(self, question: FloatVector, limit: int, allowed: Bools | None) -> Ints:
        if not self._flat.ntotal:
            return np.zeros(0, np.int32)
        mask = None if allowed is None else allowed[self._flat_from :]
        params = None if mask is None else faiss.SearchParameters(sel=_selector(mask))
        limit = min(limit, self._flat.ntotal)
        _, found = self._flat.search(question[None], limit, params=params)
        return np.asarray(found[0][found[0] >= 0] + self._flat_from, np.int32)

    def _search_lists(self, lists: faiss.Index, question: FloatVector, limit: int, allowed: Bools | None) -> Ints:
        probes = max(8, int(lists.nlist * PROBE_SHARE))
        selector = {} if allowed is None else {"sel": _selector(allowed[: len(self._base)])}
        params = faiss.SearchParametersIVF(nprobe=probes, **selector)
        _, found = lists.search(question[None], min(limit * OVERFETCH, len(self._base)), params=params)
        return np.asarray(found[0][found[0] >= 0], np.int32)

    @property
    def nbytes(self) -> int:
        lists = self._lists.ntotal * self.dimension if self._lists is not None else 0
        return self._later.nbytes + 4 * self.dimension * int(self._flat.ntotal) + lists


def build_lists(codes: ByteVector) -> NDArray[np.uint8]:
    """A serialised IVF index with 8-bit scalar quantisation over int8[n, d]; empty where a flat search is better."""
    count, dimension = codes.shape
    if count <= EXACT_UP_TO:
        return np.zeros(0, np.uint8)
    cells = int(4 * np.sqrt(count))
    coarse = faiss.IndexFlatIP(dimension)
    lists = faiss.IndexIVFScalarQuantizer(
        coarse, dimension, cells, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
    )
    lists.cp.seed = 1  # the same vectors give the same index
    sample = np.linspace(0, count - 1, min(count, 40 * cells)).astype(np.int64)
    lists.cp.niter = 6
    lists.train(to_floats(codes[sample]))
    for start in range(0, count, CHUNK):
        lists.add(to_floats(codes[start : start + CHUNK]))
    serialised: NDArray[np.uint8] = faiss.serialize_index(lists)
    return serialised


def _selector(allowed: Bools) -> faiss.IDSelectorBitmap:
    return faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
