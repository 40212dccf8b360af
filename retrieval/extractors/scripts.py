"""Candidates for names in scripts without capital letters: marks, runs of one script and stop words, no dictionary.

Quoted names and words in katakana are names. Everything else is a guess (a TERM): runs of Han characters between
particles, Korean words without their particles, and words of other scripts between function words (after RAKE: Rose et
al., Automatic keyword extraction from individual documents, 2010).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import regex

from retrieval.types import EntityKind

_CASELESS = regex.compile(r"[^\p{Latin}\p{Cyrillic}\p{Greek}\p{Armenian}\p{Common}\p{Inherited}\P{L}]")
_BRACKETED = regex.compile(r"[「『《〈【](?P<name>[^「」『』《》〈〉【】\n]{1,40})[」』》〉】]")
_KATAKANA = regex.compile(r"[\p{Katakana}ー][\p{Katakana}ー・＝]*[\p{Katakana}ー]")
_LATIN = regex.compile(r"(?<![\p{Latin}\p{N}])\p{Latin}[\p{Latin}\p{N}.+#-]*[\p{Latin}\p{N}]")
_LATIN_LETTER = regex.compile(r"\p{Latin}")
_HAN = regex.compile(r"\p{Han}[\p{Han}々〆ヶ]*")
_KANA = regex.compile(r"\p{Hiragana}")
_HANGUL = regex.compile(r"\p{Hangul}{2,}")
_SOUTHERN = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}][\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{M}]*")
_CASED_OR_UNSPACED = (
    r"\p{Latin}\p{Cyrillic}\p{Greek}\p{Armenian}"
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
)
_LETTER = rf"[[\p{{L}}\p{{M}}]--[{_CASED_OR_UNSPACED}]]"
_OTHER = regex.compile(rf"(?V1){_LETTER}+(?:[\u200c\u200d'’׳״-]{_LETTER}+)*")

# Chinese words of one or two characters between which names stand.
_CHINESE_STOPS = regex.compile(
    "我们|你们|他们|她们|它们|这个|那个|什么|怎么|因为|所以|但是|如果|虽然|而且|或者|已经|没有|可以|以及|关于|位于|出生|成为|一个|一种"
    "|我們|你們|他們|她們|這個|那個|什麼|因為|沒有|關於|位於|(?<!共)和|以(?!色列)"
    "|[的了是在与也有不我你他她它这那就而及或于为被把从到对向之其但很着过吗呢吧啊與這為從對於過嗎個又再只将將由并並让讓给給等个]"
)
_KOREAN_PARTICLES = regex.compile(
    "(?:에서는|에게서|으로는|이라는|이라고|에서|에게|께서|한테|으로|까지|부터|처럼|보다|마다|조차|라는|라고|이다|였다|와의|과의"
    "|은|는|이|가|을|를|의|에|로|와|과|도|만)$"
)
_KOREAN_VERBS = regex.compile("(?:다|요|니까|지만|면서|하는|하고|하여|해서|했던|되는|있는|없는|같은)$")
_STOPS = """
في من على إلى عن مع هذا هذه ذلك تلك التي الذي الذين كان كانت يكون هو هي هم نحن
أنا أنت أن إن لا ما لم لن قد كل بعد قبل بين ثم أو و
حتى عند منذ كما لكن غير وقد وهو وهي فيه منه به له لها که را از به با این آن است بود برای تا هم یا اما شد شده می های در و
של את על עם הוא היא הם אני זה זאת לא כי גם אם או אל מן כל אשר היה היתה יש אין מה
का की के में है हैं था थी थे को से पर ने और या एक यह वह ये वे इस उस तो भी ही कि जो नहीं लिए साथ हो कर गया गई किया अपने
बाद तक द्वारा এবং এই সে তার একটি করে হয় ছিল থেকে জন্য না ও என்று ஒரு இந்த அது மற்றும்
"""
STOPS = frozenset(_STOPS.split())


@dataclass(frozen=True, slots=True)
class TermFound:
    """Characters `start` to `end` may be a name; it is written as `text` (without its particle, say)."""

    start: int
    text: str
    kind: EntityKind


def has_caseless(text: str) -> bool:
    """Whether there are letters of scripts that know no capitals."""
    return not text.isascii() and _CASELESS.search(text) is not None


def find_terms(text: str, start: int, end: int) -> Iterator[TermFound]:
    """Candidates in one sentence, `text[start:end]`; kinds of candidates one after the other."""
    for match in _BRACKETED.finditer(text, start, end):
        yield TermFound(match.start("name"), match["name"], EntityKind.NAME)
    for match in _KATAKANA.finditer(text, start, end):
        yield TermFound(match.start(), match[0], EntityKind.NAME)
    latin = len(_LATIN_LETTER.findall(text, start, end))
    if 0 < latin <= len(_CASELESS.findall(text, start, end)):  # foreign words in such a sentence are names
        for match in _LATIN.finditer(text, start, end):
            yield TermFound(match.start(), match[0], EntityKind.NAME)
    for match in _HAN.finditer(text, start, end):
        yield from _han_terms(match[0], match.start(), is_japanese=_KANA.search(text, start, end) is not None)
    for match in _HANGUL.finditer(text, start, end):
        word = _without_particle(match[0])
        if word:
            yield TermFound(match.start(), word, EntityKind.TERM)
    for match in _SOUTHERN.finditer(text, start, end):
        if 3 <= len(match[0]) <= 20:
            yield TermFound(match.start(), match[0], EntityKind.TERM)
    yield from _spaced_terms(text, start, end)


def _han_terms(run: str, start: int, *, is_japanese: bool) -> Iterator[TermFound]:
    """Japanese writes particles in hiragana, so that a run of Han is a word; Chinese runs are split at particles."""
    at = 0
    for part in [run] if is_japanese else _CHINESE_STOPS.split(run):
        found = run.find(part, at)
        if 2 <= len(part) <= 10:
            yield TermFound(start + found, part, EntityKind.TERM)
        at = found + len(part)


@lru_cache(maxsize=20_000)
def _without_particle(word: str) -> str:
    if _KOREAN_VERBS.search(word):
        return ""
    bare = _KOREAN_PARTICLES.sub("", word)
    return bare if len(bare) >= 2 else word if len(word) == 2 else ""


def _spaced_terms(text: str, start: int, end: int) -> Iterator[TermFound]:
    """Words of other scripts that are no function words, and two of them side by side."""
    before: regex.Match[str] | None = None
    for match in _OTHER.finditer(text, start, end):
        if match[0] in STOPS or len(match[0]) < 3:
            before = None
            continue
        yield TermFound(match.start(), match[0], EntityKind.TERM)
        if before is not None and match.start() == before.end() + 1 and text[before.end()] == " ":
            yield TermFound(before.start(), text[before.start() : match.end()], EntityKind.TERM)
        before = match
