"""Which items tell of the same: close in meaning, with a rare name in common. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from memory.sleeping.episodes import Library, Named, Vectors, directions
from memory.types import Kind

Numbers = tuple[int, ...]
AT_ONCE = 5000  # items whose vectors are held


def related(items: Sequence[Named], library: Library, closeness: float, commonest: int, largest: int) -> list[Numbers]:
    """Clusters of items by number, no item in two; each is `closeness` (cosine) or more to the first of its cluster.

    A name of more than `commonest` items brings nothing together. At most `largest` items a cluster, the closest.
    """
    near = _near(items, library, closeness, commonest)
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


def _near(items: Sequence[Named], library: Library, closeness: float, commonest: int) -> dict[int, dict[int, float]]:
    """Which items are close to which that share a name with them, and how close."""
    near: dict[int, dict[int, float]] = defaultdict(dict)
    for groups in _runs(_by_name(items, commonest)):
        numbers = sorted({number for members in groups for number in members})
        codes = library.vectors([items[number].edition for number in numbers])
        for members in ([number for number in group if items[number].edition.id in codes] for group in groups):
            if len(members) > 1:
                _compare(members, directions([codes[items[number].edition.id] for number in members]), closeness, near)
    return near


def _runs(groups: Sequence[list[int]]) -> Iterator[list[list[int]]]:
    """As many groups at a time as have some `AT_ONCE` members."""
    run: list[list[int]] = []
    members: set[int] = set()
    for group in groups:
        run.append(group)
        members.update(group)
        if len(members) >= AT_ONCE:
            yield run
            run, members = [], set()
    if run:
        yield run


def _compare(members: Sequence[int], vectors: Vectors, closeness: float, near: dict[int, dict[int, float]]) -> None:
    close = vectors @ vectors.T
    is_close = close >= closeness
    if np.count_nonzero(is_close) == np.count_nonzero(is_close.diagonal()):
        return
    for row, column in np.argwhere(np.triu(is_close, 1)):
        left, right = members[int(row)], members[int(column)]
        near[left][right] = near[right][left] = float(close[row, column])


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
