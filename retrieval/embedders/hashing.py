"""A deterministic encoder without a model: texts that share words and spelling get similar vectors. For tests."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from zlib import crc32

import numpy as np

from retrieval.embedders.pooling import unit
from retrieval.types import EncoderInput, Encoding, FloatVector

WORD = re.compile(r"\w+")
TOKEN = re.compile(r"\w+|[^\w\s]")
SHORT_WORD_WEIGHT = 0.25  # words of up to three characters say little about what a text is about
GRAM = 3  # characters
NOTHING = "\0"  # stands for a text without words


class HashingEmbedder:
    """Adds up a vector for each word, made of the word and its character trigrams (Weinberger et al. 2009)."""

    def __init__(self, dimension: int = 64) -> None:
        if dimension < 1:
            raise ValueError(f"The dimension must be at least 1, not {dimension}.")
        self._dimension = dimension

    @property
    def fingerprint(self) -> str:
        return f"hashing-v1:{self._dimension}"

    @property
    def dimension(self) -> int:
        return self._dimension

    def count_tokens(self, text: str) -> int:
        return len(TOKEN.findall(text))

    def encode_passages(self, inputs: Sequence[EncoderInput]) -> list[Encoding]:
        return [self._encoding(entry) for entry in inputs]

    def encode_question(self, question: str) -> FloatVector:
        return self._vector(question)

    def _encoding(self, entry: EncoderInput) -> Encoding:
        vector = self._vector(entry.prefix + entry.body)
        sentences = np.empty((len(entry.sentences), self._dimension), dtype=np.float32)
        for row, span in enumerate(entry.sentences):
            sentence = entry.body[span.start : span.end]
            sentences[row] = self._vector(sentence) if WORD.search(sentence) else vector
        return Encoding(vector, sentences)

    def _vector(self, text: str) -> FloatVector:
        words = WORD.findall(unicodedata.normalize("NFKC", text).casefold())
        total = np.zeros(self._dimension, dtype=np.float32)
        for word in words:
            total += _word_vector(word, self._dimension)
        # The features of a text can cancel out; it then has no direction of its own either.
        return unit(total if total.any() else _word_vector(NOTHING, self._dimension))


@lru_cache(maxsize=20_000)
def _word_vector(word: str, dimension: int) -> FloatVector:
    vector = np.zeros(dimension, dtype=np.float32)
    for feature in _features(word):
        hashed = crc32(feature.encode("utf-8", "replace"))
        vector[(hashed >> 1) % dimension] += 1.0 if hashed & 1 else -1.0
    if not vector.any():
        vector[crc32(word.encode("utf-8", "replace")) % dimension] = 1.0
    vector = unit(vector) * np.float32(1.0 if len(word) > GRAM else SHORT_WORD_WEIGHT)
    vector.setflags(write=False)  # it is shared by all who ask for this word
    return vector


def _features(word: str) -> Iterator[str]:
    yield word
    padded = f"<{word}>"
    for start in range(len(padded) - GRAM + 1):
        yield padded[start : start + GRAM]
