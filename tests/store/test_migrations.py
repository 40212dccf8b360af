"""Migrations and models say the same, and processes that start together do not disturb each other."""

import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, make_url, select

from memory import sleep
from memory.errors import StoreUnavailable
from memory.parts import Parts
from memory.sleeping.records import ChangeOf
from memory.store import forgetting_tables, layer_tables, sleeping_tables  # noqa: F401  # makes its tables known
from memory.store.migrate import configuration, locked, upgrade
from memory.store.sleeping_tables import NightChangeRow
from memory.store.tables import Row
from memory.types import Namespace
from tests.store.working import keep, said


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


def test_changes_of_nights_that_are_there_name_what_stands_in_after_the_migration(
    database_url: str, parts: Parts, namespace: Namespace, now: datetime
) -> None:
    for number, text in enumerate(
        ["The ferry to Ostend leaves at six.", "The ferry to Ostend leaves at six, as always."]
    ):
        keep(parts, namespace, now + timedelta(hours=number), said(text))
    sleep.sleep_through(parts, namespace, now=now + timedelta(days=1), actor="test")
    query = select(NightChangeRow.number, NightChangeRow.of, NightChangeRow.other_id).order_by(NightChangeRow.number)
    before = parts.database.read(lambda session: session.execute(query).all())
    assert [row for row in before if row.of == ChangeOf.PLACE and row.other_id]
    with locked(make_url(database_url)) as connection:
        command.downgrade(configuration(connection), "0007")
    assert not any(row.other_id for row in parts.database.read(lambda session: session.execute(query).all()))
    upgrade(database_url)
    assert parts.database.read(lambda session: session.execute(query).all()) == before


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
