"""What callers may hand in (texts, chat messages, files, times), in the shape that the service takes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import BinaryIO, cast

Json = Mapping[str, object]
Moment = datetime | str  # a datetime without a zone, and text without one, is UTC
Item = str | Json
File = str | os.PathLike[str] | BinaryIO | tuple[str, bytes]


@dataclass(frozen=True)
class Upload:
    """A file as it is sent: read once, so that a retry sends the same bytes."""

    name: str
    content: bytes = field(repr=False)


def in_utc(moment: Moment) -> str:
    """RFC 3339; a datetime without a zone is taken as UTC, as the service does with text."""
    if isinstance(moment, str):
        return moment
    aware = moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment
    return aware.isoformat()


def encode(body: Json) -> bytes:
    """JSON as the service reads it. Raises ValueError (NaN, a circular value) and TypeError (what JSON cannot hold)."""
    return json.dumps(body, default=_spelled, allow_nan=False).encode("ascii")


def _spelled(value: object) -> object:
    if isinstance(value, datetime):
        return in_utc(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes | bytearray):
        return list(value)
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON; convert it to text, a number, a list or a dict")


def given(**fields: object) -> Json:
    """The fields that are not None: what is left out is up to the service."""
    return {name: value for name, value in fields.items() if value is not None}


def memories_of(what: Item | Iterable[Item], shared: Json) -> list[Json]:
    """One memory for each text or message. `shared` holds for every item that does not say otherwise."""
    items = [what] if isinstance(what, str | Mapping) else list(what)
    found = [_memory(item) for item in items]
    kept: list[Json] = [{**shared, **memory} for memory in found if memory.get("text") is not None]
    if not kept:
        raise ValueError("There is nothing to add: give a text, a message, or a list of them.")
    if "external_id" in shared and len(kept) > 1:
        raise ValueError("external_id names one item; give each item its own.")
    return kept


def messages_of(what: Item | Iterable[Item], shared: Json) -> list[Json]:
    """One message for each text or mapping; the role of chat APIs stays a role."""
    items = [what] if isinstance(what, str | Mapping) else list(what)
    kept: list[Json] = [{**shared, **one} for one in map(_message, items) if one.get("text") is not None]
    if not kept:
        raise ValueError("There is nothing to say: give a text, a message, or a list of them.")
    return kept


def _message(item: Item) -> Json:
    if isinstance(item, str):
        return {"text": item}
    if "content" not in item:
        return item
    rest = {name: value for name, value in item.items() if name not in {"name", "content", "tool_calls"}}
    return {**given(speaker=item.get("name"), text=_content(item.get("content"))), **rest}


def documents_of(documents: Iterable[Item]) -> list[Json]:
    """A text alone is a document too."""
    found: list[Json] = [{"text": one} if isinstance(one, str) else one for one in documents]
    if not found:
        raise ValueError("There is nothing to add: give at least one document.")
    return found


def _memory(item: Item) -> Json:
    """A message in the form of chat APIs (role, content) is understood; anything else goes as it is."""
    if isinstance(item, str):
        return {"text": item}
    if "content" not in item and "role" not in item:
        return item
    rest = {name: value for name, value in item.items() if name not in {"role", "name", "content", "tool_calls"}}
    speaker = item.get("name") or item.get("role")
    return {**given(speaker=speaker, text=_content(item.get("content"))), **rest}


def _content(content: object) -> str | None:
    """The text of a message's content: a string, or parts of which some are text. None if it has none (tool calls)."""
    if content is None or isinstance(content, str):
        return content or None
    if not isinstance(content, Sequence):
        raise TypeError("The content of a message is text or a list of parts.")
    texts = [part["text"] for part in content if isinstance(part, Mapping) and isinstance(part.get("text"), str)]
    return "\n".join(texts) or None


def uploads_of(files: File | Sequence[File]) -> tuple[Upload, ...]:
    """Reads the files. Raises OSError."""
    several = [cast(File, files)] if _is_one(files) else cast(Sequence[File], files)
    if not several:
        raise ValueError("There is nothing to upload: give at least one file.")
    return tuple(_upload(one) for one in several)


def _is_one(files: File | Sequence[File]) -> bool:
    if isinstance(files, tuple):
        return len(files) == 2 and isinstance(files[0], str) and isinstance(files[1], bytes)
    return isinstance(files, str | os.PathLike) or hasattr(files, "read")


def _upload(file: File) -> Upload:
    if isinstance(file, tuple):
        return Upload(*file)
    if isinstance(file, str | os.PathLike):
        return Upload(Path(file).name, Path(file).read_bytes())
    content: object = file.read()
    if not isinstance(content, bytes):
        raise TypeError("Open the file in binary mode: open(path, 'rb').")
    return Upload(Path(str(getattr(file, "name", "file"))).name, content)


def time_range(since: Moment | None, until: Moment | None) -> Json | None:
    """From `since` (inclusive) to `until` (exclusive); None if neither is given."""
    return given(**{"from": since, "to": until}) or None
