"""The entities that a model names, spelled as the rules spell them."""

from collections.abc import Sequence

import regex

from retrieval.extractors.dates import find_dates
from retrieval.normalize import normal_name, words
from retrieval.types import EntityKind, Mention

_NUMBER = regex.compile(r"[$€£¥]?\s?\p{Nd}[\p{Nd}.,]*\s?(?:thousand|million|billion|trillion|%|s)?")
_ARTICLE = regex.compile(r"^(?:the|a|an)\s+(?=\S)", regex.IGNORECASE)
_CAPITAL = regex.compile(r"\p{Lu}|\p{Lt}")
_UNCASED = regex.compile(r"\p{Lo}")


def entity(display: str) -> Mention | None:
    """The mention of an entity by this name; None if it has no letter or digit. Dates become YYYY-MM-DD."""
    bare = _ARTICLE.sub("", display.strip())
    dates = find_dates(bare, None)
    if len(dates) == 1 and dates[0].start == 0 and dates[0].end == len(bare):
        name = dates[0].names[0]
        return Mention(name, name, EntityKind.DATE, 1)
    name = normal_name(bare)
    return Mention(name, bare, _kind(bare), 1) if name else None


def mentions(names: Sequence[str], known: Sequence[Mention], sentences: Sequence[str]) -> list[Mention]:
    """The entities of these names that are not among the `known` ones, with the sentences that spell them out."""
    spoken = [f" {' '.join(words(sentence))} " for sentence in sentences]
    there = {mention.name for mention in known}
    found: dict[str, Mention] = {}
    for name in names:
        one = entity(name)
        if one is None or one.name in there or one.name in found:
            continue
        spelled = f" {' '.join(words(one.display))} "
        ordinals = tuple(number for number, sentence in enumerate(spoken) if spelled in sentence)
        found[one.name] = Mention(one.name, one.display, one.kind, max(1, len(ordinals)), False, ordinals)
    return list(found.values())


def _kind(display: str) -> EntityKind:
    if _NUMBER.fullmatch(display):
        return EntityKind.NUMBER
    return EntityKind.NAME if _CAPITAL.search(display) or _UNCASED.search(display) else EntityKind.TERM
