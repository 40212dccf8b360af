"""Which items say what others say already, so that one of them can stand for all. Pure.

Three tests, cheapest first: the same words but for an introduction, the same functional fact, and nearly the same
wording or vector with the same names and numbers. Sources: prefix filtering for joins by overlap, Chaudhuri, Ganti and
Kaushik 2006; the rules are proposals of this project.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import floor

import numpy as np
import regex

from memory.dynamics.checks import require, within
from memory.sleeping.episodes import Episode, Repeat
from memory.types import Kind
from retrieval.normalize import terms

SAME_WORDS = "says the same in the same words"
SAME_FACT = "states the same fact"
SAME_WORDING = "says the same in nearly the same words"
SAME_MEANING = "says the same of the same names and numbers"

_NUMBER = regex.compile(r"\p{Nd}+(?:[.,:/-]\p{Nd}+)*")
_NEGATION = regex.compile(r"\b(?:no|not|never|none|neither|nor|without|nicht|kein\w*|nie)\b|n['’]t\b", regex.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RepeatParams:
    """How alike items must be. Overlap is of stems (Jaccard), closeness the cosine of vectors."""

    turn_overlap: float = 0.9  # of two turns of sessions: what was said in a conversation is told apart by its wording
    overlap: float = 0.75  # of anything else
    closeness: float = 0.9  # of what differs in wording but names the same
    least_names: int = 2  # names and numbers that must be the same for closeness to count
    longest_fact: int = 60  # tokens of a statement that another statement of the same fact may replace
    chunk: int = 1024  # rows of a product of vectors

    def __post_init__(self) -> None:
        require(
            within("turn_overlap", self.turn_overlap, 0.5, 1),
            within("overlap", self.overlap, 0.5, 1),
            within("closeness", self.closeness, 0, 1),
            within("least_names", self.least_names, 1),
            within("longest_fact", self.longest_fact, 0),
            within("chunk", self.chunk, 1),
        )


RECOMMENDED = RepeatParams()


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two items that say the same, and by which test."""

    left: int
    right: int
    why: str


@dataclass(frozen=True, slots=True)
class _Said:
    """What two items must have in common to be compared at all."""

    names: frozenset[str]
    numbers: frozenset[str]
    is_negated: bool


def find(episodes: Sequence[Episode], new: Collection[str], params: RepeatParams = RECOMMENDED) -> list[Repeat]:
    """What may leave recall because another item says it, by survivor; each id is at most once in the answer.

    A pair counts if one of it is in `new`: pairs of two old items were judged on an earlier night. Protected items
    survive, never leave. Of equals the one survives that helped most, then a turn in its session, then the newest.
    """
    ordered = sorted(episodes, key=_by_preference)
    fresh = frozenset(new)
    is_new = [one.id in fresh for one in ordered]
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for pair in _pairs(ordered, is_new, params):
        found[pair.left].setdefault(pair.right, pair.why)
    return _stars(ordered, found)


def _by_preference(one: Episode) -> tuple[bool, int, bool, float, int, str]:
    """Survivors first."""
    return (not one.is_protected, -one.recalls, one.session_id is None, -one.said_at.timestamp(), -one.tokens, one.id)


def _stars(ordered: Sequence[Episode], found: Mapping[int, Mapping[int, str]]) -> list[Repeat]:
    """Each survivor with what it was compared with itself: likeness is not passed on along chains."""
    taken: set[int] = set()
    repeats = []
    for number, survivor in enumerate(ordered):
        if number in taken:
            continue
        mine = {
            other: why
            for other, why in sorted(found.get(number, {}).items())
            if other not in taken and not ordered[other].is_protected
        }
        if not mine:
            continue
        taken |= {number, *mine}
        why = ", ".join(sorted(set(mine.values())))
        repeats.append(Repeat(survivor.id, tuple(sorted(ordered[other].id for other in mine)), why))
    return sorted(repeats, key=lambda one: one.survivor)


def _pairs(ordered: Sequence[Episode], is_new: Sequence[bool], params: RepeatParams) -> Iterator[_Pair]:
    """Pairs (preferred, other), the strictest test first."""
    yield from _same_words(ordered, is_new)
    yield from _same_facts(ordered, is_new, params)
    groups: dict[_Said, list[int]] = defaultdict(list)
    for number, one in enumerate(ordered):
        groups[_said(one)].append(number)
    for said, members in groups.items():
        if len(members) > 1 and any(is_new[number] for number in members):
            yield from _same_wording(ordered, members, is_new, params)
            if len(said.names) + len(said.numbers) >= params.least_names:
                yield from _same_meaning(ordered, members, is_new, params)


def _said(one: Episode) -> _Said:
    return _Said(one.names, frozenset(_NUMBER.findall(one.text)), _NEGATION.search(one.text) is not None)


def _same_words(ordered: Sequence[Episode], is_new: Sequence[bool]) -> Iterator[_Pair]:
    groups: dict[tuple[Kind, str], list[int]] = defaultdict(list)
    for number, one in enumerate(ordered):
        if one.essence:
            groups[one.kind, one.essence].append(number)
    for members in groups.values():
        yield from _with_first(members, is_new, SAME_WORDS)


def _with_first(members: Sequence[int], is_new: Sequence[bool], why: str) -> Iterator[_Pair]:
    """The preferred one stands for all: it is like each of them."""
    if any(is_new[number] for number in members):
        yield from (_Pair(members[0], other, why) for other in members[1:])


def _same_facts(ordered: Sequence[Episode], is_new: Sequence[bool], params: RepeatParams) -> Iterator[_Pair]:
    """Statements outside of sessions that state nothing but the same facts, and name nothing else."""
    groups: dict[frozenset[tuple[str, str, str]], list[int]] = defaultdict(list)
    for number, one in enumerate(ordered):
        is_statement = one.kind is Kind.MEMORY and one.session_id is None and one.tokens <= params.longest_fact
        if one.stated and is_statement:
            groups[one.stated].append(number)
    for members in groups.values():
        if any(is_new[number] for number in members):
            for left, right in combinations(members, 2):
                if (is_new[left] or is_new[right]) and _adds_nothing(ordered[right], ordered[left]):
                    yield _Pair(left, right, SAME_FACT)


def _adds_nothing(one: Episode, survivor: Episode) -> bool:
    """Whether it names nothing that the survivor does not name, apart from what both state."""
    stated = {word for fact in survivor.stated for part in (fact[0], fact[2]) for word in terms(part)}
    known = stated.union(*(terms(name) for name in survivor.names))
    return known.issuperset(word for name in one.names for word in terms(name))


def _same_wording(
    ordered: Sequence[Episode], members: Sequence[int], is_new: Sequence[bool], params: RepeatParams
) -> Iterator[_Pair]:
    words = {number: frozenset(terms(ordered[number].text)) for number in members}
    for left, right in _candidates(words, is_new, params.overlap):
        least = params.turn_overlap if ordered[right].session_id is not None else params.overlap
        if _can_pair(ordered[left], ordered[right]) and _overlap(words[left], words[right]) >= least:
            yield _Pair(left, right, SAME_WORDING)


def _candidates(words: Mapping[int, frozenset[str]], is_new: Sequence[bool], least: float) -> Iterator[tuple[int, int]]:
    """Pairs in order that may overlap by `least`: they share one of their rarest stems (prefix filter)."""
    counts: dict[str, int] = defaultdict(int)
    for own in words.values():
        for word in own:
            counts[word] += 1
    holders: dict[str, list[int]] = defaultdict(list)
    for number, own in words.items():  # numbers ascend
        rarest = sorted(own, key=lambda word: (counts[word], word))
        prefix = rarest[: floor((1 - least) * len(rarest) + 1e-9) + 1]
        before: set[int] = set()
        for word in prefix:
            before.update(other for other in holders[word] if is_new[other] or is_new[number])
            holders[word].append(number)
        yield from ((other, number) for other in sorted(before) if _can_overlap(words[other], own, least))


def _can_overlap(left: frozenset[str], right: frozenset[str], least: float) -> bool:
    small, large = sorted((len(left), len(right)))
    return small >= least * large


def _overlap(left: frozenset[str], right: frozenset[str]) -> float:
    return len(left & right) / max(1, len(left | right))


def _same_meaning(
    ordered: Sequence[Episode], members: Sequence[int], is_new: Sequence[bool], params: RepeatParams
) -> Iterator[_Pair]:
    """Close in vectors, outside of sessions; rows are multiplied by chunks, so that memory is bounded."""
    mine = [number for number in members if ordered[number].session_id is None]
    if len(mine) < 2:
        return
    vectors = np.stack([ordered[number].vector for number in mine])
    for begin in range(0, len(mine), params.chunk):
        close = vectors[begin : begin + params.chunk] @ vectors.T >= params.closeness
        for row, column in np.argwhere(np.triu(close, begin + 1)):
            left, right = mine[begin + int(row)], mine[int(column)]
            if (is_new[left] or is_new[right]) and _can_pair(ordered[left], ordered[right]):
                yield _Pair(left, right, SAME_MEANING)


def _can_pair(left: Episode, right: Episode) -> bool:
    """Documents and memories do not stand for each other, nor what two people say of themselves."""
    return left.kind is right.kind and left.speaker == right.speaker
