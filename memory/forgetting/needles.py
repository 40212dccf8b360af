"""Strings that only erased content has: what a search of the database and of the files must not find any more. Pure."""

import json
import re
from collections.abc import Iterable, Sequence

WINDOW = 32  # characters; short enough to lie within one page of a database almost anywhere
MOST_OF_A_TEXT = 6
MOST = 200
LEAST_WORD = 8  # characters; a shorter one may stand in anything

_WORD = re.compile(rf"\w{{{LEAST_WORD},}}")


def needles(erased: Sequence[str], kept: Iterable[str]) -> list[str]:
    """Windows and rare words of what was erased that stand nowhere in what is kept, as many as are worth a search."""
    found = dict.fromkeys(one for text in erased for one in (*_windows(text), *_words(text)))
    for text in kept:
        if not found:
            break
        lower = text.casefold()
        for one in [one for one in found if one.casefold() in lower]:
            del found[one]
    return _spread(list(found), MOST)


def spellings(needle: str) -> list[bytes]:
    """As it may be written in a file: as it is, in lower case, and inside JSON."""
    escaped = json.dumps(needle)[1:-1], json.dumps(needle, ensure_ascii=False)[1:-1]
    texts = dict.fromkeys((needle, needle.casefold(), *escaped))
    return [text.encode("utf-8", "surrogatepass") for text in texts]


def _windows(text: str) -> list[str]:
    if len(text) < WINDOW:
        return [text] if len(text) >= LEAST_WORD else []
    last = len(text) - WINDOW
    starts = sorted({round(last * number / (MOST_OF_A_TEXT - 1)) for number in range(MOST_OF_A_TEXT)})
    return [text[start : start + WINDOW] for start in starts]


def _words(text: str) -> list[str]:
    return _spread(list(dict.fromkeys(_WORD.findall(text))), MOST_OF_A_TEXT)


def _spread(values: list[str], most: int) -> list[str]:
    """At most so many of them, from all over the list."""
    if len(values) <= most:
        return values
    return [values[number * len(values) // most] for number in range(most)]
