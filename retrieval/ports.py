"""The seams of retrieval: what has more than one implementation."""

from collections.abc import Sequence
from typing import Protocol

from retrieval.types import EncoderInput, Encoding, FloatVector


class Embedder(Protocol):
    """Turns texts into vectors of length 1."""

    @property
    def fingerprint(self) -> str:
        """Names the vector space; vectors of different fingerprints are never compared."""
        ...

    @property
    def dimension(self) -> int: ...

    def count_tokens(self, text: str) -> int:
        """How many tokens the encoder would read, without special tokens."""
        ...

    def encode_passages(self, inputs: Sequence[EncoderInput]) -> list[Encoding]:
        """One encoding an input, in order; none depends on the others. Raises EmbedderError."""
        ...

    def encode_question(self, question: str) -> FloatVector:
        """float32[d]. Raises EmbedderError."""
        ...
