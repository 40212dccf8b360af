"""The tables of forgetting: what was archived when, legal holds, certificates of erasure, what may not come back."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from memory.store.layer_tables import of_namespace
from memory.store.tables import ID, Json, Row


class ForgettingRow(Row):
    """One time that items were forgotten. It keeps no filter: that could quote what is erased later."""

    __tablename__ = "forgettings"
    __table_args__ = (Index(None, "namespace_id", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    status: Mapped[str]  # applying, done or undone
    archived: Mapped[int]
    purged: Mapped[int]
    skipped: Mapped[int]  # were changed between the plan and its turn
    actor: Mapped[str]
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class ForgottenRow(Row):
    """An item that was archived; the row goes with the item, so that an undo finds nothing of what is gone."""

    __tablename__ = "forgotten"
    __table_args__ = (Index(None, "document_id"),)

    forgetting_id: Mapped[str] = mapped_column(ID, ForeignKey("forgettings.id", ondelete="CASCADE"), primary_key=True)
    document_id: Mapped[str] = mapped_column(ID, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    version: Mapped[int]  # after it was archived
    rule: Mapped[str]
    why: Mapped[str]


class HoldRow(Row):
    """Nothing of this subject may be deleted."""

    __tablename__ = "holds"
    __table_args__ = (UniqueConstraint("namespace_id", "kind", "subject"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    kind: Mapped[str]
    subject: Mapped[str]
    reason: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]


class ErasureRow(Row):
    """The certificate of an erasure: counts, never content."""

    __tablename__ = "erasures"
    __table_args__ = (Index(None, "namespace_id", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    kind: Mapped[str]
    subject_sha256: Mapped[str]
    status: Mapped[str]  # scrubbing, proved or incomplete
    counts: Mapped[Json]  # rows by table
    proof: Mapped[Json]
    actor: Mapped[str]
    at: Mapped[datetime]
    scrubbed_at: Mapped[datetime | None]


class TombstoneRow(Row):
    """What was erased, as a hash by which it is refused when it comes back."""

    __tablename__ = "tombstones"

    namespace_id: Mapped[str] = of_namespace(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    erasure_id: Mapped[str] = mapped_column(ID, ForeignKey("erasures.id", ondelete="CASCADE"), index=True)
