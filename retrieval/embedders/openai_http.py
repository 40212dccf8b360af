"""Vectors from any OpenAI-compatible embeddings endpoint: `POST {url}/embeddings`."""

import json
import math
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

import httpx
import numpy as np

from retrieval.embedders.pooling import unit
from retrieval.embedders.texts import readable
from retrieval.errors import DimensionMismatch, EmbedderError, EmbedderUnavailable
from retrieval.types import EncoderInput, Encoding, FloatVector

WORTH_RETRYING = frozenset({408, 429, 500, 502, 503, 504})
RUN = re.compile(r"[A-Za-z]+|[^\W_]+|[^\w\s]|_")
ASCII_BYTES_A_TOKEN = 6  # English words are mostly one token, long ones two
OTHER_BYTES_A_TOKEN = 3  # one character of Chinese or Japanese, one and a half of Cyrillic or Arabic


@dataclass(frozen=True, slots=True)
class Retries:
    """How long to insist: `attempts` requests of at most `timeout` seconds, and the seconds to wait between them."""

    attempts: int = 3
    timeout: float = 15.0
    first_wait: float = 0.5  # doubles after every attempt
    longest_wait: float = 5.0  # also where the endpoint asks for more


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
        self._endpoint = _endpoint(url)
        self._model = model
        self._dimension = dimension
        self._batch_size = batch_size
        self._retries = retries or Retries()
        self._sleep = sleep
        self._client = httpx.Client(timeout=self._retries.timeout, headers=_headers(key))

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
                    raise EmbedderUnavailable(_refusal(self._endpoint, response.status_code, attempt))
                asked = _retry_after(response)
            self._sleep(self._wait(attempt, asked))
        raise EmbedderUnavailable(f"The embeddings endpoint {self._endpoint} was not asked: no attempts are allowed.")

    def _wait(self, attempt: int, asked: float) -> float:
        return min(max(asked, self._retries.first_wait * 2.0 ** (attempt - 1)), self._retries.longest_wait)


def _endpoint(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise EmbedderError("The URL of the embeddings endpoint is not a URL.") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise EmbedderError("The URL of the embeddings endpoint must begin with http:// or https:// and name a host.")
    if parsed.userinfo or parsed.query:
        raise EmbedderError("The URL of the embeddings endpoint must not carry a password or a query: use the key.")
    return url.rstrip("/") + "/embeddings"


def _headers(key: str | None) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    if key:
        # Checked here because the HTTP library would quote a broken key in its error.
        if not key.isascii() or not key.isprintable() or " " in key:
            raise EmbedderError("The key of the embeddings endpoint has a character that no key has. Is it complete?")
        headers["Authorization"] = f"Bearer {key}"
    return headers


def _refusal(endpoint: str, status: int, attempts: int) -> str:
    # Without the body: some servers quote the key, or the text, in theirs.
    remedies = {
        401: "check the key",
        403: "check the key",
        404: "check the URL and the model",
        413: "send less at once",
    }
    remedy = remedies.get(status, f"tried {attempts} times" if attempts > 1 else "check the URL, the model and the key")
    return f"The embeddings endpoint {endpoint} answered {status}: {remedy}."


def _retry_after(response: httpx.Response) -> float:
    """Seconds; 0 if the endpoint asks for none, or names a date."""
    try:
        asked = float(response.headers.get("Retry-After", "0"))
    except ValueError:
        return 0.0
    return asked if math.isfinite(asked) else 0.0


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
