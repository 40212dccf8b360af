"""How much the sentences of items tell, and how likely they are to be asked for. Pure.

What a sentence tells is the weight of its rare words, names and numbers, each counted once in an item. How likely a
turn of a conversation is to be asked for is a logistic model of what can be seen of it. Sources: greedy coverage by
weight for cost after Khuller, Moss and Naor 1999, for summaries after Lin and Bilmes 2010; weights and model are
proposals of this project, fitted on LoCoMo with conversations held out.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import exp, log, sqrt

import regex

from memory.sleeping import clauses
from memory.sleeping.clauses import Clause
from memory.sleeping.episodes import Episode
from retrieval.normalize import terms

NAMED = 1.5  # what a word of a name or number is worth more
OVERHEAD = 5  # tokens that any sentence costs, so that fragments are no bargains
UNKNOWN = 0.04  # chance that a usual sentence is missed of what is no turn: its names lead to it without its words
USUAL = 25  # tokens of a usual sentence
LEAD = 1.3  # factor for the first sentence of such an item: it says what the rest is about

_TIME = regex.compile(
    r"\b(?:yesterday|last|next|week|month|year|ago|today|tomorrow|weekend|since|morning|night)\b", regex.IGNORECASE
)
_FIRST = regex.compile(r"\b(?:i|we|my|our|me)\b", regex.IGNORECASE)
_SECOND = regex.compile(r"\b(?:you|your)\b", regex.IGNORECASE)
_DIGIT = regex.compile(r"\p{Nd}")


class Weights:
    """Rarity of words in a namespace, above 0 to 1: log(1 + items / items that have the word) / log(1 + items)."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._counts: Counter[str] = Counter()
        self._known: dict[str, float] = {}
        self._items = 0
        for text in texts:
            self._counts.update(frozenset(terms(text)))
            self._items += 1

    def of(self, word: str) -> float:
        """The same for every word that occurs in one item or none."""
        known = self._known.get(word)
        if known is None:
            known = log(1 + self._items / max(1, self._counts[word])) / log(1 + max(1, self._items))
            self._known[word] = known
        return known


@dataclass(frozen=True, slots=True)
class Telling:
    """A sentence, or a clause of one, with what it tells: its words with their weights."""

    source: int  # number of its item
    start: int  # in the item's text
    end: int
    tokens: float  # its share of the item's, by characters
    words: Mapping[str, float]
    names: int  # words of names that it has, the speaker's apart
    sentence: int = 0  # number of its sentence in the item
    bears: bool = False  # the other clauses of its sentence say something else without it


@dataclass(frozen=True, slots=True)
class Place:
    """Where a turn stands in its conversation."""

    is_answer: bool = False  # the turn before it asks
    is_ending: bool = False  # of the last turns of the session, which say goodbye


def sentences_of(number: int, one: Episode, weights: Weights) -> list[Telling]:
    """The sentences of an item, in order."""
    whole = [[Clause(sentence.start, sentence.end)] for sentence in one.sentences]
    return _telling(number, one, weights, whole)


def clauses_of(number: int, one: Episode, weights: Weights) -> list[Telling]:
    """The clauses of an item's sentences, in order."""
    return _telling(number, one, weights, [clauses.clauses_of(one.text, sentence) for sentence in one.sentences])


def _telling(number: int, one: Episode, weights: Weights, parts: Sequence[Sequence[Clause]]) -> list[Telling]:
    named = {word for name in one.names for word in terms(name)}
    speaker = frozenset(terms(one.speaker or ""))
    length = max(1, sum(part.end - part.start for some in parts for part in some))
    found = []
    for ordinal, part in ((ordinal, part) for ordinal, some in enumerate(parts) for part in some):
        words = {
            word: weights.of(word) * (NAMED if word in named or _DIGIT.search(word) else 1.0)
            for word in dict.fromkeys(terms(one.text[part.start : part.end]))
        }
        tokens = one.tokens * (part.end - part.start) / length
        names = sum(word in named and word not in speaker for word in words)
        found.append(Telling(number, part.start, part.end, tokens, words, names, ordinal, part.bears))
    return found


def known_of(one: Episode) -> frozenset[str]:
    """Words that stand with an item whatever its text is: of its title and its speaker."""
    return frozenset((*terms(one.title), *terms(one.speaker or "")))


@dataclass(frozen=True, slots=True)
class Added:
    """A sentence, what it adds to those before it, and that for its room: what leaving it out is expected to cost."""

    sentence: Telling
    worth: float
    price: float


def by_price(
    sentences: Sequence[Telling], known: Set[str] = frozenset(), chances: Sequence[float] | None = None
) -> Iterator[Added]:
    """All sentences from the dearest to the cheapest, each at its price after those before it; the earlier of equals.

    The price is the chance that a sentence is asked for, times its share of what all tell, for the root of its tokens:
    by the root, as evidence in LoCoMo grew with length, though not in proportion. Lazy: a price never grows, so that
    only the one on top is looked at again.
    """
    factors = [chance / (told(sentences, known) or 1.0) for chance in chances or [1.0] * len(sentences)]
    scales = [factor / sqrt(one.tokens + OVERHEAD) for factor, one in zip(factors, sentences, strict=True)]
    covered = set(known)
    heap = [(-_worth(one, covered) * scales[number], number) for number, one in enumerate(sentences)]
    heapify(heap)
    while heap:
        before, number = heappop(heap)
        worth = _worth(sentences[number], covered)
        now = -worth * scales[number]
        if now > before:
            heappush(heap, (now, number))
            continue
        yield Added(sentences[number], worth, -now)
        covered.update(sentences[number].words)


def told(sentences: Iterable[Telling], known: Set[str] = frozenset()) -> float:
    """What all of them tell beyond what is known, each word once."""
    weights: dict[str, float] = {}
    for one in sentences:
        for word, weight in one.words.items():
            if word not in known:
                weights[word] = max(weight, weights.get(word, 0.0))
    return sum(weights.values())


def _worth(one: Telling, covered: Set[str]) -> float:
    return sum(weight for word, weight in one.words.items() if word not in covered)


def signs(one: Episode, sentence: Telling, place: Place, turn: float) -> tuple[float, ...]:
    """What the model sees of a sentence of a turn that as a whole tells `turn`; in the order of `SIGNS`."""
    text = one.text[sentence.start : sentence.end]
    return (
        log(1 + turn),
        float(min(3, sentence.names)),
        float(_TIME.search(text) is not None),
        float(_FIRST.search(text) is not None),
        float(_SECOND.search(text) is not None),
        float("?" in text),
        float(place.is_answer),
        float(place.is_ending),
        float(_DIGIT.search(text) is not None),
    )


SIGNS: Mapping[str, float] = {
    "logarithm of what the turn tells": 1.5,
    "names and numbers, up to 3": 0.25,
    "says when": 1.0,
    "speaks of the speaker": 0.15,
    "speaks of the other": -0.4,
    "asks": -0.2,
    "answers": 1.0,
    "ends the session": -0.8,
    "has a digit": 0.3,
}
BIAS = -4.8


def chance(one: Episode, sentence: Telling, place: Place, turn: float) -> float:
    """How likely a sentence is to be asked for, 0 to 1; not known for what is no turn of a conversation.

    Of what is no turn, short sentences are worth more, so that their price is for their tokens and not for the root.
    """
    if one.session_id is None:
        factor = sqrt((USUAL + OVERHEAD) / (sentence.tokens + OVERHEAD))
        return UNKNOWN * factor * (LEAD if sentence.sentence == 0 else 1.0)
    seen = signs(one, sentence, place, turn)
    return 1 / (1 + exp(-BIAS - sum(weight * sign for weight, sign in zip(SIGNS.values(), seen, strict=True))))
