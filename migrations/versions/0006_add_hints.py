"""Create the table of hints."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('hints',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('namespace_id', sa.String(length=36), nullable=False),
    sa.Column('source_id', sa.String(length=36), nullable=False),
    sa.Column('target_id', sa.String(length=36), nullable=False),
    sa.Column('score', sa.Double(), nullable=False),
    sa.Column('path', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('dismissed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['namespace_id'], ['namespaces.id'], name=op.f('fk_hints_namespace_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['source_id'], ['documents.id'], name=op.f('fk_hints_source_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['target_id'], ['documents.id'], name=op.f('fk_hints_target_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hints'))
    )
    op.create_index(op.f('ix_hints_namespace_id_id'), 'hints', ['namespace_id', 'id'], unique=False)
    op.create_index(op.f('ix_hints_source_id'), 'hints', ['source_id'], unique=False)
    op.create_index(op.f('ix_hints_target_id'), 'hints', ['target_id'], unique=False)
    if op.get_bind().dialect.name == "postgresql":  # samples of names would be out of reach of an erasure
        op.execute("ALTER TABLE hints ALTER COLUMN why SET STATISTICS 0")


def downgrade() -> None:
    op.drop_index(op.f('ix_hints_target_id'), table_name='hints')
    op.drop_index(op.f('ix_hints_source_id'), table_name='hints')
    op.drop_index(op.f('ix_hints_namespace_id_id'), table_name='hints')
    op.drop_table('hints')
