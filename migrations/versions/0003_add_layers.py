"""Create the tables of the layers; documents say in which state they are and when what they say holds."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "core_blocks",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("namespace_id", sa.String(length=36), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name=op.f("fk_core_blocks_namespace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_blocks")),
        sa.UniqueConstraint("namespace_id", "label", name=op.f("uq_core_blocks_namespace_id_label")),
    )
    op.create_table(
        "judgements",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("namespace_id", sa.String(length=36), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name=op.f("fk_judgements_namespace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgements")),
    )
    op.create_index(
        op.f("ix_judgements_namespace_id_person_at"), "judgements", ["namespace_id", "person", "at"], unique=False
    )
    op.create_table(
        "links",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("namespace_id", sa.String(length=36), nullable=False),
        sa.Column("other_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("other_name", sa.Text(), nullable=False),
        sa.Column("similarity", sa.Double(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name=op.f("fk_links_namespace_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["other_id"], ["namespaces.id"], name=op.f("fk_links_other_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint(
            "namespace_id",
            "other_id",
            "name",
            "other_name",
            name=op.f("uq_links_namespace_id_other_id_name_other_name"),
        ),
    )
    op.create_index(op.f("ix_links_other_id"), "links", ["other_id"], unique=False)
    op.create_table(
        "neuromodulators",
        sa.Column("namespace_id", sa.String(length=36), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("dopamine", sa.Double(), nullable=False),
        sa.Column("noradrenaline", sa.Double(), nullable=False),
        sa.Column("serotonin", sa.Double(), nullable=False),
        sa.Column("acetylcholine", sa.Double(), nullable=False),
        sa.Column("bursts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name=op.f("fk_neuromodulators_namespace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("namespace_id", "person", name=op.f("pk_neuromodulators")),
    )
    op.create_table(
        "sessions",
        sa.Column("namespace_id", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("gist", sa.Text(), nullable=False),
        sa.Column("gist_through", sa.String(length=36), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name=op.f("fk_sessions_namespace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("namespace_id", "session_id", name=op.f("pk_sessions")),
    )
    op.create_table(
        "working_slots",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("namespace_id", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("relevance", sa.Double(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decayed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name=op.f("fk_working_slots_namespace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_slots")),
    )
    op.create_index(
        op.f("ix_working_slots_namespace_id_session_id"), "working_slots", ["namespace_id", "session_id"], unique=False
    )
    op.create_table(
        "core_versions",
        sa.Column("block_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("namespace_id", sa.String(length=36), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["block_id"], ["core_blocks.id"], name=op.f("fk_core_versions_block_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name=op.f("fk_core_versions_namespace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("block_id", "version", name=op.f("pk_core_versions")),
    )
    op.create_table(
        "edges",
        sa.Column("namespace_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=36), nullable=False),
        sa.Column("target", sa.String(length=36), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("variance", sa.Double(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_activated", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name=op.f("fk_edges_namespace_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["source"], ["documents.id"], name=op.f("fk_edges_source"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target"], ["documents.id"], name=op.f("fk_edges_target"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("namespace_id", "kind", "source", "target", name=op.f("pk_edges")),
    )
    op.create_index(op.f("ix_edges_source"), "edges", ["source"], unique=False)
    op.create_index(op.f("ix_edges_target"), "edges", ["target"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("namespace_id", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=True),
        sa.Column("request", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_messages_document_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name=op.f("fk_messages_namespace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index(op.f("ix_messages_document_id"), "messages", ["document_id"], unique=False)
    op.create_index(
        op.f("ix_messages_namespace_id_session_id_id"), "messages", ["namespace_id", "session_id", "id"], unique=False
    )
    op.create_table(
        "procedures",
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("namespace_id", sa.String(length=36), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("steps", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("tools", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("success_rate", sa.Double(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("last_run", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_procedures_document_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name=op.f("fk_procedures_namespace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_procedures")),
    )
    op.create_index(
        op.f("ix_procedures_namespace_id_document_id"), "procedures", ["namespace_id", "document_id"], unique=False
    )
    op.create_table(
        "reconsolidations",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("namespace_id", sa.String(length=36), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("prediction_error", sa.Double(), nullable=False),
        sa.Column("effective_error", sa.Double(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("levels", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_reconsolidations_document_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name=op.f("fk_reconsolidations_namespace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconsolidations")),
    )
    op.create_index(op.f("ix_reconsolidations_document_id_id"), "reconsolidations", ["document_id", "id"], unique=False)
    op.create_table(
        "reviews",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("namespace_id", sa.String(length=36), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("retrievability", sa.Double(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_reviews_document_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name=op.f("fk_reviews_namespace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    op.create_index(op.f("ix_reviews_document_id_id"), "reviews", ["document_id", "id"], unique=False)
    op.create_table(
        "statements",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("namespace_id", sa.String(length=36), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("attribute", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("negated", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_by", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_statements_document_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name=op.f("fk_statements_namespace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
    )
    op.create_index(op.f("ix_statements_document_id"), "statements", ["document_id"], unique=False)
    op.create_index(
        op.f("ix_statements_namespace_id_subject_attribute"),
        "statements",
        ["namespace_id", "subject", "attribute"],
        unique=False,
    )
    op.create_table(
        "traces",
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("namespace_id", sa.String(length=36), nullable=False),
        sa.Column("stability", sa.Double(), nullable=False),
        sa.Column("difficulty", sa.Double(), nullable=False),
        sa.Column("last_recalled", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recalls", sa.Integer(), nullable=False),
        sa.Column("salience", sa.Double(), nullable=False),
        sa.Column("substance", sa.Double(), nullable=False),
        sa.Column("essence", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valence", sa.Double(), nullable=False),
        sa.Column("arousal", sa.Double(), nullable=False),
        sa.Column("context", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("verbatim", sa.Double(), nullable=False),
        sa.Column("episodic", sa.Double(), nullable=False),
        sa.Column("gist", sa.Double(), nullable=True),
        sa.Column("copied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gist_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("surprise", sa.Double(), nullable=False),
        sa.Column("trust", sa.Double(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("labile_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("labile_snapshot", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_traces_document_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name=op.f("fk_traces_namespace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_traces")),
    )
    op.create_index(op.f("ix_traces_namespace_id_essence"), "traces", ["namespace_id", "essence"], unique=False)
    op.create_table(
        "transitions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("namespace_id", sa.String(length=36), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_transitions_document_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name=op.f("fk_transitions_namespace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transitions")),
    )
    op.create_index(op.f("ix_transitions_document_id_id"), "transitions", ["document_id", "id"], unique=False)
    op.add_column("documents", sa.Column("reason", sa.Text(), server_default="", nullable=False))
    op.add_column("documents", sa.Column("state", sa.Text(), server_default="active", nullable=False))
    op.add_column("documents", sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("documents", sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True))
    op.add_column("documents", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("documents", sa.Column("superseded_by", sa.String(length=36), nullable=True))
    op.add_column("documents", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "INSERT INTO traces (document_id, namespace_id, stability, difficulty, last_recalled, recalls, salience,"
        " substance, essence, said_at, valence, arousal, confidence, verbatim, episodic, copied_at, surprise, trust,"
        " pinned)"
        " SELECT id, namespace_id, 2.3065, 2.118103970459015, recorded_at, 0, 0.5, 0.66, '',"
        " COALESCE(occurred_at, recorded_at), 0.5, 0.0, 0.7, 1.0, 0.8, recorded_at, 0.0, 1.0, FALSE FROM documents"
    )
    op.execute("UPDATE documents SET valid_from = COALESCE(occurred_at, recorded_at) WHERE kind = 'memory'")
    op.execute("UPDATE documents SET valid_from = occurred_at WHERE kind = 'document'")


def downgrade() -> None:
    op.drop_column("documents", "expires_at")
    op.drop_column("documents", "superseded_by")
    op.drop_column("documents", "retired_at")
    op.drop_column("documents", "valid_to")
    op.drop_column("documents", "valid_from")
    op.drop_column("documents", "state")
    op.drop_column("documents", "reason")
    op.drop_index(op.f("ix_transitions_document_id_id"), table_name="transitions")
    op.drop_table("transitions")
    op.drop_table("traces")
    op.drop_index(op.f("ix_statements_namespace_id_subject_attribute"), table_name="statements")
    op.drop_index(op.f("ix_statements_document_id"), table_name="statements")
    op.drop_table("statements")
    op.drop_index(op.f("ix_reviews_document_id_id"), table_name="reviews")
    op.drop_table("reviews")
    op.drop_index(op.f("ix_reconsolidations_document_id_id"), table_name="reconsolidations")
    op.drop_table("reconsolidations")
    op.drop_index(op.f("ix_procedures_namespace_id_document_id"), table_name="procedures")
    op.drop_table("procedures")
    op.drop_index(op.f("ix_messages_namespace_id_session_id_id"), table_name="messages")
    op.drop_index(op.f("ix_messages_document_id"), table_name="messages")
    op.drop_table("messages")
    op.drop_index(op.f("ix_edges_target"), table_name="edges")
    op.drop_index(op.f("ix_edges_source"), table_name="edges")
    op.drop_table("edges")
    op.drop_table("core_versions")
    op.drop_index(op.f("ix_working_slots_namespace_id_session_id"), table_name="working_slots")
    op.drop_table("working_slots")
    op.drop_table("sessions")
    op.drop_table("neuromodulators")
    op.drop_index(op.f("ix_links_other_id"), table_name="links")
    op.drop_table("links")
    op.drop_index(op.f("ix_judgements_namespace_id_person_at"), table_name="judgements")
    op.drop_table("judgements")
    op.drop_table("core_blocks")
