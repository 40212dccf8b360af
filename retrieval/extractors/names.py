"""Proper names by capital letters: words with a capital that stand together, and what small words join them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import regex

from retrieval.extractors.english import (
    ABBREVIATIONS,
    ACRONYMS,
    CALENDAR_WORDS,
    COMMON_WORDS,
    COURTESIES,
    FUNCTION_WORDS,
    HOLDERS,
    INSTITUTIONS,
    NAMES_LIKE_VERBS,
    NO_NAMES,
    OPENERS,
    ROLES,
    TAILS,
)

LONGEST = 8  # words of a name; more in a row are a heading or somebody shouting

_WORD = regex.compile(
    r"(?<![\p{L}\p{M}\p{N}])(?:(?:\p{Lu}\.){2,5}|\p{Lu}\.(?=\s?\p{Lu})"
    r"|(?:St|Mt|Ft|Dr|Mr|Mrs|Ms|Jr|Sr|Lt|Gen|Sgt|Capt|Col|Prof|Rev|Sen|Gov)\."
    r"|\p{N}++(?:st|nd|rd|th)(?=\s\p{Lu})"
    r"|\p{Ll}{0,2}+[\p{Lu}\p{Lt}][\p{L}\p{M}\p{N}]*+(?:['’&.\-‑][\p{L}\p{N}][\p{L}\p{M}\p{N}]*+)*+)"
)
_TRAILING_NUMBER = regex.compile(r"\s(\p{Nd}{1,3})(?![\p{L}\p{N}%]|[.,:]\p{N})")
_LEADING_YEAR = regex.compile(r"(?<!(?:[Ii]n|[Ss]ince|[Bb]y)\s)(?<![\p{L}\p{N}.,-])(?P<year>[12][0-9]{3})\s$")
_CONTRACTION = regex.compile(r"(?:n['’]t|['’](?:m|re|ve|ll|d))$", regex.IGNORECASE)
_POSSESSIVE = regex.compile(r"['’]s?$", regex.IGNORECASE)
_FIRST = regex.compile(r"[\p{L}\p{N}]")
_CAPITALS = regex.compile(r"\p{Lu}{2,}")
_LOWER_WORD = regex.compile(r"(?<![\p{L}\p{N}'’])\p{Ll}{4,}")

_LINKS = """
of|of the|de|de la|de las|de los|de l'|del|della|delle|dei|degli|di|da|das|do|dos|du|des|la|le|les|el|al|y|e|et|und|von
|von der|von den|vom|van|van de|van den|van der|zu|zum|zur|ter|ten|den|der|af|av|bin|ibn|ben|abu|&
|and|and the|for|for the|on the|upon|in the|at the|to the
"""
LINKS = frozenset(link.strip() for link in _LINKS.replace("\n", "").split("|"))
_LOOSE = frozenset(["and", "and the", "for", "for the", "on the", "in the", "at the", "to the", "upon"])
_INNER = frozenset("of the in and a an for on to at with from by or nor but as de la".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class NameFound:
    """Characters `start` to `end` are a name."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int
    link: str  # the small words between the word before and this one

    @property
    def plain(self) -> str:
        """As word lists spell it."""
        return _POSSESSIVE.sub("", self.text).casefold().rstrip(".")


def find_names(
    text: str, start: int, end: int, is_lower: Callable[[str], bool], skip: Sequence["_Bounds"] = (), both: bool = False
) -> Iterator[NameFound]:
    """The names in one sentence, `text[start:end]`, in order of their starts.

    `is_lower` says whether a word occurs in lower case elsewhere; `skip` are places taken by something else (dates), in
    order; with `both`, names joined by "and" are given as one and as two.
    """
    first = _FIRST.search(text, start, end)
    opening = first.start() if first else end
    # Where every long word has a capital (a heading, shouting), a capital says nothing about a single word.
    is_headline = _LOWER_WORD.search(text, start, end) is None
    for run in _runs(text, start, end, skip):
        for words in _split_at_small_words(_without_edges(run, opening)):
            for part in _split_joined(text, words, both):
                yield from _names(text, part, opening, is_headline, is_lower)


def _runs(text: str, start: int, end: int, skip: Sequence["_Bounds"]) -> Iterator[list[_Word]]:
    run: list[_Word] = []
    skipping = iter(skip)
    taken = next(skipping, None)
    for match in _WORD.finditer(text, start, end):
        while taken is not None and taken[1] <= match.start():
            taken = next(skipping, None)
        if taken is not None and taken[0] < match.end():
            continue
        link = _link(text, run[-1].end, match.start()) if run else None
        if run and link is None:
            yield run
            run = []
        run.append(_Word(match[0], match.start(), match.end(), link or ""))
    if run:
        yield run


def _link(text: str, start: int, end: int) -> str | None:
    """What joins two words into one name: nothing but a space, or small words; None if they are not joined."""
    if end - start > 10 or end == start:
        return "" if end == start else None
    gap = text[start:end]
    link = gap.strip()
    if (gap[0].isspace() or gap[0] == "&") and (not link or link in LINKS) and gap.count("\n") < 2:
        return link
    return None


def _without_edges(run: list[_Word], opening: int) -> list[_Word]:
    start, stop = 0, len(run)
    while start < stop and _is_small(run[start], run[start].start == opening or start > 0):
        start += 1
    while stop > start and _is_small(run[stop - 1], False) and not _is_ordinal(run, stop - 1):
        stop -= 1
    return run[start:stop]


def _is_ordinal(run: list[_Word], at: int) -> bool:
    """The I of Elizabeth I and the A of Vitamin A, unlike the I of "Mel and I" and of "Knowing I can"."""
    if at == 0 or run[at].text not in ("A", "I") or run[at].link or _is_small(run[at - 1], True):
        return False
    before = run[at - 1].plain
    return run[at].text == "A" or at > 1 or not (before in NO_NAMES or _is_inflected(before))


def _is_small(word: _Word, at_opening: bool) -> bool:
    """A word that is never the edge of a name."""
    if word.text in ACRONYMS or (len(word.text) == 2 and word.text[1] == "."):
        return False
    plain = word.plain
    if at_opening and (plain in OPENERS or (len(plain) == 1 and not plain.isascii())):
        return True  # one letter: an article or preposition in Greek or Russian
    return plain in FUNCTION_WORDS or bool(_CONTRACTION.search(word.text))


def _split_at_small_words(run: list[_Word]) -> Iterator[list[_Word]]:
    """Capitalised pronouns and the like separate names; "Of" and "The" inside a title do not."""
    part: list[_Word] = []
    for at, word in enumerate(run):
        if _is_small(word, False) and word.plain not in _INNER:
            if part:
                yield [*_without_edges(part, -1), *([word] if _is_ordinal(run, at) else [])]
            part = []
        else:
            part.append(word)
    if part:
        yield _without_edges(part, -1)


def _split_joined(text: str, words: list[_Word], both: bool) -> Iterator[list[_Word]]:
    """Splits at "and" and other loose links, unless what is joined looks like one name."""
    start = 0
    for at in range(1, len(words)):
        if words[at].link in _LOOSE and not _is_one_name(text, words, start, at):
            if both:
                yield words
            yield words[start:at]
            start = at
    if start < len(words):
        yield words[start:]


def _is_one_name(text: str, words: list[_Word], start: int, at: int) -> bool:
    left, link = words[start:at], words[at].link
    head = left[0].plain
    institution = any(word.plain in INSTITUTIONS for word in left)
    if link.startswith("for"):
        return left[-1].plain in INSTITUTIONS
    if not link.startswith("and"):  # Stratford upon Avon, but not Obama in the White House
        return len(left) == 1 and head not in NO_NAMES and len(words) - at <= 1
    if institution and any(word.link.startswith(("of", "for")) for word in left[1:]):
        return True  # Department of Health and Human Services
    if len(left) == 1 and words[-1].plain in TAILS and len(words) - at >= 2:
        return True  # Baltimore and Ohio Railroad
    joined = text[words[start].start : words[min(at, len(words) - 1)].end]
    return len(left) <= 2 and text.count(joined, 0, 20_000) > 1 and head not in NO_NAMES


def _names(
    text: str, words: list[_Word], opening: int, is_headline: bool, is_lower: Callable[[str], bool]
) -> Iterator[NameFound]:
    words = _without_edges(words, -1)
    if not words or len(words) > LONGEST:
        return
    for part in _without_role(words):
        if len(part) == 1 and _is_noise(part[0], part[0].start == opening or is_headline, is_lower):
            continue
        yield NameFound(part[0].start, part[-1].end)
    if len(words) > 1 and (year := _LEADING_YEAR.search(text, max(0, words[0].start - 12), words[0].start)):
        yield NameFound(year.start("year"), words[-1].end)
    number = _TRAILING_NUMBER.match(text, words[-1].end)
    if number and words[-1].plain not in NO_NAMES:
        yield NameFound(words[0].start, number.end())
    for at in range(1, len(words)):
        if words[at].link.startswith("of") and words[at - 1].plain in HOLDERS:
            yield NameFound(words[at].start, words[-1].end)  # "King of France" names France, too


def _without_role(words: list[_Word]) -> Iterator[list[_Word]]:
    """ "Dr. Ada Lovelace" is Ada Lovelace; "General Grant Wood" may be either, "General Motors" is not Motors."""
    courteous = 0
    while courteous < len(words) - 1 and words[courteous].plain in COURTESIES and not words[courteous + 1].link:
        courteous += 1
    words = words[courteous:]
    yield words
    role = 0
    while role < len(words) - 2 and words[role].plain in ROLES and not words[role + 1].link:
        role += 1
    if role and not any(word.link for word in words[role:]):
        yield words[role:]


def _is_noise(word: _Word, says_nothing: bool, is_lower: Callable[[str], bool]) -> bool:
    """A single word that is hardly a name; `says_nothing`: its capital is due to its place."""
    plain = word.plain
    if len(plain) < 2 or plain in CALENDAR_WORDS or (_CONTRACTION.search(word.text) and plain not in ACRONYMS):
        return word.text not in ACRONYMS
    if word.text in ACRONYMS:
        return says_nothing and word.text not in ("WHO", "US")
    if _CAPITALS.fullmatch(word.text) and plain not in NO_NAMES:
        return False
    if says_nothing or _CAPITALS.fullmatch(word.text):
        return plain in NO_NAMES or is_lower(plain) or _is_inflected(plain)
    if plain in FUNCTION_WORDS or plain in OPENERS or plain in COURTESIES or plain in ABBREVIATIONS:
        return True
    return (plain in ROLES or plain in COMMON_WORDS) and is_lower(plain)


def _is_inflected(plain: str) -> bool:
    """A form of a common word, or a participle or adverb by its ending."""
    if plain.endswith(("ing", "ly")) and len(plain) >= 7:
        return plain not in NAMES_LIKE_VERBS
    return any(
        plain.endswith(ending) and plain.removesuffix(ending) in COMMON_WORDS for ending in ("s", "es", "ed", "d")
    )


_Bounds = tuple[int, int]
