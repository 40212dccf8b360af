"""What an LLM distils from sources, read leniently in form: statements, each with the sources that it cites. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from memory.errors import MalformedReply
from memory.llm.citations import checked, cited
from memory.llm.dialects import Shape
from memory.llm.extraction import clean, integer, value_of
from memory.types import JsonValue
from retrieval.sentences import sentences

MOST_SENTENCES = 24  # of one reply
LONGEST = 600  # characters of a sentence; a longer one is no distillate

_STATEMENTS = ("statements", "facts", "sentences", "distilled", "summary", "output")
_TEXT = ("text", "statement", "sentence", "fact", "content")
_SOURCES = ("sources", "source", "citations", "cites", "cited", "numbers", "passages", "references")

DISTILLATION = Shape(
    "distillation",
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["statements"],
        "properties": {
            "statements": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["text", "sources"],
                    "properties": {
                        "text": {"type": "string"},
                        "sources": {"type": "array", "items": {"type": "integer"}},
                    },
                },
            }
        },
    },
)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, and the numbers of the sources that it cites, from 1 on; perhaps none."""

    text: str
    cited: tuple[int, ...]


def said(found: JsonValue, count: int) -> list[Said]:
    """Every sentence about `count` sources once, with all its citations. Raises MalformedReply if there is none."""
    listed = value_of(found, _STATEMENTS) if isinstance(found, dict) else found
    if not isinstance(listed, list):
        raise MalformedReply("The reply has no statements.")
    told: dict[str, Said] = {}
    for one in (one for item in listed for one in _sentences(item, count)):
        before = told.get(one.text, Said(one.text, ()))
        told[one.text] = Said(one.text, tuple(dict.fromkeys((*before.cited, *one.cited))))
    if not told:
        raise MalformedReply("No statement of the reply can be read.")
    return list(told.values())[:MOST_SENTENCES]


def _sentences(item: JsonValue, count: int) -> list[Said]:
    """A statement of several sentences is several, all with its citations. Marks such as [2] count, too."""
    told = value_of(item, _TEXT) if isinstance(item, dict) else item
    text = clean(told) if isinstance(told, str) else ""
    numbers = [one for one in (*_numbers(value_of(item, _SOURCES)), *cited(text)) if 1 <= one <= count]
    plain = checked(text, frozenset())
    spans = [plain[span.start : span.end] for span in sentences(plain)]
    return [Said(one, tuple(dict.fromkeys(numbers))) for one in spans if len(one) <= LONGEST]


def _numbers(value: JsonValue) -> Sequence[int]:
    listed = value if isinstance(value, list) else [value]
    return [number for one in listed if (number := integer(one)) is not None]
