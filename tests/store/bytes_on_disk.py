"""Everything that is stored, as bytes: to look for what must not be there any more."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg
from sqlalchemy import make_url

Stored = list[tuple[str, bytes]]  # where, and what


def all_bytes(database_url: str, folder: Path) -> Stored:
    """The files of SQLite, or rows and heap files of PostgreSQL; and all segments."""
    return [*_files(folder), *_postgres(database_url)]


def where(words: Iterable[str], stored: Stored) -> set[tuple[str, str]]:
    """Which words stand where, as they are and in lower case."""
    spelled = {(word, form.encode()) for word in words for form in (word, word.casefold())}
    return {(word, name) for name, content in stored for word, form in spelled if form in content}


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for file in folder.rglob("*"):
        if file.is_file():
            yield file.name, file.read_bytes()


def _postgres(database_url: str) -> Iterator[tuple[str, bytes]]:
    """Rows too: what is long is compressed in the heap."""
    if make_url(database_url).get_backend_name() == "sqlite":
        return
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SHOW data_directory").fetchone()
        oid = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            for content in connection.execute(f"SELECT t::text FROM {table} t".encode()):
                yield str(table), str(content[0]).encode()
    assert row is not None
    assert oid is not None
    heap = Path(row[0]) / "base" / str(oid[0])
    assert heap.is_dir()
    for file in heap.iterdir():
        yield f"heap {file.name}", file.read_bytes()
