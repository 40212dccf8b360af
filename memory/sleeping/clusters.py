"""Which items tell of the same: close in meaning, with a rare name in common. Pure."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from memory.sleeping.episodes import Named, directions
from memory.types import Kind

Numbers = tuple[int, ...]


def related(items: Sequence[Named], closeness: float, commonest: int, largest: int) -> list[Numbers]:
    """Clusters of items by number, no item in two; each is `closeness` (cosine) or more to the first of its cluster.

    A name of more than `commonest` items brings nothing together. At most `largest` items a cluster, the closest.
    """
    near: dict[int, dict[int, float]] = defaultdict(dict)
    for members in _by_name(items, commonest):
        vectors = directions([items[number].codes for number in members])
        close = vectors @ vectors.T
        is_close = close >= closeness
        if np.count_nonzero(is_close) == np.count_nonzero(is_close.diagonal()):
            continue
        for row, column in np.argwhere(np.triu(is_close, 1)):
            left, right = members[int(row)], members[int(column)]
            near[left][right] = near[right][left] = float(close[row, column])
    taken: set[int] = set()
    found = []
    for first in sorted(near, key=lambda number: (-len(near[number]), items[number].edition.id)):
        others = [other for other in near[first] if other not in taken]
        if first in taken or not others:
            continue
        others.sort(key=lambda other: (-near[first][other], items[other].edition.id))
        cluster = (first, *others[: largest - 1])
        taken.update(cluster)
        found.append(tuple(sorted(cluster, key=lambda number: _by_time(items[number]))))
    return sorted(found)


def _by_name(items: Sequence[Named], commonest: int) -> list[list[int]]:
    """The items of one kind that share a name, for each that is shared and rare, by name."""
    counts: dict[Kind, Counter[str]] = defaultdict(Counter)
    for one in items:
        counts[one.kind].update(one.names)
    holders: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, one in enumerate(items):
        for name in one.names:
            if 1 < counts[one.kind][name] <= commonest:
                holders[one.kind.value, name].append(number)
    return [holders[key] for key in sorted(holders)]


def _by_time(one: Named) -> tuple[float, str]:
    return one.said_at.timestamp(), one.edition.id
