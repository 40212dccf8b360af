"""Runs migrations on the connection that memory/store/migrate.py gives, or on `-x url=...` from the command line."""

from alembic import context
from sqlalchemy import Connection, create_engine, make_url

from memory.store import forgetting_tables, layer_tables, sleeping_tables  # noqa: F401  # makes its tables known
from memory.store.tables import Row


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Row.metadata, transactional_ddl=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    url = make_url(context.get_x_argument(as_dictionary=True)["url"])
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    with create_engine(url).begin() as connection:
        migrate(connection)
