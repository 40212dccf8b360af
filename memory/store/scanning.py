"""Searches rows and files for strings that must not be there any more."""

import mmap
from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import Session

from memory.forgetting.needles import spellings
from memory.forgetting.subjects import strings_in
from memory.store import forgetting_tables, layer_tables, sleeping_tables
from memory.store.tables import Row
from memory.types import NamespaceId

BATCH = 1000
TABLES = (forgetting_tables, layer_tables, sleeping_tables)  # imported so that Row.metadata has them all
RESERVED = ("sqlite_master create table unique index primary foreign references cascade varchar datetime autoindex",)
NO_CONTENT = frozenset({"tombstones", "segments"})


def in_rows(session: Session, needles: Sequence[str], namespace: NamespaceId | None) -> dict[str, set[str]]:
    """The strings that stand in rows, by table: in those of a namespace, or of all (None)."""
    found: dict[str, set[str]] = {}
    wanted = {needle: needle.casefold() for needle in needles}
    for name, table in Row.metadata.tables.items():
        columns = [column for column in table.columns if not isinstance(column.type, LargeBinary)]
        query = select(*columns).execution_options(yield_per=BATCH)
        if namespace is not None:
            if "namespace_id" not in table.c:
                continue
            query = query.where(table.c.namespace_id == namespace)
        if name in NO_CONTENT or not wanted:
            continue
        for row in session.execute(query):
            text = "\n".join(part for value in row for part in strings_in(value)).casefold()
            for needle in [needle for needle, folded in wanted.items() if folded in text]:
                found.setdefault(name, set()).add(needle)
    return found


def in_files(files: Iterable[Path], needles: Sequence[str]) -> dict[str, set[str]]:
    """The strings that stand in files, by name of the file, in any spelling."""
    found: dict[str, set[str]] = {}
    for file in files:
        if not file.stat().st_size:
            continue
        with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
            hits = {needle for needle in needles if any(content.find(one) >= 0 for one in spellings(needle))}
        if hits:
            found[file.name] = hits
    return found


def structural(needles: Iterable[str]) -> set[str]:
    """Those that stand in the names of tables, columns and arrays, and so in every file."""
    names = [name for table in Row.metadata.tables.values() for name in (table.name, *table.c.keys())]
    written = " ".join([*names, *RESERVED]).casefold()
    return {needle for needle in needles if needle.casefold() in written}
