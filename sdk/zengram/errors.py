"""Errors of the SDK.

ZengramError                 carries status, code, request_id and errors; catch this to catch all
├── ConnectionFailed         the service cannot be reached, or the connection broke
├── TimedOut                 no answer in time
├── OperationFailed          an operation that was waited for failed or was cancelled (carries `operation`)
└── ApiError                 the service refused, or could not
    ├── BadRequest           the request cannot be read (400, 405, 415)
    │   └── InvalidInput     fields that cannot be accepted (422): `errors` names each with its remedy
    ├── Unauthorized         no valid API key (401)
    ├── Forbidden            the key does not permit this (403)
    ├── NotFound             no such thing in this namespace (404)
    ├── Conflict             it contradicts what is stored (409)
    │   ├── VersionMismatch      changed since you read it (412)
    │   ├── ExternalIdTaken      another item has this external id
    │   └── IdempotencyReuse     the idempotency key was used with another request
    ├── TooLarge             the body is larger than the service takes (413)
    ├── RateLimited          too many requests (429)
    ├── Unavailable          the service cannot answer now (502, 503, 504)
    │   └── StorageFull          the disk of the service is full (507)
    ├── ServerError          the service failed (other 5xx)
    └── UnexpectedAnswer     the answer is none of this service: the URL may be wrong
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zengram.models import Operation


@dataclass(frozen=True)
class FieldProblem:
    """One thing wrong with a request: the field (a JSON path), what is wrong, and what to do about it."""

    field: str
    message: str
    remedy: str = ""


class ZengramError(Exception):
    """The memory could not be used."""

    code = "error"

    def __init__(
        self,
        message: str | None = None,
        *,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        errors: Sequence[FieldProblem] = (),
    ) -> None:
        super().__init__(message or self.__doc__)
        self.message = message or self.__doc__ or ""
        self.status = status
        self.code = code or type(self).code
        self.request_id = request_id
        self.errors = tuple(errors)

    def __str__(self) -> str:
        known = [f"{name} {value}" for name, value in (("status", self.status), ("request", self.request_id)) if value]
        return f"{self.message} ({', '.join(known)})" if known else self.message


class ConnectionFailed(ZengramError):
    """The service cannot be reached, or the connection broke."""

    code = "connection_failed"


class TimedOut(ZengramError):
    """There was no answer in time."""

    code = "timed_out"


class OperationFailed(ZengramError):
    """The operation failed or was cancelled."""

    code = "operation_failed"

    def __init__(self, operation: Operation) -> None:
        super().__init__(f"Operation {operation.id} is {operation.status}: {operation.error or 'no reason was given'}")
        self.operation = operation


class ApiError(ZengramError):
    """The service refused, or could not."""

    code = "api_error"


class BadRequest(ApiError):
    """The request cannot be read."""


class InvalidInput(BadRequest):
    """Fields that cannot be accepted."""


class Unauthorized(ApiError):
    """No valid API key was sent."""


class Forbidden(ApiError):
    """The API key does not permit this."""


class NotFound(ApiError):
    """There is no such thing in this namespace."""


class Conflict(ApiError):
    """It contradicts what is stored."""


class VersionMismatch(Conflict):
    """It was changed since you read it."""


class ExternalIdTaken(Conflict):
    """Another item of this namespace has this external id."""


class IdempotencyReuse(Conflict):
    """This idempotency key was used with another request."""


class TooLarge(ApiError):
    """The body is larger than the service takes."""


class RateLimited(ApiError):
    """Too many requests; try again later."""


class Unavailable(ApiError):
    """The service cannot answer now; try again later."""


class StorageFull(Unavailable):
    """The disk of the service is full; nothing was written."""


class ServerError(ApiError):
    """The service failed."""


class UnexpectedAnswer(ApiError):
    """The answer is none that this service gives; check the URL."""

    code = "unexpected_answer"


BY_CODE: Mapping[str, type[ApiError]] = {
    "version_mismatch": VersionMismatch,
    "external_id_taken": ExternalIdTaken,
    "idempotency_reuse": IdempotencyReuse,
    "storage_full": StorageFull,
}
BY_STATUS: Mapping[int, type[ApiError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: VersionMismatch,
    413: TooLarge,
    422: InvalidInput,
    429: RateLimited,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
    507: StorageFull,
}


def kind_of(status: int, code: str) -> type[ApiError]:
    """The class of an error answer: by its code where that says more than the status."""
    if status < 400:
        return UnexpectedAnswer
    return BY_CODE.get(code) or BY_STATUS.get(status) or (ServerError if status >= 500 else BadRequest)
