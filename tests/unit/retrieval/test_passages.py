"""Passages hold every visible character of a text once, in order, and fit the encoder."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from retrieval.passages import split, split_whole
from retrieval.sentences import sentences
from retrieval.types import Piece

FORMATS = ["text", "markdown", "json"]
PARTS = [
    "Ada ",
    "b. ",
    "Dr. ",
    "! ",
    "。",
    "漢字",
    "「",
    "」",
    "\n",
    "\n\n",
    "\r\n",
    "# H",
    "\n```\n",
    "|a|b|\n",
    "- x\n",
    "   ",
    "\u0301",
]
texts = st.text(max_size=120) | st.lists(st.sampled_from(PARTS), max_size=60).map("".join)


def count_words(text: str) -> int:
    return len(text.split())


def count_visible(text: str) -> int:
    return len("".join(text.split()))  # as an encoder that reads every character by itself


def visible(text: str) -> str:
    return "".join(text.split())


def sentences_of(pieces: Sequence[Piece]) -> list[str]:
    return [piece.text[span.start : span.end] for piece in pieces for span in piece.sentences]


@settings(max_examples=300)
@given(
    texts, st.sampled_from(FORMATS), st.integers(1, 12), st.sampled_from([count_words, count_visible]), st.booleans()
)
@example("a" * 200, "text", 1, count_words, False)
def test_passages_hold_every_visible_character_once_and_fit(
    text: str, format: str, most: int, count: Callable[[str], int], whole: bool
) -> None:
    pieces = (split_whole if whole else split)(text, count, format, most, most)
    assert visible("".join(piece.text for piece in pieces)) == visible(text)
    assert all(text[piece.span.start : piece.span.end] == piece.text for piece in pieces)
    assert all(before.span.end <= after.span.start for before, after in pairwise(pieces))
    assert all(count(piece.text) <= most for piece in pieces)
    assert visible("".join(sentences_of(pieces))) == visible(text)
    for piece in pieces:
        assert piece.sentences[0].start == 0
        assert piece.sentences[-1].end == len(piece.text)
        assert all(span.start < span.end for span in piece.sentences)


@given(texts, st.sampled_from(FORMATS))
def test_tokens_are_counted_once_a_sentence(text: str, format: str) -> None:
    counted: list[str] = []

    def count(part: str) -> int:
        counted.append(part)
        return count_words(part)

    pieces = split(text, count, format)
    assert counted == sentences_of(pieces)


@pytest.mark.parametrize(
    ("text", "size"),
    [(part, 10**6) for part in ["a", "漢", "\u0301", "'\"", "a.", "|", " "]]
    + [(part, 10**5) for part in ["A. ", "x\n", "```\n", "a! ", "- "]],
)
@pytest.mark.parametrize("count", [count_words, count_visible])
def test_a_megabyte_of_anything_is_split_with_few_counts(text: str, size: int, count: Callable[[str], int]) -> None:
    text = text * (size // len(text))
    calls = 0

    def counting(part: str) -> int:
        nonlocal calls
        calls += 1
        assert len(part) <= 240 * 16
        return count(part)

    pieces = split(text, counting, "markdown")
    assert visible("".join(piece.text for piece in pieces)) == visible(text)
    assert all(count(piece.text) <= 240 for piece in pieces)
    assert calls <= len(sentences_of(pieces)) * 1.25 + 10


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Smith met Mr. Lee. They talked.", ["Dr. Smith met Mr. Lee.", "They talked."]),
        ("He lives in the U.S. and likes it. Fine.", ["He lives in the U.S. and likes it.", "Fine."]),
        ("He left the U.S. The end.", ["He left the U.S.", "The end."]),
        ("The U.S. Army came.", ["The U.S. Army came."]),
        ("J. R. R. Tolkien wrote it. I read it.", ["J. R. R. Tolkien wrote it.", "I read it."]),
        ("Pi is 3.14 or so. Right.", ["Pi is 3.14 or so.", "Right."]),
        ("Fruit, e.g. Apples, etc. are good. Yes.", ["Fruit, e.g. Apples, etc. are good.", "Yes."]),
        ("See https://a.org/b.c?d=1. It helps.", ["See https://a.org/b.c?d=1.", "It helps."]),
        ('"Stop!" he said. "Go."', ['"Stop!" he said.', '"Go."']),
        ("He said “no.” She left.", ["He said “no.”", "She left."]),
        ("Wait... what? Really?! Yes.", ["Wait... what?", "Really?!", "Yes."]),
        ("i came home. it was late. ok", ["i came home.", "it was late.", "ok"]),
        ("It was in 1995. Then not.", ["It was in 1995.", "Then not."]),
        ("See No. 5 and Fig. 3. Done.", ["See No. 5 and Fig. 3.", "Done."]),
        ("1. First thing. 2. Second thing.", ["1. First thing.", "2. Second thing."]),
        ("我爱你。「是吗？」他说！好的", ["我爱你。", "「是吗？」", "他说！", "好的"]),
        ("यह एक है। यह दो है।", ["यह एक है।", "यह दो है।"]),
        ("هل هذا سؤال؟ نعم.", ["هل هذا سؤال؟", "نعم."]),
        ("Ça va ? Oui !", ["Ça va ?", "Oui !"]),
        ("", []),
        ("  \n ", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert [text[span.start : span.end] for span in sentences(text)] == expected


def test_lines_wrapped_by_hand_are_one_sentence_and_lists_are_not() -> None:
    wrapped = "This is a paragraph that somebody wrapped by hand\nand it goes on in the next line."
    assert sentences_of(split(wrapped, count_words)) == [wrapped]
    assert sentences_of(split("milk\neggs\n- bread\n- salt", count_words)) == ["milk", "eggs", "- bread", "- salt"]


def test_a_heading_stands_with_what_follows_it() -> None:
    text = "one two three four five.\n\n# Heading\n\nsix seven eight nine ten."
    pieces = split(text, count_words, "markdown", target_tokens=7, max_tokens=8)
    assert [piece.text for piece in pieces] == ["one two three four five.", "# Heading\n\nsix seven eight nine ten."]


def test_a_sentence_is_not_torn_if_it_fits() -> None:
    text = " ".join(f"Sentence number {number} has six words." for number in range(50))
    pieces = split(text, count_words, target_tokens=18, max_tokens=24)
    assert [len(piece.sentences) for piece in pieces] == [3] * 16 + [2]
    assert all(piece.text.endswith("words.") for piece in pieces)


def test_code_is_split_between_lines_and_tables_between_rows() -> None:
    code = "```python\na = f(1, 2)\n\nb = 2. Not a sentence\n```"
    assert sentences_of(split(code, count_words, "markdown")) == [
        "```python\na = f(1, 2)",
        "b = 2. Not a sentence\n```",
    ]
    table = "| a | b |\n|---|---|\n| One. Two. | 2 |"
    assert sentences_of(split(table, count_words, "markdown")) == ["| a | b |\n|---|---|", "| One. Two. | 2 |"]


def test_a_long_sentence_is_cut_at_a_clause_or_a_word() -> None:
    text = "alpha beta gamma, delta epsilon zeta eta theta iota kappa"
    pieces = split(text, count_words, target_tokens=4, max_tokens=5)
    assert pieces[0].text == "alpha beta gamma,"
    assert all(set(piece.text.replace(",", "").split()) <= set(text.replace(",", "").split()) for piece in pieces)


def test_a_cut_never_tears_a_character_from_its_accents() -> None:
    text = "e\u0301\u0302" * 300
    pieces = split(text, len, target_tokens=10, max_tokens=10)
    assert all(piece.text.startswith("e") for piece in pieces)


def test_a_chat_turn_stays_whole_as_long_as_it_fits() -> None:
    turn = "First.\n\n" + "word " * 90 + ".\n\n" + "word " * 100 + ".\n\nLast " + "word " * 40
    assert len(split(turn, count_words)) > 1
    assert [piece.text for piece in split_whole(turn, count_words)] == [turn.strip()]
    assert len(split_whole(turn * 2, count_words)) > 1
