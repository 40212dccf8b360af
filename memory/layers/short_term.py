"""The short-term layer: the window of a conversation, and the gist of what has left it. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import log

from retrieval.normalize import terms
from retrieval.sentences import sentences

WINDOW = 50  # messages that are kept as they were said
COMPACT_AFTER = 20  # messages that have left the window before they are compacted
LONGEST_GIST = 1_200  # characters
LONGEST_SENTENCE = 300
FEWEST_TERMS = 2  # of a line that says anything


class Role(StrEnum):
    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"
    TOOL = "tool"
    WORKING = "working"  # fell out of working memory


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    session_id: str
    role: Role
    text: str
    tokens: int
    recorded_at: datetime
    speaker: str | None = None
    occurred_at: datetime | None = None
    document_id: str | None = None  # the memory that keeps it
    request: str | None = None  # the idempotency key with which it came


@dataclass(frozen=True, slots=True)
class Compaction:
    """The gist of a conversation up to a message, that one included."""

    gist: str
    through: str


def within(messages: Sequence[Message], most: int, most_tokens: int | None) -> list[Message]:
    """The newest messages that fit, oldest first. One that is too long ends the window: there are no gaps in it."""
    kept: list[Message] = []
    for message in reversed(messages[-most:] if most > 0 else []):
        if most_tokens is not None and message.tokens > most_tokens:
            break
        most_tokens = None if most_tokens is None else most_tokens - message.tokens
        kept.append(message)
    return kept[::-1]


def compact(gist: str, left: Sequence[Message]) -> Compaction | None:
    """The gist with the messages that have left the window since; None if there are too few to bother."""
    if len(left) < COMPACT_AFTER:
        return None
    said = [f"{message.speaker or message.role.value}: {text}" for message in left for text in _sentences(message.text)]
    before = [line for line in gist.split("\n") if line]
    return Compaction("\n".join(extract([*before, *said], LONGEST_GIST)), left[-1].id)


def extract(lines: Sequence[str], most: int) -> list[str]:
    """The lines that say most of what all of them say, within `most` characters, in their order.

    A line's worth is the mean of its rarest common terms: those that several lines share, weighted against those that
    nearly all do; every term counts once, so that a line is worth less after one like it. Greedy sentence extraction
    (SumBasic, Nenkova and Vanderwende 2005), with inverse frequency in place of a stop list.
    """
    parts = [terms(line) for line in lines]
    frequency = Counter(term for words in parts for term in set(words))
    worth = {term: count * log(1 + len(lines) / count) for term, count in frequency.items()}
    chosen: list[int] = []
    left = set(range(len(lines)))
    while left:
        best = max(left, key=lambda at: (_worth(parts[at], worth), -at))
        left.discard(best)
        if len(lines[best]) > most or len(set(parts[best])) < FEWEST_TERMS:
            continue
        most -= len(lines[best]) + 1
        chosen.append(best)
        for term in set(parts[best]):
            worth[term] *= 0.25
    return [lines[at] for at in sorted(chosen)]


def _worth(words: Sequence[str], worth: dict[str, float]) -> float:
    distinct = set(words)
    return sum(worth[term] for term in distinct) / (len(distinct) + 3) if distinct else 0.0


def _sentences(text: str) -> list[str]:
    found = (" ".join(text[span.start : span.end].split()) for span in sentences(text))
    return [sentence[:LONGEST_SENTENCE] for sentence in found if sentence]
