"""Which items are worth comparing at all, and in which portions: those that share something that only few do. Pure.

Comparing takes the whole of items, so a night looks first at what it keeps of all of them. Keys may be shared by
chance, never missed: what is compared decides by what the items say.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from memory.sleeping.episodes import Edition


@dataclass(frozen=True, slots=True)
class Keyed:
    """An item by what it must share with another one to repeat it."""

    edition: Edition
    keys: tuple[int, ...]
    is_new: bool


def key_of(value: Hashable) -> int:
    """Small, and the same for what is the same in one process."""
    return hash(value)


def shared(items: Sequence[Keyed]) -> list[Keyed]:
    """Those that share a key with another one, if any that has it is new: of old ones alone nothing is asked again."""
    counts: Counter[int] = Counter()
    fresh: set[int] = set()
    for one in items:
        counts.update(one.keys)
        if one.is_new:
            fresh.update(one.keys)
    wanted = {key for key in fresh if counts[key] > 1}
    return [one for one in items if not wanted.isdisjoint(one.keys)]


def portions(items: Sequence[Keyed], size: int) -> Iterator[list[Edition]]:
    """All of them in portions of about `size`; what hangs together by keys, at any distance, is in one of them."""
    portion: list[Edition] = []
    for group in _together(items):
        if portion and len(portion) + len(group) > size:
            yield portion
            portion = []
        portion += [one.edition for one in group]
    if portion:
        yield portion


def _together(items: Sequence[Keyed]) -> list[list[Keyed]]:
    above: dict[int, int] = {}

    def top(key: int) -> int:
        while above.setdefault(key, key) != key:
            above[key] = above[above[key]]
            key = above[key]
        return key

    for one in items:
        first = top(one.keys[0])
        for key in one.keys[1:]:
            above[top(key)] = first
    found: dict[int, list[Keyed]] = defaultdict(list)
    for one in items:
        found[top(one.keys[0])].append(one)
    return list(found.values())
