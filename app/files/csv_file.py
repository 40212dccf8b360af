"""CSV: each row as lines of `column: value`, rows apart by a blank line."""

import csv
import io

from app.files.decoding import decode
from app.files.types import FileText, clean, unreadable

DELIMITERS = ",;\t|"
SAMPLE_CHARACTERS = 16_384
REMEDY = "Send a header row, then one record a row, each with the same columns."


def read(content: bytes) -> list[FileText]:
    text = decode(content)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), _dialect(text), strict=True))
    except csv.Error as error:
        raise unreadable(f"The file cannot be read as CSV: {error}.", REMEDY) from error
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        return []
    header, *records = rows
    blocks = [_block(header, record, number) for number, record in enumerate(records, start=2)]
    return [FileText(clean("\n\n".join(blocks) if records else ", ".join(header)))]


def _dialect(text: str) -> type[csv.Dialect]:
    """Quoted by double quotes; the delimiter is the one that the header uses most."""
    header = text[:SAMPLE_CHARACTERS].lstrip().split("\n", 1)[0]

    class Found(csv.excel):
        delimiter = max(DELIMITERS, key=header.count)

    return Found


def _block(header: list[str], record: list[str], number: int) -> str:
    if len(record) > len(header):
        message = f"Row {number} has {len(record)} columns, the header {len(header)}."
        raise unreadable(message, REMEDY)
    pairs = zip(header, record, strict=False)  # a short row leaves its last columns empty
    return "\n".join(f"{name.strip()}: {' '.join(value.split())}" for name, value in pairs if value.strip())
