"""The values that memory takes and gives back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Generic, Literal, NewType, TypeVar

from retrieval.types import ByteVector, DocumentId, FactId, Mention, PassageId, Piece

if TYPE_CHECKING:  # the search machinery takes a second to load, which a migration need not wait for
    from retrieval.search import Hit, Seed

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


class LayerName(StrEnum):
    """Where something is held. What is sent in as a document is a source, and stands in none (`base`)."""

    WORKING = "working"
    SHORT_TERM = "short_term"
    EPISODIC = "episodic"
    SEMANTIC = "semantic"
    PROCEDURAL = "procedural"
    CORE = "core"
    CROSS_CONTEXT = "cross_context"


class ItemState(StrEnum):
    ACTIVE = "active"
    QUARANTINED = "quarantined"  # held back from recall until somebody lets it in
    ARCHIVED = "archived"  # out of recall, kept


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
    layer: str | None = None  # the caller's choice; None: decided by rules
    expires_at: datetime | None = None  # out of recall from then on


class ReceiptStatus(StrEnum):
    STORED = "stored"  # durable and recallable
    DUPLICATE = "duplicate"  # the same content is there already; `id` is the one that is there
    ACCEPTED = "accepted"  # raw text durable; passages follow in an operation
    FAILED = "failed"  # in an operation: its passages could not be made; the document has the error


@dataclass(frozen=True, slots=True)
class Receipt:
    id: str
    kind: Kind
    status: ReceiptStatus
    content_hash: str  # SHA-256, hex
    passages: int
    layer: str
    revision: int
    reason: str = ""  # why it is in this layer


class OperationStatus(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Operation:
    """Work that goes on after the answer. `done` of `total` items are finished; `items` has their receipts."""

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
    reason: str = ""  # why it is in this layer
    state: ItemState = ItemState.ACTIVE
    valid_from: datetime | None = None  # None: at any time
    valid_to: datetime | None = None  # from then on something else holds
    retired_at: datetime | None = None  # when its end became known
    superseded_by: str | None = None  # the document that ended it
    expires_at: datetime | None = None


class Unset(Enum):
    """Tells a field that was not sent from one that was sent as null."""

    UNSET = "unset"


UNSET: Literal[Unset.UNSET] = Unset.UNSET


@dataclass(frozen=True, slots=True)
class DocumentPatch:
    """The fields to change; `metadata` is replaced as a whole. What is UNSET stays."""

    text: str | Unset = UNSET
    title: str | Unset = UNSET
    source: str | Unset = UNSET
    metadata: Metadata | Unset = UNSET
    occurred_at: datetime | Unset | None = UNSET
    external_id: str | Unset | None = UNSET
    speaker: str | Unset | None = UNSET
    layer: str | Unset = UNSET
    state: ItemState | Unset = UNSET
    expires_at: datetime | Unset | None = UNSET


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The caller's key for a request, and the SHA-256 (hex) of what the request asked for."""

    key: str
    request_sha256: str


@dataclass(frozen=True, slots=True)
class EncodedPassage:
    """A piece of a text with what the models and rules found in it."""

    id: PassageId
    piece: Piece
    mentions: tuple[Mention, ...]
    vector: ByteVector  # int8[d]
    sentence_vectors: ByteVector  # int8[s, d]


@dataclass(frozen=True, slots=True)
class StoredPassage:
    id: PassageId
    ordinal: int
    text: str
    mentions: tuple[Mention, ...]


class ChangeKind(StrEnum):
    ADDED = "document.added"
    REPLACED = "document.replaced"  # its passages are new
    PATCHED = "document.patched"  # only what filters and answers show of it is new
    HIDDEN = "document.hidden"  # archived or quarantined: out of the index, its rows stay
    SHOWN = "document.shown"  # let in again, as it was
    ENRICHED = "document.enriched"  # an LLM has found more in its passages
    REMOVED = "document.removed"
    RENAMED = "entities.renamed"  # merged or told apart; by itself, and for each document with the name
    REBUILT = "namespace.rebuilt"  # nothing derived from earlier changes may be kept


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a namespace's log of changes."""

    sequence: int
    kind: ChangeKind
    document_id: DocumentId | None


class Mode(StrEnum):
    FAST = "fast"
    THOROUGH = "thorough"


@dataclass(frozen=True, slots=True)
class TimeRange:
    """When it happened, or where that is unknown, when it was recorded: `start` inclusive, `end` exclusive."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recall:
    """A question and what its answers must satisfy. All conditions hold together."""

    query: str
    top_k: int = 10
    threshold: float | None = None  # least probability, 0 to 1
    filters: Mapping[str, JsonValue] | None = None
    time_range: TimeRange | None = None
    document_ids: Sequence[str] | None = None
    speakers: Sequence[str] | None = None
    mode: Mode = Mode.FAST
    explain: bool = False
    max_tokens: int | None = None  # the results together are not longer
    min_revision: int | None = None  # answer only from at least this revision
    layers: Sequence[str] | None = None
    as_of: datetime | None = None  # what held then
    known_at: datetime | None = None  # as it was known then
    superseded: bool = False  # also what newer statements have superseded
    archived: bool = False  # also what was archived
    session_id: str | None = None  # of a context: what is held in mind there comes first


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds."""

    encode: float
    search: float
    total: float


@dataclass(frozen=True, slots=True)
class Result:
    """A passage that was recalled, with its document (without the text of that); `hit` has its scores and path."""

    id: PassageId
    text: str
    document: StoredDocument
    hit: "Hit"
    namespace: str | None = None  # where several were asked
    effects: Mapping[str, float] = field(default_factory=dict)  # what each mechanism added to the score
    sources: tuple[str, ...] = ()  # the items that its item stands for, if sleep made or kept it


@dataclass(frozen=True, slots=True)
class Recalled:
    """`abstained` says that nothing is good enough to answer the question with."""

    results: tuple[Result, ...]
    abstained: bool
    revision: int
    seeds: "tuple[Seed, ...]"
    took: Took
    facts: tuple[FactId, ...] = ()  # nearest to the question, best first
    id: str = ""  # for feedback; known for some time


@dataclass(frozen=True, slots=True)
class Source:
    """What a number in a context refers to."""

    ref: int
    result: Result


@dataclass(frozen=True, slots=True)
class Context:
    """A block of text for a prompt: `tokens` long, counted by the embedder."""

    text: str
    tokens: int
    sources: tuple[Source, ...]
    abstained: bool
    revision: int
    core: tuple[str, ...] = ()  # labels of the core blocks that it begins with


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key without its secret."""

    id: KeyId
    tenant: TenantId
    name: str
    prefix: str
    scopes: frozenset[Scope]
    namespace: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NamespaceStats:
    name: str
    revision: int
    documents: int
    memories: int
    passages: int
    created_at: datetime
    linkable: bool = False  # whether it may be linked with others of the same owner
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One run of background work, held until `lease_until`. The lease tells it from other runs of the same job."""

    id: str
    namespace: NamespaceId | None
    kind: str
    payload: Mapping[str, JsonValue]
    attempts: int  # runs without any progress, this one included
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class Segment:
    """A published base segment."""

    id: str
    revision: int
    sha256: str
    bytes: int
    passages: int
    model: str
    format: str
    path: str  # relative to the folder of segments


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: tuple[T, ...]
    next_cursor: str | None
