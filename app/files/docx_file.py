"""Word documents: paragraphs and tables in reading order, and the title."""

import io
import zipfile
from collections.abc import Iterator

from docx import Document
from docx.opc.exceptions import OpcError
from docx.table import Table

from app.files.types import DAMAGE, FileText, clean, unreadable

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_RATIO = 200  # text packs 5 to 20 times; a zip bomb thousands of times
MAX_ENTRIES = 10_000
OF_WORD: tuple[type[Exception], ...] = (OpcError, *DAMAGE)
BROKEN = ("The file cannot be read as .docx.", "Open it and save it again as .docx.")


def read(content: bytes) -> list[FileText]:
    _check_unpacked_size(content)
    try:
        document = Document(io.BytesIO(content))
        blocks = [line for block in document.iter_inner_content() for line in _lines(block)]
        title = document.core_properties.title or ""
    except OF_WORD as error:
        raise unreadable(*BROKEN) from error
    return [FileText(clean("\n\n".join(blocks)), title=clean(title))]


def _lines(block: object) -> Iterator[str]:
    """A paragraph's text, or a table's rows with their cells; merged cells are given once."""
    if not isinstance(block, Table):
        yield str(getattr(block, "text", ""))
        return
    rows = []
    for row in block.rows:
        cells = dict.fromkeys(cell.text.strip() for cell in row.cells)
        rows.append(" | ".join(cell for cell in cells if cell))
    yield "\n".join(row for row in rows if row)


def _check_unpacked_size(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except DAMAGE as error:
        raise unreadable(*BROKEN) from error
    size = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or size > MAX_UNPACKED_BYTES or size > MAX_RATIO * max(len(content), 65_536):
        raise unreadable("The file unpacks to far more than its size.", "Send its text in another form.")
