"""What follows from an answer: an error, a pause before the next try, or the value. Pure: the clients do the I/O."""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import ValidationError

from zengram.calls import Call
from zengram.errors import (
    ApiError,
    ConnectionFailed,
    FieldProblem,
    OperationFailed,
    TimedOut,
    UnexpectedAnswer,
    kind_of,
)
from zengram.models import Operation

T = TypeVar("T")

WORTH_ANOTHER_TRY = frozenset({429, 502, 503, 504})
MAYBE_DONE = frozenset({502, 504})  # a proxy gave up waiting; the service behind it may have finished
FIRST_POLL = 0.1  # seconds
LONGEST_POLL = 2.0  # seconds
EXCERPT = 200  # characters of an answer that is not a problem of this service


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, apart from any library."""

    status: int
    content: bytes = field(default=b"", repr=False)
    request_id: str | None = None
    retry_after: float | None = None  # seconds


Outcome = Answer | ConnectionFailed | TimedOut


@dataclass(frozen=True)
class Retries:
    """How often a call is sent again after a failure that may pass, and how long to wait before. Seconds."""

    times: int = 3
    first_pause: float = 0.25
    longest_pause: float = 20.0

    def pause(self, tries: int, retry_after: float | None, chance: random.Random) -> float:
        """Doubles with every try, spread by half so that clients do not come back together.

        What the service asks for is a lower bound; nothing is longer than `longest_pause`.
        """
        doubled = self.first_pause * 2.0 ** min(tries - 1, 60)
        spread = min(doubled, self.longest_pause) * chance.uniform(0.5, 1.0)
        return min(max(spread, retry_after or 0.0), self.longest_pause)


class Exchange(Generic[T]):
    """One call until its outcome is final: send `call`, tell `take` what came of it, wait, and so on; then `result`."""

    def __init__(self, call: Call[T], retries: Retries, chance: random.Random) -> None:
        self.call = call
        self._retries = retries
        self._chance = chance
        self._tries = 0
        self._maybe_done = False  # an earlier try may have reached the service although no answer came back
        self._outcome: Outcome | None = None

    def take(self, outcome: Outcome) -> float | None:
        """Seconds to wait before sending `call` again, or None if this outcome is final."""
        self._outcome = outcome
        self._tries += 1
        if isinstance(outcome, Answer) and outcome.status == 404 and self.call.elsewhere is not None:
            self.call = self.call.elsewhere
            self._tries = 0
            return 0.0
        if not (self.call.repeatable and self._tries <= self._retries.times and _may_pass(outcome)):
            return None
        self._maybe_done = self._maybe_done or not isinstance(outcome, Answer) or outcome.status in MAYBE_DONE
        retry_after = outcome.retry_after if isinstance(outcome, Answer) else None
        return self._retries.pause(self._tries, retry_after, self._chance)

    def result(self) -> T:
        """The value of the final outcome. Raises ZengramError."""
        outcome = self._outcome
        assert outcome is not None
        if not isinstance(outcome, Answer):
            raise outcome
        if self.call.method == "DELETE" and outcome.status == 404 and self._maybe_done:
            return self.call.parse(b"")  # the try that got no answer has deleted it
        if not 200 <= outcome.status < 300:
            raise error_of(outcome)
        return _parsed(self.call, outcome)


def error_of(answer: Answer) -> ApiError:
    """The error that an answer tells of: RFC 9457 if it is one of the service's, else what can be said of it."""
    problem = _problem(answer.content)
    code = _text(problem, "code") or f"http_{answer.status}"
    kind = kind_of(answer.status, code)
    message = _text(problem, "detail") or _text(problem, "title") or _in_words(kind, answer)
    return kind(
        message,
        status=answer.status,
        code=code,
        request_id=_text(problem, "request_id") or answer.request_id,
        errors=_field_problems(problem),
    )


def polls() -> Iterator[float]:
    """Seconds between two looks at an operation: short at first, then growing."""
    pause = FIRST_POLL
    while True:
        yield pause
        pause = min(pause * 1.5, LONGEST_POLL)


def is_completed(operation: Operation, is_last_look: bool) -> bool:
    """Raises OperationFailed, or TimedOut if it still runs at the last look."""
    if operation.is_done and operation.status != "completed":
        raise OperationFailed(operation)
    if not operation.is_done and is_last_look:
        raise TimedOut(
            f"Operation {operation.id} is still {operation.status}; it goes on, and can be waited for again."
        )
    return operation.is_done


def _may_pass(outcome: Outcome) -> bool:
    return not isinstance(outcome, Answer) or outcome.status in WORTH_ANOTHER_TRY


def _parsed(call: Call[T], answer: Answer) -> T:
    try:
        return call.parse(answer.content)
    except ValidationError as error:
        raise UnexpectedAnswer(
            f"The answer to {call.method} {call.path} is not one of this service; is the URL right? "
            f"It begins: {_excerpt(answer.content)}",
            status=answer.status,
            request_id=answer.request_id,
        ) from error


def _problem(content: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _field_problems(problem: Mapping[str, object]) -> tuple[FieldProblem, ...]:
    listed = problem.get("errors")
    if not isinstance(listed, list):
        return ()
    return tuple(
        FieldProblem(_text(one, "field"), _text(one, "message"), _text(one, "remedy"))
        for one in listed
        if isinstance(one, dict)
    )


def _text(problem: Mapping[str, object], name: str) -> str:
    value = problem.get(name)
    return value if isinstance(value, str) else ""


def _in_words(kind: type[ApiError], answer: Answer) -> str:
    said = _excerpt(answer.content)
    return f"{kind.__doc__} HTTP {answer.status}" + (f": {said}" if said else "")


def _excerpt(content: bytes) -> str:
    return " ".join(content[: 4 * EXCERPT].decode("utf-8", "replace").split())[:EXCERPT]
