"""Entities by rules, with no model: names, titles, dates, numbers and speakers, in any script."""

from bisect import bisect_right
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

import regex

from retrieval.extractors.aliases import Alias, aliases, find_aliases
from retrieval.extractors.dates import find_dates
from retrieval.extractors.english import FUNCTION_WORDS, NO_NAMES
from retrieval.extractors.names import find_names
from retrieval.extractors.scripts import find_terms, has_caseless
from retrieval.normalize import normal_name
from retrieval.sentences import sentences as sentences_of
from retrieval.types import EntityKind, Mention, Span

__all__ = ["Alias", "QuestionName", "aliases", "mentions", "question_names"]

LONGEST_TITLE = 12  # words; a longer title is a sentence, and only the names in it count
LONGEST_NAME = 120  # characters

_PARENTHESIS = regex.compile(r"\s*[(（][^()（）]*[)）]\s*$")
_QUOTED = regex.compile(r"(?<![\p{L}\p{N}])[\"“„«](?P<name>[\p{Lu}\p{N}][^\"“”„«»\n]{1,79})[\"”“»](?![\p{L}\p{N}])")
_POSSESSIVE = regex.compile(r"['’]s?$", regex.IGNORECASE)
_LONG_WORD = regex.compile(r"(?<![\p{L}\p{N}'’])\p{L}{4,}")
_LOWER_WORD = regex.compile(r"(?<![\p{L}\p{N}'’-])\p{Ll}++(?![\p{L}\p{N}])")
_NUMBER = regex.compile(
    r"(?<![\p{L}\p{N}.,:/-])(?:\p{Nd}{1,3}(?:,\p{Nd}{3})++|\p{Nd}++)(?:\.\p{Nd}++)?"
    r"(?P<unit>\s(?:thousand|million|billion|trillion)\b|s\b)?(?![\p{L}\p{N}:/-]|[.,]\p{Nd})"
)


@dataclass(frozen=True, slots=True)
class QuestionName:
    """Something a question names. `capitalised`: written as a proper name or quoted, so hardly a chance match."""

    name: str
    display: str
    capitalised: bool


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    display: str
    name: str
    kind: EntityKind


@dataclass(slots=True)
class _Entity:
    display: str
    kind: EntityKind
    count: int = 0
    in_title: bool = False
    sentences: list[int] = field(default_factory=list)


def mentions(
    title: str,
    body: str,
    sentences: Sequence[Span],
    speaker: str | None = None,
    occurred_at: datetime | None = None,
) -> list[Mention]:
    """What a passage names, in the order of first occurrence: title, speaker, body.

    `sentences` are spans of the body; relative dates are resolved if `occurred_at` is given. A speaker counts as named
    once.
    """
    entities: dict[str, _Entity] = {}
    for found in _of_title(title):
        entities.setdefault(found.name, _Entity(found.display, found.kind)).in_title = True
    if speaker and (name := normal_name(speaker)):
        entities.setdefault(name, _Entity(speaker.strip(), EntityKind.SPEAKER)).count += 1
    starts = [span.start for span in sentences]
    for found in _of_text(body, sentences, occurred_at):
        entity = entities.setdefault(found.name, _Entity(found.display, found.kind))
        entity.count += 1
        ordinal = bisect_right(starts, found.start) - 1
        if ordinal >= 0 and (not entity.sentences or entity.sentences[-1] != ordinal):
            entity.sentences.append(ordinal)
    return [_mention(name, entity) for name, entity in entities.items()]


def question_names(question: str, asked_at: datetime | None = None) -> list[QuestionName]:
    """What a question names, in order. Names joined by "and" are given as one name and as two."""
    spans = list(sentences_of(question))
    found = list(_of_text(question, spans, asked_at, both=True))
    named: dict[str, QuestionName] = {}
    for each in found:
        capitalised = each.kind is EntityKind.NAME
        named.setdefault(each.name, QuestionName(each.name, each.display, capitalised))
    return list(named.values())


def _mention(name: str, entity: _Entity) -> Mention:
    ordinals = tuple(sorted(set(entity.sentences)))
    return Mention(name, entity.display, entity.kind, entity.count, entity.in_title, ordinals)


def _of_title(title: str) -> Iterator[_Found]:
    title = title.strip()
    for display in dict.fromkeys((title, _PARENTHESIS.sub("", title))):
        name = normal_name(display)
        if name and len(name.split()) <= LONGEST_TITLE and len(name) <= LONGEST_NAME:
            yield _Found(0, display, name, EntityKind.TITLE)
    yield from _of_text(title, [Span(0, len(title))], None)


def _of_text(text: str, spans: Sequence[Span], said_at: datetime | None, both: bool = False) -> Iterator[_Found]:
    """Everything named, sentence by sentence, in the order of the text."""
    dates = find_dates(text, said_at)
    quoted = [match for match in _QUOTED.finditer(text) if _looks_like_a_title(match["name"])]
    taken = sorted([*((each.start, each.end) for each in dates), *(match.span() for match in quoted)])
    found = [_Found(each.start, name, name, EntityKind.DATE) for each in dates for name in each.names]
    found += [_named(match.start("name"), match["name"], EntityKind.NAME) for match in quoted]
    found += _by_sentence(text, spans, taken, both)
    found += _numbers(text, taken, {each.start + len(each.display) for each in found})
    named = {(each.start, each.name) for each in found}
    found += [each for each in _by_alias(text) if (each.start, each.name) not in named]
    yield from sorted((each for each in found if 0 < len(each.name) <= LONGEST_NAME), key=_position)


def _position(found: _Found) -> int:
    return found.start


def _named(start: int, display: str, kind: EntityKind) -> _Found:
    return _Found(start, _POSSESSIVE.sub("", display), normal_name(display), kind)


def _looks_like_a_title(quotation: str) -> bool:
    """As the name of a book or song is written, and not as something that is said."""
    if quotation[-1] in ".,;:" or len(quotation.split()) > 10:
        return False
    long = _LONG_WORD.findall(quotation)
    return bool(long) and sum(word[0].isupper() for word in long) * 2 >= len(long)


def _numbers(text: str, taken: Sequence["_Bounds"], name_ends: Container[int]) -> Iterator[_Found]:
    """Numbers that are not part of a date, nor the end of a name (Apollo 11)."""
    starts = [start for start, _ in taken]
    for match in _NUMBER.finditer(text):
        at = bisect_right(starts, match.start()) - 1
        if match.end() in name_ends or (at >= 0 and match.start() < taken[at][1]):
            continue
        display = match[0].replace(",", "")
        if match["unit"] or sum(character.isdigit() for character in display) > 1:
            yield _named(match.start(), display, EntityKind.NUMBER)


def _by_sentence(text: str, spans: Sequence[Span], taken: Sequence["_Bounds"], both: bool) -> Iterator[_Found]:
    is_lower = _lower_words(text)
    caseless = has_caseless(text)
    starts = [start for start, _ in taken]
    for span in spans:
        first = max(0, bisect_right(starts, span.start) - 1)
        inside = taken[first : bisect_right(starts, span.end)]
        for each in find_names(text, span.start, span.end, is_lower, inside, both):
            yield _named(each.start, text[each.start : each.end], EntityKind.NAME)
        if caseless:
            for term in find_terms(text, span.start, span.end):
                yield _named(term.start, term.text, term.kind)


def _lower_words(text: str) -> Callable[[str], bool]:
    """Whether a word occurs in lower case; the words are collected when the first one is asked for."""

    @cache
    def collected() -> frozenset[str]:
        return frozenset(_LOWER_WORD.findall(text))

    return lambda word: word in collected()


def _by_alias(text: str) -> Iterator[_Found]:
    for each in find_aliases(text):
        for start, end in ((each.start, each.end), (each.alias_start, each.alias_end)):
            found = _named(start, text[start:end], EntityKind.NAME)
            if found.name not in NO_NAMES and found.name not in FUNCTION_WORDS:
                yield found


_Bounds = tuple[int, int]
