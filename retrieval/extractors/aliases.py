"""Two names of one thing, where a text says so: "World Health Organization (WHO)", "Clemens, known as Mark Twain"."""

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from retrieval.extractors.english import FUNCTION_WORDS
from retrieval.normalize import normal_name

_ACRONYM = r"(?P<short>\p{Lu}[\p{L}\p{N}&./-]{1,9})"
_SHORT_AFTER = regex.compile(rf"\(\s?[\"'“‘]?(?:or |the )?{_ACRONYM}[\"'”’]?\s?[;,)]")
_SHORT_BEFORE = regex.compile(rf"(?<![\p{{L}}\p{{N}}]){_ACRONYM}\s\((?:the )?(?P<long>\p{{Lu}}[^()\n]{{5,80}})\)")
_WORDS = regex.compile(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}'’]*")
_CAPITAL = r"\p{Lu}[\p{L}\p{M}\p{N}'’.-]*"
_NAME = rf"{_CAPITAL}(?:\s(?:(?:of|the|de|van|von|der|la|le|bin|ibn)\s){{0,2}}{_CAPITAL}){{0,5}}"
_HOW = (
    "also|better|commonly|formerly|originally|professionally|popularly|simply|best|often|sometimes|usually|previously"
)
_KNOWN_AS = regex.compile(
    rf"(?P<long>{_NAME})(?:\s\([^()\n]{{0,80}}\))?,?\s\(?(?:(?:who is|is|was|{_HOW})\s){{0,3}}"
    rf"(?:known\s(?:(?:simply|professionally|locally|collectively)\s)?(?:as|by)|nicknamed|called|a\.?k\.?a\.?|née|born)"
    rf"(?:\s(?:the|by|as|simply|his|her|stage|pen|name)){{0,4}}\s[\"'“‘]?(?P<short>{_NAME})"
)


@dataclass(frozen=True, slots=True)
class Alias:
    """Normal names of one thing."""

    name: str
    alias: str


@dataclass(frozen=True, slots=True)
class AliasFound:
    """The places of a name and of its alias."""

    start: int
    end: int
    alias_start: int
    alias_end: int


def aliases(text: str) -> list[Alias]:
    """The names that a text says are one thing's, in order, without repetition."""
    spelled = (
        Alias(normal_name(text[at.start : at.end]), normal_name(text[at.alias_start : at.alias_end]))
        for at in find_aliases(text)
    )
    return list(dict.fromkeys(each for each in spelled if each.name and each.alias and each.name != each.alias))


def find_aliases(text: str) -> list[AliasFound]:
    if (
        "(" not in text
        and "nown" not in text
        and "nickname" not in text
        and "born" not in text
        and "called" not in text
    ):
        return []
    found = [*_acronyms_after(text), *_acronyms_before(text)]
    for match in _KNOWN_AS.finditer(text):
        if normal_name(match["long"]) not in FUNCTION_WORDS:
            found.append(AliasFound(*match.span("long"), *_without_stop(match)))
    return sorted(found, key=lambda each: (each.start, each.alias_start))


def _without_stop(match: "regex.Match[str]") -> "_Bounds":
    start, end = match.span("short")
    return start, end - 1 if match["short"].endswith(".") and match["short"].count(".") == 1 else end


def _acronyms_after(text: str) -> Iterator[AliasFound]:
    for match in _SHORT_AFTER.finditer(text):
        start = _expansion(text, max(0, match.start() - 120), match.start(), match["short"])
        if start >= 0:
            end = match.start()
            while end > start and text[end - 1].isspace():
                end -= 1
            yield AliasFound(start, end, *match.span("short"))


def _acronyms_before(text: str) -> Iterator[AliasFound]:
    for match in _SHORT_BEFORE.finditer(text):
        start, end = match.span("long")
        if _expansion(text, start, end, match["short"]) == start:
            yield AliasFound(start, end, *match.span("short"))


def _expansion(text: str, start: int, end: int, short: str) -> int:
    """Where the words begin whose initials, function words aside, spell `short`, or -1; the last word ends at `end`."""
    letters = [letter.casefold() for letter in short if letter.isalnum()]
    if len(letters) < 2 or sum(letter.isupper() for letter in short) < 2:
        return -1
    words = list(_WORDS.finditer(text, start, end))
    at = -1
    for match in reversed(words):
        if not letters:
            break
        initial = match[0][0].casefold()
        if initial == letters[-1]:
            letters.pop()
            at = match.start()
        elif match[0].casefold() not in FUNCTION_WORDS:
            return -1
    return at if not letters and text[at].isupper() else -1


_Bounds = tuple[int, int]
