"""What is compared, and in which portions: it comes to the same as comparing all with all."""

from hypothesis import given, settings
from hypothesis import strategies as st

from memory.sleeping import repeats
from memory.sleeping.comparing import Keyed, portions, shared
from memory.sleeping.episodes import Edition, Episode, Repeat
from tests.unit.sleeping.made import namespaces

some = settings(max_examples=60, deadline=None)
keyed = st.lists(
    st.tuples(st.lists(st.integers(0, 6), min_size=1, max_size=3), st.booleans()), max_size=20
).map(lambda found: [Keyed(Edition(str(n), 1), tuple(keys), new) for n, (keys, new) in enumerate(found)])  # fmt: skip


@some
@given(keyed)
def test_what_is_compared_shares_a_key_with_another_one_and_one_of_all_that_have_it_is_new(items: list[Keyed]) -> None:
    def is_wanted(one: Keyed) -> bool:
        holders = [[other for other in items if key in other.keys] for key in set(one.keys)]
        return any(len(mine) > 1 and any(other.is_new for other in mine) for mine in holders)

    found = {one.edition.id for one in shared(items)}
    assert found >= {one.edition.id for one in items if is_wanted(one)}
    assert all(any(other.is_new and set(other.keys) & set(one.keys) for other in items) for one in shared(items))


@some
@given(keyed, st.integers(1, 8))
def test_portions_have_all_once_and_what_shares_a_key_is_in_one_of_them(items: list[Keyed], size: int) -> None:
    found = list(portions(items, size))
    assert sorted(one.id for portion in found for one in portion) == sorted(one.edition.id for one in items)
    place = {one.id: number for number, portion in enumerate(found) for one in portion}
    for one in items:
        together = [other for other in items if set(other.keys) & set(one.keys)]
        assert {place[other.edition.id] for other in together} == {place[one.edition.id]}


@some
@given(namespaces(), st.sets(st.integers(0, 13)), st.integers(1, 5))
def test_portions_find_what_looking_at_all_at_once_finds(episodes: list[Episode], picked: set[int], size: int) -> None:
    new = {one.id for number, one in enumerate(episodes) if number in picked}
    rough = {
        one.edition.id
        for one in shared(
            [
                Keyed(
                    each.edition, repeats.rough_keys(each.kind, each.essence, each.stated, each.names), each.id in new
                )
                for each in episodes
            ]
        )
    }
    exact = [Keyed(one.edition, repeats.keys(one), one.id in new) for one in episodes if one.id in rough]
    by_id = {one.id: one for one in episodes}
    found: list[Repeat] = []
    for portion in portions(shared(exact), size):
        found += repeats.find([by_id[one.id] for one in portion], new)
    assert sorted(found, key=lambda one: one.survivor.id) == repeats.find(episodes, new)
