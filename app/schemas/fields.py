"""Types of fields that several bodies share."""

import json
import math
import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StringConstraints

MAX_DOCUMENT_CHARACTERS = 5_000_000
MAX_MEMORY_CHARACTERS = 50_000
MAX_QUERY_CHARACTERS = 8_000
MAX_METADATA_BYTES = 65_536
MAX_METADATA_DEPTH = 8
MAX_BATCH = 1_000


_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Body(BaseModel):
    """What is sent in: unknown fields are refused, so that a misspelt one is never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """What is sent out."""

    model_config = ConfigDict(frozen=True)


def _sound(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain NUL characters (\\u0000)")
    if _LONE_SURROGATE.search(text):
        raise ValueError("must be valid Unicode: no lone surrogates (\\ud800 to \\udfff)")
    return text


def not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must have some text that is not blank")
    return _sound(text)


def _in_utc(time: datetime) -> datetime:
    """A time without a zone is read as UTC."""
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must lie between the years 1 and 9999 in UTC") from error


def _sound_metadata(metadata: dict[str, JsonValue]) -> dict[str, JsonValue]:
    check_json(metadata, MAX_METADATA_DEPTH)
    size = len(json.dumps(metadata, ensure_ascii=False).encode("utf-8", "replace"))
    if size > MAX_METADATA_BYTES:
        raise ValueError(f"is {size} bytes as JSON; {MAX_METADATA_BYTES} are the limit")
    return metadata


def check_json(value: JsonValue, depth: int) -> None:
    """Raises ValueError for what a database cannot keep: NUL, lone surrogates, NaN, or too deep nesting."""
    if depth < 0:
        raise ValueError("is nested too deeply")
    if isinstance(value, str):
        _sound(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must not contain NaN or Infinity")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _sound(key)
            check_json(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            check_json(inner, depth - 1)


DocumentText = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_DOCUMENT_CHARACTERS), AfterValidator(not_blank)
]
MemoryText = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_MEMORY_CHARACTERS), AfterValidator(not_blank)
]
QueryText = Annotated[str, StringConstraints(min_length=1, max_length=MAX_QUERY_CHARACTERS), AfterValidator(not_blank)]
Title = Annotated[str, StringConstraints(max_length=500), AfterValidator(_sound)]
Source = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(_sound)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(not_blank)]
NamespaceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Instant = Annotated[datetime, AfterValidator(_in_utc)]
Metadata = Annotated[dict[str, JsonValue], AfterValidator(_sound_metadata)]

OccurredAt = Annotated[
    Instant | None,
    Field(description="When it happened (RFC 3339; without a zone: UTC).", examples=["2026-03-01T09:30:00Z"]),
]
ExternalId = Annotated[
    Name | None, Field(description="Your own id; unique in the namespace for each kind.", examples=["note-17"])
]
MetadataField = Annotated[
    Metadata,
    Field(
        default_factory=dict,
        description="Any JSON object; `filters` can ask for its keys.",
        examples=[{"project": "heron"}],
    ),
]
