"""What is shortened, and to what."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from memory.sleeping.clauses import clauses_of
from memory.sleeping.episodes import Episode, Gist
from memory.sleeping.gists import RECOMMENDED
from tests.unit.sleeping.made import (
    codes,
    condensed,
    count_tokens,
    episode,
    namespaces,
    protected,
    related,
    used,
)

some = settings(max_examples=40, deadline=None)
shares = st.floats(0, 1.1)


def _total(episodes: list[Episode]) -> int:
    return sum(one.tokens for one in episodes)


def _after(episodes: list[Episode], gists: list[Gist]) -> int:
    gone = {source for gist in gists for source in gist.sources}
    return sum(one.tokens for one in episodes if one.id not in gone) + sum(count_tokens(one.text) for one in gists)


def _is_true_to_its_sources(episodes: list[Episode], gists: list[Gist]) -> None:
    by_id = {one.id: one for one in episodes}
    sources = [source for gist in gists for source in gist.sources]
    assert len(sources) == len(set(sources))
    for gist in gists:
        assert gist.parts
        assert {part.source for part in gist.parts} <= set(gist.sources)
        assert gist.text == " ".join(by_id[part.source].text[part.start : part.end] for part in gist.parts)
        places = [(gist.sources.index(part.source), part.start) for part in gist.parts]
        assert places == sorted(set(places))
        assert count_tokens(gist.text) <= RECOMMENDED.kept * sum(by_id[one].tokens for one in gist.sources)
        for source in gist.sources:
            one = by_id[source]
            assert (one.is_protected, one.is_gist, one.recalls) == (False, False, 0)


@some
@given(namespaces(), shares)
def test_gists_are_made_of_their_sources_word_for_word_and_clearly_shorter(
    episodes: list[Episode], share: float
) -> None:
    _is_true_to_its_sources(episodes, condensed(episodes, int(share * _total(episodes))))


@some
@given(namespaces(), shares)
def test_no_part_of_a_sentence_is_quoted_without_what_doubts_or_denies_in_it(
    episodes: list[Episode], share: float
) -> None:
    by_id = {one.id: one for one in episodes}
    for gist in condensed(episodes, int(share * _total(episodes))):
        for one in (by_id[source] for source in gist.sources):
            quoted = [(part.start, part.end) for part in gist.parts if part.source == one.id]
            for sentence in one.sentences:
                inside = [(start, end) for start, end in quoted if sentence.start <= start and end <= sentence.end]
                held = [clause for clause in clauses_of(one.text, sentence) if clause.bears]
                assert not inside or all(any(a <= each.start and each.end <= b for a, b in inside) for each in held)


@some
@given(namespaces())
def test_gists_of_related_items_keep_the_same_laws(episodes: list[Episode]) -> None:
    _is_true_to_its_sources(episodes, related(episodes))


@some
@given(namespaces(), shares, shares)
def test_less_room_never_means_more_tokens(episodes: list[Episode], one: float, other: float) -> None:
    small, large = sorted(int(share * _total(episodes)) for share in (one, other))
    tight, loose = condensed(episodes, small), condensed(episodes, large)
    assert _after(episodes, tight) <= _after(episodes, loose)
    assert {gist.sources for gist in loose} <= {gist.sources for gist in tight}


@some
@given(namespaces(), shares)
def test_the_order_of_the_items_does_not_matter(episodes: list[Episode], share: float) -> None:
    room = int(share * _total(episodes))
    assert condensed(episodes[::-1], room) == condensed(episodes, room)
    assert related(episodes[::-1]) == related(episodes)


@some
@given(namespaces())
def test_what_fits_stays_as_it_is(episodes: list[Episode]) -> None:
    assert condensed(episodes, _total(episodes)) == []


PASSAGE = (
    "Villa Montalvo is a house in Saratoga. It was built by James Phelan in 1912. People like to go there. "
    "There are many nice things to see and it is always worth a visit on a day without rain or wind. "
    "In 1930 it became an artist residency of the Montalvo Arts Center."
)


def test_a_passage_keeps_its_names_and_dates_and_loses_what_is_said_everywhere() -> None:
    said_everywhere = "There are many nice things to see and it is always worth a visit on a day without rain or wind."
    others = [protected(episode(f"b{number}", said_everywhere, title=f"Town {number}")) for number in range(9)]
    passage = episode("a", PASSAGE, title="Villa Montalvo")
    (gist,) = condensed([passage, *others], sum(one.tokens for one in others) + 30)
    assert "James Phelan in 1912" in gist.text
    assert "nice things" not in gist.text


def test_a_sentence_loses_the_clauses_that_tell_least_and_stays_one_part() -> None:
    text = (
        "James Phelan built Villa Montalvo in Saratoga in 1912, and that is a very nice place, as they all say there."
    )
    (gist,) = condensed([episode("a", text, title="Villa Montalvo")], 12)
    assert gist.text == "James Phelan built Villa Montalvo in Saratoga in 1912,"
    assert len(condensed([episode("a", text)], _total([episode("a", text)]) - 3)[0].parts) == 1


def test_used_and_protected_items_stay_whole_whatever_the_room() -> None:
    one = episode("a", PASSAGE, title="Villa Montalvo")
    assert condensed([used(one), replace(protected(one), id="b")], 0) == []


def test_neighbouring_turns_of_a_speaker_become_one_gist_where_that_is_wanted() -> None:
    texts = ("Hey! Good to see you.", "I went hiking in Yosemite on 3 May.", "So nice! It was so nice.")
    turns = [
        episode(f"a{number}", text, speaker="Nadia", session="one", position=2 * number)
        for number, text in enumerate(texts)
    ]
    answers = [
        episode(f"b{number}", "Great.", speaker="Theo", session="one", position=2 * number + 1) for number in range(3)
    ]
    found = condensed([*turns, *answers], 12, replace(RECOMMENDED, most_turns=6))
    (gist,) = (one for one in found if "a1" in one.sources)
    assert gist.sources == ("a0", "a1", "a2")
    assert "I went hiking in Yosemite on 3 May." in gist.text


def test_what_tells_the_same_of_one_name_becomes_one_gist() -> None:
    shared = "Clara Whitlock restores old cellos in a workshop by the harbour of Ghent."
    items = [
        replace(episode(f"{number}", text, day=number), vectors=codes(1, 0.01 * number))
        for number, text in enumerate((f"{shared} She began in 2019.", f"{shared}", f"{shared} It is hers."))
    ]
    (gist,) = related(items)
    assert gist.sources == ("0", "1", "2")
    assert gist.text.count("harbour") == 1
    assert "2019" in gist.text


def test_related_items_that_say_different_things_stay_apart() -> None:
    texts = ("Clara Whitlock restores old cellos in Ghent.", "Clara Whitlock climbed a volcano with Samir in June.")
    items = [replace(episode(f"{number}", text), vectors=codes(1, 0)) for number, text in enumerate(texts)]
    assert related(items) == []


def test_small_talk_goes_before_what_answers_a_question() -> None:
    question = episode("0", "When did you adopt Rex?", speaker="Theo", session="one", position=0)
    answer = "I adopted Rex last July with the help of Amina."
    goodbye = "You are so kind, have fun and talk to you soon!"
    turns = [
        episode(f"{number}", text, speaker="Nadia", session="one", position=number)
        for number, text in enumerate((answer, goodbye), start=1)
    ]
    (gist,) = condensed([question, *turns], _total([question, *turns]) - 5, replace(RECOMMENDED, most_turns=6))
    assert (gist.sources, gist.text) == (("1", "2"), answer)


def test_a_gist_is_shortened_again_only_where_that_is_wanted() -> None:
    passage = replace(episode("a", PASSAGE, title="Villa Montalvo"), is_gist=True)
    assert condensed([passage], 30) == []
    (gist,) = condensed([passage], 30, replace(RECOMMENDED, shortens_gists=True))
    assert gist.sources == ("a",)
