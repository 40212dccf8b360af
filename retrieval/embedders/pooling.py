"""From the states of tokens to vectors of length 1: of a whole input, and of each sentence in it (late pooling)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import EmbedderError
from retrieval.types import FloatVector, Span

NOWHERE = -1  # where a special token begins: in no sentence


def unit(vectors: FloatVector) -> FloatVector:
    """float32[..., d] of length 1. Raises EmbedderError where that is impossible."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    if not (np.isfinite(lengths) & (lengths > 0)).all():
        raise EmbedderError("The encoder gave a vector that is zero or not finite.")
    return np.asarray(vectors / lengths, dtype=np.float32)


def pool_sentences(
    states: FloatVector, begins: NDArray[np.int64], sentences: Sequence[Span], whole: FloatVector
) -> FloatVector:
    """The mean of the token states of each sentence: float32[s, d] of length 1.

    `begins` is where each token begins, counted as the sentences are. Each token was encoded in sight of the others,
    so a sentence vector knows its context. A sentence without tokens (it was cut off) gets the vector of the whole.
    """
    pooled = np.empty((len(sentences), states.shape[1]), dtype=np.float32)
    for row, sentence in enumerate(sentences):
        inside = (begins >= sentence.start) & (begins < sentence.end)
        pooled[row] = states[inside].mean(axis=0) if inside.any() else whole
    return unit(pooled)
