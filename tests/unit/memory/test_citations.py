"""Citations: what names no source that is there goes, in one piece or streamed in any pieces."""

import re

from hypothesis import given
from hypothesis import strategies as st

from memory.llm.citations import checked, cited, is_abstention, streamed

PARTS = st.sampled_from(
    ["Mira ", "painted", " it.", "[1]", "[2]", " [3]", "[9]", "[1, 9]", "[", "]", "[x]", " [12;2]", "\n", "NOT FOUND"]
)
THOUGHTS = st.sampled_from(["", "<think>[9] NOT FOUND</think>", "<thinking>\n1 < 2</thinking>\n"])
KNOWN = {1, 2, 3}


@given(st.lists(PARTS, max_size=12).map("".join), THOUGHTS, st.lists(st.integers(1, 7), max_size=40))
def test_streamed_in_any_pieces_it_says_the_same(text: str, thought: str, sizes: list[int]) -> None:
    pieces, left = [], thought + text
    for size in sizes:
        pieces.append(left[:size])
        left = left[size:]
    said = "".join(streamed([*pieces, left], KNOWN))
    whole = checked(text.strip(), KNOWN)
    assert said.strip() == ("" if is_abstention(whole) else whole.strip())


@given(st.lists(PARTS, max_size=12).map("".join))
def test_only_known_sources_are_left_and_words_stay(text: str) -> None:
    kept = checked(text, KNOWN)
    assert set(cited(kept)) <= KNOWN
    assert set(cited(kept)) == set(cited(text)) & KNOWN
    assert checked(kept, KNOWN) == kept
    words = re.compile(r"[A-Za-z]+")
    assert words.findall(kept) == words.findall(text)


def test_words_that_stood_around_a_mark_do_not_run_together() -> None:
    assert checked("The bridge[9]is red[9].", KNOWN) == "The bridge is red."


def test_an_abstention_after_marks_that_go_is_one_in_a_stream_too() -> None:
    assert list(streamed(["[9", "][9]NOT", " FOUND"], KNOWN)) == []


def test_what_is_said_comes_before_the_end() -> None:
    said: list[str] = []

    def pieces() -> "list[str]":
        return ["Mira painted ", "the bridge", " [", "1", "]. It is red."]

    stream = streamed(iter(pieces()), KNOWN)
    said.append(next(stream))
    assert said[0].startswith("Mira painted")
    assert "".join([*said, *stream]) == "Mira painted the bridge [1]. It is red."
