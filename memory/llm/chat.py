"""A chat model behind any OpenAI-compatible endpoint: `POST {url}/chat/completions`."""

import json
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import httpx

from memory.errors import LlmError, LlmRefused, LlmUnavailable, MalformedReply
from memory.llm.breaker import Breaker
from memory.llm.dialects import DIALECTS, Message, Reply, Shape, delta, reply, request, tokens
from retrieval.endpoints import WORTH_RETRYING, Retries, address, headers, refusal, retry_after
from retrieval.errors import EndpointInvalid

WHAT = "chat"
PATIENCE = Retries(attempts=4, timeout=120.0, first_wait=1.0, longest_wait=20.0)
PARALLEL = 8  # requests at a time
DIALECT_REFUSED = frozenset({400, 404, 415, 422, 501})  # perhaps only the form of the request
KEY_REFUSED = frozenset({401, 402, 403})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request and what it cost. `error` is empty if it was answered."""

    model: str
    input_tokens: int
    output_tokens: int
    ms: int
    error: str = ""


class ChatModel:
    """Answers messages. Thread-safe; call `close` at the end.

    Every request, failed ones included, is added to the list `attempts` of the caller, whatever the outcome. The key
    goes into the request and nowhere else.
    """

    def __init__(
        self,
        url: str,
        model: str,
        key: str | None = None,
        *,
        retries: Retries = PATIENCE,
        parallel: int = PARALLEL,
        breaker: Breaker | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        try:
            self._endpoint = address(url, "/chat/completions", WHAT)
            limits = httpx.Limits(max_connections=parallel, max_keepalive_connections=parallel)
            self._client = httpx.Client(timeout=retries.timeout, headers=headers(key, WHAT), limits=limits)
        except EndpointInvalid as error:
            raise LlmError(str(error)) from None
        self.model = model
        self.parallel = parallel
        self._retries = retries
        self._places = threading.BoundedSemaphore(parallel)
        self._breaker = breaker or Breaker()
        self._sleep = sleep
        self._dialect = 0

    def close(self) -> None:
        self._client.close()

    def ask(
        self,
        messages: Sequence[Message],
        attempts: list[Attempt],
        *,
        shape: Shape | None = None,
        most_tokens: int = 2048,
        within: float | None = None,
    ) -> Reply:
        """`within` seconds, and then without a second try. Raises LlmUnavailable, LlmRefused, MalformedReply."""
        retries = self._retries if within is None else replace(self._retries, attempts=1, timeout=within)
        with self._places:
            return self._insist(messages, attempts, shape, most_tokens, retries)

    def stream(
        self, messages: Sequence[Message], attempts: list[Attempt], *, most_tokens: int = 2048
    ) -> Generator[str, None, None]:
        """The answer piece by piece. Raises LlmUnavailable, LlmRefused."""
        body = request(DIALECTS[self._dialect], self.model, messages, None, most_tokens, is_stream=True)
        asked = _asked(messages)
        said = 0
        with self._places, self._metered(attempts, asked) as spent:
            try:
                with self._client.stream("POST", self._endpoint, content=body) as response:
                    if not response.is_success:
                        self._refuse(response.status_code, 1)
                    for piece in _pieces(response, asked):
                        said += len(piece)
                        spent[0] = said
                        yield piece
            except httpx.HTTPError as error:
                raise self._gone(error, 1) from error

    def _insist(
        self, messages: Sequence[Message], attempts: list[Attempt], shape: Shape | None, most: int, retries: Retries
    ) -> Reply:
        rung, attempt = self._dialect, 1
        while True:
            self._breaker.check()
            body = request(DIALECTS[rung], self.model, messages, shape, most, is_stream=False)
            try:
                response = self._post(body, retries.timeout, attempts, _asked(messages))
            except LlmUnavailable:
                if attempt >= retries.attempts:
                    raise
                asked = 0.0
            else:
                if response.is_success:
                    self._breaker.succeeded()
                    self._dialect = rung
                    return self._read(response, attempts, _asked(messages))
                if response.status_code in DIALECT_REFUSED and rung + 1 < len(DIALECTS):
                    rung += 1
                    continue
                asked = self._worth_waiting(response, attempt, retries)
            self._sleep(retries.wait(attempt, asked))
            attempt += 1

    def _post(self, body: bytes, timeout: float, attempts: list[Attempt], asked: int) -> httpx.Response:
        """One request. What has an answer is metered once it is read. Raises LlmUnavailable."""
        began = time.perf_counter()
        try:
            response = self._client.post(self._endpoint, content=body, timeout=timeout)
        except httpx.HTTPError as error:
            gone = self._gone(error, len(attempts) + 1)
            attempts.append(Attempt(self.model, asked, 0, _ms(began), str(gone)))
            raise gone from error
        if not response.is_success:
            attempts.append(Attempt(self.model, 0, 0, _ms(began), f"answered {response.status_code}"))
        return response

    def _read(self, response: httpx.Response, attempts: list[Attempt], asked: int) -> Reply:
        """Raises MalformedReply."""
        ms = int(1000 * response.elapsed.total_seconds())
        try:
            found = reply(json.loads(response.content), asked)
        except (ValueError, RecursionError):
            found = None
        if found is None:
            attempts.append(Attempt(self.model, asked, 0, ms, "answered without a message"))
            raise MalformedReply("The LLM's answer has no message.")
        attempts.append(Attempt(self.model, found.input_tokens, found.output_tokens, ms))
        return found

    def _worth_waiting(self, response: httpx.Response, attempt: int, retries: Retries) -> float:
        """Seconds that the endpoint asks for. Raises what the refusal is, if waiting does not help."""
        status = response.status_code
        if status not in WORTH_RETRYING or attempt >= retries.attempts:
            self._refuse(status, attempt)
        self._breaker.failed()
        return retry_after(response)

    def _refuse(self, status: int, attempt: int) -> None:
        """Raises LlmRefused if it is about this request, else LlmUnavailable."""
        message = refusal(WHAT, self._endpoint, status, attempt)
        if status not in WORTH_RETRYING and status not in KEY_REFUSED and status < 500:
            raise LlmRefused(message)
        self._breaker.failed()
        raise LlmUnavailable(message)

    def _gone(self, error: httpx.HTTPError, attempt: int) -> LlmUnavailable:
        self._breaker.failed()
        reason = f"did not answer ({type(error).__name__}) in {attempt} attempts"
        return LlmUnavailable(f"The {WHAT} endpoint {self._endpoint} {reason}.")

    @contextmanager
    def _metered(self, attempts: list[Attempt], asked: int) -> Iterator[list[int]]:
        """Meters a stream, however it ends; the caller counts its characters."""
        self._breaker.check()
        began = time.perf_counter()
        said = [0]
        error = ""
        try:
            yield said
            self._breaker.succeeded()
        except LlmError as failure:
            error = str(failure)
            raise
        finally:
            attempts.append(Attempt(self.model, asked, said[0] // 4, _ms(began), error))


def _pieces(response: httpx.Response, asked: int) -> Iterator[str]:
    """What comes, also from an endpoint that does not stream."""
    if "json" in response.headers.get("content-type", ""):
        response.read()
        try:
            found = reply(json.loads(response.content), asked)
        except (ValueError, RecursionError):
            found = None
        if found is not None:
            yield found.text
        return
    for line in response.iter_lines():
        if piece := delta(line):
            yield piece


def _asked(messages: Sequence[Message]) -> int:
    return sum(tokens(message.content) for message in messages)


def _ms(began: float) -> int:
    return int(1000 * (time.perf_counter() - began))
