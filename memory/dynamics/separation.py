"""How near memories are to a question once what all of them share is taken away. Pure.

Source: a proposal of this project, after cue overload (Watkins & Watkins 1975), the fan effect (Anderson 1974) and
pattern separation (Yassa & Stark 2011): a cue that many memories share tells none of them apart. In the space of
embeddings what they share is their mean. Without it, a question about the leisure of somebody is near to what that
person does at leisure, rather than to whatever has the name in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from memory.dynamics.checks import Floats, require, within
from retrieval.types import FloatVector

NO_LENGTH = 1e-9  # shorter than this, a vector has no direction


@dataclass(frozen=True, slots=True)
class SeparationParams:
    """Measured on the life log's share for development."""

    weight: float = 10.0  # of a cosine of 1, in units of the fused score
    least: int = 3  # memories, so that there is a mean

    def __post_init__(self) -> None:
        require(within("weight", self.weight, 0), within("least", self.least, 2))


RECOMMENDED = SeparationParams()


def separated(
    question: FloatVector,
    vectors: FloatVector,
    scores: Floats,
    groups: Iterable[Sequence[int]],
    params: SeparationParams = RECOMMENDED,
) -> Floats:
    """What is added to each score, float64[n], so that memories of one group trade scores among themselves.

    `question` float32[d] and `vectors` float32[n, d] are of length 1; `scores` float64[n]; `groups` are rows of
    `vectors` that are about the same person or thing. Of several groups that a memory is in, the largest counts, of
    equal ones the last. What is in none keeps its place: that a memory stands out among its like says nothing about
    others.
    """
    apart = np.zeros(len(vectors))
    group_of = np.full(len(vectors), -1)
    for number, group in enumerate(sorted(groups, key=len)):
        if len(group) >= params.least:
            apart[group] = params.weight * _apart(question, vectors[group])
            group_of[group] = number
    added = np.zeros(len(vectors))
    for number in np.unique(group_of[group_of >= 0]):
        rows = np.flatnonzero(group_of == number)
        wanted = rows[np.argsort(-(scores[rows] + apart[rows]), kind="stable")]
        added[wanted] = np.sort(scores[rows])[::-1] - scores[wanted]
    return added


def _apart(question: FloatVector, vectors: FloatVector) -> Floats:
    """Cosines with the question around the mean, less their mean: float64[n], -2 to 2."""
    mean = vectors.mean(axis=0)
    asked, around = question - mean, vectors - mean
    lengths = np.linalg.norm(around, axis=1) * np.linalg.norm(asked)
    cosines = np.where(lengths > NO_LENGTH, around @ asked / np.maximum(lengths, NO_LENGTH), 0.0)
    return np.asarray(cosines - cosines.mean(), np.float64)
