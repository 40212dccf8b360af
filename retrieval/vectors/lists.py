"""Inverted lists (FAISS IVF with 8-bit scalar quantisation): built once, grown with every passage, compacted by a fold.

A fold keeps the trained cells until the vectors are several times as many as they were trained for, so that folding
costs what is moved and not what training costs.
"""

import faiss
import numpy as np
from numpy.typing import NDArray

from retrieval.quantize import to_floats
from retrieval.types import AnyArray, ByteVector

Longs = NDArray[np.int64]

CELLS = 2.0  # times the square root of the number of vectors
SAMPLE = 40  # vectors a cell to train with
ROUNDS = 6  # of k-means
OUTGROWN = 4.0  # times as many vectors as the cells were trained for: they are trained anew
CHUNK = 65_536  # vectors decoded at a time


def build(codes: ByteVector) -> faiss.IndexIVFScalarQuantizer:
    """Lists over int8[n, d]. The same vectors give the same lists."""
    count, dimension = codes.shape
    cells = _cells(count)
    lists = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension), dimension, cells, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
    )
    lists.cp.seed = 1
    lists.cp.niter = ROUNDS
    sample = np.linspace(0, count - 1, min(count, SAMPLE * cells)).astype(np.int64)
    lists.train(to_floats(codes[sample]))
    for start in range(0, count, CHUNK):
        lists.add(to_floats(codes[start : start + CHUNK]))
    return lists


def is_outgrown(lists: faiss.IndexIVFScalarQuantizer, count: int) -> bool:
    """Whether the cells are too few, or far too many, for `count` vectors."""
    cells = _cells(count)
    return bool(cells > lists.nlist * OUTGROWN**0.5 or cells < lists.nlist / OUTGROWN)


def compacted(lists: faiss.IndexIVFScalarQuantizer, new_row: NDArray[np.int32], kept: int) -> AnyArray:
    """The stored form of the lists with the rows renumbered (int32 by old row, -1: gone), `kept` of them."""
    if kept == lists.ntotal:
        return to_array(lists)
    copy = from_array(to_array(lists))
    size = copy.code_size
    inner = faiss.ArrayInvertedLists(copy.nlist, size)
    for cell in range(copy.nlist):
        length = copy.invlists.list_size(cell)
        if not length:
            continue
        ids = faiss.rev_swig_ptr(copy.invlists.get_ids(cell), length)
        codes = faiss.rev_swig_ptr(copy.invlists.get_codes(cell), length * size).reshape(length, size)
        rows = new_row[ids].astype(np.int64)
        there = rows >= 0
        if there.any():
            own_rows, own_codes = rows[there], np.ascontiguousarray(codes[there])
            inner.add_entries(cell, len(own_rows), faiss.swig_ptr(own_rows), faiss.swig_ptr(own_codes))
    copy.replace_invlists(inner, True)
    inner.this.disown()  # the copy owns it now
    copy.ntotal = kept
    return to_array(copy)


def to_array(lists: faiss.IndexIVFScalarQuantizer) -> AnyArray:
    """uint8: FAISS's own form."""
    stored: NDArray[np.uint8] = faiss.serialize_index(lists)
    return stored


def from_array(stored: NDArray[np.uint8]) -> faiss.IndexIVFScalarQuantizer:
    """The lists, in memory of their own. `stored` may be memory-mapped; no copy of the whole is made on the way."""
    place = 0

    def read(size: int) -> bytes:
        nonlocal place
        part = stored[place : place + size].tobytes()
        place += len(part)
        return part

    return faiss.read_index(faiss.PyCallbackIOReader(read))


def _cells(count: int) -> int:
    return max(1, int(CELLS * np.sqrt(count)))
