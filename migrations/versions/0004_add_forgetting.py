"""Create the tables of forgetting and erasure; keep texts out of the statistics of PostgreSQL."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# PostgreSQL copies samples of columns into pg_statistic, where no erasure reaches them. Nothing is searched by these.
TEXTS = (
    ("documents", ("text", "title", "source", "error")),
    ("passages", ("text",)),
    ("statements", ("value", "text")),
    ("transitions", ("why",)),
    ("messages", ("text",)),
    ("sessions", ("gist",)),
    ("working_slots", ("content",)),
    ("core_blocks", ("text",)),
    ("core_versions", ("text",)),
)


def upgrade() -> None:
    op.create_table('erasures',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('namespace_id', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('subject_sha256', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('counts', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('proof', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('scrubbed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['namespace_id'], ['namespaces.id'], name=op.f('fk_erasures_namespace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasures'))
    )
    op.create_index(op.f('ix_erasures_namespace_id_id'), 'erasures', ['namespace_id', 'id'], unique=False)
    op.create_table('forgettings',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('namespace_id', sa.String(length=36), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('archived', sa.Integer(), nullable=False),
    sa.Column('purged', sa.Integer(), nullable=False),
    sa.Column('skipped', sa.Integer(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['namespace_id'], ['namespaces.id'], name=op.f('fk_forgettings_namespace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_forgettings'))
    )
    op.create_index(op.f('ix_forgettings_namespace_id_id'), 'forgettings', ['namespace_id', 'id'], unique=False)
    op.create_table('holds',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('namespace_id', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['namespace_id'], ['namespaces.id'], name=op.f('fk_holds_namespace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_holds')),
    sa.UniqueConstraint('namespace_id', 'kind', 'subject', name=op.f('uq_holds_namespace_id_kind_subject'))
    )
    op.create_table('forgotten',
    sa.Column('forgetting_id', sa.String(length=36), nullable=False),
    sa.Column('document_id', sa.String(length=36), nullable=False),
    sa.Column('namespace_id', sa.String(length=36), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('rule', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_forgotten_document_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['forgetting_id'], ['forgettings.id'], name=op.f('fk_forgotten_forgetting_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['namespace_id'], ['namespaces.id'], name=op.f('fk_forgotten_namespace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('forgetting_id', 'document_id', name=op.f('pk_forgotten'))
    )
    op.create_index(op.f('ix_forgotten_document_id'), 'forgotten', ['document_id'], unique=False)
    op.create_table('tombstones',
    sa.Column('namespace_id', sa.String(length=36), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('erasure_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['erasure_id'], ['erasures.id'], name=op.f('fk_tombstones_erasure_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['namespace_id'], ['namespaces.id'], name=op.f('fk_tombstones_namespace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('namespace_id', 'sha256', name=op.f('pk_tombstones'))
    )
    op.create_index(op.f('ix_tombstones_erasure_id'), 'tombstones', ['erasure_id'], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        _set_statistics(0)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _set_statistics(-1)
    op.drop_index(op.f('ix_tombstones_erasure_id'), table_name='tombstones')
    op.drop_table('tombstones')
    op.drop_index(op.f('ix_forgotten_document_id'), table_name='forgotten')
    op.drop_table('forgotten')
    op.drop_table('holds')
    op.drop_index(op.f('ix_forgettings_namespace_id_id'), table_name='forgettings')
    op.drop_table('forgettings')
    op.drop_index(op.f('ix_erasures_namespace_id_id'), table_name='erasures')
    op.drop_table('erasures')


def _set_statistics(target: int) -> None:
    for table, columns in TEXTS:
        for column in columns:
            op.execute(f'ALTER TABLE {table} ALTER COLUMN "{column}" SET STATISTICS {target}')
