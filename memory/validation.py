"""What may be remembered: every problem of an input is found, with its field and what to do about it. Pure."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from memory.errors import InvalidInput, Problem
from memory.layers.routing import problem_of_layer
from memory.parts import Limits
from memory.types import Draft, JsonValue, Kind, Metadata

LARGEST_INTEGER = 2**63
FORMATS = ("text", "markdown", "json")

_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class _Field:
    """A field's path, and where its problems are collected."""

    path: str
    problems: list[Problem]

    def refuse(self, message: str, remedy: str) -> None:
        self.problems.append(Problem(self.path, message, remedy))

    def inner(self, name: str) -> "_Field":
        return _Field(f"{self.path}.{name}" if self.path else name, self.problems)


def accept(drafts: Sequence[Draft], limits: Limits) -> list[Draft]:
    """The drafts with their texts made clean. Raises InvalidInput with every problem of all of them."""
    problems: list[Problem] = []
    if not drafts:
        problems.append(Problem("documents", "is empty", "send at least one"))
    if len(drafts) > limits.drafts:
        problems.append(Problem("documents", f"has more than {limits.drafts} items", "send several requests"))
        raise InvalidInput(problems)
    accepted = [
        _accept_one(draft, limits, _Field(_place(draft, number, len(drafts)), problems))
        for number, draft in enumerate(drafts)
    ]
    if problems:
        raise InvalidInput(problems)
    return accepted


def accept_question(question: str, limits: Limits, field: str = "query") -> str:
    """Raises InvalidInput."""
    problems: list[Problem] = []
    clean = _text(question, _Field(field, problems), limits.question)
    if problems:
        raise InvalidInput(problems)
    return clean


def _place(draft: Draft, number: int, count: int) -> str:
    plural = "memories" if draft.kind is Kind.MEMORY else "documents"
    return f"{plural}[{number}]" if count > 1 else ""


def _accept_one(draft: Draft, limits: Limits, field: _Field) -> Draft:
    most = limits.memory_bytes if draft.kind is Kind.MEMORY else limits.document_bytes
    if draft.format not in FORMATS:
        field.inner("format").refuse(f"`{draft.format}` is unknown", f"use one of {', '.join(FORMATS)}")
    if draft.occurred_at is not None and draft.occurred_at.tzinfo is None:
        field.inner("occurred_at").refuse("has no time zone", "add one, for example Z")
    if draft.expires_at is not None and draft.expires_at.tzinfo is None:
        field.inner("expires_at").refuse("has no time zone", "add one, for example Z")
    wrong_layer = problem_of_layer(draft.layer, field.inner("layer").path)
    if wrong_layer is not None:
        field.problems.append(wrong_layer)
    _check_metadata(draft.metadata, limits, field.inner("metadata"))
    return replace(
        draft,
        text=_text(draft.text, field.inner("text"), most),
        title=_line(draft.title, field.inner("title"), limits.title),
        source=_line(draft.source, field.inner("source"), limits.source),
        external_id=_name(draft.external_id, field.inner("external_id"), limits.name),
        speaker=_name(draft.speaker, field.inner("speaker"), limits.name),
        session_id=_name(draft.session_id, field.inner("session_id"), limits.name),
    )


def _text(text: str, field: _Field, most: int) -> str:
    clean = _clean(text, field)
    if not clean.strip():
        field.refuse("is empty", "send some text")
    size = len(clean.encode("utf-8", "surrogatepass"))
    if size > most:
        field.refuse(f"has {size} bytes; {most} are the limit", "split it and send the parts")
    return clean


def _line(text: str, field: _Field, most: int) -> str:
    clean = " ".join(_clean(text, field).split())
    if len(clean) > most:
        field.refuse(f"has {len(clean)} characters; {most} are the limit", "shorten it")
    return clean


def _name(name: str | None, field: _Field, most: int) -> str | None:
    if name is None:
        return None
    clean = _line(name, field, most)
    if not clean:
        field.refuse("is empty", "leave it out, or give it a value")
    return clean


def _clean(text: str, field: _Field) -> str:
    """Line ends as `\\n`, and no control characters but that and tabs, which carry no meaning in any text."""
    if "\x00" in text:
        field.refuse("has a NUL character", "remove it; binary files go to the upload route")
    if _SURROGATE.search(text):
        field.refuse("is not valid Unicode (a lone surrogate)", "encode the text as valid UTF-8")
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _check_metadata(metadata: Metadata, limits: Limits, field: _Field) -> None:
    before = len(field.problems)
    for problem in _metadata_problems(metadata, limits, field.path, limits.metadata_depth):
        field.problems.append(problem)
        if len(field.problems) - before > 20:
            return  # enough to see what is wrong
    if len(field.problems) == before:
        size = len(json.dumps(metadata, ensure_ascii=False).encode())
        if size > limits.metadata_bytes:
            field.refuse(f"has {size} bytes as JSON; {limits.metadata_bytes} are the limit", "move text into `text`")


def _metadata_problems(value: JsonValue, limits: Limits, path: str, depth: int) -> Iterator[Problem]:
    if depth < 0:
        yield Problem(path, f"is nested more than {limits.metadata_depth} deep", "flatten it")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            wrong = _problem_of_key(key, limits, path)
            if wrong is not None:
                yield wrong
            else:
                yield from _metadata_problems(inner, limits, f"{path}.{key}", depth - 1)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, element in enumerate(value):
            yield from _metadata_problems(element, limits, f"{path}[{number}]", depth - 1)
    elif isinstance(value, str) and _unsound(value):
        yield Problem(path, "has NUL or invalid Unicode", "remove these characters")
    elif isinstance(value, float) and not math.isfinite(value):
        yield Problem(path, "is not a finite number", "send it as text, or leave it out")
    elif isinstance(value, int) and abs(value) >= LARGEST_INTEGER:
        yield Problem(path, "is a whole number of more than 64 bits", "send it as text")


def _problem_of_key(key: str, limits: Limits, path: str) -> Problem | None:
    if not key or len(key) > limits.metadata_key:
        return Problem(path, f"has a key of {len(key)} characters", f"use 1 to {limits.metadata_key}")
    return Problem(path, "has a key with NUL or invalid Unicode", "remove these characters") if _unsound(key) else None


def _unsound(text: str) -> bool:
    return "\x00" in text or _SURROGATE.search(text) is not None


def check_expiry(times: Sequence[datetime | None], now: datetime) -> None:
    """Raises InvalidInput for what has expired already: nobody could ever recall it."""
    remedy = "send a later time or none; to take it out of recall now, archive or delete it"
    problems = [
        Problem(f"[{number}].expires_at" if len(times) > 1 else "expires_at", "is in the past", remedy)
        for number, time in enumerate(times)
        if time is not None and time <= now
    ]
    if problems:
        raise InvalidInput(problems)
