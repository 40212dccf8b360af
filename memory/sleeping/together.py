"""Which items hang together by what a night did: a gist with its sources, a survivor with its repeats. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from memory.sleeping.records import NightChange


def together(changes: Iterable[NightChange], ids: Collection[str]) -> frozenset[str]:
    """`ids`, and all that stands for one of them or behind it, at any distance.

    A part of that could not be taken back alone: the content of an item would be in recall twice, or not at all.
    """
    beside: dict[str, set[str]] = defaultdict(set)
    for one in changes:
        for other in (*one.sources, *([one.stand_in] if one.stand_in is not None else [])):
            beside[one.document].add(other)
            beside[other].add(one.document)
    found = set(ids)
    left = list(ids)
    while left:
        fresh = beside[left.pop()] - found
        found |= fresh
        left += fresh
    return frozenset(found)
