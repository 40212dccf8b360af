"""Ids that sort by the time they were made: UUID version 7 (RFC 9562), increasing within a process."""

import hashlib
import re
import secrets
import threading
from datetime import datetime
from uuid import UUID

from memory.errors import InvalidInput, NotFound, Problem

TAIL_BITS = 74  # what is left beside 48 bits of milliseconds, the version and the variant

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_lock = threading.Lock()
_last = (0, 0)  # milliseconds and tail of the newest id


def new_id(now: datetime) -> str:
    """A new id, greater than every earlier one of this process."""
    global _last  # noqa: PLW0603  # the order of ids is a property of the process
    milliseconds = int(now.timestamp() * 1000)
    with _lock:
        if milliseconds > _last[0]:
            _last = (milliseconds, secrets.randbits(TAIL_BITS - 1))
        else:  # the same millisecond, or a clock that was set back
            _last = (_last[0], _last[1] + 1 + secrets.randbits(32))
        return _uuid7(*_last)


def id_from(at: datetime, content: str) -> str:
    """The same id for the same time and content, whoever asks and however often."""
    tail = int.from_bytes(hashlib.sha256(content.encode()).digest()[:10], "big") % (1 << TAIL_BITS)
    return _uuid7(int(at.timestamp() * 1000), tail)


def is_id(text: str) -> bool:
    """Whether it has the form of an id."""
    return _ID.fullmatch(text) is not None


def known_form(id_: str) -> str:
    """The id, if it can be one of ours; some databases fail on what cannot. Raises NotFound."""
    if not _ID.fullmatch(id_):
        raise NotFound
    return id_


def cursor_id(cursor: str | None) -> str | None:
    """The id that a page ended with. Raises InvalidInput."""
    if cursor is not None and not _ID.fullmatch(cursor):
        raise InvalidInput([Problem("cursor", "is not a cursor of this list", "send next_cursor as it was received")])
    return cursor


def _uuid7(milliseconds: int, tail: int) -> str:
    high, low = tail >> 62, tail & ((1 << 62) - 1)
    return str(UUID(int=(milliseconds << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low))
