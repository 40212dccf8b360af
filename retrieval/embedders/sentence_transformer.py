"""Any sentence-transformers model by name (an extra: it needs torch)."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.embedders.pooling import NOWHERE, pool_sentences, unit
from retrieval.embedders.texts import readable
from retrieval.errors import ModelInvalid
from retrieval.types import EncoderInput, Encoding, FloatVector

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PROBE = "The lighthouse keeper wrote down the weather every evening."
SAME_DIRECTION = 0.9999  # cosine


@dataclass(frozen=True, slots=True)
class Pass:
    """What one forward pass gives for a text: its vector, and the ids and states of its tokens without padding."""

    vector: FloatVector
    ids: list[int]
    states: NDArray[np.float32]


class SentenceTransformerEmbedder:
    """Safe to use from several threads (one at a time is served). Raises ModelInvalid if it cannot be loaded."""

    def __init__(self, name: str, device: str | None = None) -> None:
        self._model = _load(name, device)
        self._lock = Lock()  # the tokenizers of transformers change state while they work
        probe = self._forward([PROBE])[0]
        self._dimension = len(probe.vector)
        # Token states lie in the space of the vectors only if the model does no more than average them.
        averages = _averages(probe)
        self._can_pool = averages and self._model.tokenizer.is_fast
        self._fingerprint = f"{Path(name).name}:{self._dimension}:{_sha256(self._model, averages)[:12]}"

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dimension(self) -> int:
        return self._dimension

    def count_tokens(self, text: str) -> int:
        with self._lock:
            return len(self._model.tokenizer(readable(text), add_special_tokens=False, verbose=False)["input_ids"])

    def encode_passages(self, inputs: Sequence[EncoderInput]) -> list[Encoding]:
        prompt = self._prompt("document")
        leads = [prompt + entry.prefix for entry in inputs]
        passes = self._forward([lead + entry.body for lead, entry in zip(leads, inputs, strict=True)])
        return [self._encoding(*each) for each in zip(inputs, leads, passes, strict=True)]

    def encode_question(self, question: str) -> FloatVector:
        return self._forward([self._prompt("query") + question])[0].vector

    def _encoding(self, entry: EncoderInput, lead: str, whole: Pass) -> Encoding:
        begins = self._begins(lead + entry.body, whole) if self._can_pool else None
        if begins is None:
            return Encoding(whole.vector, self._one_by_one(entry, whole.vector))
        sentences = pool_sentences(whole.states, begins - len(lead), entry.sentences, whole.vector)
        return Encoding(whole.vector, sentences)

    def _begins(self, text: str, whole: Pass) -> NDArray[np.int64] | None:
        """Where each token of the pass begins in the text; None if the model reads the text in another way."""
        with self._lock:
            read = self._model.tokenizer(
                readable(text), truncation=True, max_length=self._model.max_seq_length, return_offsets_mapping=True
            )
        if list(read["input_ids"]) != whole.ids:
            return None
        return np.array([begin if end > begin else NOWHERE for begin, end in read["offset_mapping"]], dtype=np.int64)

    def _one_by_one(self, entry: EncoderInput, whole: FloatVector) -> FloatVector:
        texts = [entry.body[span.start : span.end] for span in entry.sentences]
        spoken = [row for row, text in enumerate(texts) if text.strip()]
        vectors = np.tile(whole, (len(texts), 1))
        for row, each in zip(
            spoken, self._forward([self._prompt("document") + texts[row] for row in spoken]), strict=True
        ):
            vectors[row] = each.vector
        return vectors

    def _forward(self, texts: Sequence[str]) -> list[Pass]:
        if not texts:
            return []
        with self._lock:
            outputs = self._model.encode([readable(text) for text in texts], output_value=None, show_progress_bar=False)
        return [
            Pass(
                vector=unit(output["sentence_embedding"].float().cpu().numpy()),
                ids=output["input_ids"][output["attention_mask"].bool()].tolist(),
                states=output["token_embeddings"][output["attention_mask"].bool()].float().cpu().numpy(),
            )
            for output in outputs
        ]

    def _prompt(self, kind: str) -> str:
        return (self._model.prompts or {}).get(kind) or ""


def _load(name: str, device: str | None) -> "SentenceTransformer":
    try:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - torch is heavy and an extra
    except ImportError as error:
        raise ModelInvalid(
            f"The model {name} needs sentence-transformers, which is not installed: pip install sentence-transformers, "
            "or use the embedded model, which needs nothing."
        ) from error
    try:
        return SentenceTransformer(name, device=device)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelInvalid(f"sentence-transformers cannot load the model {name}: {error}") from error


def _averages(probe: Pass) -> bool:
    return probe.states.shape[1] == len(probe.vector) and bool(
        unit(probe.states.mean(axis=0)) @ probe.vector > SAME_DIRECTION
    )


def _sha256(model: "SentenceTransformer", averages: bool) -> str:
    """Of all that decides where a text lands: the weights, and how the model is used."""
    hashed = sha256(repr((averages, model.max_seq_length, sorted((model.prompts or {}).items()))).encode())
    for name, tensor in sorted(model.state_dict().items()):
        hashed.update(name.encode())
        hashed.update(tensor.detach().cpu().float().numpy().tobytes())
    return hashed.hexdigest()
