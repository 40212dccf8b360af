"""Create the table of what an LLM distils for a night."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('distillations',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('namespace_id', sa.String(length=36), nullable=False),
    sa.Column('night_id', sa.String(length=36), nullable=False),
    sa.Column('sources', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('statements', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('supported', sa.Integer(), nullable=False),
    sa.Column('dropped', sa.Integer(), nullable=False),
    sa.Column('requests', sa.Integer(), nullable=False),
    sa.Column('tokens', sa.Integer(), nullable=False),
    sa.Column('milliseconds', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['namespace_id'], ['namespaces.id'], name=op.f('fk_distillations_namespace_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['night_id'], ['nights.id'], name=op.f('fk_distillations_night_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_distillations'))
    )
    op.create_index(op.f('ix_distillations_namespace_id_night_id'), 'distillations', ['namespace_id', 'night_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_distillations_namespace_id_night_id'), table_name='distillations')
    op.drop_table('distillations')
