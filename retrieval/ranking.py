"""The best of many scored rows, in an order that does not depend on how they were found."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.types import FloatVector

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rows by falling score; equal scores by rising row."""

    rows: Ints
    scores: FloatVector


def ranked(rows: Ints, scores: NDArray[np.floating], limit: int) -> Ranked:
    """The `limit` best of these, equal scores by rising row."""
    if len(rows) > 4 * limit > 0:  # what is below the limit-th best need not be sorted
        least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        near = scores >= least
        rows, scores = rows[near], scores[near]
    order = np.lexsort((rows, -scores))[:limit]
    return Ranked(rows[order], scores[order].astype(np.float32))
