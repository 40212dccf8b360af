"""What may be remembered, and what is said about the rest."""

import re
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.errors import InvalidInput
from memory.parts import Limits
from memory.types import Draft, JsonValue, Kind
from memory.validation import accept, accept_question

LIMITS = Limits()
TURN = Draft(Kind.MEMORY, "Hello.")


def _fields(*drafts: Draft) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        accept(drafts, LIMITS)
    assert all(problem.message and problem.remedy for problem in caught.value.problems)
    return [problem.field for problem in caught.value.problems]


@given(st.text())
def test_a_text_is_refused_or_comes_out_storable(text: str) -> None:
    try:
        clean = accept([replace(TURN, text=text)], LIMITS)[0].text
    except InvalidInput:
        visible = re.sub(r"[\x01-\x1f\x7f]", "", text).strip()
        assert "\x00" in text or not visible
    else:
        clean.encode()
        assert clean.strip()
        assert not any(ord(character) < 32 and character not in "\n\t" for character in clean)
        assert accept([replace(TURN, text=clean)], LIMITS)[0].text == clean  # nothing is left to clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [("a\r\nb\rc", "a\nb\nc"), ("a\x07b\x1b[0m", "ab[0m"), ("\ttab", "\ttab"), ("名前 😀", "名前 😀")],
)
def test_control_characters_go_and_line_ends_are_one(text: str, clean: str) -> None:
    assert accept([replace(TURN, text=text)], LIMITS)[0].text == clean


@pytest.mark.parametrize("text", ["", " \n\t", "a\x00", "\udc80", "x" * 32_001, "é" * 16_001])
def test_a_text_that_cannot_be_kept_is_refused(text: str) -> None:
    assert _fields(replace(TURN, text=text)) == ["text"]


def test_documents_may_be_longer_than_memories() -> None:
    assert accept([Draft(Kind.DOCUMENT, "x" * 1_000_000)], LIMITS)
    assert _fields(Draft(Kind.DOCUMENT, "x" * 10_000_001)) == ["text"]


def test_every_problem_of_a_batch_is_told_at_once() -> None:
    bad = replace(TURN, speaker="", session_id="x" * 256, external_id="\x00", title="t" * 1001)
    wanted = {
        f"{place}.{field}"
        for place in ("memories[1]", "documents[2]")
        for field in ("title", "external_id", "speaker", "session_id")
    }
    assert set(_fields(TURN, bad, replace(bad, kind=Kind.DOCUMENT))) == wanted


@pytest.mark.parametrize("drafts", [[], [TURN] * 1001])
def test_a_batch_has_one_to_a_thousand(drafts: list[Draft]) -> None:
    assert _fields(*drafts) == ["documents"]


@pytest.mark.parametrize(
    "metadata",
    [
        {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}},
        {"": 1},
        {"k" * 65: 1},
        {"a\x00": 1},
        {"a": "b\x00"},
        {"a": ["\ud800"]},
        {"a": float("nan")},
        {"a": float("inf")},
        {"a": 2**63},
        {"a": "x" * 16_000},
    ],
)
def test_metadata_that_cannot_be_kept_is_refused(metadata: dict[str, JsonValue]) -> None:
    fields = _fields(replace(TURN, metadata=metadata))
    assert len(fields) == 1
    assert fields[0].startswith("metadata")


def test_sound_metadata_is_kept_as_it_is() -> None:
    metadata: dict[str, JsonValue] = {"a": {"b": {"c": {"d": {"e": None}}}}, "n": [1, 2.5, True, "x"], "键": -(2**62)}
    assert accept([replace(TURN, metadata=metadata)], LIMITS)[0].metadata == metadata


def test_a_time_needs_its_zone() -> None:
    assert _fields(replace(TURN, occurred_at=datetime(2026, 1, 1))) == ["occurred_at"]  # noqa: DTZ001


def test_names_are_one_line() -> None:
    clean = accept([replace(TURN, speaker=" Ada\n Lovelace ", title="a\u2028b")], LIMITS)[0]
    assert (clean.speaker, clean.title) == ("Ada Lovelace", "a b")


def test_a_question_is_cleaned_like_a_text() -> None:
    assert accept_question("Who\x07?", LIMITS) == "Who?"
