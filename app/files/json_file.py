"""JSON as readable lines (`address.city: Ghent`), and JSON Lines as one document a line."""

import json
from collections.abc import Iterator

from app.files.decoding import decode
from app.files.types import FileText, clean, unreadable
from memory.types import JsonValue

MAX_LINES = 1_000  # as many documents as one request may bring
MAX_DEPTH = 64
REMEDY = "Send valid JSON in UTF-8."


def read(content: bytes) -> list[FileText]:
    return [FileText(readable_lines(_parse(decode(content), 1)), "json")]


def read_lines(content: bytes) -> list[FileText]:
    """One document a line that is not blank."""
    lines = [(number, line) for number, line in enumerate(decode(content).split("\n"), start=1) if line.strip()]
    if len(lines) > MAX_LINES:
        raise unreadable(f"The file has {len(lines)} lines; {MAX_LINES} are the limit.", "Split it.")
    return [FileText(readable_lines(_parse(line, number)), "json") for number, line in lines]


def readable_lines(value: JsonValue) -> str:
    """A JSON value as text: one line a leaf, named by its path; text alone stays as it is."""
    if isinstance(value, str):
        return clean(value)
    return clean("\n".join(_leaves(value, "", 0)))


def _leaves(value: JsonValue, path: str, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        raise unreadable(f"The JSON is nested more than {MAX_DEPTH} deep.", "Send it flatter.")
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else key, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict):
                yield ""  # records apart by a blank line, so that none is cut in two
            yield from _leaves(inner, path, depth + 1)
    elif value is not None and value != "":
        said = _say(value)
        yield f"{path}: {said}" if path else said


def _say(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(str(value).split())


def _parse(text: str, line: int) -> JsonValue:
    try:
        value: JsonValue = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise unreadable("The JSON is nested too deeply.", "Send it flatter.") from error
    except ValueError as error:
        where = f"line {line + getattr(error, 'lineno', 1) - 1}"
        reason = getattr(error, "msg", str(error))
        raise unreadable(f"This is not valid JSON: {reason} ({where}).", REMEDY) from error
    return value


def _refuse_constant(name: str) -> JsonValue:
    raise ValueError(f"{name} is not JSON")
