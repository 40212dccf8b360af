"""The tables. Every table but `tenants` and `api_keys` belongs to a namespace and goes with it."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from memory.types import JsonValue

Json = Mapping[str, JsonValue]


class Utc(TypeDecorator[datetime]):
    """Times with a zone outside, UTC inside. SQLite forgets the zone, so it is put back here and nowhere else."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            raise ValueError("A time without a zone reached the store.")
        return value if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Row(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  # declared by SQLAlchemy
        str: Text(),
        bytes: LargeBinary(),
        datetime: Utc(),
        Json: JSON(none_as_null=True),
        list[JsonValue]: JSON(none_as_null=True),
    }


ID = String(36)


def _namespace_id(primary_key: bool = False) -> Mapped[str]:
    return mapped_column(ID, ForeignKey("namespaces.id", ondelete="CASCADE"), primary_key=primary_key)


class TenantRow(Row):
    __tablename__ = "tenants"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class ApiKeyRow(Row):
    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenants.id", ondelete="CASCADE"), index=True)
    prefix: Mapped[str] = mapped_column(index=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    scopes: Mapped[list[JsonValue]]
    namespace: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class NamespaceRow(Row):
    __tablename__ = "namespaces"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenants.id", ondelete="CASCADE"))
    name: Mapped[str]
    settings: Mapped[Json]
    revision: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]


class DocumentRow(Row):
    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("namespace_id", "kind", "external_id"),
        Index(None, "namespace_id", "kind", "content_hash"),
        Index(None, "namespace_id", "kind", "session_id", "position"),
        Index(None, "namespace_id", "kind", "id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = _namespace_id()
    kind: Mapped[str]
    text: Mapped[str]
    format: Mapped[str]
    title: Mapped[str]
    source: Mapped[str]
    external_id: Mapped[str | None]
    metadata_: Mapped[Json] = mapped_column("metadata")
    occurred_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    speaker: Mapped[str | None]
    session_id: Mapped[str | None]
    position: Mapped[int]  # of its first passage in the session; 0 without a session
    passages: Mapped[int]  # how many it has; while pending, how many positions of the session are kept free for it
    content_hash: Mapped[str]
    status: Mapped[str]
    error: Mapped[str | None]
    layer: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="")  # why it is in this layer
    state: Mapped[str] = mapped_column(server_default="active")  # active, quarantined or archived
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]  # when its end became known
    superseded_by: Mapped[str | None] = mapped_column(ID)
    expires_at: Mapped[datetime | None]
    version: Mapped[int]
    revision: Mapped[int] = mapped_column(BigInteger)


class PassageRow(Row):
    __tablename__ = "passages"
    __table_args__ = (
        UniqueConstraint("document_id", "ordinal"),
        Index(None, "namespace_id", "revision", "ordinal"),
        Index(None, "namespace_id", "extraction", "document_id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = _namespace_id()
    document_id: Mapped[str] = mapped_column(ID, ForeignKey("documents.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    group_key: Mapped[str]
    position: Mapped[int]
    text: Mapped[str]
    start: Mapped[int]
    end: Mapped[int]
    sentences: Mapped[bytes]  # int32 pairs, little-endian
    mentions: Mapped[list[JsonValue]]
    vector: Mapped[bytes]  # int8[d]
    sentence_vectors: Mapped[bytes]  # int8[s, d]
    model: Mapped[str]
    extraction: Mapped[str]  # none, rules, pending, done or failed
    extracted: Mapped[int | None]  # how many facts the LLM found; None if it was not asked
    extraction_failures: Mapped[int | None]
    extraction_error: Mapped[str | None]
    llm_mentions: Mapped[list[JsonValue] | None]  # what the LLM named and the rules did not
    revision: Mapped[int] = mapped_column(BigInteger)


class FactRow(Row):
    """What passages, or a user, say: subject, predicate, object. The same fact is one row however often it is said."""

    __tablename__ = "facts"
    __table_args__ = (
        UniqueConstraint("namespace_id", "key"),
        Index(None, "namespace_id", "subject_name", "id"),
        Index(None, "namespace_id", "object_name", "id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = _namespace_id()
    key: Mapped[str]  # SHA-256 of the normal names and the predicate
    subject: Mapped[str]
    predicate: Mapped[str]
    object: Mapped[str]
    subject_name: Mapped[str]  # normal
    object_name: Mapped[str]
    text: Mapped[str]
    confidence: Mapped[float] = mapped_column(Double)  # 0 to 1
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    source: Mapped[str]  # llm, rule or user
    vector: Mapped[bytes | None]  # int8[d]
    model: Mapped[str | None]


class FactPassageRow(Row):
    """Where a fact is said. A fact of an LLM or a rule goes with the last passage that says it."""

    __tablename__ = "fact_passages"
    __table_args__ = (Index(None, "fact_id"),)

    passage_id: Mapped[str] = mapped_column(ID, ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True)
    fact_id: Mapped[str] = mapped_column(ID, ForeignKey("facts.id", ondelete="CASCADE"), primary_key=True)
    namespace_id: Mapped[str] = _namespace_id()
    ordinal: Mapped[int]  # among the facts of its passage


class UsageRow(Row):
    """One request to an LLM, answered or not."""

    __tablename__ = "usage"
    __table_args__ = (Index(None, "namespace_id", "day"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = _namespace_id()
    day: Mapped[str]  # YYYY-MM-DD, UTC
    at: Mapped[datetime]
    purpose: Mapped[str]  # extract, recognise, think, answer or distil
    model: Mapped[str]
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    milliseconds: Mapped[int]
    error: Mapped[str]


class LlmCacheRow(Row):
    """What an LLM has been paid for already. It goes with the document that it is about."""

    __tablename__ = "llm_cache"

    namespace_id: Mapped[str] = _namespace_id(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)  # SHA-256 of content, prompt version and model
    document_id: Mapped[str] = mapped_column(ID, ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    reply: Mapped[Json]
    created_at: Mapped[datetime]


class ChangeRow(Row):
    __tablename__ = "changes"

    namespace_id: Mapped[str] = _namespace_id(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    document_id: Mapped[str | None] = mapped_column(ID)
    actor: Mapped[str]
    at: Mapped[datetime]


class SegmentRow(Row):
    __tablename__ = "segments"
    __table_args__ = (Index(None, "namespace_id", "revision"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = _namespace_id()
    revision: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    passages: Mapped[int]
    model: Mapped[str]
    format: Mapped[str]
    path: Mapped[str]
    created_at: Mapped[datetime]


class OperationRow(Row):
    __tablename__ = "operations"
    __table_args__ = (Index(None, "namespace_id", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = _namespace_id()
    kind: Mapped[str]
    status: Mapped[str]
    done: Mapped[int]
    total: Mapped[int]
    items: Mapped[list[JsonValue]]
    error: Mapped[str | None]
    payload: Mapped[Json]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class JobRow(Row):
    __tablename__ = "jobs"
    __table_args__ = (Index(None, "status", "run_at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str | None] = mapped_column(ID, ForeignKey("namespaces.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    unique_key: Mapped[str | None] = mapped_column(unique=True)
    payload: Mapped[Json]
    status: Mapped[str]  # todo, doing or failed; a job that is done is deleted
    attempts: Mapped[int]
    run_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None]


class IdempotencyRow(Row):
    __tablename__ = "idempotency_keys"

    namespace_id: Mapped[str] = _namespace_id(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_sha256: Mapped[str]
    status_code: Mapped[int]
    response: Mapped[Json]
    created_at: Mapped[datetime] = mapped_column(index=True)
