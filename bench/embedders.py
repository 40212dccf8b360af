"""Embedders for measuring: one that times another, one that remembers encodings by content, and a cheap random one."""

import hashlib
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import numpy as np

from retrieval.ports import Embedder
from retrieval.types import EncoderInput, Encoding, FloatVector


def random_unit(key: bytes, rows: int, dimension: int) -> FloatVector:
    """float32[rows, dimension] of length 1 that depend on `key` alone."""
    seed = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "little")
    found = np.random.default_rng(seed).standard_normal((rows, dimension), np.float32)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found


def content_key(item: EncoderInput) -> bytes:
    """What the encoding of an input depends on."""
    spans = ",".join(f"{span.start}-{span.end}" for span in item.sentences)
    return "\x00".join((item.prefix, item.body, spans)).encode()


class RandomEmbedder:
    """Random vectors that depend on the text, so that the cost of everything but the encoder can be measured."""

    def __init__(self, dimension: int = 384) -> None:
        self.dimension = dimension
        self.fingerprint = f"random-{dimension}"

    def count_tokens(self, text: str) -> int:
        return text.count(" ") + 1

    def encode_passages(self, inputs: Sequence[EncoderInput]) -> list[Encoding]:
        return [self._encode(item) for item in inputs]

    def encode_question(self, question: str) -> FloatVector:
        found: FloatVector = random_unit(question.encode(), 1, self.dimension)[0]
        return found

    def _encode(self, item: EncoderInput) -> Encoding:
        found = random_unit(content_key(item), 1 + len(item.sentences), self.dimension)
        return Encoding(found[0], found[1:])


class TimedEmbedder:
    """Adds up the seconds that another embedder takes. Threads may share it."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self._lock = threading.Lock()
        self.seconds = 0.0

    @property
    def fingerprint(self) -> str:
        return self._inner.fingerprint

    @property
    def dimension(self) -> int:
        return self._inner.dimension

    def count_tokens(self, text: str) -> int:
        return self._inner.count_tokens(text)

    def encode_passages(self, inputs: Sequence[EncoderInput]) -> list[Encoding]:
        began = perf_counter()
        found = self._inner.encode_passages(inputs)
        self._add(perf_counter() - began)
        return found

    def encode_question(self, question: str) -> FloatVector:
        began = perf_counter()
        found = self._inner.encode_question(question)
        self._add(perf_counter() - began)
        return found

    def take(self) -> float:
        """Seconds since the last time they were taken."""
        with self._lock:
            seconds, self.seconds = self.seconds, 0.0
        return seconds

    def _add(self, seconds: float) -> None:
        with self._lock:
            self.seconds += seconds


class CachedEmbedder:
    """Remembers the encodings of passages in a folder, for experiments on quality.

    Questions are encoded every time, unless they are kept as well: then times say nothing about the encoder.
    """

    def __init__(self, inner: Embedder, folder: Path, keeps_questions: bool = False) -> None:
        self._inner = inner
        self._keeps_questions = keeps_questions
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(inner.fingerprint.encode()).hexdigest()[:16]
        self._database = sqlite3.connect(folder / f"{name}.sqlite", check_same_thread=False)
        self._database.execute("CREATE TABLE IF NOT EXISTS encodings (key BLOB PRIMARY KEY, vectors BLOB NOT NULL)")
        self._database.execute("PRAGMA busy_timeout = 60000")

    @property
    def fingerprint(self) -> str:
        return self._inner.fingerprint

    @property
    def dimension(self) -> int:
        return self._inner.dimension

    def count_tokens(self, text: str) -> int:
        return self._inner.count_tokens(text)

    def encode_question(self, question: str) -> FloatVector:
        if not self._keeps_questions:
            return self._inner.encode_question(question)
        key = hashlib.sha256(b"question\0" + question.encode()).digest()
        with self._lock:
            kept = self._load(key)
        if kept is not None:
            return kept.vector
        vector = self._inner.encode_question(question)
        with self._lock, self._database:
            rows = vector.astype(np.float32).tobytes()
            self._database.execute("INSERT OR REPLACE INTO encodings VALUES (?, ?)", (key, rows))
        return vector

    def encode_passages(self, inputs: Sequence[EncoderInput]) -> list[Encoding]:
        keys = [hashlib.sha256(content_key(item)).digest() for item in inputs]
        with self._lock:
            found = {key: self._load(key) for key in keys}
        missing = {key: item for key, item in zip(keys, inputs, strict=True) if found[key] is None}
        fresh = dict(zip(missing, self._inner.encode_passages(list(missing.values())), strict=True)) if missing else {}
        with self._lock, self._database:
            for key, encoding in fresh.items():
                rows = np.vstack([encoding.vector[None], encoding.sentences]).astype(np.float32)
                self._database.execute("INSERT OR REPLACE INTO encodings VALUES (?, ?)", (key, rows.tobytes()))
        return [found[key] or fresh[key] for key in keys]

    def close(self) -> None:
        self._database.close()

    def _load(self, key: bytes) -> Encoding | None:
        row = self._database.execute("SELECT vectors FROM encodings WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        vectors = np.frombuffer(row[0], np.float32).reshape(-1, self.dimension)
        return Encoding(vectors[0], vectors[1:])
