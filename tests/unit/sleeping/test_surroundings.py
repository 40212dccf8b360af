"""Which names stand together, against counting all pairs."""

from collections import Counter
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from memory.dynamics.simulation import Neighbour
from memory.sleeping import surroundings
from memory.sleeping.surroundings import MOST_NEIGHBOURS, of_names

names = st.lists(st.sets(st.sampled_from("abcdefgh")).map(tuple), max_size=12)


@settings(max_examples=60, deadline=None)
@given(names, st.integers(1, 6))
def test_neighbours_are_those_of_counting_all_pairs_of_names_that_are_rare(
    items: list[tuple[str, ...]], most: int
) -> None:
    counts = Counter(name for one in items for name in one)
    pairs = Counter(pair for one in items for pair in permutations([name for name in one if counts[name] <= most], 2))
    wanted = {
        name: [
            Neighbour(other, float(count))
            for count, other in sorted((-count, other) for (left, other), count in pairs.items() if left == name)
        ]
        for name in {left for left, _ in pairs}
    }
    before, surroundings.MOST_NAMED = surroundings.MOST_NAMED, most
    try:
        found = of_names(items, ())
        assert dict(found.kinds) == dict.fromkeys(wanted, "name")
        assert {name: list(found.neighbours[name]) for name in found.neighbours} == {
            name: [Neighbour(one.entity, -one.importance) for one in some][:MOST_NEIGHBOURS]
            for name, some in wanted.items()
        }
    finally:
        surroundings.MOST_NAMED = before
