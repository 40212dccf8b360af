"""Plain text and Markdown."""

import re

from app.files.decoding import decode
from app.files.types import FileText, clean

_HEADING = re.compile(r"\A\s*#\s+(.+?)\s*#*\s*$", re.MULTILINE)


def read_text(content: bytes) -> list[FileText]:
    return [FileText(clean(decode(content)))]


def read_markdown(content: bytes) -> list[FileText]:
    """The title is the first line, if that is a heading of the first level."""
    text = clean(decode(content))
    heading = _HEADING.match(text)
    return [FileText(text, "markdown", heading.group(1) if heading else "")]
