"""Word overlap and negation, as published and as recommended."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.similarity import (
    COMPAT,
    RECOMMENDED,
    Negation,
    SimilarityParams,
    flips_polarity,
    jaccard,
    negation,
    stripped,
)
from memory.errors import ParamsInvalid

both = pytest.mark.parametrize("params", [COMPAT, RECOMMENDED], ids=["compat", "recommended"])
vocabulary = [
    "I",
    "do",
    "not",
    "never",
    "no",
    "longer",
    "doesn't",
    "nicht",
    "mehr",
    "kein",
    "Hund",
    "like",
    "cats,",
    "and",
    "tea.",
    "cannot",
    "go",
]
texts = st.lists(st.sampled_from(vocabulary), max_size=12).map(" ".join) | st.text(max_size=30)


@both
def test_it_gives_the_published_overlaps(params: SimilarityParams) -> None:
    assert jaccard("The user likes TypeScript", "user likes python scripts", params) == pytest.approx(2 / 6, abs=1e-9)
    assert jaccard("New York City", "new york", params) == pytest.approx(2 / 3, abs=1e-9)
    assert jaccard("ab cd", "ab cd", params) == 0


@both
def test_it_gives_the_published_negations(params: SimilarityParams) -> None:
    assert negation("TypeScript is not a compiled language", params) == Negation(True, "a compiled", 0.85)
    assert negation("Das stimmt nicht", params) == Negation(True, None, 0.6)
    assert negation("Er kann kein Deutsch", params) == Negation(True, "Deutsch", 0.85)
    assert negation("She drinks tea", params) == Negation(False, None, 0.0)


def test_the_original_does_not_see_cannot_and_the_recommended_does() -> None:
    assert not negation("I cannot go", COMPAT).is_negated
    assert negation("I cannot go") == Negation(True, "go", 0.85)
    assert negation("I can't go").is_negated
    assert negation("she won’t come").is_negated


def test_two_denials_in_one_clause_affirm_but_in_two_clauses_deny() -> None:
    assert negation("He does not never go", COMPAT) == Negation(True, None, 0.3)
    assert negation("He does not never go") == Negation(False, None, 0.3)
    assert negation("He does not smoke and never drinks").is_negated


def test_nicht_mehr_is_stripped_whole() -> None:
    assert stripped("Sie wohnt nicht mehr hier", COMPAT) == "Sie wohnt mehr hier"
    assert stripped("Sie wohnt nicht mehr hier") == "Sie wohnt hier"


def test_punctuation_is_no_part_of_a_word() -> None:
    assert jaccard("likes tea.", "likes tea", COMPAT) < 1
    assert jaccard("likes tea.", "likes tea") == 1


@both
@given(first=texts, second=texts)
def test_overlap_is_symmetric_and_a_share(params: SimilarityParams, first: str, second: str) -> None:
    found = jaccard(first, second, params)
    assert found == jaccard(second, first, params)
    assert 0 <= found <= 1
    assert jaccard(first, first, params) in {0.0, 1.0}


@both
@given(text=st.lists(st.sampled_from(vocabulary), max_size=12).map(" ".join))
def test_case_makes_no_difference(params: SimilarityParams, text: str) -> None:
    found, shouted = negation(text, params), negation(text.upper(), params)
    assert (found.is_negated, found.confidence) == (shouted.is_negated, shouted.confidence)


@both
@given(text=texts)
def test_stripping_never_lengthens(params: SimilarityParams, text: str) -> None:
    assert len(stripped(text, params)) <= len(text)


@given(texts, texts)
def test_a_flip_is_symmetric_and_no_text_flips_itself(first: str, second: str) -> None:
    assert flips_polarity(first, second) == flips_polarity(second, first)
    assert not flips_polarity(first, first)


def test_empty_texts_share_and_deny_nothing() -> None:
    assert jaccard("", "") == 0
    assert negation("") == Negation(False, None, 0.0)
    assert stripped("") == ""


def test_bad_params_are_refused() -> None:
    with pytest.raises(ParamsInvalid, match="least_letters"):
        SimilarityParams(least_letters=0)
