"""The values that memory takes and gives back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, NewType, TypeVar

T = TypeVar("T")

TenantId = NewType("TenantId", str)
NamespaceId = NewType("NamespaceId", str)
KeyId = NewType("KeyId", str)
OperationId = NewType("OperationId", str)

JsonValue = str | int | float | bool | None | Sequence["JsonValue"] | Mapping[str, "JsonValue"]
Metadata = Mapping[str, JsonValue]


class Kind(StrEnum):
    DOCUMENT = "document"
    MEMORY = "memory"


class Scope(StrEnum):
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a tenant, what it may do, and the one namespace its key is bound to, if any."""

    tenant: TenantId
    scopes: frozenset[Scope]
    namespace: str | None = None
    key: KeyId | None = None  # absent for unkeyed loopback access


@dataclass(frozen=True, slots=True)
class Namespace:
    id: NamespaceId
    tenant: TenantId
    name: str
    revision: int  # the sequence number of its newest change


@dataclass(frozen=True, slots=True)
class Draft:
    """A document or memory as sent in, valid but not yet stored. `text` is already plain text."""

    kind: Kind
    text: str
    format: str = "text"  # text, markdown or json: how `text` is split
    title: str = ""
    source: str = ""
    external_id: str | None = None
    metadata: Metadata = field(default_factory=dict)
    occurred_at: datetime | None = None
    speaker: str | None = None
    session_id: str | None = None


class ReceiptStatus(StrEnum):
    STORED = "stored"  # durable and recallable
    DUPLICATE = "duplicate"  # the same content is there already; `id` is the one that is there
    ACCEPTED = "accepted"  # raw text durable; passages follow in an operation


@dataclass(frozen=True, slots=True)
class Receipt:
    id: str
    kind: Kind
    status: ReceiptStatus
    content_hash: str  # SHA-256, hex
    passages: int
    layer: str
    revision: int


class OperationStatus(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Operation:
    """Work that goes on after the answer. `done` of `total` items are finished; `items` has a receipt for each of them."""

    id: OperationId
    kind: str
    status: OperationStatus
    done: int
    total: int
    items: tuple[Receipt, ...]
    error: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Remembered:
    """The answer to a write: receipts in the order of the drafts; `operation` is there if part of the work goes on."""

    receipts: tuple[Receipt, ...]
    revision: int
    operation: Operation | None = None


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document or memory as it is kept."""

    id: str
    kind: Kind
    text: str
    format: str
    title: str
    source: str
    external_id: str | None
    metadata: Metadata
    occurred_at: datetime | None
    recorded_at: datetime
    updated_at: datetime
    speaker: str | None
    session_id: str | None
    content_hash: str
    status: str  # ready, pending or failed
    error: str | None
    passages: int
    layer: str
    version: int  # raised by every change; the ETag


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: tuple[T, ...]
    next_cursor: str | None
