"""Let changes of nights name what stands in for an item where an index finds it."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    stand_in = """"after" ->> 'stands_in'""" if is_postgresql else """json_extract("after", '$.stands_in')"""
    op.execute(f"""UPDATE night_changes SET other_id = {stand_in} WHERE "of" = 'place' AND {stand_in} IS NOT NULL""")


def downgrade() -> None:
    op.execute("""UPDATE night_changes SET other_id = '' WHERE "of" = 'place'""")
