"""Vectors in 8 bits a number: a quarter of the space, and the same direction."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from retrieval.errors import VectorInvalid
from retrieval.types import ByteVector, FloatVector

LARGEST = 127


def to_bytes(vectors: NDArray[np.floating]) -> ByteVector:
    """int8[..., d] with the direction of each float[..., d]. The scale is each vector's own, and not kept: it cancels.

    Raises VectorInvalid for a vector that is zero or has a number that is not finite.
    """
    wide = np.asarray(vectors, dtype=np.float64)  # in which the least float32 can be scaled too
    largest = _largest(np.abs(wide))
    return np.asarray(np.rint(wide / largest * LARGEST), dtype=np.int8)


def to_floats(quantized: ByteVector) -> FloatVector:
    """float32[..., d] of length 1. Raises VectorInvalid for a vector that is zero."""
    wide = quantized.astype(np.float32)
    _largest(np.abs(wide))
    return np.asarray(wide / np.linalg.norm(wide, axis=-1, keepdims=True), dtype=np.float32)


def _largest(magnitudes: NDArray[np.floating]) -> NDArray[np.floating]:
    largest: NDArray[np.floating] = np.max(magnitudes, axis=-1, keepdims=True, initial=0.0)
    if not np.isfinite(largest).all():
        raise VectorInvalid("A vector has a number that is not finite, so it cannot be stored or compared.")
    if not largest.all():
        raise VectorInvalid("A vector is zero, so it has no direction and cannot be stored or compared.")
    return largest


@njit(nogil=True, cache=True, fastmath=True)
def _cosines(codes: ByteVector, rows: NDArray[np.int64], question: FloatVector, out: FloatVector) -> None:
    for at in range(len(rows)):
        row = rows[at]
        dot = np.float32(0.0)
        square = np.int32(0)
        for place in range(codes.shape[1]):
            number = codes[row, place]
            dot += np.float32(number) * question[place]
            square += np.int32(number) * np.int32(number)
        out[at] = dot / np.sqrt(np.float32(square))


def cosines(codes: ByteVector, rows: NDArray[np.integer], question: FloatVector) -> FloatVector:
    """float32[rows]: cosine of each of these rows of int8[n, d] with `question` float32[d] of length 1.

    Nothing is decoded or copied, so rows of a memory-mapped file cost what they are long. A row's cosine does not
    depend on the rows beside it.
    """
    found = np.empty(len(rows), np.float32)
    fixed = codes[:]
    fixed.setflags(write=False)  # mapped codes and grown ones are one type to the compiled loop
    _cosines(fixed, np.asarray(rows, np.int64), np.asarray(question, np.float32), found)
    return found
