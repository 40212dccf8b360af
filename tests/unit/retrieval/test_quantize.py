"""Eight bits a number keep the direction of a vector."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from retrieval.errors import RetrievalError, VectorInvalid
from retrieval.quantize import to_bytes, to_floats
from retrieval.types import ByteVector, FloatVector

seeds = st.integers(0, 2**32 - 1)


def with_a_direction(vectors: FloatVector) -> FloatVector:
    vectors[~vectors.any(axis=1), 0] = 1
    return vectors


shapes = st.tuples(st.integers(0, 4), st.integers(1, 12))
any_vectors = arrays(np.float32, shapes, elements=st.floats(-(2.0**100), 2.0**100, width=32)).map(with_a_direction)


def realistic(seed: int, outlier: float = 1.0) -> FloatVector:
    """Like an encoder's: 384 numbers of one size, of length 1, and some of them up to `outlier` times larger."""
    rng = np.random.default_rng(seed)
    vector = rng.normal(size=384)
    vector[rng.integers(384, size=4)] *= outlier
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


@given(seeds, st.floats(1, 3))
def test_a_realistic_vector_keeps_its_direction(seed: int, outlier: float) -> None:
    vector = realistic(seed, outlier)
    assert to_floats(to_bytes(vector)) @ vector >= 0.9995


@given(any_vectors)
def test_bytes_to_floats_and_back_are_the_same_bytes(vectors: FloatVector) -> None:
    quantized = to_bytes(vectors)
    np.testing.assert_array_equal(to_bytes(to_floats(quantized)), quantized)


@given(any_vectors)
def test_no_number_is_off_by_more_than_half_a_step(vectors: FloatVector) -> None:
    steps = np.abs(vectors.astype(np.float64)).max(axis=1, keepdims=True) / 127
    assert (np.abs(to_bytes(vectors) * steps - vectors) <= steps * 0.5001).all()


@given(any_vectors)
def test_floats_have_length_one(vectors: FloatVector) -> None:
    np.testing.assert_allclose(np.linalg.norm(to_floats(to_bytes(vectors)), axis=1), 1, rtol=1e-6)


@given(seeds, st.sampled_from([2.0**-100, 0.5, 1024.0, 2.0**100]))
def test_the_scale_of_a_vector_makes_no_difference(seed: int, scale: float) -> None:
    vector = realistic(seed)
    np.testing.assert_array_equal(to_bytes(vector * np.float32(scale)), to_bytes(vector))


@given(seeds)
def test_the_opposite_vector_has_the_opposite_bytes(seed: int) -> None:
    np.testing.assert_array_equal(to_bytes(-realistic(seed)), -to_bytes(realistic(seed)))


@given(st.lists(seeds, min_size=1, max_size=5))
def test_each_vector_of_many_is_quantised_as_if_alone(some: list[int]) -> None:
    vectors = np.array([[realistic(seed, 3) * (row + 1)] for row, seed in enumerate(some)])
    together = to_bytes(vectors)
    assert together.shape == (len(some), 1, 384)
    assert together.dtype == np.int8
    for vector, quantized in zip(vectors, together, strict=True):
        np.testing.assert_array_equal(to_bytes(vector), quantized)


def test_no_vectors_are_no_bytes() -> None:
    assert to_floats(to_bytes(np.empty((0, 384), dtype=np.float32))).shape == (0, 384)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_vector_that_is_not_finite_is_refused(number: float) -> None:
    vectors = np.ones((3, 8), dtype=np.float32)
    vectors[1, 5] = number
    with pytest.raises(VectorInvalid, match="not finite"):
        to_bytes(vectors)


@pytest.mark.parametrize("zero", [np.zeros(8, dtype=np.float32), np.array([[1.0, 2.0], [0.0, 0.0]], dtype=np.float32)])
def test_a_vector_without_direction_is_refused(zero: NDArray[np.float32]) -> None:
    with pytest.raises(VectorInvalid, match="zero"):
        to_bytes(zero)


def test_bytes_without_direction_are_refused() -> None:
    empty: ByteVector = np.zeros((2, 8), dtype=np.int8)
    with pytest.raises(RetrievalError, match="zero"):
        to_floats(empty)
