"""Near names meet, whichever came first."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.normalize import normal_name
from retrieval.synonyms import keys, similarity

PARTS = ["john", "f", "fitzgerald", "kennedy", "kennedys", "the", "of", "world", "health", "organization", "inc", "dr"]
PARTS += ["organisation", "who", "jk", "jfk", "wo", "data", "base", "database", "u", "s", "us", "united", "11", "東京"]
names = st.lists(st.sampled_from(PARTS), max_size=4).map(" ".join) | st.text(max_size=12).map(normal_name)


@st.composite
def near_names(draw: st.DrawFn) -> tuple[str, str]:
    """A name and what becomes of it when a letter or a word is dropped, doubled or changed."""
    name = draw(names)
    at = draw(st.integers(0, len(name)))
    other = name[:at] + draw(st.sampled_from(["", "a", "s", " ", " inc", "x"])) + name[at + draw(st.integers(0, 1)) :]
    return name, normal_name(other)


@given(st.tuples(names, names) | near_names())
def test_nearness_does_not_depend_on_which_name_came_first(pair: tuple[str, str]) -> None:
    left, right = pair
    assert similarity(left, right) == similarity(right, left)
    assert 0 <= similarity(left, right) <= 1
    assert similarity(left, left) == 1


@given(st.tuples(names, names) | near_names())
@example(("database", "data base"))
@example(("organization", "organisation"))
@example(("abcdefg", "bcdefg"))
@example(("abcdef", "abcdefg"))
def test_names_that_are_near_share_a_key(pair: tuple[str, str]) -> None:
    left, right = pair
    if left and right and similarity(left, right) > 0:
        assert keys(left) & keys(right)


@pytest.mark.parametrize(
    ("left", "right", "least", "most"),
    [
        ("world health organization", "who", 0.8, 0.8),
        ("department of defense", "dod", 0.8, 0.8),
        ("united kingdom", "uk", 0.6, 0.6),
        ("u s", "us", 0.9, 1),
        ("the beatles", "beatles", 0.9, 1),
        ("iheartmedia inc", "iheartmedia", 0.9, 1),
        ("dr ada lovelace", "ada lovelace", 0.9, 1),
        ("ada lovelace", "lovelace", 0.6, 0.6),
        ("ada lovelace", "ada", 0.5, 0.5),
        ("john fitzgerald kennedy", "john kennedy", 0.9, 0.9),
        ("catherine", "katherine", 0.8, 1),
        ("world health organisation", "world health organization", 0.8, 1),
        ("data base", "database", 0.8, 1),
        ("john kennedy", "robert kennedy", 0, 0),
        ("new york", "york", 0, 0),
        ("apollo 11", "apollo 13", 0, 0),
        ("world war i", "world war ii", 0, 0),
        ("iran", "iraq", 0, 0),
        ("austria", "australia", 0, 0),
        ("1990", "1991", 0, 0),
        ("", "a", 0, 0),
    ],
)
def test_nearness_of_names(left: str, right: str, least: float, most: float) -> None:
    assert least <= similarity(left, right) <= most


def test_a_name_has_few_keys() -> None:
    assert len(keys("john fitzgerald kennedy")) <= 12
    assert keys("") == set()
