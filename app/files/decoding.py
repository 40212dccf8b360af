"""Bytes to text: byte order marks, then UTF-8, then the best guess; binary content is refused."""

import codecs

from charset_normalizer import from_bytes

from app.files.types import unreadable

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BINARY_MARKS = (
    b"%PDF-",
    b"PK\x03\x04",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"\x7fELF",
    b"\xd0\xcf\x11\xe0",
)
GUESS_BYTES = 256 * 1024  # enough to tell an encoding
REMEDY = "Save the file as UTF-8 text, or name it by what it is (for example .pdf or .docx)."


def decode(content: bytes) -> str:
    """The text of a file. Raises InvalidInput if it is not text."""
    if content.startswith(BINARY_MARKS):
        raise unreadable("The file is binary, although its name says that it is text.", REMEDY)
    for mark, encoding in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return _strict(content, encoding)
    if b"\x00" in content:
        raise unreadable("The file has NUL bytes, so it is not text.", REMEDY)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _guess(content)


def _strict(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise unreadable(f"The file says that it is {encoding} but is not (byte {error.start}).", REMEDY) from error


def _guess(content: bytes) -> str:
    match = from_bytes(content[:GUESS_BYTES]).best()
    if match is None:
        raise unreadable("The encoding of the file cannot be told.", REMEDY)
    return _strict(content, match.encoding)
