"""The tables of sleep: nights, what each changed, probed and distilled, what gists are made of, hints, merged names."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.store.layer_tables import of_document, of_namespace
from memory.store.tables import ID, Json, Row
from memory.types import JsonValue


class NightRow(Row):
    """One sleep of a namespace, stage by stage: counts and sentences, never content."""

    __tablename__ = "nights"
    __table_args__ = (UniqueConstraint("namespace_id", "number"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    number: Mapped[int]
    status: Mapped[str]  # running, done or undone
    trigger: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]
    stages: Mapped[list[JsonValue]]
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]


class NightChangeRow(Row):
    """A change that a night decided on, with what undoes it: ids and numbers, never content.

    No key leads to its item, which may not be there yet; what is erased is named in none of them (erase.py).
    """

    __tablename__ = "night_changes"
    __table_args__ = (Index(None, "document_id"), Index(None, "other_id"))

    night_id: Mapped[str] = mapped_column(ID, ForeignKey("nights.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    stage: Mapped[str]
    of: Mapped[str]  # trace, edge, place, gist, repeats or names
    document_id: Mapped[str] = mapped_column(ID)  # of names: the merge
    other_id: Mapped[str]  # the target of an edge, what stands in for a place; else empty
    kind: Mapped[str]  # of an edge, or what happened to an item
    before: Mapped[Json | None]
    after: Mapped[Json | None]
    why: Mapped[str]
    status: Mapped[str]  # planned, applied, passed_over or undone


class ProbeRow(Row):
    """A question made from an item, and where the item stood before the night; it quotes the item and goes with it."""

    __tablename__ = "probes"

    night_id: Mapped[str] = mapped_column(ID, ForeignKey("nights.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    document_id: Mapped[str] = of_document(index=True)
    question: Mapped[str]
    rank: Mapped[int | None]


class DistillationRow(Row):
    """What an LLM made of related items during a night, until it is a gist. No key leads to its sources, but it goes
    when one of them goes or says something else (removing.py, replacing.py)."""

    __tablename__ = "distillations"
    __table_args__ = (Index(None, "namespace_id", "night_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)  # of the gist
    namespace_id: Mapped[str] = of_namespace()
    night_id: Mapped[str] = mapped_column(ID, ForeignKey("nights.id", ondelete="CASCADE"))
    sources: Mapped[list[JsonValue]]  # ids
    outcome: Mapped[str]  # distilled, or why there is no text
    statements: Mapped[list[JsonValue]]
    supported: Mapped[int]
    dropped: Mapped[int]
    requests: Mapped[int]
    tokens: Mapped[int]
    milliseconds: Mapped[int]


class DerivationRow(Row):
    """What an item that sleep made, or kept, stands for: sentences of a gist, or another saying of the same."""

    __tablename__ = "derivations"

    derived_id: Mapped[str] = of_document(primary_key=True)
    source_id: Mapped[str] = of_document(primary_key=True, index=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    kind: Mapped[str]  # gist or repeat
    start: Mapped[int | None]  # of the sentence in the source, in characters; None: nothing was taken over
    end: Mapped[int | None]


class HintRow(Row):
    """An association that nobody asked for: what an item of today leads to. It goes with either of them."""

    __tablename__ = "hints"
    __table_args__ = (Index(None, "namespace_id", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    source_id: Mapped[str] = of_document(index=True)
    target_id: Mapped[str] = of_document(index=True)
    score: Mapped[float]
    path: Mapped[list[JsonValue]]
    why: Mapped[str]
    at: Mapped[datetime]
    dismissed_at: Mapped[datetime | None]


MERGED, APART = text("status = 'merged'"), text("status = 'apart'")


class MergeRow(Row):
    """Two names of one entity, or of two that nobody shall merge. What no passage names any more goes on an erasure."""

    __tablename__ = "merges"
    __table_args__ = (
        Index(None, "namespace_id", "id"),
        Index("uq_merges_merged", "namespace_id", "name", unique=True, sqlite_where=MERGED, postgresql_where=MERGED),
        Index(
            "uq_merges_apart",
            "namespace_id",
            "name",
            "into_name",
            unique=True,
            sqlite_where=APART,
            postgresql_where=APART,
        ),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    namespace_id: Mapped[str] = of_namespace()
    name: Mapped[str]  # normal
    into_name: Mapped[str]  # normal
    display: Mapped[str]  # how the other name is written
    kind: Mapped[str]  # of the other
    status: Mapped[str]  # planned, merged or apart
    why: Mapped[str]  # a code
    actor: Mapped[str]
    at: Mapped[datetime]
