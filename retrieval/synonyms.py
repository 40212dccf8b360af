"""Near names: under which keys they meet and how near they are; pure and symmetric, for normal names only.

Names that are near share a key, so that a new name is compared only with those it meets, never with all.
"""

from collections.abc import Iterator
from functools import lru_cache

import regex

from retrieval.extractors.english import COURTESIES, FUNCTION_WORDS, TAILS

ACRONYM = 0.8
SHORT_ACRONYM = 0.6  # two letters: more chance, less certainty
SAME_BARE = 0.95  # the same but for an article, a courtesy or a corporate suffix
WITHOUT_MIDDLE = 0.9  # John Kennedy, John Fitzgerald Kennedy
LAST_NAME = 0.6
FIRST_NAME = 0.5
ONE_EDIT = 0.9
SHORTEST_SPELLING = 6  # letters of a name whose spelling may vary
LONGEST_ACRONYM = 6

_EDGES = "the a an la le les el los das die der il lo"
_SUFFIXES = "inc incorporated ltd limited llc llp plc corp corporation co company gmbh ag sa spa nv bv kg jr sr"
_PLACES = """
battle cape central city county east eastern el fort grand great lake las los lower mount national new north northern
old port river road royal saint san santa school south southern st state street united university upper war west western
world
"""
_ARTICLES = frozenset(["the", "a", "an"])
_LEGAL = frozenset(_SUFFIXES.split())
_NO_PERSON = frozenset(_PLACES.split()) | TAILS | FUNCTION_WORDS
_SPELLED = regex.compile(r"(?<![^ ])(\p{L})(?: (\p{L})(?![^ ]))+")
_LETTERS = regex.compile(r"[\p{L}\p{M}]+")


def keys(name: str) -> set[str]:
    """The lookup keys of a normal name: names that are near share at least one."""
    bare = bare_name(name)
    parts = bare.split()
    if not parts:
        return set()
    found = {f"={bare}"}
    if len(parts) == 1 and 2 <= len(bare) <= LONGEST_ACRONYM and bare.isalpha():
        found.add(f"acronym {bare}")
    found.update(f"acronym {acronym}" for acronym in _acronyms(bare))
    found.update(_person_keys(parts))
    if _may_vary(bare):
        found.update(_spelling_keys(bare.replace(" ", "")))
    return found


def similarity(left: str, right: str) -> float:
    """How near two normal names are: 1 the same, 0 not near."""
    if left == right:
        return 1.0
    first, second = sorted((bare_name(left), bare_name(right)), key=lambda bare: (len(bare.split()), bare))
    if not first or not second:
        return 0.0
    if first == second:
        return SAME_BARE
    return max(_by_acronym(first, second), _by_words(first.split(), second.split()), _by_spelling(first, second))


@lru_cache(maxsize=100_000)
def bare_name(name: str) -> str:
    """The name without article, courtesies and corporate suffix, and with spelled letters joined: u s -> us."""
    parts = _SPELLED.sub(lambda match: match[0].replace(" ", ""), name).split()
    while len(parts) > 1 and (parts[0] in _ARTICLES or parts[0] in COURTESIES):
        parts = parts[1:]
    while len(parts) > 1 and parts[-1] in _LEGAL:
        parts = parts[:-1]
    return " ".join(parts)


def _acronyms(bare: str) -> set[str]:
    """Initials of all words, and of all but the function words."""
    parts = bare.split()
    if len(parts) < 2 or not all(part[0].isalpha() for part in parts):
        return set()
    every = "".join(part[0] for part in parts)
    heavy = "".join(part[0] for part in parts if part not in FUNCTION_WORDS)
    return {acronym for acronym in (every, heavy) if 2 <= len(acronym) <= LONGEST_ACRONYM}


def _by_acronym(shorter: str, longer: str) -> float:
    if " " in shorter or shorter not in _acronyms(longer):
        return 0.0
    return ACRONYM if len(shorter) > 2 else SHORT_ACRONYM


def _is_person_like(parts: list[str]) -> bool:
    """Two or three words in letters, none of which belongs to places or institutions."""
    return 2 <= len(parts) <= 3 and all(_LETTERS.fullmatch(part) and part not in _NO_PERSON for part in parts)


def _is_single(parts: list[str]) -> bool:
    return len(parts) == 1 and len(parts[0]) >= 3 and _LETTERS.fullmatch(parts[0]) is not None


def _person_keys(parts: list[str]) -> Iterator[str]:
    if _is_single(parts):
        yield from (f"first {parts[0]}", f"last {parts[0]}")
    elif _is_person_like(parts):
        yield from (f"first {parts[0]}", f"last {parts[-1]}", f"ends {parts[0]} {parts[-1]}")


def _by_words(fewer: list[str], more: list[str]) -> float:
    """The same person by last name, first name, or without the name between."""
    if not _is_person_like(more) or len(fewer) == len(more):
        return 0.0
    if _is_single(fewer):
        return LAST_NAME if fewer[0] == more[-1] else FIRST_NAME if fewer[0] == more[0] else 0.0
    return WITHOUT_MIDDLE if _is_person_like(fewer) and [fewer[0], fewer[-1]] == [more[0], more[-1]] else 0.0


def _may_vary(bare: str) -> bool:
    """Numbers never vary, and short names are too close to one another."""
    return len(bare.replace(" ", "")) >= SHORTEST_SPELLING and bare.replace(" ", "").isalpha() and bare.count(" ") < 4


def _spelling_keys(letters: str) -> Iterator[str]:
    """One edit leaves the first or the second half of a name as it was; the key says how long the shorter name is."""
    for shorter in (len(letters), len(letters) - 1):
        if shorter >= SHORTEST_SPELLING:
            half = shorter // 2
            yield f"head {shorter} {letters[:half]}"
            yield f"tail {shorter} {letters[len(letters) - (shorter - half) :]}"


def _by_spelling(left: str, right: str) -> float:
    """Names that differ by one letter, in a word of at least six; spaces do not count."""
    if not (_may_vary(left) and _may_vary(right)):
        return 0.0
    one, other = left.replace(" ", ""), right.replace(" ", "")
    if one == other:
        return SAME_BARE
    differing = [pair for pair in zip(left.split(), right.split(), strict=False) if pair[0] != pair[1]]
    if left.count(" ") != right.count(" ") or len(differing) != 1:
        return 0.0
    if min(map(len, differing[0])) < SHORTEST_SPELLING:
        return 0.0
    return ONE_EDIT if _is_one_edit(one, other) else 0.0


def _is_one_edit(one: str, other: str) -> bool:
    """Whether one letter inserted, left out or changed makes them the same."""
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > 1:
        return False
    same = 0
    while same < len(shorter) and shorter[same] == longer[same]:
        same += 1
    return shorter[same + (len(shorter) == len(longer)) :] == longer[same + 1 :]
