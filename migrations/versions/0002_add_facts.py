"""Add facts with their provenance, the use of an LLM, its cached replies, and how far a passage's extraction is."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.String(length=36)
COLUMNS = {
    "extracted": sa.Integer,
    "extraction_failures": sa.Integer,
    "extraction_error": sa.Text,
    "llm_mentions": sa.JSON,
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():  # may be null: the version before does not know them
        op.add_column("passages", sa.Column(name, kind(), nullable=True))
    op.create_index(
        op.f("ix_passages_namespace_id_extraction_document_id"),
        "passages",
        ["namespace_id", "extraction", "document_id"],
        unique=False,
    )
    op.create_table(
        "facts",
        sa.Column("id", ID, nullable=False),
        sa.Column("namespace_id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("predicate", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("subject_name", sa.Text(), nullable=False),
        sa.Column("object_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        _to_namespace("facts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facts")),
        sa.UniqueConstraint("namespace_id", "key", name=op.f("uq_facts_namespace_id_key")),
    )
    for side in ("subject_name", "object_name"):
        op.create_index(op.f(f"ix_facts_namespace_id_{side}_id"), "facts", ["namespace_id", side, "id"], unique=False)
    op.create_table(
        "fact_passages",
        sa.Column("passage_id", ID, nullable=False),
        sa.Column("fact_id", ID, nullable=False),
        sa.Column("namespace_id", ID, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["passages.id"], name=op.f("fk_fact_passages_passage_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["fact_id"], ["facts.id"], name=op.f("fk_fact_passages_fact_id"), ondelete="CASCADE"),
        _to_namespace("fact_passages"),
        sa.PrimaryKeyConstraint("passage_id", "fact_id", name=op.f("pk_fact_passages")),
    )
    op.create_index(op.f("ix_fact_passages_fact_id"), "fact_passages", ["fact_id"], unique=False)
    op.create_table(
        "usage",
        sa.Column("id", ID, nullable=False),
        sa.Column("namespace_id", ID, nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("input_tokens", sa.Integer(), nullable=False),
        sa.Column("output_tokens", sa.Integer(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        _to_namespace("usage"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage")),
    )
    op.create_index(op.f("ix_usage_namespace_id_day"), "usage", ["namespace_id", "day"], unique=False)
    op.create_table(
        "llm_cache",
        sa.Column("namespace_id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("document_id", ID, nullable=False),
        sa.Column("reply", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_llm_cache_document_id"), ondelete="CASCADE"
        ),
        _to_namespace("llm_cache"),
        sa.PrimaryKeyConstraint("namespace_id", "key", name=op.f("pk_llm_cache")),
    )
    op.create_index(op.f("ix_llm_cache_document_id"), "llm_cache", ["document_id"], unique=False)


def downgrade() -> None:
    for table in ("llm_cache", "usage", "fact_passages", "facts"):
        op.drop_table(table)
    op.drop_index(op.f("ix_passages_namespace_id_extraction_document_id"), table_name="passages")
    for name in COLUMNS:
        op.drop_column("passages", name)


def _to_namespace(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["namespace_id"], ["namespaces.id"], name=op.f(f"fk_{table}_namespace_id"), ondelete="CASCADE"
    )
