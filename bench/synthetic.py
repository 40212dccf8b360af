"""A made-up world of any size: names and words by Zipf's law, documents and sessions of realistic length."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from memory.types import Draft, Kind

SYLLABLES = ("ba", "che", "dra", "fi", "gor", "hen", "jul", "ka", "lir", "mo", "nel", "pos", "ru", "sta", "tiv", "zo")
BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
TURNS = 30  # of a session
VARIANTS = 1_000_003  # seeds lie apart by this much


@dataclass(frozen=True, slots=True)
class WorldParams:
    """How the world looks. Lengths are in words."""

    passages: int
    seed: int = 0
    names_per_passage: float = 0.25  # distinct names in the world, for each passage
    zipf: float = 1.05
    words: int = 20_000
    chat_share: float = 0.3
    document_length: float = 75.0  # median
    turn_length: float = 22.0
    spread: float = 0.35  # standard deviation of the logarithm of the length
    names_in_text: int = 6


class World:
    """Drafts and questions that depend on the params alone."""

    def __init__(self, params: WorldParams) -> None:
        self._params = params
        rng = np.random.default_rng(params.seed)
        self.words = _spellings(params.words, rng)
        count = max(50, int(params.passages * params.names_per_passage))
        given, family = _spellings(2_000, rng), _spellings(max(200, count // 50), rng)
        self.names = [
            f"{given[g].capitalize()} {family[f].capitalize()}"
            for g, f in zip(rng.integers(0, len(given), count), rng.integers(0, len(family), count), strict=True)
        ]
        self.name_law = _zipf(len(self.names), params.zipf)
        self.word_law = _zipf(len(self.words), params.zipf)

    def drafts(self, variant: int = 0) -> Iterator[Draft]:
        """One passage each, chat sessions among documents; every variant is another draw from the same world."""
        rng = np.random.default_rng((self._params.seed + VARIANTS * variant, 1))
        number = 0
        while number < self._params.passages:
            count = min(TURNS, self._params.passages - number)
            is_chat = rng.random() < self._params.chat_share
            for turn in range(count):
                yield self._turn(rng, number + turn, number) if is_chat else self._document(rng, number + turn)
            number += count

    def questions(self, count: int) -> list[str]:
        """Each names one or two names of the world, and asks in its words."""
        rng = np.random.default_rng((self._params.seed, 2))
        found = []
        for _ in range(count):
            names = " and ".join(self._some_names(rng, int(rng.integers(1, 3))))
            found.append(f"What did {names} {' '.join(self._some_words(rng, 5))}?")
        return found

    def single(self, number: int) -> Draft:
        """A turn that `drafts` does not hold, for a write on its own."""
        return self._turn(np.random.default_rng((self._params.seed, 3, number)), number, -1)

    def _document(self, rng: np.random.Generator, number: int) -> Draft:
        names = self._some_names(rng, self._params.names_in_text)
        text = self._text(rng, names, self._params.document_length)
        return Draft(Kind.DOCUMENT, text, title=names[0], external_id=f"d{number}", metadata={"part": number % 7})

    def _turn(self, rng: np.random.Generator, number: int, session: int) -> Draft:
        names = self._some_names(rng, 2)
        return Draft(
            Kind.MEMORY,
            self._text(rng, names, self._params.turn_length),
            external_id=f"t{session}-{number}",
            occurred_at=BEGINNING + timedelta(minutes=number),
            speaker=self.names[(session + number % 2) % len(self.names)],
            session_id=f"session-{session}",
        )

    def _text(self, rng: np.random.Generator, names: list[str], median: float) -> str:
        """Sentences of about a dozen words with the names strewn in."""
        length = max(6, int(rng.lognormal(np.log(median), self._params.spread)))
        words = self._some_words(rng, length)
        for name, place in zip(names, rng.integers(1, length, len(names)), strict=True):
            words[place] = name
        sentences = [" ".join(words[start : start + 12]) for start in range(0, length, 12)]
        return " ".join(f"{sentence[0].upper()}{sentence[1:]}." for sentence in sentences)

    def _some_names(self, rng: np.random.Generator, count: int) -> list[str]:
        return [self.names[i] for i in np.searchsorted(self.name_law, rng.random(count))]

    def _some_words(self, rng: np.random.Generator, count: int) -> list[str]:
        return [self.words[i] for i in np.searchsorted(self.word_law, rng.random(count))]


def _zipf(count: int, exponent: float) -> NDArray[np.float64]:
    """Cumulative shares of ranks 1 to count."""
    shares = np.arange(1, count + 1) ** -exponent
    total: NDArray[np.float64] = np.cumsum(shares) / shares.sum()
    total[-1] = 1.0
    return total


def _spellings(count: int, rng: np.random.Generator) -> list[str]:
    """Distinct words of two to four syllables."""
    found: dict[str, None] = {}
    while len(found) < count:
        chosen = rng.integers(len(SYLLABLES), size=int(rng.integers(2, 5)))
        found["".join([SYLLABLES[number] for number in chosen])] = None
    return list(found)
