"""What a reader gives back, and how it says that it cannot read."""

import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime

from memory.errors import InvalidInput, Problem

# What libraries that parse formats let through on damaged files, besides errors of their own.
DAMAGE: tuple[type[Exception], ...] = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,  # also RecursionError, NotImplementedError and what zipfile raises for a password
    SyntaxError,  # lxml's parse errors are of this kind
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\n\s*\n\s*\n+")


@dataclass(frozen=True, slots=True)
class FileText:
    """The text of a document and what the file says about it."""

    text: str
    format: str = "text"  # text, markdown or json: how it is split
    title: str = ""
    source: str = ""
    occurred_at: datetime | None = None


def unreadable(message: str, remedy: str) -> InvalidInput:
    """The error of a file that cannot be read."""
    return InvalidInput([Problem("file", message, remedy)])


def clean(text: str) -> str:
    """Without control characters and runs of blank lines, which extraction leaves behind."""
    return _BLANK_LINES.sub("\n\n", _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()
