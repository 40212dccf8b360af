"""How hard a question looks, and so how much effort its retrieval deserves. Pure.

Source: the ZenBrain repository (Apache-2.0), module `dopamine-routing`: a predicted reward-prediction error gates the
effort. The sum of shallow features is the original's; it names no measurement behind its weights, and knows English
only.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from memory.dynamics.checks import clip, require, within

CLAUSE = re.compile(r"[,;]|\b(?:and|or|but|while|whereas)\b", re.IGNORECASE)
COMPARISON = re.compile(r"\b(?:before|after|compared to|difference between|than|versus|vs)\b", re.IGNORECASE)
LISTING = re.compile(r"\b(?:how many|how much|list all|each of|which of|every)\b", re.IGNORECASE)
TIME = re.compile(
    r"\b(?:yesterday|today|tomorrow|ago|in the (?:past|future)"
    r"|last (?:year|month|week|day|night)|next (?:year|month|week|day))\b",
    re.IGNORECASE,
)
NEGATION = re.compile(r"\b(?:not|never|except|besides|other than)\b", re.IGNORECASE)
QUESTION_WORD = re.compile(r"(?:when|where|why|how|what|which|who|whom|whose)\b", re.IGNORECASE)


class Route(StrEnum):
    """Fast: vectors and BM25. Hybrid: the graph and PageRank as well. Full: everything there is."""

    FAST = "fast_cache"
    HYBRID = "hybrid"
    FULL = "full_scan"


class Reason(StrEnum):
    """Why the features of the question did not decide."""

    FORCED = "forced"
    EXTERNAL = "external"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class EffortParams:
    """Where the routes part: at or above threshold + band the full one, at or below threshold - band the fast one."""

    threshold: float = 0.5  # difficulty, 0-1
    band: float = 0.05  # half the width of the hybrid range; 0 leaves no hybrid route
    scale: float = 1.0  # multiplies every contributor

    def __post_init__(self) -> None:
        require(
            within("threshold", self.threshold, 0, 1),
            within("band", self.band, 0, 1),
            within("scale", self.scale, 0),
        )


COMPAT = RECOMMENDED = EffortParams()


@dataclass(frozen=True, slots=True)
class Contributors:
    """What each feature of a question adds to its difficulty, before clipping the sum to 1."""

    length: float = 0.0  # 0-.2: words beyond the fifth, full at thirty
    clauses: float = 0.0  # 0-.2
    comparison: float = 0.0  # 0 or .2
    listing: float = 0.0  # 0 or .2
    entities: float = 0.0  # 0-.2: capitalised names beyond the first, full at four
    time: float = 0.0  # 0 or .1
    negation: float = 0.0  # 0 or .1
    question_word: float = 0.0  # 0 or .05
    recent_misses: float = 0.0  # 0-.1

    def total(self) -> float:
        """Difficulty, 0-1."""
        shallow = self.length + self.clauses + self.entities + self.time + self.question_word
        return min(1.0, shallow + self.comparison + self.listing + self.negation + self.recent_misses)


@dataclass(frozen=True, slots=True)
class Effort:
    """The route a question takes, with its reasons."""

    route: Route
    difficulty: float  # 0-1
    contributors: Contributors
    overridden_by: Reason | None = None


def contributors(question: str, recent_misses: int = 0, params: EffortParams = RECOMMENDED) -> Contributors:
    """Features of the question;

    `recent_misses` counts the latest questions of this caller that found nothing useful.
    """
    count = len(question.split())
    scale = params.scale
    return Contributors(
        length=scale * clip((count - 5) / 25) * 0.2,
        clauses=scale * clip(len(CLAUSE.findall(question)) / 3) * 0.2,
        comparison=scale * 0.2 * _has(COMPARISON, question),
        listing=scale * 0.2 * _has(LISTING, question),
        entities=scale * clip((_name_count(question) - 1) / 3) * 0.2,
        time=scale * 0.1 * _has(TIME, question),
        negation=scale * 0.1 * _has(NEGATION, question),
        question_word=scale * 0.05 * bool(QUESTION_WORD.match(question.lstrip())),
        recent_misses=scale * min(0.1, 0.05 * max(0, recent_misses)),
    )


def effort(
    question: str,
    *,
    recent_misses: int = 0,
    external: float | None = None,
    is_full_forced: bool = False,
    params: EffortParams = RECOMMENDED,
) -> Effort:
    """The route of a question. A forced full route wins, then `external` (somebody else's difficulty, clipped to 0-1).

    Raises ParamsInvalid if `external` is not finite.
    """
    if is_full_forced:
        return Effort(Route.FULL, 1.0, Contributors(), Reason.FORCED)
    if external is not None:
        difficulty = clip(external)  # NaN stays, and has no route
        return Effort(route(difficulty, params), difficulty, Contributors(), Reason.EXTERNAL)
    if not question.strip():
        return Effort(Route.FAST, 0.0, Contributors(), Reason.EMPTY)
    found = contributors(question, recent_misses, params)
    return Effort(route(found.total(), params), found.total(), found)


def route(difficulty: float, params: EffortParams = RECOMMENDED) -> Route:
    """The route for a difficulty. Raises ParamsInvalid for one outside 0-1."""
    require(within("difficulty", difficulty, 0, 1))
    if difficulty >= params.threshold + params.band:
        return Route.FULL
    if difficulty <= params.threshold - params.band:
        return Route.FAST
    return Route.HYBRID


def _name_count(question: str) -> int:
    """Capitalised words that are not all capitals;

    the first of a question, or the one after its question word, is no name.
    """
    tokens = [token.strip(".,;:!?\"'()") for token in question.split()]
    start = 2 if tokens and QUESTION_WORD.fullmatch(tokens[0]) else 1
    return sum(len(token) >= 2 and token[0].isupper() and not token.isupper() for token in tokens[start:])


def _has(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.search(text) is not None
