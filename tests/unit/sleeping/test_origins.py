"""Gists of gists quote what people said."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from memory.sleeping.episodes import Episode, Part
from memory.sleeping.gists import RECOMMENDED
from memory.sleeping.origins import traced
from tests.unit.sleeping.made import condensed, episode, namespaces

AGAIN = replace(RECOMMENDED, shortens_gists=True)


def _text(parts: list[Part], texts: dict[str, str]) -> str:
    return " ".join(texts[part.source][part.start : part.end] for part in parts)


@settings(max_examples=40, deadline=None)
@given(namespaces(), st.floats(0.3, 1))
def test_a_gist_of_gists_is_made_of_the_first_items_word_for_word(episodes: list[Episode], share: float) -> None:
    texts = {one.id: one.text for one in episodes}
    first = condensed(episodes, int(share * sum(one.tokens for one in episodes)), AGAIN)
    made_of = {f"gist {number}": gist.parts for number, gist in enumerate(first)}
    gists = [replace(episode(id_, gist.text), is_gist=True) for id_, gist in zip(made_of, first, strict=True)]
    for gist in condensed(gists, 0, AGAIN):
        parts = traced(gist.parts, made_of)
        assert {part.source for part in parts} <= texts.keys()
        assert _text(parts, texts) == gist.text


def test_a_part_over_two_parts_becomes_two() -> None:
    made_of = {"gist": (Part("a", 10, 14), Part("b", 0, 5))}
    assert traced([Part("gist", 2, 8), Part("c", 1, 2)], made_of) == [
        Part("a", 12, 14),
        Part("b", 0, 3),
        Part("c", 1, 2),
    ]


def test_gists_of_gists_of_gists_are_followed_to_the_end() -> None:
    made_of = {"one": (Part("a", 5, 9),), "two": (Part("one", 0, 4),)}
    assert traced([Part("two", 1, 3)], made_of) == [Part("a", 6, 8)]
