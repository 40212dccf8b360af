"""Gists that an LLM words: statements that their sources support, and quotes of what those leave untold. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from memory.sleeping import telling
from memory.sleeping.episodes import Episode, Gist, Vectors
from memory.sleeping.support import Cited, support
from memory.sleeping.telling import Weights
from memory.sleeping.wording import IDLE, OPENING
from retrieval.extractors.dates import find_dates
from retrieval.normalize import terms


class Outcome(StrEnum):
    """What became of the sources that the LLM was asked about. All but the first get an extractive gist."""

    DISTILLED = "distilled"
    UNREADABLE = "unreadable"
    UNANSWERED = "unanswered"
    UNSUPPORTED = "unsupported"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of a distilled gist with the items that support it."""

    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """Of the LLM, failed requests included."""

    requests: int = 0
    tokens: int = 0  # input and output
    milliseconds: int = 0


@dataclass(frozen=True, slots=True)
class Distillation:
    """What an LLM made of related items. `id` is that of the gist; `dropped` sentences were supported by no source."""

    id: str
    sources: tuple[str, ...]
    outcome: Outcome
    statements: tuple[Statement, ...] = ()
    supported: int = 0
    dropped: int = 0
    cost: Cost = Cost()

    @property
    def text(self) -> str:
        return " ".join(one.text for one in self.statements)


@dataclass(frozen=True, slots=True, eq=False)
class Proposed:
    """A sentence of the LLM, its vector [d], and the sources that it cites."""

    text: str
    vector: Vectors
    cited: tuple[str, ...]


def supported(proposed: Sequence[Proposed], sources: Mapping[str, Cited]) -> list[Statement]:
    """Those that the sources which they cite support, with these."""
    found = (
        Statement(one.text, support(one.text, one.vector, [sources[id_] for id_ in one.cited])) for one in proposed
    )
    return [one for one in found if one.sources]


def completed(kept: Sequence[Statement], sources: Sequence[Episode], weights: Weights, share: float) -> list[Statement]:
    """The statements, and after them as many sentences of the sources as it takes to tell this share of all."""
    sentences = [one for number, source in enumerate(sources) for one in telling.sentences_of(number, source, weights)]
    known = telling.known_of(sources[0])
    said = known | _said(kept, sources)
    missing = telling.told(sentences, said) - (1 - share) * telling.told(sentences, known)
    quoted = []
    for added in telling.by_price(sentences, said):
        if missing <= 1e-9:
            break
        missing -= added.worth
        quoted.append(added.sentence)
    quoted.sort(key=lambda one: (one.source, one.start))
    return [*kept, *(Statement(_quote(sources[one.source], one), (sources[one.source].id,)) for one in quoted)]


def counts(
    made: Sequence[Gist], told: Mapping[tuple[str, ...], Distillation], is_away: bool = False
) -> dict[str, float]:
    """What asking came to, for the report of the stage. `is_away`: the LLM stopped to answer before all was asked."""
    asked = [told[one.sources] for one in made if one.sources in told]
    left = len(made) - len(asked)
    found = {
        "statements": sum(one.supported for one in asked if one.outcome is Outcome.DISTILLED),
        "unsupported": sum(one.dropped for one in asked),
        "unreadable": sum(one.outcome is Outcome.UNREADABLE for one in asked),
        "unanswered": sum(one.outcome is Outcome.UNANSWERED for one in asked) + left * is_away,
        "none_supported": sum(one.outcome is Outcome.UNSUPPORTED for one in asked),
        "too_long": sum(one.outcome is Outcome.TOO_LONG for one in asked),
        "not_asked": left * (not is_away),
        "llm_requests": sum(one.cost.requests for one in told.values()),
        "llm_tokens": sum(one.cost.tokens for one in told.values()),
        "llm_milliseconds": sum(one.cost.milliseconds for one in told.values()),
    }
    return {name: float(count) for name, count in found.items() if count}


def _said(kept: Sequence[Statement], sources: Sequence[Episode]) -> frozenset[str]:
    """Words that need not be told any more: of the statements, of what these say as a date, and what tells nothing."""
    days = {date.names[0] for one in kept for date in find_dates(one.text)}
    dated = (
        source.text[date.start : date.end]
        for source in sources
        for date in find_dates(source.text, source.said_at)
        if date.names[0] in days
    )
    told = (*(one.text for one in kept), *dated, *IDLE, *OPENING)
    return frozenset(word for text in told for word in terms(text))


def _quote(source: Episode, sentence: telling.Telling) -> str:
    return source.text[sentence.start : sentence.end].strip()
