"""Create the table of merges of names."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MERGED, APART = sa.text("status = 'merged'"), sa.text("status = 'apart'")


def upgrade() -> None:
    op.create_table('merges',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('namespace_id', sa.String(length=36), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('into_name', sa.Text(), nullable=False),
    sa.Column('display', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['namespace_id'], ['namespaces.id'], name=op.f('fk_merges_namespace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merges'))
    )
    op.create_index(op.f('ix_merges_namespace_id_id'), 'merges', ['namespace_id', 'id'], unique=False)
    op.create_index('uq_merges_merged', 'merges', ['namespace_id', 'name'], unique=True, sqlite_where=MERGED, postgresql_where=MERGED)
    op.create_index('uq_merges_apart', 'merges', ['namespace_id', 'name', 'into_name'], unique=True, sqlite_where=APART, postgresql_where=APART)
    if op.get_bind().dialect.name == "postgresql":  # samples of names would be out of reach of an erasure
        for column in ("name", "into_name", "display"):
            op.execute(f"ALTER TABLE merges ALTER COLUMN {column} SET STATISTICS 0")


def downgrade() -> None:
    op.drop_index('uq_merges_apart', table_name='merges')
    op.drop_index('uq_merges_merged', table_name='merges')
    op.drop_index(op.f('ix_merges_namespace_id_id'), table_name='merges')
    op.drop_table('merges')
