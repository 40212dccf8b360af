"""A sentence as the words that another one has to have to say the same: dates by their day, "I" by who speaks. Pure.

What is told apart here decides what a distilled statement may claim, so anything that is not surely the same differs:
tenses, signs and units of numbers, names, prepositions. Only articles and a few words that add nothing are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import regex

from memory.dynamics.substance import without_introduction
from retrieval.extractors.dates import DateFound, find_dates
from retrieval.normalize import words as normal_words

_IDLE = "a an the very really quite just also actually indeed simply"
_OPENING = "and but so oh well yes ok okay now"
IDLE = frozenset(_IDLE.split())
OPENING = frozenset(_OPENING.split())  # idle where a sentence begins
BEFORE_DATES = frozenset(("on", "in", "at", "during"))  # idle there
KEPT_OF_DATES = frozenset(("since", "until", "by", "early", "late", "mid"))  # what a date may begin with
SAME = {
    "am": "is", "are": "is", "were": "was", "has": "have", "does": "do", "wo": "will", "ca": "can", "sha": "shall",
    "n't": "not", "'m": "is", "'re": "is", "'ve": "have", "'ll": "will",
}  # fmt: skip
SPEAKING, OWNING = frozenset(("i", "me", "myself")), frozenset(("my", "mine"))

_TOKEN = regex.compile(
    r"(?P<number>(?:(?<![\p{L}\p{N}])[-−+])?(?:[$€£¥#]\s?)?\p{Nd}++(?:[.,:/–-]\p{Nd}++)*+(?:\s?[%‰°€£¥])?)"
    r"|(?P<word>\p{L}[\p{L}\p{M}\p{N}]*+(?:['’ʼ]\p{L}++)*+)"
    r"|(?P<mark>[,;:()\[\]{}—–…\"“”„«»‹›.!?¡¿。！？、，；：「」『』|]|\p{So}|(?<=\s)-(?=\s))"
    r"|(?P<sign>[^\p{L}\p{N}\p{M}\s'’ʼ-])"
)
_ENDING = regex.compile(r"(?<=\w)(?:n't|'(?:m|re|ve|ll|s|d))$")
_APOSTROPHE = regex.compile(r"[’ʼ]")
_THIRD_PERSON = regex.compile(r"(?:(?<=[^s]{3})s|(?<=o|ch|sh|ss|x|zz)es)$")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or date. `forms`: what it may be taken for, the strictest first; `begins`: a mark, or nothing,
    stands before it."""

    forms: tuple[str, ...]
    word: str  # in lower case
    raw: str
    begins: bool


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    begins: bool
    date: DateFound | None = None
    is_word: bool = False


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A word and what it may be taken for."""

    word: str
    forms: tuple[str, ...]


def tokens(text: str, speaker: str | None = None, said_at: datetime | None = None) -> list[Token]:
    """The words of one sentence that count, in order. Without `said_at`, "yesterday" is the word and no date."""
    found: list[Token] = []
    begins = True
    pieces = list(_pieces(without_introduction(text), said_at))
    for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
        begins |= piece.begins
        for spoken in _spoken(piece, speaker):
            is_idle = spoken.word in IDLE or (not found and spoken.word in OPENING)
            is_before_date = spoken.word in BEFORE_DATES and following is not None and following.date is not None
            if not is_idle and not is_before_date:
                found.append(Token(spoken.forms, spoken.word, piece.text, begins or not found))
                begins = False
    return found


def _pieces(text: str, said_at: datetime | None) -> Iterator[_Piece]:
    """Words, signs, numbers and dates, each with whether a mark stands before it."""
    at, begins = 0, False
    for date in [*find_dates(text, said_at), None]:
        end = len(text) if date is None else date.start
        for match in _TOKEN.finditer(text, at, end):
            if match["mark"] is None:
                yield _Piece(match[0], begins, is_word=match["word"] is not None)
            begins = match["mark"] is not None
        if date is not None:
            yield _Piece(text[date.start : date.end], begins, date)
            at, begins = date.end, False


def _spoken(piece: _Piece, speaker: str | None) -> Iterator[_Spoken]:
    if piece.date is not None:
        first = piece.text.split()[0].lower()
        if first in KEPT_OF_DATES:
            yield _Spoken(first, (first,))
        yield _Spoken(piece.text.lower(), piece.date.names)
    elif not piece.is_word:
        yield _Spoken(piece.text, ("".join(piece.text.split()),))
    else:
        for word in _apart(_APOSTROPHE.sub("'", piece.text.lower())):
            yield from _of_word(word, speaker, piece.text[:1].isupper())


def _apart(word: str) -> tuple[str, ...]:
    """A word and what is contracted with it."""
    if word == "cannot":
        return ("can", "not")
    ending = _ENDING.search(word)
    return (word,) if ending is None else (word[: ending.start()], ending[0])


def _of_word(word: str, speaker: str | None, is_capitalised: bool) -> Iterator[_Spoken]:
    if speaker and word in SPEAKING | OWNING:
        yield from (_Spoken(one, (f"={one}", one)) for one in normal_words(speaker))
        if word in OWNING:
            yield _Spoken("'s", ("'s",))
    elif "'" in word and word[0] in "'n":
        same = SAME.get(word, word)
        yield _Spoken(same, (same,))
    else:
        for one in normal_words(word):
            exact, loose = f"={one}", SAME.get(one) or _THIRD_PERSON.sub("", one)
            yield _Spoken(SAME.get(one, one), (exact, loose) if is_capitalised else (loose, exact))
