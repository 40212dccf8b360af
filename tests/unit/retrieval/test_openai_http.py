"""The HTTP embedder insists where that may help, says clearly what is wrong, and keeps its key to itself."""

import logging
import socket
import traceback
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from retrieval.embedders.hashing import HashingEmbedder
from retrieval.embedders.openai_http import OpenAIEmbedder
from retrieval.endpoints import Retries
from retrieval.errors import DimensionMismatch, EmbedderError, EmbedderUnavailable, RetrievalError
from retrieval.types import EncoderInput, Span
from tests.embeddings_server import DIMENSION, EmbeddingsServer, embeddings_server

KEY = "sk-keep-me-to-yourself"
SECRET_TEXT = "Where is the treasure?"
PATIENT = Retries(attempts=3, timeout=10, first_wait=0.5, longest_wait=5)
HASTY = Retries(attempts=2, timeout=0.1)
TWO_SENTENCES = EncoderInput("Log. ", "It rained. It stopped.", (Span(0, 10), Span(11, 22)))


class Waits(list[float]):
    """A clock that notes how long it is asked to wait, and does not."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def server() -> Iterator[EmbeddingsServer]:
    with embeddings_server() as running:
        yield running


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def embedder(server: EmbeddingsServer, waits: Waits) -> Iterator[OpenAIEmbedder]:
    with closing(OpenAIEmbedder(server.url, "local", KEY, DIMENSION, retries=PATIENT, sleep=waits)) as made:
        yield made


def test_the_vectors_are_those_of_the_endpoint(embedder: OpenAIEmbedder) -> None:
    expected = HashingEmbedder(DIMENSION).encode_passages([TWO_SENTENCES])[0]
    encoding = embedder.encode_passages([TWO_SENTENCES])[0]
    np.testing.assert_allclose(encoding.vector, expected.vector, atol=1e-6)
    np.testing.assert_allclose(encoding.sentences, expected.sentences, atol=1e-6)


def test_a_passage_and_its_sentences_travel_in_one_request(embedder: OpenAIEmbedder, server: EmbeddingsServer) -> None:
    embedder.encode_passages([TWO_SENTENCES])
    assert server.requests == [["Log. It rained. It stopped.", "It rained.", "It stopped."]]


def test_the_same_text_is_sent_once(embedder: OpenAIEmbedder, server: EmbeddingsServer) -> None:
    one = EncoderInput("", "It rained.", (Span(0, 10),))
    first, second = embedder.encode_passages([one, one])
    assert server.requests == [["It rained."]]
    first.vector[:] = 0
    assert second.vector.any()


def test_many_texts_are_sent_in_batches(server: EmbeddingsServer) -> None:
    with closing(OpenAIEmbedder(server.url, "local", None, DIMENSION, batch_size=3)) as embedder:
        embedder.encode_passages([EncoderInput("", f"Note {number}", ()) for number in range(7)])
    assert [len(texts) for texts in server.requests] == [3, 3, 1]


def test_an_answer_in_another_order_is_put_in_order(embedder: OpenAIEmbedder, server: EmbeddingsServer) -> None:
    server.script = ["reversed"]
    encoding = embedder.encode_passages([TWO_SENTENCES])[0]
    np.testing.assert_allclose(encoding.sentences[1], embedder.encode_question("It stopped."), atol=1e-6)


@pytest.mark.parametrize("trouble", ["429", "500", "503", "cut", "hang up"])
def test_passing_trouble_is_overcome(
    embedder: OpenAIEmbedder, server: EmbeddingsServer, waits: Waits, trouble: str
) -> None:
    server.script = [trouble, trouble]
    assert embedder.encode_question("Who won?").shape == (DIMENSION,)
    assert waits == [0.5, 1.0]


@pytest.mark.parametrize("trouble", ["429", "500", "502", "cut", "hang up"])
def test_lasting_trouble_is_given_up_after_the_allowed_attempts(
    embedder: OpenAIEmbedder, server: EmbeddingsServer, trouble: str
) -> None:
    server.script = [trouble] * 9
    with pytest.raises(EmbedderUnavailable, match=rf"{server.url}/embeddings .*3 (attempts|times)"):
        embedder.encode_question("Who won?")
    assert len(server.requests) == 3


def test_the_wait_that_the_endpoint_asks_for_is_kept_within_bounds(
    embedder: OpenAIEmbedder, server: EmbeddingsServer, waits: Waits
) -> None:
    server.script = ["429:2", "429:86400"]
    embedder.encode_question("Who won?")
    server.script = ["429:Wed, 21 Oct 2026 07:28:00 GMT", "429:nan"]
    embedder.encode_question("Who won?")
    assert waits == [2, 5, 0.5, 1]


def test_an_endpoint_that_does_not_answer_is_unavailable(server: EmbeddingsServer, waits: Waits) -> None:
    server.script = ["slow", "slow"]
    with (
        closing(OpenAIEmbedder(server.url, "local", KEY, DIMENSION, retries=HASTY, sleep=waits)) as embedder,
        pytest.raises(EmbedderUnavailable, match=r"did not answer \(ReadTimeout\) in 2 attempts"),
    ):
        embedder.encode_question("Who won?")


def test_an_endpoint_that_is_not_there_is_unavailable(waits: Waits) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with (
            closing(OpenAIEmbedder(url, "local", KEY, DIMENSION, retries=PATIENT, sleep=waits)) as embedder,
            pytest.raises(EmbedderUnavailable, match="did not answer"),
        ):
            embedder.encode_question("Who won?")


@pytest.mark.parametrize(
    ("status", "remedy"), [("400", "the model"), ("401", "the key"), ("404", "the URL"), ("307", "")]
)
def test_a_refusal_is_not_tried_again(
    embedder: OpenAIEmbedder, server: EmbeddingsServer, status: str, remedy: str
) -> None:
    server.script = [status]
    with pytest.raises(EmbedderUnavailable, match=f"answered {status}: .*{remedy}"):
        embedder.encode_question("Who won?")
    assert len(server.requests) == 1


def test_vectors_of_another_dimension_are_refused(embedder: OpenAIEmbedder, server: EmbeddingsServer) -> None:
    server.script = ["shorter"]
    with pytest.raises(DimensionMismatch, match="dimension 63, not 64: set the dimension"):
        embedder.encode_passages([TWO_SENTENCES])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("nan", "zero or not finite"),
        ("zero", "zero or not finite"),
        ("fewer", "2 vectors for 3 texts"),
        ("ragged", "not a list of embeddings"),
        ("not json", "not a list of embeddings"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused(
    embedder: OpenAIEmbedder, server: EmbeddingsServer, answer: str, message: str
) -> None:
    server.script = [answer]
    with pytest.raises(EmbedderUnavailable, match=message):
        embedder.encode_passages([TWO_SENTENCES])


def test_after_trouble_the_same_embedder_goes_on(embedder: OpenAIEmbedder, server: EmbeddingsServer) -> None:
    server.script = ["401", "not json", "cut", "500", "hang up"]
    for _ in range(2):
        with pytest.raises(EmbedderUnavailable):
            embedder.encode_question("Who won?")
    with pytest.raises(EmbedderUnavailable):
        embedder.encode_question("Who won?")
    assert embedder.encode_question("Who won?").shape == (DIMENSION,)


def test_good_requests_share_a_connection_and_none_is_left_after_closing(
    embedder: OpenAIEmbedder, server: EmbeddingsServer
) -> None:
    server.script = ["well", "500", "404", "429", "well"]
    for _ in range(3):
        try:
            embedder.encode_question("Who won?")
        except EmbedderUnavailable:
            continue
    assert server.connections == 1
    embedder.close()
    assert server.wait_until_no_connection_is_open()


def test_broken_answers_leave_no_connection_open(embedder: OpenAIEmbedder, server: EmbeddingsServer) -> None:
    server.script = ["cut", "hang up", "cut"] * 5
    for _ in range(5):
        with pytest.raises(EmbedderUnavailable):
            embedder.encode_question("Who won?")
    assert server.wait_until_no_connection_is_open()


@pytest.mark.parametrize("trouble", ["401", "500", "cut", "not json", "shorter", "nan"])
def test_the_key_and_the_text_are_in_no_error_and_no_log(
    embedder: OpenAIEmbedder, server: EmbeddingsServer, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    caplog.set_level(logging.DEBUG)
    server.script = [trouble] * 3
    with pytest.raises(RetrievalError) as caught:
        embedder.encode_question(SECRET_TEXT)
    told = caplog.text + "".join(traceback.format_exception(caught.value)) + embedder.fingerprint + repr(embedder)
    assert server.authorizations[0] == f"Bearer {KEY}"
    assert KEY not in told
    assert SECRET_TEXT not in told


@pytest.mark.parametrize("key", ["sk-secret\n", "sk secret", "sk-sécret", "sk-secret\x00"])
def test_a_broken_key_is_refused_without_being_quoted(key: str) -> None:
    with pytest.raises(EmbedderError) as caught:
        OpenAIEmbedder("http://127.0.0.1", "local", key, DIMENSION)
    assert "cret" not in "".join(traceback.format_exception(caught.value)).partition("Error:")[2]


def test_without_a_key_none_is_sent(server: EmbeddingsServer) -> None:
    with closing(OpenAIEmbedder(f"{server.url}/", "local", None, DIMENSION)) as embedder:
        embedder.encode_question("Who won?")
    assert server.authorizations == [None]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:8080/v1",
        "ftp://host/v1",
        "http://",
        "http://host:port/",
        "http://user:word@host/v1",
        "https://host/v1?key=word",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(EmbedderError, match="URL of the embeddings endpoint") as caught:
        OpenAIEmbedder(url, "local", KEY, DIMENSION)
    assert "word@" not in str(caught.value)
    assert "key=" not in str(caught.value)


def test_the_fingerprint_depends_on_the_model_and_the_dimension_only(server: EmbeddingsServer) -> None:
    def fingerprint(url: str, model: str, dimension: int) -> str:
        with closing(OpenAIEmbedder(url, model, KEY, dimension)) as made:
            return made.fingerprint

    assert fingerprint(server.url, "a", 8) == fingerprint("http://elsewhere", "a", 8)
    assert len({fingerprint(server.url, model, dimension) for model in "ab" for dimension in (8, 9)}) == 4
