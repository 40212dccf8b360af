"""Where sentences are cut."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from memory.sleeping.clauses import LEAST_WORDS, clauses_of
from memory.sleeping.episodes import Sentence

some = settings(max_examples=200, deadline=None)
words = st.sampled_from(
    ("Clara", "moved", "to", "Ghent,", "and", "but", "never", "(since", "2021)", "“the", "cello”", "if", "[a", "b]:")
)  # fmt: skip


def _told(text: str) -> list[str]:
    return [text[one.start : one.end] for one in clauses_of(text, Sentence(0, len(text)))]


@some
@given(st.lists(words, min_size=1, max_size=40), st.sampled_from((" ", "  ", "\n")), st.integers(1, 6))
def test_clauses_are_the_whole_sentence_in_order_but_for_white_space(said: list[str], gap: str, least: int) -> None:
    text = f"Before. {gap.join(said)} After."
    sentence = Sentence(len("Before. "), len(text) - len(" After."))
    found = clauses_of(text, sentence, least)
    assert (found[0].start, found[-1].end) == (sentence.start, sentence.end)
    assert all(text[before.end : after.start].isspace() for before, after in pairwise(found))
    assert all(before.end < after.start for before, after in pairwise(found))


@some
@given(st.lists(words, min_size=1, max_size=40))
def test_no_clause_of_several_is_short_or_ends_within_brackets(said: list[str]) -> None:
    text = " ".join(said)
    found = clauses_of(text, Sentence(0, len(text)))
    for one in found if len(found) > 1 else ():
        assert len(text[one.start : one.end].split()) >= LEAST_WORDS
        before = text[: one.end]
        is_last = one is found[-1]
        assert is_last or sum(map(before.count, "([“")) <= sum(map(before.count, ")]”"))


def test_a_sentence_is_cut_at_marks_and_before_words_that_join() -> None:
    assert _told("Privilege is an album by Ivor Cutler, originally released in 1983 on Rough Trade Records.") == [
        "Privilege is an album by Ivor Cutler,",
        "originally released in 1983 on Rough Trade Records.",
    ]
    assert _told("I talked about my long journey and encouraged students to get involved.") == [
        "I talked about my long journey",
        "and encouraged students to get involved.",
    ]
    assert _told("Ich bin nach Gent gezogen, weil dort meine Schwester wohnt.") == [
        "Ich bin nach Gent gezogen,",
        "weil dort meine Schwester wohnt.",
    ]
    assert _told("Clara moved to Ghent, Belgium.") == ["Clara moved to Ghent, Belgium."]


def test_what_doubts_or_denies_is_marked() -> None:
    text = "I would love to come to Ghent, if it does not rain on Friday, and bring the old cello."
    assert [one.bears for one in clauses_of(text, Sentence(0, len(text)))] == [True, True, False]
    plain = "I moved to the city of Ghent, and there I restore old cellos."
    assert not any(one.bears for one in clauses_of(plain, Sentence(0, len(plain))))
