"""One spelling for names and words of any script, so that what is the same is spelled the same."""

import threading
import unicodedata
from functools import lru_cache
from itertools import pairwise

import regex
import snowballstemmer

_STOP_WORDS = """
a about after all also am an and any are as at be because been before being but by can could did do does doing down
for from had has have having he her here hers him his how i if in into is it its just me more most my no not of off on
once only or other our out over own s same she should so some such t than that the their them then there these they
this those through to too under until up us very was we were what when where which while who whom why will with would
you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

# Letters that Unicode does not decompose, as they are usually written without the mark.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})
_SIGNS = str.maketrans(dict.fromkeys("™®©℠", " "))  # NFKC would glue their letters to the name
_INVISIBLE = regex.compile(r"[\p{Cf}\p{Variation_Selector}\u034f]+")  # soft hyphens, joiners, direction marks
_POSSESSIVE = regex.compile(r"(?<=\w)['’ʼ＇]s(?!\w)", regex.IGNORECASE)
_MARKED = regex.compile(r"([\p{Latin}\p{Greek}\p{N}])\p{M}+")
_WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}\p{M}]*+")
_ASCII_WORD = regex.compile(r"[a-z0-9]++")
_ASCII_POSSESSIVE = regex.compile(r"(?<=[a-z0-9_])'s(?![a-z0-9_])")

# Scripts that write no spaces between words, and Korean, whose particles stick to the word.
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー"
_RUN = regex.compile(rf"(?P<unspaced>[{UNSPACED}](?:[{UNSPACED}]|\p{{M}})*+)|[^{UNSPACED}]++")
_CHARACTER = regex.compile(r"[\p{L}\p{N}]\p{M}*+")


class _OfThread(threading.local):
    """A stemmer works on the word that it holds: two threads with one stemmer cut each other's words."""

    def __init__(self) -> None:
        self.stemmer = snowballstemmer.stemmer("english")


_own = _OfThread()


def normal_name(text: str) -> str:
    """The spelling under which a name is kept: NFKC, lower case, Latin and Greek accents off, possessive 's off.

    Letters, digits and marks of every script stay; anything else becomes one space. Idempotent.
    """
    return " ".join(_plain_words(text))


def words(text: str) -> list[str]:
    """The normal words in order. Text in scripts without spaces (and Korean) becomes overlapping pairs of characters.

    The words of a name stand side by side in the words of a text that has it, there too (from two characters on).
    """
    plain = _plain_words(text)
    if text.isascii():
        return plain
    return [part for word in plain for part in ((word,) if word.isascii() else _parts(word))]


def terms(text: str) -> list[str]:
    """What BM25 counts: the words without stop words (unless there is nothing else), English words stemmed."""
    found = words(text)
    kept = [stem(word) for word in found if word not in STOP_WORDS]
    return kept or [stem(word) for word in found]


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The English (Snowball) stem of a word in lower case; other alphabets stay as they are."""
    return str(_own.stemmer.stemWord(word)) if word.isascii() and len(word) > 2 and len(word) < 40 else word


def _plain_words(text: str) -> list[str]:
    if text.isascii():
        text = text.lower()
        return _ASCII_WORD.findall(_ASCII_POSSESSIVE.sub("", text) if "'" in text else text)
    text = _INVISIBLE.sub("", text.translate(_SIGNS))
    return _WORD.findall(_folded(_POSSESSIVE.sub("", text)))


def _folded(text: str) -> str:
    """Compatibility forms, case and accents folded; a second time only where folding made something new to fold."""
    folded = _fold_once(text)
    while not folded.isascii() and (again := _fold_once(folded)) != folded:
        folded = again
    return folded


def _fold_once(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    text = _MARKED.sub(r"\1", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFKC", text)


@lru_cache(maxsize=50_000)
def _parts(word: str) -> tuple[str, ...]:
    found: list[str] = []
    for run in _RUN.finditer(word):
        if run["unspaced"] is None:
            found.append(run[0])
        else:
            found.extend(_pairs(run[0]))
    return tuple(found)


def _pairs(run: str) -> list[str]:
    characters = _CHARACTER.findall(run)
    if len(characters) < 2:
        return [run]
    return [left + right for left, right in pairwise(characters)]
