"""What is the same is spelled the same."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.normalize import STOP_WORDS, normal_name, stem, terms, words

texts = st.one_of(st.text(max_size=40), st.text("aéŁß'’s -.İΐᾳガがｶﾞ½①한글東京ไทย\u0301\u0345\u200d🙂", max_size=20))


@given(texts)
@example("K's's")
@example("\u0345\u0301")
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normal_name(normal_name(text)) == normal_name(text)


@given(texts)
def test_a_normal_name_has_only_letters_digits_marks_and_single_spaces(text: str) -> None:
    assert regex.fullmatch(r"(?:[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?: (?!$)|$))*", normal_name(text))


@given(texts)
def test_case_makes_no_difference_to_ascii_names(text: str) -> None:
    ascii_text = text.encode("ascii", "ignore").decode()
    assert normal_name(ascii_text.upper()) == normal_name(ascii_text.lower())


@given(texts)
def test_the_words_of_a_text_are_those_of_its_normal_name(text: str) -> None:
    assert words(normal_name(text)) == words(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The  Beatles", "the beatles"),
        ("Côte d'Ivoire", "cote d ivoire"),
        ("O’Brien's", "o brien"),
        ("JAMES'S", "james"),
        ("Łódź", "lodz"),
        ("Øresund Straße", "oresund strasse"),
        ("Ｔｏｋｙｏ", "tokyo"),
        ("Nintendo™ Switch", "nintendo switch"),
        ("Москва́", "москва́"),
        ("Кий", "кий"),
        ("ΑΘΉΝΑ", "αθηνα"),
        ("東京 タワー", "東京 タワー"),
        ("हिन्दी", "हिन्दी"),
        ("soft\u00adhyphen", "softhyphen"),
        ("می\u200cخواهم", "میخواهم"),
        ("🙂\ufe0f", ""),
        ("AT&T, Inc.", "at t inc"),
    ],
)
def test_names_are_spelled_one_way(text: str, name: str) -> None:
    assert normal_name(text) == name


def test_composed_and_decomposed_spellings_meet() -> None:
    assert normal_name("Zu\u0308rich") == normal_name("Zürich") == normal_name("ZÜRICH") == "zurich"
    assert normal_name("ガンダム") == normal_name("ｶﾞﾝﾀﾞﾑ")


def test_text_without_spaces_becomes_pairs_of_characters() -> None:
    assert words("東京大学 in Japan") == ["東京", "京大", "大学", "in", "japan"]
    assert words("山") == ["山"]
    assert words("iPhone手机") == ["iphone", "手机"]
    assert words("ที่นี่") == ["ที่นี่"]


@given(
    st.text("東京大学日本人口山川", min_size=2, max_size=4),
    st.text("東京大学日本人口山川は", max_size=5),
    st.text("のは人口", max_size=5),
)
def test_the_words_of_a_name_stand_side_by_side_in_a_text_that_has_it(name: str, before: str, after: str) -> None:
    sought, text = words(name), words(before + name + after)
    assert any(text[start : start + len(sought)] == sought for start in range(len(text)))


def test_terms_are_stemmed_words_that_say_something() -> None:
    assert terms("The founders of the companies were running") == [stem("founders"), stem("companies"), stem("running")]
    assert stem("running") == stem("runs") == "run"
    assert not set(terms("what is the capital of France")) & STOP_WORDS


def test_a_text_of_stop_words_keeps_them() -> None:
    assert terms("The Who") == ["the", "who"]


def test_threads_do_not_cut_each_others_words() -> None:
    made = [
        f"{start}{end}" for start in ("gener", "rel", "oper", "hop", "condit") for end in ("ational", "ing", "ness")
    ]
    expected = [stem.__wrapped__(word) for word in made]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            for found in pool.map(lambda _: [stem.__wrapped__(word) for word in made], range(400)):
                assert found == expected
    finally:
        sys.setswitchinterval(interval)
