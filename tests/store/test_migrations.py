"""Migrations and models say the same, and processes that start together do not disturb each other."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, make_url

from memory.errors import StoreUnavailable
from memory.store import forgetting_tables, layer_tables, sleeping_tables  # noqa: F401  # makes its tables known
from memory.store.migrate import configuration, locked, upgrade
from memory.store.tables import Row


def test_the_migrations_make_what_the_models_describe(database_url: str) -> None:
    with locked(make_url(database_url)) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Row.metadata) == []


def test_migrating_again_changes_nothing(database_url: str) -> None:
    upgrade(database_url)
    upgrade(database_url)


def test_the_first_migration_can_be_taken_back(database_url: str) -> None:
    with locked(make_url(database_url)) as connection:
        command.downgrade(configuration(connection), "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    upgrade(database_url)
    with locked(make_url(database_url)) as connection:
        assert "passages" in inspect(connection).get_table_names()


def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'zengram.db'}"
    program = "import sys; from memory.store.migrate import upgrade; upgrade(sys.argv[1])"
    root = Path(__file__).parents[2]
    running = [subprocess.Popen([sys.executable, "-c", program, url], cwd=root) for _ in range(3)]
    assert [process.wait(120) for process in running] == [0, 0, 0]


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises((StoreUnavailable, OSError)):
        upgrade(f"sqlite:///{tmp_path / 'file' / 'zengram.db'}")
