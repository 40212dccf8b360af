"""Which items tell of the same: close in meaning, with a rare name in common. Pure."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from memory.sleeping.episodes import Episode

Numbers = tuple[int, ...]


def related(episodes: Sequence[Episode], closeness: float, commonest: int, largest: int) -> list[Numbers]:
    """Clusters of items by number, no item in two; each is `closeness` (cosine) or more to the first of its cluster.

    A name of more than `commonest` items brings nothing together. At most `largest` items a cluster, the closest.
    """
    near: dict[int, dict[int, float]] = defaultdict(dict)
    for members in _by_name(episodes):
        if 1 < len(members) <= commonest:
            vectors = np.stack([episodes[number].vector for number in members])
            close = vectors @ vectors.T
            for row, column in np.argwhere(np.triu(close >= closeness, 1)):
                left, right = members[int(row)], members[int(column)]
                near[left][right] = near[right][left] = float(close[row, column])
    taken: set[int] = set()
    found = []
    for first in sorted(near, key=lambda number: (-len(near[number]), episodes[number].id)):
        others = [other for other in near[first] if other not in taken]
        if first in taken or not others:
            continue
        others.sort(key=lambda other: (-near[first][other], episodes[other].id))
        cluster = (first, *others[: largest - 1])
        taken.update(cluster)
        found.append(tuple(sorted(cluster, key=lambda number: _by_time(episodes[number]))))
    return sorted(found)


def _by_name(episodes: Sequence[Episode]) -> list[list[int]]:
    holders: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, one in enumerate(episodes):
        for name in one.names:
            holders[one.kind.value, name].append(number)
    return [holders[key] for key in sorted(holders)]


def _by_time(one: Episode) -> tuple[float, str]:
    return one.said_at.timestamp(), one.id
