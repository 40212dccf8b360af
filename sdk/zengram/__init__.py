"""Zengram: long-term memory for LLM agents. `Client` and `AsyncClient` speak to the service."""

from zengram.client import AsyncClient, Client
from zengram.errors import (
    ApiError,
    BadRequest,
    Conflict,
    ConnectionFailed,
    ExternalIdTaken,
    FieldProblem,
    Forbidden,
    IdempotencyReuse,
    InvalidInput,
    NotFound,
    OperationFailed,
    RateLimited,
    ServerError,
    StorageFull,
    TimedOut,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
    VersionMismatch,
    ZengramError,
)
from zengram.exchange import Retries

__version__ = "0.1.0"

__all__ = [
    "ApiError",
    "AsyncClient",
    "BadRequest",
    "Client",
    "Conflict",
    "ConnectionFailed",
    "ExternalIdTaken",
    "FieldProblem",
    "Forbidden",
    "IdempotencyReuse",
    "InvalidInput",
    "NotFound",
    "OperationFailed",
    "RateLimited",
    "Retries",
    "ServerError",
    "StorageFull",
    "TimedOut",
    "TooLarge",
    "Unauthorized",
    "Unavailable",
    "UnexpectedAnswer",
    "VersionMismatch",
    "ZengramError",
]
