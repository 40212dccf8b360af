"""Any sentence-transformers model can be used, and where that is impossible it is said why."""

import json
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from retrieval.embedders.minilm import packaged_model
from retrieval.embedders.sentence_transformer import SentenceTransformerEmbedder
from retrieval.errors import ModelInvalid
from retrieval.types import EncoderInput, Span

needs_extra = pytest.mark.skipif(
    find_spec("sentence_transformers") is None, reason="the extra is missing: pip install sentence-transformers"
)
ENTRY = EncoderInput("Log. ", "It rained. It stopped.  ", (Span(0, 10), Span(11, 22), Span(22, 24)))


@pytest.fixture(scope="module")
def first_token_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose vector is the state of its first token, and that has a prompt for questions."""
    folder = tmp_path_factory.mktemp("models") / "first-token"
    shutil.copytree(packaged_model(), folder)
    pooling = {"word_embedding_dimension": 384, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": {"query": "question: "}}))
    return folder


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ModelInvalid, match="pip install sentence-transformers"):
        SentenceTransformerEmbedder("any-model")


@needs_extra
def test_a_model_that_is_not_there_is_named_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(ModelInvalid, match=r"cannot load the model .*nothing-here"):
        SentenceTransformerEmbedder(str(tmp_path / "nothing-here"))


@needs_extra
def test_where_vectors_are_no_mean_of_token_states_each_sentence_is_read_by_itself(first_token_model: Path) -> None:
    embedder = SentenceTransformerEmbedder(str(first_token_model), device="cpu")
    encoding = embedder.encode_passages([ENTRY])[0]
    alone = embedder.encode_passages([EncoderInput("", "It stopped.", ())])[0].vector
    np.testing.assert_allclose(encoding.sentences[1], alone, atol=1e-5)
    np.testing.assert_allclose(encoding.sentences[2], encoding.vector, atol=1e-6)


@needs_extra
def test_the_prompt_of_a_model_is_put_before_questions_only(first_token_model: Path) -> None:
    embedder = SentenceTransformerEmbedder(str(first_token_model), device="cpu")
    passages = [EncoderInput(prefix, "Who won?", ()) for prefix in ("", "question: ")]
    plain, prompted = (encoding.vector for encoding in embedder.encode_passages(passages))
    assert embedder.encode_question("Who won?") @ prompted > 0.999999
    assert embedder.encode_question("Who won?") @ plain < 0.9999


@needs_extra
def test_the_fingerprint_tells_models_apart_but_not_the_folders_they_are_in(first_token_model: Path) -> None:
    packaged, changed = (SentenceTransformerEmbedder(str(path)) for path in (packaged_model(), first_token_model))
    assert packaged.fingerprint != changed.fingerprint
    assert str(first_token_model.parent) not in changed.fingerprint
