"""Which items say what others say already, so that one of them can stand for all. Pure.

Three tests, cheapest first: the same words but for an introduction, the same functional fact, and nearly the same
wording or vector with the same names and numbers. Sources: prefix filtering for joins by overlap, Chaudhuri, Ganti and
Kaushik 2006; the rules are proposals of this project.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import floor

import numpy as np
import regex

from memory.dynamics.checks import require, within
from memory.sleeping.comparing import key_of
from memory.sleeping.episodes import Episode, Repeat, directions
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
    fullest: int = 16  # statements of one fact that others are compared with
    longest_fact: int = 60  # tokens of a statement that another statement of the same fact may replace
    chunk: int = 1024  # rows of a product of vectors

    def __post_init__(self) -> None:
        require(
            within("turn_overlap", self.turn_overlap, 0.5, 1),
            within("overlap", self.overlap, 0.5, 1),
            within("closeness", self.closeness, 0, 1),
            within("least_names", self.least_names, 1),
            within("fullest", self.fullest, 1),
            within("longest_fact", self.longest_fact, 0),
            within("chunk", self.chunk, 1),
        )


RECOMMENDED = RepeatParams()


@dataclass(slots=True)
class _Stars:
    """Survivors, each with what it was compared with itself: likeness is not passed on along chains."""

    ordered: Sequence[Episode]  # by preference; items are known by their numbers here
    is_new: Sequence[bool]
    stars: dict[int, dict[int, str]] = field(default_factory=dict)
    left: set[int] = field(default_factory=set)

    def offer(self, survivor: int, other: int, why: str) -> None:
        """The first offer for an item counts, and what survives for others does not leave."""
        if not (self.is_new[survivor] or self.is_new[other]) or self.ordered[other].is_protected:
            return
        if survivor not in self.left and other not in self.left and other not in self.stars:
            self.stars.setdefault(survivor, {})[other] = why
            self.left.add(other)

    def repeats(self) -> list[Repeat]:
        """By the id of the survivor."""
        found = []
        for survivor, others in self.stars.items():
            gone = sorted((self.ordered[other] for other in others), key=lambda one: one.id)
            editions, tokens = tuple(one.edition for one in gone), tuple(one.tokens for one in gone)
            why = ", ".join(sorted(set(others.values())))
            found.append(Repeat(self.ordered[survivor].edition, editions, tokens, why))
        return sorted(found, key=lambda one: one.survivor.id)


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
    fresh = frozenset(new)
    ordered = sorted(episodes, key=_by_preference)
    stars = _Stars(ordered, [one.id in fresh for one in ordered])
    _same_words(stars)
    _same_facts(stars, params)
    groups: dict[_Said, list[int]] = defaultdict(list)
    for number, one in enumerate(ordered):
        if number not in stars.left:
            groups[_said(one)].append(number)
    for said, members in groups.items():
        if len(members) > 1 and any(stars.is_new[number] for number in members):
            _same_wording(stars, members, params)
            if len(said.names) + len(said.numbers) >= params.least_names:
                _same_meaning(stars, members, params)
    return stars.repeats()


def rough_keys(
    kind: Kind, essence: str, stated: Collection[tuple[str, str, str]], names: Collection[str]
) -> tuple[int, ...]:
    """What items share that repeat each other, as far as it is known without their texts."""
    return (*_told_keys(kind, essence, stated), key_of(frozenset(names)))


def keys(one: Episode) -> tuple[int, ...]:
    """What items share that repeat each other: one of these at least."""
    return (*_told_keys(one.kind, one.essence, one.stated), key_of(_said(one)))


def _told_keys(kind: Kind, essence: str, stated: Collection[tuple[str, str, str]]) -> list[int]:
    found = [key_of((kind, essence))] if essence else []
    return [*found, key_of(frozenset(stated))] if stated else found


def _by_preference(one: Episode) -> tuple[bool, int, bool, float, int, str]:
    """Survivors first."""
    return (not one.is_protected, -one.recalls, one.session_id is None, -one.said_at.timestamp(), -one.tokens, one.id)


def _said(one: Episode) -> _Said:
    return _Said(one.names, frozenset(_NUMBER.findall(one.text)), _NEGATION.search(one.text) is not None)


def _same_words(stars: _Stars) -> None:
    groups: dict[tuple[Kind, str], list[int]] = defaultdict(list)
    for number, one in enumerate(stars.ordered):
        if one.essence:
            groups[one.kind, one.essence].append(number)
    for survivor, *others in groups.values():
        for other in others:
            stars.offer(survivor, other, SAME_WORDS)


def _same_facts(stars: _Stars, params: RepeatParams) -> None:
    """Statements outside of sessions that state nothing but the same facts, and name nothing else."""
    groups: dict[frozenset[tuple[str, str, str]], list[int]] = defaultdict(list)
    for number, one in enumerate(stars.ordered):
        is_statement = one.kind is Kind.MEMORY and one.session_id is None and one.tokens <= params.longest_fact
        if one.stated and is_statement and number not in stars.left:
            groups[one.stated].append(number)
    for members in groups.values():
        for place, survivor in enumerate(members[: params.fullest]):
            for other in members[place + 1 :]:
                if _adds_nothing(stars.ordered[other], stars.ordered[survivor]):
                    stars.offer(survivor, other, SAME_FACT)


def _adds_nothing(one: Episode, survivor: Episode) -> bool:
    """Whether it names nothing that the survivor does not name, apart from what both state."""
    stated = {word for fact in survivor.stated for part in (fact[0], fact[2]) for word in terms(part)}
    known = stated.union(*(terms(name) for name in survivor.names))
    return known.issuperset(word for name in one.names for word in terms(name))


def _same_wording(stars: _Stars, members: Sequence[int], params: RepeatParams) -> None:
    words = {number: frozenset(terms(stars.ordered[number].text)) for number in members}
    for survivor, other in _candidates(words, stars.is_new, params.overlap):
        left, right = stars.ordered[survivor], stars.ordered[other]
        least = params.turn_overlap if right.session_id is not None else params.overlap
        if _can_pair(left, right) and _overlap(words[survivor], words[other]) >= least:
            stars.offer(survivor, other, SAME_WORDING)


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


def _same_meaning(stars: _Stars, members: Sequence[int], params: RepeatParams) -> None:
    """Close in vectors, outside of sessions; rows are multiplied by chunks, so that memory is bounded."""
    mine = [one for one in members if one not in stars.left and stars.ordered[one].session_id is None]
    if len(mine) < 2:
        return
    vectors = directions([stars.ordered[number].vectors for number in mine])
    for begin in range(0, len(mine), params.chunk):
        close = vectors[begin : begin + params.chunk] @ vectors.T >= params.closeness
        for row, survivor in enumerate(mine[begin : begin + params.chunk]):
            if survivor in stars.left:
                continue
            for column in np.flatnonzero(close[row, begin + row + 1 :]):
                other = mine[begin + row + 1 + int(column)]
                if _can_pair(stars.ordered[survivor], stars.ordered[other]):
                    stars.offer(survivor, other, SAME_MEANING)


def _can_pair(left: Episode, right: Episode) -> bool:
    """Documents and memories do not stand for each other, nor what two people say of themselves."""
    return left.kind is right.kind and left.speaker == right.speaker
