"""Reads uploaded files into plain text: one reader a format."""

from collections.abc import Callable, Mapping
from pathlib import PurePath
from types import MappingProxyType

from app.errors import UnsupportedMedia
from app.files import csv_file, docx_file, html_file, json_file, mail_file, pdf_file, plain
from app.files.types import FileText, unreadable

Reader = Callable[[bytes], list[FileText]]

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        ".txt": plain.read_text,
        ".text": plain.read_text,
        ".log": plain.read_text,
        ".md": plain.read_markdown,
        ".markdown": plain.read_markdown,
        ".html": html_file.read,
        ".htm": html_file.read,
        ".pdf": pdf_file.read,
        ".docx": docx_file.read,
        ".eml": mail_file.read,
        ".csv": csv_file.read,
        ".json": json_file.read,
        ".jsonl": json_file.read_lines,
        ".ndjson": json_file.read_lines,
    }
)


def read_file(name: str, content: bytes) -> list[FileText]:
    """The documents in a file, each with some text. Raises UnsupportedMedia or InvalidInput."""
    extension = PurePath(name).suffix.lower()
    reader = READERS.get(extension)
    if reader is None:
        known = " ".join(sorted(READERS))
        raise UnsupportedMedia(f"{name or 'The file'} is of a kind that is not read here; these are: {known}.")
    if not content:
        raise unreadable("The file is empty.", "Send a file with some text in it.")
    texts = [text for text in reader(content) if text.text.strip()]
    if not texts:
        raise unreadable("There is no text in the file.", "Send a file with some text in it.")
    return texts
