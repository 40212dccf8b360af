"""What every embedder promises, shown on each of them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import pytest

from retrieval.embedders.hashing import HashingEmbedder
from retrieval.embedders.minilm import MiniLM, packaged_model
from retrieval.embedders.openai_http import OpenAIEmbedder
from retrieval.embedders.sentence_transformer import SentenceTransformerEmbedder
from retrieval.ports import Embedder
from retrieval.types import EncoderInput, Encoding, FloatVector, Span
from tests.embeddings_server import DIMENSION, embeddings_server

CURIE = EncoderInput(
    "Marie Curie. ", "She discovered polonium and radium. She won two Nobel Prizes.", (Span(0, 35), Span(36, 61))
)
BAKERY = EncoderInput("", "The bakery on Mill Street sells rye bread.", (Span(0, 42),))
TOKYO = EncoderInput("", "東京は日本の首都です。人口は約1400万人です。", (Span(0, 11), Span(11, 24)))
EMPTY = EncoderInput("", "", ())
LONG = EncoderInput(
    "Log. ", "The tower clock was wound again today. " * 40, tuple(Span(39 * i, 39 * i + 38) for i in range(40))
)
BLANK_SENTENCE = EncoderInput("", "One.    Two.", (Span(0, 4), Span(5, 7), Span(8, 12)))
INPUTS = [CURIE, LONG, BAKERY, EMPTY, TOKYO, BLANK_SENTENCE]


@pytest.fixture(scope="module", params=["hashing", "minilm", "openai", "sentence-transformers"])
def embedder(request: pytest.FixtureRequest) -> Iterator[Embedder]:
    match request.param:
        case "hashing":
            yield HashingEmbedder()
        case "minilm":
            yield MiniLM()
        case "openai":
            with (
                embeddings_server() as server,
                closing(OpenAIEmbedder(server.url, "local", "secret", DIMENSION, batch_size=5)) as over_http,
            ):
                yield over_http
        case _:
            if find_spec("sentence_transformers") is None:
                pytest.skip("the extra is missing: pip install sentence-transformers")
            yield SentenceTransformerEmbedder(str(packaged_model()), device="cpu")


def cosine(left: FloatVector, right: FloatVector) -> float:
    return float(left @ right)


def same(left: Encoding, right: Encoding) -> bool:
    pairs = [(left.vector, right.vector), *zip(left.sentences, right.sentences, strict=True)]
    return all(cosine(one, other) >= 0.999999 for one, other in pairs)


def test_there_is_one_encoding_an_input_and_one_vector_a_sentence(embedder: Embedder) -> None:
    for entry, encoding in zip(INPUTS, embedder.encode_passages(INPUTS), strict=True):
        assert encoding.vector.shape == (embedder.dimension,)
        assert encoding.sentences.shape == (len(entry.sentences), embedder.dimension)
        assert encoding.vector.dtype == encoding.sentences.dtype == np.float32


def test_every_vector_has_length_one(embedder: Embedder) -> None:
    for encoding in embedder.encode_passages(INPUTS):
        vectors = np.vstack([encoding.vector[None], encoding.sentences])
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.linalg.norm(embedder.encode_question("Who won?")) == pytest.approx(1, abs=1e-5)


def test_no_input_gives_no_encoding(embedder: Embedder) -> None:
    assert embedder.encode_passages([]) == []


def test_an_input_is_encoded_alike_alone_and_among_others(embedder: Embedder) -> None:
    together = embedder.encode_passages(INPUTS)
    for entry, encoding in zip(INPUTS, together, strict=True):
        assert same(embedder.encode_passages([entry])[0], encoding)


def test_encodings_come_in_the_order_of_the_inputs(embedder: Embedder) -> None:
    forwards, backwards = embedder.encode_passages(INPUTS), embedder.encode_passages(INPUTS[::-1])
    assert all(same(one, other) for one, other in zip(forwards, backwards[::-1], strict=True))


def test_a_passage_of_one_text_is_encoded_like_the_question_of_that_text(embedder: Embedder) -> None:
    assert cosine(embedder.encode_passages([BAKERY])[0].vector, embedder.encode_question(BAKERY.body)) >= 0.999999


def test_the_prefix_is_read_before_the_body(embedder: Embedder) -> None:
    with_prefix = embedder.encode_passages([CURIE])[0].vector
    written_out = embedder.encode_passages([EncoderInput("", CURIE.prefix + CURIE.body, ())])[0].vector
    without = embedder.encode_passages([EncoderInput("", CURIE.body, ())])[0].vector
    assert cosine(with_prefix, written_out) >= 0.999999
    assert cosine(with_prefix, without) < 0.999


def test_a_question_finds_the_passage_and_the_sentence_that_answer_it(embedder: Embedder) -> None:
    question = embedder.encode_question("Who discovered polonium?")
    curie, bakery = embedder.encode_passages([CURIE, BAKERY])
    assert cosine(question, curie.vector) > cosine(question, bakery.vector)
    assert cosine(question, curie.sentences[0]) > cosine(question, curie.sentences[1])


def test_a_sentence_without_words_has_the_vector_of_the_whole(embedder: Embedder) -> None:
    encoding = embedder.encode_passages([BLANK_SENTENCE])[0]
    assert cosine(encoding.sentences[1], encoding.vector) >= 0.999999
    assert cosine(encoding.sentences[0], encoding.vector) < 0.999


def test_a_broken_surrogate_pair_does_not_stop_the_encoder(embedder: Embedder) -> None:
    encoding = embedder.encode_passages([EncoderInput("", "broken \ud83d pair", (Span(0, 13),))])[0]
    assert encoding.sentences.shape == (1, embedder.dimension)
    assert embedder.count_tokens("broken \ud83d pair") >= 2


def test_no_text_has_no_tokens_and_more_text_has_more(embedder: Embedder) -> None:
    assert embedder.count_tokens("") == 0
    counts = [embedder.count_tokens("the tower clock " * repeats) for repeats in range(0, 900, 100)]
    assert all(fewer < more for fewer, more in pairwise(counts))
    assert embedder.count_tokens("東京は日本の首都です。") > 0


def test_the_fingerprint_names_the_dimension_and_fits_on_a_line(embedder: Embedder) -> None:
    assert f":{embedder.dimension}" in embedder.fingerprint
    assert embedder.fingerprint.isprintable()
    assert "/" not in embedder.fingerprint


def test_several_threads_can_encode_at_once(embedder: Embedder) -> None:
    expected = embedder.encode_passages(INPUTS)
    with ThreadPoolExecutor(4) as threads:
        for encodings in threads.map(lambda _: embedder.encode_passages(INPUTS), range(8)):
            assert all(same(one, other) for one, other in zip(expected, encodings, strict=True))
