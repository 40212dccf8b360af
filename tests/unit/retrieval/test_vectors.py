"""The nearest of all vectors: exact where all are compared, near enough where only a few lists are read."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.errors import DimensionMismatch
from retrieval.quantize import to_bytes, to_floats
from retrieval.types import FloatVector
from retrieval.vectors import lists
from retrieval.vectors.dense import Vectors


def unit(seed: int, count: int, dimension: int = 16) -> FloatVector:
    found = np.random.default_rng(seed).standard_normal((count, dimension))
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


@settings(max_examples=30)
@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 5), st.integers(0, 999))
def test_the_nearest_in_base_and_delta_is_that_of_an_exhaustive_search(
    base: int, delta: int, m: int, seed: int
) -> None:
    codes, asked = to_bytes(unit(seed, base + delta)), unit(seed + 1, m)
    vectors = Vectors(16, codes[:base])
    vectors.add(codes[base:])
    wanted = (asked @ to_floats(codes).T).max(axis=1, initial=-1)
    assert vectors.nearest(asked) == pytest.approx(np.clip(wanted, -1, 1), abs=1e-4)


def test_what_is_there_is_found_in_inverted_lists_though_few_are_read() -> None:
    codes = to_bytes(unit(1, 4000))
    vectors = Vectors(16, codes, lists.to_array(lists.build(codes)))
    assert vectors.nearest(to_floats(codes[::100])).min() > 0.98


def test_vectors_of_another_dimension_are_refused() -> None:
    with pytest.raises(DimensionMismatch):
        Vectors(16).nearest(unit(1, 1, 8))
