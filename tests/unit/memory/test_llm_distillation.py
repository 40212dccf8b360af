"""Distilled statements as models write them: read leniently in form, and never without what they cite."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.errors import MalformedReply
from memory.llm.distillation import LONGEST, MOST_SENTENCES, Said, said
from memory.types import JsonValue

VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(("statements", "text", "sources", "x")), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "found",
    [
        {"statements": [{"text": "Mira moved.", "sources": [2, 1]}]},
        {"Statements": [{"Statement": " Mira\nmoved. ", "Sources": ["2", "[1]", 9, 0]}]},
        {"facts": [{"sentence": "Mira moved [2][1].", "sources": []}]},
        [{"text": "Mira moved.", "source": 2, "cites": [1]}, {"text": "", "sources": [1]}],
        ["Mira moved [2, 1]."],
    ],
)
def test_statements_are_read_as_they_come(found: JsonValue) -> None:
    (only,) = said(found, 2)
    assert only.text == "Mira moved."
    assert only.cited[0] == 2


def test_a_statement_of_several_sentences_is_several() -> None:
    found: JsonValue = {"statements": [{"text": "Mira moved. Tomas sings.", "sources": [1]}]}
    assert said(found, 1) == [Said("Mira moved.", (1,)), Said("Tomas sings.", (1,))]


@pytest.mark.parametrize(
    "found", [{"summary": "Mira moved."}, {}, [], [3, None], {"statements": [{"text": None}]}, "x"]
)
def test_nonsense_is_no_distillate(found: JsonValue) -> None:
    with pytest.raises(MalformedReply):
        said(found, 3)


@given(VALUES, st.integers(1, 4))
def test_whatever_comes_it_is_short_and_cites_what_is_there(found: JsonValue, count: int) -> None:
    try:
        told = said(found, count)
    except MalformedReply:
        return
    assert 0 < len({one.text for one in told}) == len(told) <= MOST_SENTENCES
    for one in told:
        assert 0 < len(one.text) <= LONGEST
        assert set(one.cited) <= set(range(1, count + 1))
