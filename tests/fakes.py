"""Fakes: real things with a switch, where the real thing cannot be made to fail on demand."""

from collections.abc import Sequence

from retrieval.embedders.hashing import HashingEmbedder
from retrieval.errors import EmbedderUnavailable, RetrievalError
from retrieval.types import EncoderInput, Encoding, FloatVector

POISON = "unspeakable"


class MoodyEmbedder(HashingEmbedder):
    """Counts what it encodes, remembers questions, can be out of reach, and cannot encode a certain word."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = False
        self.encoded = 0
        self.questions: list[str] = []

    def encode_passages(self, inputs: Sequence[EncoderInput]) -> list[Encoding]:
        self._check()
        if any(POISON in one.body for one in inputs):
            raise RetrievalError("This cannot be encoded.")
        self.encoded += len(inputs)
        return super().encode_passages(inputs)

    def encode_question(self, question: str) -> FloatVector:
        self._check()
        self.questions.append(question)
        return super().encode_question(question)

    def _check(self) -> None:
        if self.is_away:
            raise EmbedderUnavailable
