"""Names that look like one entity's: rules, each with a weight, and what in a name forbids it. Pure.

The rules and their weights are proposals of this project; how often they are right was judged by hand (ADR 0029).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import product

import regex

from memory.dynamics.checks import require, within
from retrieval.extractors.english import COMMON_WORDS, COURTESIES, FUNCTION_WORDS, INSTITUTIONS, ROLES, TAILS
from retrieval.normalize import normal_name
from retrieval.types import EntityKind

Pair = frozenset[str]  # two normal names

STATED = "stated"
SPELLED = "spelled"
STOPS = "stops"
JOINED = "joined"
ARTICLE = "article"
LEGAL = "legal"
ROLE = "office"
INITIALS = "initial"
MIDDLE = "middle"
LETTER = "letter"

_SHORT = {
    "st": "saint", "mt": "mount", "ft": "fort", "co": "company", "corp": "corporation", "inc": "incorporated",
    "ltd": "limited", "bros": "brothers", "dept": "department", "univ": "university", "intl": "international",
    "govt": "government", "assn": "association", "natl": "national", "ave": "avenue", "blvd": "boulevard",
}  # fmt: skip
_ARTICLES = frozenset(("the", "a", "an"))
_SUFFIXES = frozenset(("incorporated", "limited", "llc", "llp", "plc", "corporation", "gmbh", "ag", "nv", "bv", "kg"))
_GENERATIONS = {"junior": "jr", "senior": "sr", "jr": "jr", "sr": "sr"}
_TELLING = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth one two three four five six seven
eight nine ten north south east west northern southern eastern western upper lower new old
"""
_ORDINALS = frozenset(_TELLING.split())
_ROMAN = regex.compile(r"(?=[ivxlcdm])m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})")
_NUMBER = regex.compile(r"\p{Nd}")
_LETTERS = regex.compile(r"[\p{L}\p{M}]+")
_APOSTROPHE = regex.compile(r"(?<=\p{L})['’ʻ‘`](?=\p{L})")
_INITIALS = regex.compile(r"(?<![^ ])\p{L}(?: \p{L}(?![^ ]))+")
OFFICES = (ROLES | COURTESIES) - {"saint"}  # Saint Anthony is not any Anthony
_NO_PERSON = TAILS | INSTITUTIONS | FUNCTION_WORDS | COMMON_WORDS
LONGEST_ACRONYM = 6
LONG_WORD = 6  # letters of a word one of which may be a slip


@dataclass(frozen=True, slots=True)
class MergeParams:
    """How alike names must be, 0 to 1. Shared companions are names that stand in passages of either."""

    least: float = 0.95
    stated: float = 0.85
    spelled: float = 0.95
    stops: float = 0.80
    joined: float = 0.80
    article: float = 0.90
    legal: float = 0.85
    role: float = 0.85
    initials: float = 0.85
    middle: float = 0.80
    letter: float = 0.80
    nickname: float = 0.70  # of one word, though a text says so: it may be anybody's
    companion: float = 0.05  # for each shared companion
    within: float = 0.10  # if no passage has one without the other, so that none can be misread
    most_companions: int = 4

    def __post_init__(self) -> None:
        shares = [one.name for one in fields(self) if one.name != "most_companions"]
        require(
            *(within(name, getattr(self, name), 0, 1) for name in shares),
            within("most_companions", self.most_companions, 0),
        )


RECOMMENDED = MergeParams()


@dataclass(frozen=True, slots=True)
class Named:
    """A name that stands for itself."""

    name: str  # normal
    display: str
    kind: EntityKind
    passages: int  # that name it


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two names that a rule finds alike, and how alike by the rule alone."""

    name: str
    other: str
    rule: str
    weight: float

    @property
    def pair(self) -> Pair:
        return frozenset((self.name, self.other))


def alike(
    names: Mapping[str, Named], told: Iterable[tuple[str, str]], near: Iterable[tuple[str, str]], params: MergeParams
) -> list[Likeness]:
    """All pairs that a rule finds alike, each by its strongest rule; `near` are names that one letter may part."""
    found: dict[Pair, Likeness] = {}
    rules = (
        _stated(names, told, params),
        _spelled(names, params),
        _by_core(names, params),
        _roles(names, params),
        _persons(names, params),
        _one_letter(near, params),
    )
    for one in (one for rule in rules for one in rule):
        may = one.name != one.other and may_be_one(names[one.name], names[one.other])
        if may and (one.pair not in found or one.weight > found[one.pair].weight):
            found[one.pair] = one
    return _unambiguous(list(found.values()))


def may_be_one(one: Named, other: Named) -> bool:
    """Whether nothing in the names themselves says that they are two things."""
    kinds = {one.kind, other.kind}
    if kinds & {EntityKind.DATE, EntityKind.NUMBER} or (EntityKind.TERM in kinds and len(kinds) > 1):
        return False
    return _marks(one.name) == _marks(other.name)


def _marks(name: str) -> tuple[str, ...]:
    """What tells namesakes apart: numbers, ordinals, generations, points of the compass, in order."""
    parts = name.split()
    last = tuple(parts[-1:]) if parts[-1] in ("i", "v", "x") else ()  # Elizabeth I
    return (*(mark for word in parts if (mark := _mark(word))), *last)


def _mark(word: str) -> str:
    if word in _GENERATIONS:
        return _GENERATIONS[word]
    is_mark = _NUMBER.search(word) or word in _ORDINALS or (len(word) > 1 and _ROMAN.fullmatch(word))
    return word if is_mark else ""


def _unambiguous(likenesses: Sequence[Likeness]) -> list[Likeness]:
    """Without names that may stand for several, unless these are alike themselves; a full name may have short ones."""
    pairs = {one.pair for one in likenesses}
    partners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in likenesses:
        partners[one.other, one.rule].add(one.name)
        if one.rule != STATED:
            partners[one.name, one.rule].add(one.other)
    vague = {
        key
        for key, others in partners.items()
        if any(one < other and frozenset((one, other)) not in pairs for one, other in product(others, others))
    }
    return [one for one in likenesses if not {(one.name, one.rule), (one.other, one.rule)} & vague]


def _stated(names: Mapping[str, Named], told: Iterable[tuple[str, str]], params: MergeParams) -> Iterator[Likeness]:
    for full, short in dict.fromkeys(told):
        if full in names and short in names and " " in full:
            yield Likeness(full, short, STATED, params.stated if _is_telling(names[short]) else params.nickname)


def _is_telling(short: Named) -> bool:
    """More than one word, or an acronym of three letters at least."""
    capitals = sum(letter.isupper() for letter in short.display)
    return " " in short.name or (2 < len(short.name) <= LONGEST_ACRONYM and capitals * 2 > len(short.display))


def _spelled(names: Mapping[str, Named], params: MergeParams) -> Iterator[Likeness]:
    """Words that are shortened, initials without stops, apostrophes; acronyms with stops; words that are joined."""
    spaced = {name: one for name, one in names.items() if all(len(word) > 1 for word in name.split())}
    capitals = {name: one for name, one in names.items() if one.display.isupper() and _is_acronym(name)}
    longer = {name: one for name, one in names.items() if name not in capitals}
    yield from _same_key(longer, _unshortened, SPELLED, params.spelled)
    yield from _same_key(capitals, lambda one: one.name.replace(" ", ""), STOPS, params.stops)
    yield from _same_key(spaced, lambda one: one.name.replace(" ", ""), JOINED, params.joined)


def _unshortened(one: Named) -> str:
    """Shortened words in full, initials that stand together as one word, and nothing where an apostrophe was."""
    name = normal_name(_APOSTROPHE.sub("", one.display))
    if not _is_acronym(name):
        name = _INITIALS.sub(lambda match: match[0].replace(" ", ""), name)
    return " ".join(_full_words(name))


def _is_acronym(name: str) -> bool:
    """A short word, or letters that stand alone."""
    parts = name.split()
    return len(name) <= LONGEST_ACRONYM if len(parts) == 1 else all(len(part) == 1 for part in parts)


def _by_core(names: Mapping[str, Named], params: MergeParams) -> Iterator[Likeness]:
    """The same without an article in front, or without a corporate suffix at the end; two words at least are left."""
    by_full: dict[str, str] = {" ".join(_full_words(name)): name for name in names}
    for name in names:
        parts = _full_words(name)
        if len(parts) > 2 and parts[0] in _ARTICLES and (other := by_full.get(" ".join(parts[1:]))):
            yield Likeness(other, name, ARTICLE, params.article)
        if len(parts) > 2 and parts[-1] in _SUFFIXES and (other := by_full.get(" ".join(parts[:-1]))):
            yield Likeness(other, name, LEGAL, params.legal)


def _roles(names: Mapping[str, Named], params: MergeParams) -> Iterator[Likeness]:
    """An office before a whole name: "President Abraham Lincoln"."""
    for name in names:
        parts = name.split()
        rest = " ".join(parts[1:])
        if parts[0] in OFFICES and rest in names and _is_person(parts[1:]):
            yield Likeness(rest, name, ROLE, params.role)


def _persons(names: Mapping[str, Named], params: MergeParams) -> Iterator[Likeness]:
    """The same last name, and first names that do not contradict each other: initials, or middle names left out."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in names:
        parts = name.split()
        if _is_person(parts) and parts[0] not in ROLES:
            groups[parts[0][0], parts[-1]].append(name)
    for group in groups.values():
        for one, other in ((one, other) for one, other in product(group, group) if one < other):
            left, right = one.split()[:-1], other.split()[:-1]
            if len(left) == len(right) and _agree(left, right):
                yield Likeness(one, other, INITIALS, params.initials)
            elif left[0] == right[0] and len(left[0]) > 1 and 1 in {len(left), len(right)}:
                yield Likeness(one, other, MIDDLE, params.middle)


def _agree(left: Sequence[str], right: Sequence[str]) -> bool:
    """Word for word the same, or the initial of it."""
    pairs = zip(left, right, strict=True)
    return all(one == other or (1 in {len(one), len(other)} and one[0] == other[0]) for one, other in pairs)


def _one_letter(near: Iterable[tuple[str, str]], params: MergeParams) -> Iterator[Likeness]:
    """A slip inside one long word of several; at the end of a word a letter often makes another word."""
    for one, other in near:
        left, right = one.split(), other.split()
        if len(left) != len(right) or len(left) < 2:
            continue
        differing = [pair for pair in zip(left, right, strict=True) if pair[0] != pair[1]]
        if len(differing) == 1 and min(map(len, differing[0])) >= LONG_WORD and _is_slip(*differing[0]):
            yield Likeness(one, other, LETTER, params.letter)


def _is_slip(one: str, other: str) -> bool:
    """Whether one letter inside is another, or missing, while both ends are the same."""
    if one[:2] != other[:2] or one[-2:] != other[-2:]:
        return False
    shorter, longer = sorted((one, other), key=len)
    same = next((at for at, letter in enumerate(shorter) if letter != longer[at]), len(shorter))
    return shorter[same + (len(shorter) == len(longer)) :] == longer[same + 1 :]


def _is_person(parts: Sequence[str]) -> bool:
    """Two to five words in letters, the last in full, none of which belongs to places or institutions."""
    is_lettered = all(_LETTERS.fullmatch(part) and part not in _NO_PERSON for part in parts)
    return 2 <= len(parts) <= 5 and is_lettered and len(parts[-1]) > 2


def _full_words(name: str) -> list[str]:
    return [_SHORT.get(word, word) for word in name.split()]


def _same_key(names: Mapping[str, Named], key: Callable[[Named], str], rule: str, weight: float) -> Iterator[Likeness]:
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[key(names[name])].append(name)
    for group in groups.values():
        for one, other in product(group, group):
            if one < other:
                yield Likeness(one, other, rule, weight)
