"""What an extraction says, read leniently in form and strictly in substance: entities and triples of passages. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from memory.errors import MalformedReply
from memory.llm.dialects import Shape
from memory.types import JsonValue
from retrieval.normalize import normal_name

MOST_TRIPLES = 64  # of one passage
MOST_ENTITIES = 96
LONGEST_NAME = 200  # characters; what is longer is a sentence, not a name
LONGEST_PREDICATE = 200

_PASSAGES = ("passages", "results", "items", "output")
_NUMBER = ("number", "passage", "passage_number", "id", "index", "n")
_ENTITIES = ("entities", "named_entities", "entity", "names", "nodes")
_TRIPLES = ("triples", "facts", "relations", "triplets", "relationships", "edges", "knowledge_graph")
_SUBJECT = ("subject", "head", "s", "source", "subj", "from")
_PREDICATE = ("predicate", "relation", "relationship", "p", "type", "verb", "pred", "edge")
_OBJECT = ("object", "tail", "o", "target", "obj", "to", "value")
_NAME = ("name", "text", "entity", "label", "title")
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")

_STRINGS: Mapping[str, JsonValue] = {"type": "array", "items": {"type": "string"}}
EXTRACTION = Shape(
    "extraction",
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["passages"],
        "properties": {
            "passages": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["number", "entities", "triples"],
                    "properties": {
                        "number": {"type": "integer"},
                        "entities": _STRINGS,
                        "triples": {"type": "array", "items": _STRINGS},
                    },
                },
            }
        },
    },
)


@dataclass(frozen=True, slots=True)
class Triple:
    subject: str
    predicate: str
    object: str

    @property
    def text(self) -> str:
        """As a sentence, for the encoder and for people."""
        return f"{self.subject} {self.predicate} {self.object}"


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a model found in one passage; both may be empty."""

    entities: tuple[str, ...]
    triples: tuple[Triple, ...]


def extractions(found: JsonValue, count: int) -> dict[int, Extraction]:
    """The extractions of `count` passages by number, from 1 on; some may be missing. Raises MalformedReply."""
    listed = _listed(found)
    if listed is None:
        if count != 1:
            raise MalformedReply("The reply does not say which passage it is about.")
        return {1: _extraction(found)}
    numbered: dict[int, Extraction] = {}
    for place, item in enumerate(listed, start=1):
        number = integer(value_of(item, _NUMBER))
        if number is None and len(listed) == count:
            number = place
        if number is not None and 1 <= number <= count and number not in numbered:
            numbered[number] = _extraction(item)
    if not numbered:
        raise MalformedReply("The reply is about none of the passages.")
    return numbered


def as_json(extraction: Extraction) -> dict[str, JsonValue]:
    """For the cache; `extractions` reads it again."""
    triples = [[one.subject, one.predicate, one.object] for one in extraction.triples]
    return {"entities": list(extraction.entities), "triples": triples}


def grounded(extraction: Extraction, words: frozenset[str]) -> Extraction:
    """Only what names something of its passage, whose normal words are `words`.

    A passage that tells the model what to say about others, or a model that mixes passages up, puts nothing there.
    """
    return Extraction(
        tuple(name for name in extraction.entities if _is_there(name, words)),
        tuple(
            triple
            for triple in extraction.triples
            if _is_there(triple.subject, words) or _is_there(triple.object, words)
        ),
    )


def _is_there(name: str, words: frozenset[str]) -> bool:
    return words.issuperset(normal_name(name).split())


def _listed(found: JsonValue) -> Sequence[JsonValue] | None:
    """The items of a reply about several passages; None if it is about one."""
    listed = value_of(found, _PASSAGES) if isinstance(found, dict) else found
    if isinstance(listed, list) and all(isinstance(item, dict) for item in listed) and _are_passages(listed):
        return listed
    return None


def _are_passages(items: Sequence[JsonValue]) -> bool:
    return all(value_of(item, _TRIPLES) is not None or value_of(item, _ENTITIES) is not None for item in items)


def _extraction(found: JsonValue) -> Extraction:
    """Raises MalformedReply for what has neither entities nor triples, or triples none of which can be read."""
    named = value_of(found, _ENTITIES)
    related = found if isinstance(found, list) else value_of(found, _TRIPLES)  # a bare list is one of triples
    if named is None and related is None:
        raise MalformedReply("The reply has neither entities nor triples.")
    names = [_name(one) for one in named] if isinstance(named, list) else []
    triples = [_triple(one) for one in related] if isinstance(related, list) else []
    if triples and not any(triples):
        raise MalformedReply("No triple of the reply can be read.")
    return Extraction(
        tuple(_distinct(name for name in names if name))[:MOST_ENTITIES],
        tuple(dict.fromkeys(triple for triple in triples if triple))[:MOST_TRIPLES],
    )


def _triple(value: JsonValue) -> Triple | None:
    """A triple in one of the usual forms; None for what is none."""
    if isinstance(value, str):
        return _triple([part.strip(" ()<>\"'") for part in value.split("|")])
    if isinstance(value, dict):
        return _triple([value_of(value, _SUBJECT), value_of(value, _PREDICATE), value_of(value, _OBJECT)])
    parts = list(value) if isinstance(value, list) else []
    if len(parts) != 3:
        return None
    subject, predicate, object_ = _name(parts[0]), clean(parts[1]), _name(parts[2])
    if not subject or not predicate or not object_ or len(predicate) > LONGEST_PREDICATE:
        return None
    return Triple(subject, predicate, object_)


def _name(value: JsonValue) -> str:
    """A name that can be an entity; else empty."""
    name = clean(value_of(value, _NAME) if isinstance(value, dict) else value)
    return name if len(name) <= LONGEST_NAME and normal_name(name) else ""


def clean(value: JsonValue) -> str:
    """A text in one line; empty for what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join(_UNREADABLE.sub(" ", str(value)).split())


def _distinct(names: Iterable[str]) -> Iterable[str]:
    """The first spelling of each name."""
    spellings: dict[str, str] = {}
    for name in names:
        spellings.setdefault(normal_name(name), name)
    return spellings.values()


def value_of(value: JsonValue, keys: Sequence[str]) -> JsonValue:
    """The first of these keys that is there, however it is capitalised."""
    if not isinstance(value, dict):
        return None
    by_key = {str(key).lower().replace(" ", "_"): one for key, one in value.items()}
    return next((by_key[key] for key in keys if by_key.get(key) is not None), None)


def integer(value: JsonValue) -> int | None:
    """A whole number, also one in a text; None for what is none."""
    if isinstance(value, str):
        digits = re.sub(r"\D", "", value)[:9]
        return int(digits) if digits else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
