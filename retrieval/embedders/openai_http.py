"""Vectors from any OpenAI-compatible embeddings endpoint: `POST {url}/embeddings`."""

import json
import math
import re
import time
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

import httpx
import numpy as np

from retrieval.embedders.pooling import unit
from retrieval.embedders.texts import readable
from retrieval.endpoints import WORTH_RETRYING, Retries, address, headers, refusal, retry_after
from retrieval.errors import DimensionMismatch, EmbedderError, EmbedderUnavailable, EndpointInvalid
from retrieval.types import EncoderInput, Encoding, FloatVector

WHAT = "embeddings"
RUN = re.compile(r"[A-Za-z]+|[^\W_]+|[^\w\s]|_")
ASCII_BYTES_A_TOKEN = 6  # English words are mostly one token, long ones two
OTHER_BYTES_A_TOKEN = 3  # one character of Chinese or Japanese, one and a half of Cyrillic or Arabic


class OpenAIEmbedder:
    """Sentences are inputs of their own in the requests of their passages. Safe to use from several threads.

    Call `close` at the end. The key goes into the request and nowhere else: not into errors, logs or the fingerprint.
    """

    def __init__(
        self,
        url: str,
        model: str,
        key: str | None,
        dimension: int,
        *,
        batch_size: int = 128,
        retries: Retries | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._retries = retries or Retries()
        try:
            self._endpoint = address(url, "/embeddings", WHAT)
            self._client = httpx.Client(timeout=self._retries.timeout, headers=headers(key, WHAT))
        except EndpointInvalid as error:
            raise EmbedderError(str(error)) from None
        self._model = model
        self._dimension = dimension
        self._batch_size = batch_size
        self._sleep = sleep

    @property
    def fingerprint(self) -> str:
        # Not the URL: the same model moves between hosts, and its vectors stay good.
        hashed = sha256(f"{self._model}\n{self._dimension}".encode()).hexdigest()
        return f"{self._model}:{self._dimension}:{hashed[:12]}"

    @property
    def dimension(self) -> int:
        return self._dimension

    def close(self) -> None:
        self._client.close()

    def count_tokens(self, text: str) -> int:
        """An estimate, a little too high rather than too low: the endpoint's own tokenizer is not known here."""
        return sum(_tokens_of_run(run) for run in RUN.findall(text))

    def encode_passages(self, inputs: Sequence[EncoderInput]) -> list[Encoding]:
        texts = dict.fromkeys(text for entry in inputs for text in _texts(entry))
        vectors: dict[str, FloatVector] = {}
        for batch in _slices(list(texts), self._batch_size):
            vectors.update(zip(batch, self._embed(batch), strict=True))
        return [self._encoding(entry, vectors) for entry in inputs]

    def encode_question(self, question: str) -> FloatVector:
        vector: FloatVector = self._embed([question or " "])[0]
        return vector

    def _encoding(self, entry: EncoderInput, vectors: dict[str, FloatVector]) -> Encoding:
        whole, *sentences = (vectors[text] for text in _texts(entry))
        stacked = np.array(sentences, dtype=np.float32).reshape(len(sentences), self._dimension)
        return Encoding(whole.copy(), stacked)

    def _embed(self, texts: Sequence[str]) -> FloatVector:
        """float32[len(texts), d] of length 1."""
        vectors = _vectors(self._post(texts), len(texts))
        if vectors.shape[1] != self._dimension:
            raise DimensionMismatch(
                f"The embeddings endpoint gives vectors of dimension {vectors.shape[1]}, not {self._dimension}: "
                "set the dimension to that of the model, or choose another model."
            )
        if not np.isfinite(vectors).all() or not vectors.any(axis=1).all():
            raise EmbedderUnavailable("The embeddings endpoint gave a vector that is zero or not finite.")
        return unit(vectors)

    def _post(self, texts: Sequence[str]) -> httpx.Response:
        body = json.dumps({"model": self._model, "input": [readable(text) for text in texts]}).encode()
        for attempt in range(1, self._retries.attempts + 1):
            try:
                response = self._client.post(self._endpoint, content=body)
            except httpx.HTTPError as error:
                if attempt == self._retries.attempts:
                    reason = f"did not answer ({type(error).__name__}) in {attempt} attempts"
                    raise EmbedderUnavailable(f"The embeddings endpoint {self._endpoint} {reason}.") from error
                asked = 0.0
            else:
                if response.is_success:
                    return response
                if response.status_code not in WORTH_RETRYING or attempt == self._retries.attempts:
                    raise EmbedderUnavailable(refusal(WHAT, self._endpoint, response.status_code, attempt))
                asked = retry_after(response)
            self._sleep(self._retries.wait(attempt, asked))
        raise EmbedderUnavailable(f"The embeddings endpoint {self._endpoint} was not asked: no attempts are allowed.")


def _vectors(response: httpx.Response, expected: int) -> FloatVector:
    """The vectors of an answer in the order of the inputs. Raises EmbedderUnavailable if it does not have them all."""
    try:
        items = sorted(response.json()["data"], key=lambda item: int(item["index"]))
        places = [int(item["index"]) for item in items]
        vectors = np.array([item["embedding"] for item in items], dtype=np.float32)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EmbedderUnavailable("The embeddings endpoint gave an answer that is not a list of embeddings.") from error
    if places != list(range(expected)) or vectors.ndim != 2:
        raise EmbedderUnavailable(f"The embeddings endpoint gave {len(places)} vectors for {expected} texts.")
    return vectors


def _texts(entry: EncoderInput) -> Iterator[str]:
    """What is sent for a passage: the whole of it, then each sentence. Blank texts are refused by most endpoints."""
    whole = entry.prefix + entry.body
    yield whole or " "
    for span in entry.sentences:
        sentence = entry.body[span.start : span.end]
        yield sentence if sentence.strip() else whole or " "


def _slices(texts: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), size):
        yield texts[start : start + size]


def _tokens_of_run(run: str) -> int:
    return math.ceil(
        len(run.encode("utf-8", "replace")) / (ASCII_BYTES_A_TOKEN if run.isascii() else OTHER_BYTES_A_TOKEN)
    )
