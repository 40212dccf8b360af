"""Tells SQLite's planner how the tables look when they are large, so that no query by id walks through a namespace.

Without statistics SQLite takes every equality for equally selective, and then finds ten passages by their ids by
reading the index of all passages of their namespace. Statistics from ANALYZE would be those of the day it ran; these
are fixed (https://www.sqlite.org/lang_analyze.html#fixedplans), so that plans never change behind our back.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

ROWS = 1_000_000  # of a large table
A_NAMESPACE = 100_000  # rows of one namespace, or of one state
A_VALUE = 10  # rows with one value of any other column
WIDE = frozenset({"namespace_id", "tenant_id", "kind", "status", "layer", "model"})  # columns that narrow little down


def fix(connection: Connection) -> None:
    """Writes the statistics of every index that there is, unless they are there."""
    wanted = _wanted(connection)
    if not wanted or wanted == _there(connection):
        return
    connection.exec_driver_sql("ANALYZE sqlite_schema")  # makes the table of statistics, and reads nothing else
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    rows = [(table, index, text) for (table, index), text in wanted.items()]
    connection.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", rows)


def _wanted(connection: Connection) -> dict[tuple[str, str], str]:
    indexes = connection.exec_driver_sql(
        "SELECT m.name, i.name, i.\"unique\" FROM sqlite_schema m, pragma_index_list(m.name) i WHERE m.type = 'table'"
    ).all()
    wanted = {}
    for table, index, is_unique in indexes:
        columns = connection.exec_driver_sql("SELECT name FROM pragma_index_info(?) ORDER BY seqno", (index,)).scalars()
        wanted[table, index] = _statistics(columns.all(), bool(is_unique))
    return wanted


def _there(connection: Connection) -> dict[tuple[str, str], str]:
    if not connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'").scalar():
        return {}
    rows = connection.exec_driver_sql("SELECT tbl, idx, stat FROM sqlite_stat1").all()
    return {(table, index): text for table, index, text in rows}


def _statistics(columns: Sequence[str], is_unique: bool) -> str:
    """How many rows there are, and how many have the same first column, the same first two, and so on."""
    counts = []
    for place in range(len(columns)):
        is_narrow = any(column not in WIDE for column in columns[: place + 1])
        counts.append(A_VALUE if is_narrow else A_NAMESPACE)
    if is_unique:
        counts[-1] = 1
    return " ".join(map(str, [ROWS, *counts]))
