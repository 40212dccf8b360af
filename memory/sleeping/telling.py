"""How much the sentences of items tell: the weight of their rare words, names and numbers, each counted once. Pure.

Source: proposals of this project; greedy coverage by weight for cost after Khuller, Moss and Naor 1999, and its use for
summaries after Lin and Bilmes 2010.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

from memory.sleeping.episodes import Episode, Sentence
from retrieval.normalize import terms

Words = frozenset[str]


@dataclass(frozen=True, slots=True)
class TellingParams:
    """What a word is worth beyond its rarity."""

    name: float = 1.5  # factor of the words of names
    number: float = 1.5  # factor of what has a digit
    asking: float = 0.5  # factor of a sentence that asks


RECOMMENDED = TellingParams()


@dataclass(frozen=True, slots=True)
class Telling:
    """A sentence with what it tells."""

    source: int  # number of its item
    start: int  # in the item's text
    end: int
    tokens: float  # its share of the item's, by characters
    words: Words
    names: Words  # those of them that are part of a name or number
    is_question: bool


class Weights:
    """Rarity of words in a namespace: log(1 + items / items that have the word)."""

    def __init__(self, items: Iterable[Words]) -> None:
        self._counts: Counter[str] = Counter()
        self._items = 0
        for words in items:
            self._counts.update(words)
            self._items += 1

    def of(self, word: str) -> float:
        """Above 0; the same for every word that occurs in one item or none."""
        return log(1 + self._items / max(1, self._counts[word]))


def sentences_of(number: int, one: Episode) -> list[Telling]:
    """The sentences of an item, in order."""
    named = frozenset(word for name in one.names for word in terms(name))
    length = max(1, sum(sentence.end - sentence.start for sentence in one.sentences))
    return [_telling(number, one, sentence, named, length) for sentence in one.sentences]


def _telling(number: int, one: Episode, sentence: Sentence, named: Words, length: int) -> Telling:
    text = one.text[sentence.start : sentence.end]
    words = frozenset(terms(text))
    names = frozenset(word for word in words if word in named or any(sign.isdigit() for sign in word))
    tokens = one.tokens * (sentence.end - sentence.start) / length
    return Telling(number, sentence.start, sentence.end, tokens, words, names, "?" in text)


def worth(telling: Telling, covered: Words | set[str], weights: Weights, params: TellingParams = RECOMMENDED) -> float:
    """What a sentence tells beyond the words that are covered already, >= 0."""
    total = 0.0
    for word in sorted(telling.words.difference(covered)):  # sorted: sums of floats depend on their order
        factor = params.name if word in telling.names else 1.0
        if word.isdigit():
            factor = params.number
        total += factor * weights.of(word)
    return total * (params.asking if telling.is_question else 1.0)


def most_telling(
    sentences: Sequence[Telling], most_tokens: float, weights: Weights, params: TellingParams = RECOMMENDED
) -> list[Telling]:
    """Sentences of up to `most_tokens`, in order, chosen by what they add for a token; empty if none fits."""
    kept: list[Telling] = []
    covered: set[str] = set()
    left = list(sentences)
    room = most_tokens
    while fitting := [one for one in left if one.tokens <= room]:
        best = max(fitting, key=lambda one: (worth(one, covered, weights, params) / max(1.0, one.tokens), -one.source))
        if worth(best, covered, weights, params) <= 0:
            break
        kept.append(best)
        covered |= best.words
        left.remove(best)
        room -= best.tokens
    return sorted(kept, key=lambda one: (one.source, one.start))
