"""The tables of the layers. What belongs to one memory or document goes with it; the rest goes with the namespace."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from memory.store.tables import ID, Json, Row
from memory.types import JsonValue


def of_namespace(primary_key: bool = False) -> Mapped[str]:
    """Belongs to a namespace, and goes with it."""
    return mapped_column(ID, ForeignKey("namespaces.id", ondelete="CASCADE"), primary_key=primary_key)


def of_document(primary_key: bool = False, index: bool | None = None) -> Mapped[str]:
    """Belongs to a memory or document, and goes with it."""
    return mapped_column(ID, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=primary_key, index=index)


class TraceRow(Row):
    """How well an item is remembered: what changes with use, and never what filters see."""

    __tablename__ = "traces"
    __table_args__ = (Index(None, "namespace_id", "essence"),)

    document_id: Mapped[str] = of_document(primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    stability: Mapped[float]  # days
    difficulty: Mapped[float]  # 1 to 10
    last_recalled: Mapped[datetime]
    recalls: Mapped[int]
    salience: Mapped[float]  # 0 to 1
    substance: Mapped[float]  # how much it says, 0 to 1
    essence: Mapped[str]  # the same for what says the same; empty: not known
    said_at: Mapped[datetime]  # when it was last said
    valence: Mapped[float]  # 0 (bad) to 1 (good)
    arousal: Mapped[float]  # 0 to 1
    context: Mapped[Json | None]  # where it was encoded: session, place, task, time zone
    confidence: Mapped[float]  # 0 to 1
    verbatim: Mapped[float]  # strength of each copy when it was made, 0 to 1
    episodic: Mapped[float]
    gist: Mapped[float | None]
    copied_at: Mapped[datetime]
    gist_at: Mapped[datetime | None]
    surprise: Mapped[float]
    trust: Mapped[float]  # 0 to 1
    pinned: Mapped[bool]
    labile_until: Mapped[datetime | None]
    labile_snapshot: Mapped[Json | None]
    replayed_at: Mapped[datetime | None]  # in sleep
    replays: Mapped[int]


class StatementRow(Row):
    """A functional fact as it was said: of each subject and attribute, one value holds at a time."""

    __tablename__ = "statements"
    __table_args__ = (Index(None, "namespace_id", "subject", "attribute"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    document_id: Mapped[str] = of_document(index=True)
    subject: Mapped[str]
    attribute: Mapped[str]
    value: Mapped[str]
    negated: Mapped[bool]
    text: Mapped[str]  # the evidence
    is_whole: Mapped[bool]  # its document says nothing but statements
    counts: Mapped[bool]  # its document stands in recall, so that it may end others
    valid_from: Mapped[datetime]
    recorded_at: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]  # when the end became known
    superseded_by: Mapped[str | None] = mapped_column(ID)  # another statement


class TransitionRow(Row):
    """What happened to an item."""

    __tablename__ = "transitions"
    __table_args__ = (Index(None, "document_id", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    document_id: Mapped[str] = of_document()
    kind: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]
    why: Mapped[str]
    before: Mapped[Json | None]
    after: Mapped[Json | None]


class ReviewRow(Row):
    """One recall with its rating."""

    __tablename__ = "reviews"
    __table_args__ = (Index(None, "document_id", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    document_id: Mapped[str] = of_document()
    rating: Mapped[int]  # 1 again, 2 hard, 3 good, 4 easy
    outcome: Mapped[str]  # used, useful, wrong, corrected
    retrievability: Mapped[float | None]
    at: Mapped[datetime]
    actor: Mapped[str]
    before: Mapped[Json | None]
    after: Mapped[Json | None]


class ReconsolidationRow(Row):
    """A memory that was changed while it was labile, with what undoes the change."""

    __tablename__ = "reconsolidations"
    __table_args__ = (Index(None, "document_id", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    document_id: Mapped[str] = of_document()
    mode: Mapped[str]  # confirmed, selective_edit, integration, new_episode
    prediction_error: Mapped[float]
    effective_error: Mapped[float]
    before: Mapped[Json]
    after: Mapped[Json]
    levels: Mapped[Json | None]
    at: Mapped[datetime]
    actor: Mapped[str]
    undone_at: Mapped[datetime | None]


class EdgeRow(Row):
    """An edge that was learned between two items; a direction counts: the source was recalled first."""

    __tablename__ = "edges"
    __table_args__ = (Index(None, "source"), Index(None, "target"))

    namespace_id: Mapped[str] = of_namespace(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = of_document(primary_key=True)
    target: Mapped[str] = of_document(primary_key=True)
    weight: Mapped[float]
    variance: Mapped[float]
    count: Mapped[int]
    last_activated: Mapped[datetime]


class JudgementRow(Row):
    """What became of an answer, for calibration and for the bias of what is accepted."""

    __tablename__ = "judgements"
    __table_args__ = (Index(None, "namespace_id", "person", "at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    person: Mapped[str]
    kind: Mapped[str]  # positive, negative, confirming, contradicting
    accepted: Mapped[bool]
    confidence: Mapped[float | None]
    at: Mapped[datetime]


class LevelsRow(Row):
    """Neuromodulators of one person in a namespace: tonic levels and bursts that still decay."""

    __tablename__ = "neuromodulators"

    namespace_id: Mapped[str] = of_namespace(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    dopamine: Mapped[float]
    noradrenaline: Mapped[float]
    serotonin: Mapped[float]
    acetylcholine: Mapped[float]
    bursts: Mapped[list[JsonValue]]
    updated_at: Mapped[datetime]


class LinkRow(Row):
    """A name that two namespaces share, or may share. The namespace with the smaller id comes first."""

    __tablename__ = "links"
    __table_args__ = (UniqueConstraint("namespace_id", "other_id", "name", "other_name"), Index(None, "other_id"))

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    other_id: Mapped[str] = of_namespace()
    name: Mapped[str]
    other_name: Mapped[str]
    similarity: Mapped[float]
    status: Mapped[str]  # candidate, confirmed or rejected
    found_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]


class SessionRow(Row):
    """A conversation, and the gist of what has left its window."""

    __tablename__ = "sessions"

    namespace_id: Mapped[str] = of_namespace(primary_key=True)
    session_id: Mapped[str] = mapped_column(primary_key=True)
    gist: Mapped[str]
    gist_through: Mapped[str | None] = mapped_column(ID)  # the newest message in the gist
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class MessageRow(Row):
    """A message of a conversation, in the order in which they came."""

    __tablename__ = "messages"
    __table_args__ = (Index(None, "namespace_id", "session_id", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    session_id: Mapped[str]
    role: Mapped[str]
    speaker: Mapped[str | None]
    text: Mapped[str]
    tokens: Mapped[int]
    occurred_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    document_id: Mapped[str | None] = mapped_column(ID, ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    request: Mapped[str | None]  # the idempotency key with which it came


class SlotRow(Row):
    """One thing held in mind in a session."""

    __tablename__ = "working_slots"
    __table_args__ = (Index(None, "namespace_id", "session_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    session_id: Mapped[str]
    kind: Mapped[str]
    content: Mapped[str]
    relevance: Mapped[float]  # at decayed_at
    added_at: Mapped[datetime]
    decayed_at: Mapped[datetime]


class ProcedureRow(Row):
    """How something is done, and how often that went well; its text is the memory with the same id."""

    __tablename__ = "procedures"
    __table_args__ = (Index(None, "namespace_id", "document_id"),)

    document_id: Mapped[str] = of_document(primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    trigger: Mapped[str]
    steps: Mapped[list[JsonValue]]
    tools: Mapped[list[JsonValue]]
    outcome: Mapped[str]
    success_rate: Mapped[float]
    runs: Mapped[int]
    last_run: Mapped[datetime | None]


class CoreBlockRow(Row):
    """A labelled block that stands in every context."""

    __tablename__ = "core_blocks"
    __table_args__ = (UniqueConstraint("namespace_id", "label"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    label: Mapped[str]
    text: Mapped[str]
    tokens: Mapped[int]
    pinned: Mapped[bool]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class CoreVersionRow(Row):
    """A block as it once was."""

    __tablename__ = "core_versions"

    block_id: Mapped[str] = mapped_column(ID, ForeignKey("core_blocks.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    text: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]
