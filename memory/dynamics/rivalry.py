"""Which memories speak of the same thing of the same person, and which of them is the newest. Pure.

Source: a proposal of this project, after retroactive interference (McGeoch 1932; Anderson & Neely 1996): of memories
that share a cue, the one learned last answers. What is said of one person lies close together in the space of
embeddings, for the name is in all of it; around the mean of that person, what answers the same question lies close.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from memory.dynamics.checks import require, within
from retrieval.types import FloatVector


@dataclass(frozen=True, slots=True)
class RivalryParams:
    """Measured on the life log's share for development."""

    around_mean: float = 0.1  # least cosine around the mean of what is said of a person
    plain: float = 0.5  # least cosine
    least: int = 3  # memories of a person, so that there is a mean
    within: int = 10  # places from the top that a newer memory is raised to

    def __post_init__(self) -> None:
        require(
            within("around_mean", self.around_mean, -1, 1),
            within("plain", self.plain, -1, 1),
            within("least", self.least, 2),
            within("within", self.within, 1),
        )


RECOMMENDED = RivalryParams()


@dataclass(frozen=True, slots=True)
class Statement:
    """A short memory among the candidates: who it is about, and when it was last said."""

    place: int  # in the ranking, and the row of its vector
    about: Set[str]  # persons and things, by normal name
    said_at: datetime


def newer(
    statements: Sequence[Statement], vectors: FloatVector, params: RivalryParams = RECOMMENDED
) -> Mapping[int, int]:
    """By place: the place of the newest rival of a statement near the top, if that is newer. float32[n, d] vectors."""
    by_person: dict[str, list[Statement]] = defaultdict(list)
    for one in statements:
        for person in one.about:
            by_person[person].append(one)
    found: dict[int, Statement] = {}
    for group in by_person.values():
        if len(group) >= params.least:
            for older, rival in _newest(group, vectors, params):
                if older.place not in found or rival.said_at > found[older.place].said_at:
                    found[older.place] = rival
    return {place: rival.place for place, rival in found.items()}


def raised(count: int, newest: Mapping[int, int]) -> list[int]:
    """The places 0 to count - 1 in their new order: a newer rival comes right before the older one."""
    order: list[int] = []
    done: set[int] = set()
    for place in range(count):
        rival = newest.get(place)
        for one in (rival, place):
            if one is not None and one not in done:
                order.append(one)
                done.add(one)
    return order


def _newest(
    group: Sequence[Statement], vectors: FloatVector, params: RivalryParams
) -> Sequence[tuple[Statement, Statement]]:
    rows = vectors[[one.place for one in group]]
    around = rows - rows.mean(axis=0)
    lengths = np.linalg.norm(around, axis=1, keepdims=True)
    around = around / np.maximum(lengths, 1e-9)
    alike = (around @ around.T >= params.around_mean) & (rows @ rows.T >= params.plain)
    pairs = []
    for number, one in enumerate(group):
        if one.place >= params.within:
            continue
        rivals = [other for other, is_alike in zip(group, alike[number], strict=True) if is_alike]
        newest = max(rivals, key=lambda each: each.said_at, default=one)
        if newest.said_at > one.said_at:
            pairs.append((one, newest))
    return pairs
