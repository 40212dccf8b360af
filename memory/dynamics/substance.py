"""What a text says apart from how it is introduced, and how much it says. Pure; English and German.

Source: proposals of this project. Measured on the life log: turns that only greet, cheer or ask back take places from
turns that tell something, and what is said again takes them from everything else.
"""

import hashlib
import math
import re

FULL = 60  # words from which a text counts as saying all that one can
ASKING = 0.16  # what a question loses
PLAIN = 0.66  # the substance of 15 words: what is neither raised nor lowered
SHORT = 0.61  # the substance of 12 words: up to here a text is a statement rather than a story

_WORD = re.compile(r"\w+")
_INTRODUCTION = re.compile(
    r"^\s*(?:(?:and|but|so|well|again|also|yes|ok|okay|und|also|ja|nochmal)[\s,:;–—-]+)*"
    r"(?:as (?:i|we|you) (?:have )?(?:already )?(?:said|mentioned|told you|noted)(?: (?:before|earlier|already|above))?"
    r"|(?:i|we) (?:have )?(?:already )?(?:said|mentioned) (?:before|earlier|already)(?: that)?"
    r"|(?:just )?(?:to|let me) (?:repeat|recap|remind you)(?: that)?"
    r"|(?:from (?:my|your|the) (?:memory|notes)|(?:i|you) (?:once )?told (?:you|me)(?: (?:before|earlier))?(?: that)?)"
    r"|wie (?:schon|bereits|vorhin)?\s*(?:gesagt|erwähnt)|(?:ich|wir) (?:habe|haben) (?:schon|bereits) gesagt,? dass)"
    r"\s*[,:;–—-]*\s*",
    re.IGNORECASE,
)


def substance(text: str) -> float:
    """How much a text says, 0 to 1: the logarithm of its words, less if it asks."""
    count = min(FULL, len(_WORD.findall(text)))
    said = math.log(count) / math.log(FULL) if count else 0.0
    return max(0.0, said - ASKING * ("?" in text))


def essence(text: str, speaker: str | None = None) -> str:
    """A key that is the same for texts that say the same in the same words, whoever repeats them and however they
    begin ("As I said before: ..."). 32 hexadecimal digits; empty for a text without words.

    What is said in the first person depends on who speaks, so the speaker is part of it.
    """
    found = _WORD.findall(without_introduction(text).casefold())
    if not found:
        return ""
    content = f"{(speaker or '').casefold()}\0{' '.join(found)}"
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def without_introduction(text: str) -> str:
    """The text without words that only say that it was said before."""
    return _INTRODUCTION.sub("", text, count=1)
