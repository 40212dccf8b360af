"""Types of fields that several bodies share."""

import math
import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from memory.parts import Limits

LIMITS = Limits()  # memory/validation.py has the rules; here they are only described

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Body(BaseModel):
    """What is sent in: unknown fields are refused, so that a misspelt one is never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """What is sent out."""

    model_config = ConfigDict(frozen=True)


def sound(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain NUL characters (\\u0000)")
    if _LONE_SURROGATE.search(text):
        raise ValueError("must be valid Unicode: no lone surrogates (\\ud800 to \\udfff)")
    return text


def _in_utc(time: datetime) -> datetime:
    """A time without a zone is read as UTC."""
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must lie between the years 1 and 9999 in UTC") from error


def check_json(value: JsonValue, depth: int) -> None:
    """Raises ValueError for what a database cannot keep: NUL, lone surrogates, NaN, or too deep nesting."""
    if depth < 0:
        raise ValueError("is nested too deeply")
    if isinstance(value, str):
        sound(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must not contain NaN or Infinity")
    elif isinstance(value, dict):
        for key, inner in value.items():
            sound(key)
            check_json(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            check_json(inner, depth - 1)


DocumentText = Annotated[str, StringConstraints(min_length=1, max_length=LIMITS.document_bytes)]
MemoryText = Annotated[str, StringConstraints(min_length=1, max_length=LIMITS.memory_bytes)]
QueryText = Annotated[str, StringConstraints(min_length=1, max_length=LIMITS.question)]
Title = Annotated[str, StringConstraints(max_length=LIMITS.title)]
Source = Annotated[str, StringConstraints(max_length=LIMITS.source)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=LIMITS.name), AfterValidator(sound)]
NamespaceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Instant = Annotated[datetime, AfterValidator(_in_utc)]

OccurredAt = Annotated[
    Instant | None,
    Field(description="When it happened (RFC 3339; without a zone: UTC).", examples=["2026-03-01T09:30:00Z"]),
]
ExternalId = Annotated[
    Name | None, Field(description="Your own id; unique in the namespace for each kind.", examples=["note-17"])
]
Metadata = dict[str, JsonValue]
MetadataField = Annotated[
    Metadata,
    Field(
        default_factory=dict,
        description="Any JSON object; `filters` can ask for its keys.",
        examples=[{"project": "heron"}],
    ),
]
