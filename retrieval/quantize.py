"""Vectors in 8 bits a number: a quarter of the space, and the same direction."""

import numpy as np
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
