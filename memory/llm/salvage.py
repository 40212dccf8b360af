"""JSON out of what a model says: thoughts, fences and chatter around it, and an end that was cut off. Pure.

Nothing is ever evaluated: what json.loads does not read is not read.
"""

import json
import re
from collections import deque
from typing import NamedTuple

from memory.errors import MalformedReply
from memory.types import JsonValue

MOST_CHARACTERS = 1_000_000  # of a reply; a longer one is a model that has lost its way
MOST_STARTS = 40  # places at which JSON may begin
DEEPEST = 64  # nested objects and lists
CLOSING = {"{": "}", "[": "]"}

_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_ENDED_THOUGHT = re.compile(r"^.*</(?:think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE)
_OPEN_THOUGHT = re.compile(r"<(?:think|thinking|reasoning)>.*$", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```[\w-]*[ \t]*\n?(.*?)(?:```|$)", re.DOTALL)


class Cut(NamedTuple):
    """Where a complete element ends, and what closes everything that is open there."""

    end: int
    closing: str


def without_thoughts(text: str) -> str:
    """What is said after thinking aloud, also where the beginning or the end of the thoughts is missing."""
    text = _THOUGHT.sub("", text)
    return _OPEN_THOUGHT.sub("", _ENDED_THOUGHT.sub("", text)).strip()


def json_in(text: str) -> JsonValue:
    """The JSON object or list in a reply; the largest if there are several. Raises MalformedReply."""
    if len(text) > MOST_CHARACTERS:
        raise MalformedReply("The reply is too long.")
    said = without_thoughts(text)
    for candidate in (said, *(match[1].strip() for match in _FENCE.finditer(said))):
        found = _loads(candidate)
        if isinstance(found, dict | list):
            return found
    found = _largest(said)
    if found is None:
        found = _repaired(said)
    if found is None:
        raise MalformedReply("The reply has no JSON in it." if said else "The reply is empty.")
    return found


def _loads(text: str) -> JsonValue:
    """None for what is not JSON."""
    try:
        found: JsonValue = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    return found


def _largest(text: str) -> JsonValue:
    """The longest object or list that is complete."""
    best: JsonValue = None
    longest = at = starts = 0
    while starts < MOST_STARTS and (at := _start(text, at)) >= 0:
        starts += 1
        try:
            found, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        if end - at > longest:
            best, longest = found, end - at
        at = end
    # A complete piece inside of something larger that was cut off is not the answer, but a part of it.
    begins = _start(text, 0)
    return best if begins >= 0 and longest * 2 > len(text) - begins else None


def _repaired(text: str) -> JsonValue:
    """What is complete of an object or list whose end is missing."""
    begin = _start(text, 0)
    if begin < 0:
        return None
    open_: list[str] = []
    cuts: deque[Cut] = deque(maxlen=MOST_STARTS)
    in_string = is_escaped = False
    for at in range(begin, len(text)):
        character = text[at]
        if in_string:
            in_string = is_escaped or character != '"'
            is_escaped = character == "\\" and not is_escaped
            continue
        if character == '"':
            in_string = True
        elif character in CLOSING and len(open_) < DEEPEST:
            open_.append(CLOSING[character])
        elif character in "}]" and open_ and open_[-1] == character:
            open_.pop()
            cuts.append(Cut(at + 1, "".join(reversed(open_))))
        elif character == "," and open_:
            cuts.append(Cut(at, "".join(reversed(open_))))
    candidates = (_loads(text[begin : cut.end] + cut.closing) for cut in reversed(cuts))
    return next((found for found in candidates if isinstance(found, dict | list)), None)


def _start(text: str, after: int) -> int:
    found = [at for mark in CLOSING if (at := text.find(mark, after)) >= 0]
    return min(found, default=-1)


def _nothing(_constant: str) -> None:
    """NaN and Infinity are no JSON."""


_DECODER = json.JSONDecoder(strict=False, parse_constant=_nothing)
