"""Where sentences end, in any script: a few rules about full stops, no model.

A full stop does not end a sentence after an abbreviation or an initial, inside a number or an address, or before a word
in lower case that follows something short. Full-width stops always do.
"""

from collections.abc import Iterator

import regex

from retrieval.types import Span

_CLOSERS = r"[\"'”’»›)\]}」』】〉》）*_`]"
_STOP = regex.compile(
    rf"(?P<wide>[。！？｡﹖﹗]++)(?:{_CLOSERS})*+|(?P<mark>[.!?…؟۔।॥։።፧။។៕‼⁇⁈⁉]++)(?P<closers>{_CLOSERS}*+)"
)
_SPACE = regex.compile(r"\s*+")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_NEXT_WORD = regex.compile(r"\s*+[\"'“‘«‹(\[{「『*_`¿¡-]*+(?P<word>[\p{L}\p{M}'’]++|\p{N}++)?")
_LAST_WORD = regex.compile(r"(?<![\p{L}\p{N}])[\p{L}\p{N}][\p{L}\p{M}\p{N}.'’&-]*+$")
_MARKER = regex.compile(r"\s*+(?:\p{N}{1,4}|\p{L})(?:\.\p{N}{1,3})*+")  # the number of a list item: "3", "b", "2.1"

_BEFORE_NAMES = """
adm attn bro capt cmdr col cpl dr drs esp fr gen gov herr hon hr lt maj messrs mgr mlle mm mme mr mrs ms msgr mt mx prof
rep rev sen sgt sr sra srta st ste supt frau
"""
_BEFORE_MORE = """
approx bzw ca cf d.h e.g eg etw i.e ie incl bspw resp sog usw viz vs v z.b zb zit approx. dt engl lat p.ej
"""
_BEFORE_NUMBERS = "art bd ch chap eq fig figs kap no nos nr nrs nums p pp para pg s sec sect tab vol vols"
_MAYBE_LAST = """
a.d a.k.a a.m abb al apr assn aug ave b.c bros co comp corp d.c dec dept dist ed eds est etc feb ft inc inst jan jr jul
jun ltd mar max min mfg nov oct p.m ph.d pres sep sept sq u.k u.n u.s u.s.a univ
"""
_OPENERS = """
a after all although an and another as at because before both but by during each even every few finally first following
for from he her here his how however i if in instead it its last later many meanwhile most my next no not now on once
one or our several she since so some soon still such that the their then there these they this those though through thus
today two until we what when where which while who why with yes yesterday yet you your
"""
BEFORE_NAMES = frozenset(_BEFORE_NAMES.split())
BEFORE_MORE = frozenset(_BEFORE_MORE.split())
BEFORE_NUMBERS = frozenset(_BEFORE_NUMBERS.split())
MAYBE_LAST = frozenset(_MAYBE_LAST.split())
OPENERS = frozenset(_OPENERS.split())  # words that open sentences, and hardly ever names


def sentences(text: str, start: int = 0, end: int | None = None) -> Iterator[Span]:
    """The sentences of `text[start:end]` in order, without the white space around them; they hold all the rest."""
    end = len(text) if end is None else end
    begin = _skip_space(text, start, end)
    for stop in _STOP.finditer(text, begin, end):
        if stop.end() < end and not _ends(text, begin, stop, end):
            continue
        yield Span(begin, stop.end())
        begin = _skip_space(text, stop.end(), end)
    if begin < end:
        yield Span(begin, _last_visible(text, begin, end))


def _skip_space(text: str, start: int, end: int) -> int:
    found = _SPACE.match(text, start, end)
    return found.end() if found else start


def _last_visible(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def _ends(text: str, begin: int, stop: "regex.Match[str]", end: int) -> bool:
    if stop["wide"]:
        return True
    after, mark = text[stop.end()], stop["mark"]
    if not after.isspace():
        return mark[-1] not in ".…" and _UNSPACED.match(after) is not None
    following = _NEXT_WORD.match(text, stop.end(), end)
    word = (following["word"] or "") if following else ""
    if mark == ".":
        return _full_stop_ends(text, begin, stop.start(), word)
    if word[:1].islower():  # "Stop!" she said; wait... what
        return not stop["closers"] and mark[-1] not in ".…"
    return True


def _full_stop_ends(text: str, begin: int, at: int, following: str) -> bool:
    if at - begin <= 12 and _MARKER.fullmatch(text, begin, at):
        return False
    found = _LAST_WORD.search(text[max(begin, at - 24) : at])
    if found is None:
        return not following[:1].islower()
    last = found[0].casefold()
    if last in BEFORE_NAMES or last in BEFORE_MORE or (last in BEFORE_NUMBERS and following[:1].isdigit()):
        return False
    is_short = last in MAYBE_LAST or (len(last) == 1 and last.isalpha()) or _is_dotted(last)
    if following[:1].islower():
        return len(last) > 2 and not is_short and "." not in last
    return not is_short or not following or following.casefold() in OPENERS


def _is_dotted(word: str) -> bool:
    """As U.S or Ph.D, unlike example.org or 3.14."""
    parts = word.split(".")
    return len(parts) > 1 and all(part.isalpha() and len(part) <= 2 for part in parts)
