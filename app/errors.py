"""Errors of the processes, and the HTTP status of every error that can leave this service.

AppError
├── StartupRefused      the process cannot start (carries a remedy; exit code 2)
├── UnsupportedMedia    a body or a file is of a kind that is not read here
├── TooLarge            a body or a file is larger than the limit
├── InvalidBody         a body cannot be read as what it says it is
└── NotReady            the process is starting or draining
"""

from collections.abc import Mapping
from types import MappingProxyType

from memory import errors as memory
from retrieval import errors as retrieval


class AppError(Exception):
    """Something in this process went wrong."""

    code = "internal"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class StartupRefused(AppError):
    """The process cannot start."""

    code = "startup_refused"

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


class UnsupportedMedia(AppError):
    """A body or a file is of a kind that is not read here."""

    code = "unsupported_media_type"


class TooLarge(AppError):
    """A body or a file is larger than the limit."""

    code = "too_large"


class InvalidBody(AppError):
    """The body cannot be read as what it says it is."""

    code = "invalid_body"


class NotReady(AppError):
    """The service is starting or draining; try again in a moment."""

    code = "not_ready"


STATUS: Mapping[type[Exception], int] = MappingProxyType(
    {
        memory.InvalidInput: 422,
        memory.NotFound: 404,
        memory.VersionMismatch: 412,
        memory.Conflict: 409,
        memory.Unauthorized: 401,
        memory.Forbidden: 403,
        memory.LlmMissing: 409,
        memory.LlmUnavailable: 503,
        memory.BudgetSpent: 429,
        memory.LlmError: 502,
        memory.StorageFull: 507,
        memory.StoreUnavailable: 503,
        memory.MemoryServiceError: 500,
        retrieval.FilterInvalid: 422,
        retrieval.EmbedderError: 503,
        retrieval.RetrievalError: 500,
        InvalidBody: 400,
        TooLarge: 413,
        UnsupportedMedia: 415,
        NotReady: 503,
        AppError: 500,
    }
)

CODES: Mapping[type[Exception], str] = MappingProxyType(
    {
        retrieval.FilterInvalid: "invalid_filter",
        retrieval.ModelInvalid: "model_invalid",
        retrieval.EmbedderUnavailable: "embedder_unavailable",
        retrieval.EmbedderError: "embedder_failed",
        retrieval.SegmentCorrupt: "segment_corrupt",
    }
)


def status_of(error: Exception) -> int:
    """The status of the nearest class in the table; 500 for what nobody expected."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def code_of(error: Exception) -> str:
    """The stable, machine-readable name of an error."""
    if isinstance(error, memory.MemoryServiceError | AppError):
        return error.code
    return next((CODES[kind] for kind in type(error).__mro__ if kind in CODES), "internal")
