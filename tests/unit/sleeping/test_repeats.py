"""Which items say what others say."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from memory.sleeping.episodes import Episode, Repeat
from memory.sleeping.repeats import SAME_FACT, SAME_MEANING, SAME_WORDING, SAME_WORDS, find
from tests.unit.sleeping.made import codes, episode, namespaces, protected, used

some = settings(max_examples=40, deadline=None)


def _all(episodes: list[Episode]) -> list[str]:
    return [one.id for one in episodes]


def _ids(repeat: Repeat) -> list[str]:
    return [one.id for one in repeat.repeats]


def _gone(episodes: list[Episode]) -> set[str]:
    return {id_ for repeat in find(episodes, _all(episodes)) for id_ in _ids(repeat)}


@some
@given(namespaces())
def test_an_item_survives_or_leaves_at_most_once(episodes: list[Episode]) -> None:
    found = find(episodes, _all(episodes))
    named = [id_ for repeat in found for id_ in (repeat.survivor.id, *_ids(repeat))]
    assert len(named) == len(set(named))
    assert set(named) <= set(_all(episodes))


@some
@given(namespaces())
def test_what_is_protected_never_leaves(episodes: list[Episode]) -> None:
    assert not _gone(episodes) & {one.id for one in episodes if one.is_protected}


@some
@given(namespaces())
def test_the_order_of_the_items_does_not_matter(episodes: list[Episode]) -> None:
    shuffled = episodes[::2][::-1] + episodes[1::2]
    assert find(shuffled, _all(episodes)) == find(episodes, _all(episodes))


@some
@given(namespaces(), st.sets(st.integers(0, 13)))
def test_every_pair_has_a_new_one_and_nothing_new_finds_nothing(episodes: list[Episode], picked: set[int]) -> None:
    new = {one.id for number, one in enumerate(episodes) if number in picked}
    for repeat in find(episodes, new):
        assert repeat.survivor.id in new or new.issuperset(_ids(repeat))
    assert find(episodes, ()) == []


@some
@given(namespaces())
def test_a_second_look_at_what_is_left_finds_no_same_words(episodes: list[Episode]) -> None:
    left = [one for one in episodes if one.id not in _gone(episodes) and not one.is_protected]
    essences = [(one.kind, one.essence) for one in left]
    assert len(essences) == len(set(essences))


def test_an_echo_leaves_and_the_turn_in_its_session_stays() -> None:
    turn = episode("a", "I adopted a puppy called Rex.", speaker="Nadia", session="one", day=1)
    echo = episode("b", "As I said before: I adopted a puppy called Rex.", speaker="Nadia", day=5)
    (found,) = find([turn, echo], ["b"])
    assert (found.survivor.id, _ids(found), found.why) == ("a", ["b"], SAME_WORDS)


def test_of_two_statements_of_a_fact_the_newest_stays() -> None:
    fact = [("clara", "home", "ghent")]
    old = episode("a", "Clara lives in Ghent.", day=1, stated=fact)
    new = episode("b", "By the way, Clara has a flat in Ghent, near the river.", day=9, stated=fact)
    (found,) = find([old, new], ["b"])
    assert (found.survivor.id, _ids(found), found.why) == ("b", ["a"], SAME_FACT)


def test_a_statement_that_names_more_is_no_repeat() -> None:
    fact = [("clara", "home", "ghent")]
    old = episode("a", "Clara lives in Ghent with Theo Verhoeven.", day=1, stated=fact)
    assert find([old, episode("b", "Clara lives in Ghent.", day=9, stated=fact)], ["b"]) == []


def test_other_values_numbers_or_a_not_make_it_another_thing() -> None:
    said = ("Clara paid 40 euros in Ghent today.", "Clara paid 45 euros in Ghent today.",
            "Clara has not paid 40 euros in Ghent today.", "Clara paid 40 euros in Lyon today.")  # fmt: skip
    items = [episode(str(number), text) for number, text in enumerate(said)]
    assert find(items, _all(items)) == []


def test_nearly_the_same_words_are_a_repeat_outside_of_sessions_only() -> None:
    texts = ("Clara bought the red tandem bicycle from Theo yesterday.",
             "Clara bought the old red tandem bicycle from Theo yesterday.")  # fmt: skip
    free = [episode(str(number), text, day=number) for number, text in enumerate(texts)]
    (found,) = find(free, ["1"])
    assert (found.survivor.id, found.why) == ("1", SAME_WORDING)
    assert find([replace(one, session_id="one") for one in free], ["1"]) == []


def test_other_words_of_the_same_names_are_a_repeat_if_the_vectors_are_close() -> None:
    one = replace(episode("a", "Clara is happy in Ghent."), vectors=codes(1, 0.1))
    other = replace(episode("b", "Ghent makes Clara feel good.", day=1), vectors=codes(1, 0.2))
    (found,) = find([one, other], ["a"])
    assert (found.survivor.id, found.why) == ("b", SAME_MEANING)
    assert find([one, replace(other, vectors=codes(0, 1))], ["a"]) == []


def test_what_two_people_say_of_themselves_is_not_the_same() -> None:
    items = [episode(who, "I live in Ghent near the old harbour.", speaker=who) for who in ("Clara", "Theo")]
    assert find(items, _all(items)) == []


def test_the_one_that_helped_survives_and_protected_ones_all_stay() -> None:
    texts = [episode(str(number), "The code of the gate is 4711.", day=number) for number in range(3)]
    (found,) = find([used(texts[0]), texts[1], texts[2]], _all(texts))
    assert (found.survivor.id, _ids(found)) == ("0", ["1", "2"])
    (found,) = find([protected(texts[0]), protected(texts[1]), texts[2]], _all(texts))
    assert _ids(found) == ["2"]
