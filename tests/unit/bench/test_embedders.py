"""Embedders for measuring give what they stand for, and nothing else."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from bench.embedders import CachedEmbedder, RandomEmbedder, TimedEmbedder
from retrieval.types import EncoderInput, Encoding, Span

ONE = EncoderInput("Title\n", "First. Second.", (Span(0, 6), Span(7, 14)))
OTHER = EncoderInput("", "Another.", (Span(0, 8),))


class Counting(RandomEmbedder):
    """Keeps the inputs it was asked for."""

    def __init__(self) -> None:
        super().__init__(16)
        self.asked: list[EncoderInput] = []

    def encode_passages(self, inputs: Sequence[EncoderInput]) -> list[Encoding]:
        self.asked.extend(inputs)
        return super().encode_passages(inputs)


@pytest.fixture
def cached(tmp_path: Path) -> Iterator[CachedEmbedder]:
    embedder = CachedEmbedder(Counting(), tmp_path)
    yield embedder
    embedder.close()


def same(found: Sequence[Encoding], expected: Sequence[Encoding]) -> bool:
    return all(
        np.array_equal(a.vector, b.vector) and np.array_equal(a.sentences, b.sentences)
        for a, b in zip(found, expected, strict=True)
    )


def test_random_vectors_depend_on_the_text_alone() -> None:
    embedder = RandomEmbedder(32)
    together, alone = embedder.encode_passages([OTHER, ONE]), embedder.encode_passages([ONE])
    assert same(together[1:], alone)
    assert alone[0].sentences.shape == (2, 32)
    assert np.allclose(np.linalg.norm(alone[0].sentences, axis=1), 1)
    assert np.linalg.norm(embedder.encode_question("Who?")) == pytest.approx(1, abs=1e-5)
    assert abs(float(together[0].vector @ together[1].vector)) < 0.9


def test_the_cache_gives_what_the_embedder_gave(cached: CachedEmbedder) -> None:
    expected = RandomEmbedder(16).encode_passages([ONE, OTHER, ONE])
    assert same(cached.encode_passages([ONE, OTHER, ONE]), expected)
    assert same(cached.encode_passages([ONE, OTHER, ONE]), expected)


def test_an_input_is_encoded_once_even_in_another_process(tmp_path: Path) -> None:
    for expected in ([ONE, OTHER], []):
        inner = Counting()
        embedder = CachedEmbedder(inner, tmp_path)
        embedder.encode_passages([ONE, ONE, OTHER])
        embedder.close()
        assert inner.asked == expected


def test_the_same_text_with_other_sentences_is_another_input(cached: CachedEmbedder) -> None:
    cached.encode_passages([ONE])
    (whole,) = cached.encode_passages([EncoderInput(ONE.prefix, ONE.body, (Span(0, 14),))])
    assert whole.sentences.shape == (1, 16)


def test_spaces_are_not_mixed(tmp_path: Path) -> None:
    for dimension in (16, 32):
        embedder = CachedEmbedder(RandomEmbedder(dimension), tmp_path)
        (found,) = embedder.encode_passages([ONE])
        embedder.close()
        assert found.vector.shape == (dimension,)


def test_time_is_taken_once() -> None:
    embedder = TimedEmbedder(RandomEmbedder(16))
    embedder.encode_passages([ONE])
    embedder.encode_question("Who?")
    assert embedder.take() > 0
    assert embedder.take() == 0
