"""Which names are mentioned together, worked out for those that are asked for: all would be too many. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from memory.dynamics.simulation import Candidate, Neighbour, Surroundings

MOST_NEIGHBOURS = 20  # of one name
MOST_NAMED = 200  # items that a name may have and still tell something


def of_names(items: Iterable[Sequence[str]], successes: Sequence[Candidate]) -> Surroundings:
    """From the names of each item; how often two are mentioned together is how important one is to the other."""
    neighbours = _Neighbours([tuple(set(names)) for names in items])
    return Surroundings(neighbours, neighbours.kinds, successes)


class _Neighbours(Mapping[str, Sequence[Neighbour]]):
    """Of each name that stands with another one; of neither more than `MOST_NAMED` items."""

    def __init__(self, items: Sequence[tuple[str, ...]]) -> None:
        counts = Counter(name for names in items for name in names)
        self._items = [tuple(name for name in names if counts[name] <= MOST_NAMED) for names in items]
        self._known: dict[str, list[Neighbour]] = {}

    @cached_property
    def kinds(self) -> dict[str, str]:
        """All are of one kind."""
        return dict.fromkeys(self._holders, "name")

    @cached_property
    def _holders(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for number, names in enumerate(self._items):
            for name in names if len(names) > 1 else ():
                found[name].append(number)
        return found

    def __getitem__(self, name: str) -> Sequence[Neighbour]:
        if name not in self._holders:
            raise KeyError(name)
        if name not in self._known:
            around = Counter(other for number in self._holders[name] for other in self._items[number] if other != name)
            heaviest = sorted(around.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_NEIGHBOURS]
            self._known[name] = [Neighbour(other, float(count)) for other, count in heaviest]
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._holders)

    def __len__(self) -> int:
        return len(self._holders)
