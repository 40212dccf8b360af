"""The hashing embedder gives the same vectors everywhere, and like texts like ones."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.embedders.hashing import HashingEmbedder
from retrieval.types import FloatVector

PROGRAM = """
from retrieval.embedders.hashing import HashingEmbedder
print(HashingEmbedder(8).encode_question("the rye bread").tolist())
"""


def vector(text: str, dimension: int = 64) -> FloatVector:
    return HashingEmbedder(dimension).encode_question(text)


def test_another_process_gives_the_same_vector() -> None:
    run = [sys.executable, "-c", PROGRAM]
    outputs = {
        subprocess.run(run, env={"PYTHONHASHSEED": seed}, check=True, capture_output=True).stdout for seed in "12"
    }
    assert outputs == {f"{vector('the rye bread', 8).tolist()}\n".encode()}


@given(st.text(max_size=60), st.integers(1, 96))
def test_every_text_has_a_vector_of_length_one(text: str, dimension: int) -> None:
    assert np.linalg.norm(vector(text, dimension)) == pytest.approx(1, abs=1e-5)


@given(st.permutations(["tower", "clock", "wound", "again", "today"]))
def test_the_order_of_words_makes_no_difference(words: list[str]) -> None:
    assert vector(" ".join(words)) @ vector("tower clock wound again today") == pytest.approx(1, abs=1e-5)


def test_case_and_width_make_no_difference() -> None:
    np.testing.assert_array_equal(vector("ＴＯＷＥＲ Clock"), vector("tower CLOCK"))


def test_a_word_is_nearer_to_its_plural_than_to_another_word() -> None:
    assert vector("lighthouse") @ vector("lighthouses") > 0.5 > vector("lighthouse") @ vector("bread")


def test_shared_vectors_cannot_be_spoiled_by_who_gets_them() -> None:
    before = vector("bread").copy()
    vector("bread")[:] = 7
    np.testing.assert_array_equal(vector("bread"), before)


def test_a_dimension_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        HashingEmbedder(0)
