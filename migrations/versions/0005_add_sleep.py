"""Create the tables of sleep, and let traces say when they were replayed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('nights',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('namespace_id', sa.String(length=36), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('trigger', sa.Text(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('stages', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['namespace_id'], ['namespaces.id'], name=op.f('fk_nights_namespace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_nights')),
    sa.UniqueConstraint('namespace_id', 'number', name=op.f('uq_nights_namespace_id_number'))
    )
    op.create_table('derivations',
    sa.Column('derived_id', sa.String(length=36), nullable=False),
    sa.Column('source_id', sa.String(length=36), nullable=False),
    sa.Column('ordinal', sa.Integer(), nullable=False),
    sa.Column('namespace_id', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('start', sa.Integer(), nullable=True),
    sa.Column('end', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['derived_id'], ['documents.id'], name=op.f('fk_derivations_derived_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['namespace_id'], ['namespaces.id'], name=op.f('fk_derivations_namespace_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['source_id'], ['documents.id'], name=op.f('fk_derivations_source_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('derived_id', 'source_id', 'ordinal', name=op.f('pk_derivations'))
    )
    op.create_index(op.f('ix_derivations_source_id'), 'derivations', ['source_id'], unique=False)
    op.create_table('night_changes',
    sa.Column('night_id', sa.String(length=36), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('namespace_id', sa.String(length=36), nullable=False),
    sa.Column('stage', sa.Text(), nullable=False),
    sa.Column('of', sa.Text(), nullable=False),
    sa.Column('document_id', sa.String(length=36), nullable=False),
    sa.Column('other_id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('before', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('after', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['namespace_id'], ['namespaces.id'], name=op.f('fk_night_changes_namespace_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['night_id'], ['nights.id'], name=op.f('fk_night_changes_night_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('night_id', 'number', name=op.f('pk_night_changes'))
    )
    op.create_index(op.f('ix_night_changes_document_id'), 'night_changes', ['document_id'], unique=False)
    op.create_index(op.f('ix_night_changes_other_id'), 'night_changes', ['other_id'], unique=False)
    op.create_table('probes',
    sa.Column('night_id', sa.String(length=36), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('namespace_id', sa.String(length=36), nullable=False),
    sa.Column('document_id', sa.String(length=36), nullable=False),
    sa.Column('question', sa.Text(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_probes_document_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['namespace_id'], ['namespaces.id'], name=op.f('fk_probes_namespace_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['night_id'], ['nights.id'], name=op.f('fk_probes_night_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('night_id', 'number', name=op.f('pk_probes'))
    )
    op.create_index(op.f('ix_probes_document_id'), 'probes', ['document_id'], unique=False)
    op.add_column('traces', sa.Column('replayed_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('traces', sa.Column('replays', sa.Integer(), server_default='0', nullable=False))
    if op.get_bind().dialect.name == "postgresql":  # samples of texts would be out of reach of an erasure
        op.execute("ALTER TABLE probes ALTER COLUMN question SET STATISTICS 0")


def downgrade() -> None:
    op.drop_column('traces', 'replays')
    op.drop_column('traces', 'replayed_at')
    op.drop_index(op.f('ix_probes_document_id'), table_name='probes')
    op.drop_table('probes')
    op.drop_index(op.f('ix_night_changes_other_id'), table_name='night_changes')
    op.drop_index(op.f('ix_night_changes_document_id'), table_name='night_changes')
    op.drop_table('night_changes')
    op.drop_index(op.f('ix_derivations_source_id'), table_name='derivations')
    op.drop_table('derivations')
    op.drop_table('nights')
