"""BM25 against the formula written out."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.lexical import LexicalParams, Lexicon, Scratch, score
from retrieval.normalize import terms
from tests.unit.retrieval.worlds import WORDS

texts = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8), min_size=1, max_size=12)


def by_the_formula(bags: list[list[str]], alive: list[bool], question: list[str], row: int, width: int) -> float:
    params = LexicalParams()
    living = [bag for bag, there in zip(bags, alive, strict=True) if there]
    mean = sum(map(len, living)) / len(living)
    near = [n for n in range(row - width, row + width + 1) if 0 <= n < len(bags) and alive[n]]
    window = [word for n in near for word in bags[n]]
    total = 0.0
    for term in set(question):
        df = sum(term in bag for bag in living)
        tf = window.count(term)
        idf = math.log(1 + (len(living) - df + 0.5) / (df + 0.5))
        total += idf * tf * (params.k1 + 1) / (tf + params.k1 * (1 - params.b + params.b * len(window) / mean))
    return total


@settings(max_examples=80, deadline=None)
@given(texts, st.data(), st.lists(st.sampled_from(WORDS), min_size=1, max_size=4))
def test_scores_follow_the_formula(made, data, question) -> None:  # type: ignore[no-untyped-def]
    alive = data.draw(st.lists(st.booleans(), min_size=len(made), max_size=len(made)).filter(any))
    lexicon = Lexicon()
    for words in made:
        lexicon.add(" ".join(words))
    for row, there in enumerate(alive):
        if not there:
            lexicon.remove(row)
    count = len(made)
    previous = np.arange(-1, count - 1, dtype=np.int32)
    following = np.array([*range(1, count), -1], np.int32)
    scratch = Scratch(count)
    asked = terms(" ".join(question))
    for _ in range(2):  # the second time shows that the scratch arrays were left clean
        found = score(lexicon, asked, np.array(alive), previous, following, sum(alive), LexicalParams(), scratch)
    bags = [terms(" ".join(words)) for words in made]
    for row in range(count):
        at = np.flatnonzero(found.rows == row)
        got = (float(found.passage[at[0]]), float(found.window[at[0]])) if len(at) else (0.0, 0.0)
        expected = [by_the_formula(bags, alive, asked, row, width) if alive[row] else 0.0 for width in (0, 1)]
        assert got == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "share"),
    [("The river?", 1.0), ("The river.", 0.0), ("河？", 1.0), ("I see. Why? Because", 1 / 3), ("Really?! No...", 0.5)],
)
def test_what_asks_is_known_by_its_question_marks_and_is_no_longer_for_it(text: str, share: float) -> None:
    lexicon = Lexicon()
    for each in ["The mill.", text, "Who?"]:
        lexicon.add(each)
    assert lexicon.asking(np.arange(3, dtype=np.int32)).tolist() == pytest.approx([0, share, 1], abs=0.01)
    assert lexicon.length.view[1] == len(terms(text))
