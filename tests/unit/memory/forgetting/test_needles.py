"""What is searched for after an erasure stands in what was erased, and in nothing that is kept."""

from hypothesis import given
from hypothesis import strategies as st

from memory.forgetting.needles import LEAST_WORD, needles, spellings
from memory.forgetting.subjects import is_named

TEXTS = st.lists(st.text(max_size=120), max_size=4)


@given(TEXTS, TEXTS)
def test_a_needle_is_of_the_erased_and_not_of_the_kept(erased: list[str], kept: list[str]) -> None:
    for needle in needles(erased, kept):
        assert any(needle in text for text in erased)
        assert not any(needle.casefold() in text.casefold() for text in kept)
        assert len(needle) >= LEAST_WORD


def test_a_text_of_its_own_has_needles_and_one_that_is_kept_has_none() -> None:
    text = "The password of the observatory is zanzibarolith."
    assert "zanzibarolith" in needles([text], ["The observatory has a password."])
    assert needles([text], ["Once more: " + text.upper()]) == []


def test_a_needle_is_found_in_json_too() -> None:
    assert b'caf\\u00e9 \\"noir\\"' in spellings('café "noir"')


def test_a_name_is_found_however_it_is_written() -> None:
    assert is_named("Mira Bell", ["So MIRA  BELL'S boat."])
    assert not is_named("Mira", ["Miranda came."])
    assert not is_named("…", ["Anything…"])
