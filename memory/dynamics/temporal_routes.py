"""Splits a question about time into routes that are asked on their own, and fuses what they find. Pure.

Source: ZenBrain repository (Apache-2.0), module `temporal-multi-route`, after EvoReasoner; the fusion is reciprocal
rank fusion (Cormack et al. 2009, k = 60). What the original got wrong and `RECOMMENDED` does not: an item found twice
on one route was counted twice, "first name" and "last name" asked for an order in time, and only English was
understood.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from memory.dynamics.checks import above, require, within
from memory.errors import Problem


class Route(StrEnum):
    """When it was; before, after or between what; how long it took. In the order in which ties are broken."""

    ABSOLUTE = "absolute"
    RELATIVE = "relative"
    DURATION = "duration"


class Order(StrEnum):
    """What a relative route says about the order of what it seeks."""

    BEFORE_ANCHOR = "before-anchor"
    AFTER_ANCHOR = "after-anchor"
    EARLIEST = "earliest"
    LATEST = "latest"
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that speak of time, with the chance (0-1) that they mean this route."""

    route: Route
    pattern: re.Pattern[str]
    confidence: float
    is_stripped: bool = False  # from the sub-question, because it says only what is asked, not about what
    order: Order | None = None


def cue(route: Route, pattern: str, confidence: float, *, is_stripped: bool = False, order: Order | None = None) -> Cue:
    """A cue of whole words, in any case."""
    return Cue(route, re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), confidence, is_stripped, order)


UNITS = "days|weeks|months|years|hours|minutes"
EINHEITEN = "tagen?|wochen|monaten?|jahren?|stunden|minuten"
ENGLISH_ABSOLUTE = (
    cue(Route.ABSOLUTE, "when (?:did|was|will|does|do|is|are|were|had|has)", 0.95, is_stripped=True),
    cue(Route.ABSOLUTE, "what (?:date|day|month|year|time)", 0.9, is_stripped=True),
    cue(Route.ABSOLUTE, "at what time", 0.95, is_stripped=True),
    cue(Route.ABSOLUTE, "on which (?:date|day)", 0.9, is_stripped=True),
)
ENGLISH_ANCHORED = (
    cue(Route.RELATIVE, "before|prior to|preceding|earlier than", 0.9, order=Order.BEFORE_ANCHOR),
    cue(Route.RELATIVE, "after|since|following|subsequent to|later than", 0.9, order=Order.AFTER_ANCHOR),
)
ENGLISH_DURATION = (
    cue(Route.DURATION, r"how long(?:\s+ago)?(?:\s+(?:did|was|has|have|since))?", 0.95, is_stripped=True),
    cue(Route.DURATION, rf"how many (?:{UNITS})(?:\s+(?:ago|since|between|until))?", 0.95, is_stripped=True),
    cue(Route.DURATION, "duration of", 0.85, is_stripped=True),
    cue(Route.DURATION, "for how long", 0.95, is_stripped=True),
    cue(Route.DURATION, "ago|since then", 0.5),
)
COMPAT_CUES = (
    *ENGLISH_ABSOLUTE,
    *ENGLISH_ANCHORED,
    cue(Route.RELATIVE, "first|originally|initially|earliest", 0.85, order=Order.EARLIEST),
    cue(Route.RELATIVE, "last|most recently|latest", 0.85, order=Order.LATEST),
    cue(Route.RELATIVE, "previous(?:ly)?|prior", 0.7, order=Order.BEFORE),
    cue(Route.RELATIVE, "next", 0.6, order=Order.AFTER),
    *ENGLISH_DURATION,
)
CUES = (
    *ENGLISH_ABSOLUTE,
    cue(Route.ABSOLUTE, "wann (?:hat|haben|hatte|ist|sind|war|waren|wird|werden|wurde|wurden)", 0.95, is_stripped=True),
    cue(Route.ABSOLUTE, "(?:an|in) welche[mrns]? (?:tag|datum|monat|jahr)|um wie ?viel uhr", 0.9, is_stripped=True),
    *ENGLISH_ANCHORED,
    cue(Route.RELATIVE, "bevor|früher als", 0.9, order=Order.BEFORE_ANCHOR),
    cue(Route.RELATIVE, "nachdem|seit|seitdem|später als", 0.9, order=Order.AFTER_ANCHOR),
    cue(Route.RELATIVE, "first(?! names?)|originally|initially|earliest", 0.85, order=Order.EARLIEST),
    cue(Route.RELATIVE, "zuerst|ursprünglich|anfangs|zum ersten mal", 0.85, order=Order.EARLIEST),
    cue(Route.RELATIVE, "last(?! names?)|most recently|latest", 0.85, order=Order.LATEST),
    cue(Route.RELATIVE, "zuletzt|zum letzten mal", 0.85, order=Order.LATEST),
    cue(Route.RELATIVE, "previous(?:ly)?|prior|vorher", 0.7, order=Order.BEFORE),
    cue(Route.RELATIVE, "next|danach", 0.6, order=Order.AFTER),
    *ENGLISH_DURATION,
    cue(Route.DURATION, r"(?:seit )?wie lange(?:\s+(?:hat|haben|ist|war|dauert|dauerte))?", 0.95, is_stripped=True),
    cue(Route.DURATION, rf"(?:vor|seit) wie vielen (?:{EINHEITEN})|wie viele (?:{EINHEITEN})", 0.95, is_stripped=True),
)


@dataclass(frozen=True, slots=True)
class TemporalParams:
    """The cues, and how routes are fused."""

    cues: tuple[Cue, ...] = CUES
    rank_offset: float = 60.0  # k of reciprocal rank fusion, >= 0
    agreement: float = 1.2  # factor for what two routes or more found, >= 1
    weights: Mapping[Route, float] = field(default_factory=lambda: MappingProxyType({}))  # 1 where not stated
    counts_duplicates: bool = False  # an item twice on one route counts twice

    def __post_init__(self) -> None:
        require(
            within("rank_offset", self.rank_offset, 0),
            within("agreement", self.agreement, 1),
            *(within(f"weights.{route}", weight, 0) for route, weight in self.weights.items()),
            *(above(f"cues.{each.pattern.pattern}", each.confidence, 0, 1) for each in self.cues),
        )


COMPAT = TemporalParams(cues=COMPAT_CUES, counts_duplicates=True)
RECOMMENDED = TemporalParams()


@dataclass(frozen=True, slots=True)
class SubQuestion:
    """What one route asks."""

    route: Route
    text: str
    confidence: float  # 0-1
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Decomposition:
    """The routes of a question in the order of `Route`;

    one absolute route with the question itself if nothing speaks of time.
    """

    routes: tuple[SubQuestion, ...]
    primary: SubQuestion
    is_temporal: bool


@dataclass(frozen=True, slots=True)
class RouteHit:
    """An item (by its id) that a route found; higher scores are better."""

    item: str
    score: float


@dataclass(frozen=True, slots=True)
class FusedHit:
    """An item with its fused score, the best score that a route gave it, and the routes that found it."""

    item: str
    score: float
    best: float
    routes: tuple[Route, ...]


def decompose(question: str, params: TemporalParams = RECOMMENDED) -> Decomposition:
    """The one to three routes of a question; the primary one is the most confident."""
    found = [each for each in params.cues if each.pattern.search(question)]
    routes = tuple(
        _sub_question(question, route, [each for each in found if each.route == route])
        for route in Route
        if any(each.route == route for each in found)
    )
    if not routes:
        unchanged = SubQuestion(Route.ABSOLUTE, question, 0.5)
        return Decomposition((unchanged,), unchanged, False)
    return Decomposition(routes, max(routes, key=lambda each: each.confidence), True)


def fuse(
    hits: Mapping[SubQuestion, Sequence[RouteHit]], params: TemporalParams = RECOMMENDED, limit: int | None = None
) -> list[FusedHit]:
    """What the routes found, best first.

    Hits without an id are skipped; raises ParamsInvalid for scores that are NaN.
    """
    require(
        *(
            Problem(f"hits.{asked.route}", f"{hit.item} has no score", "send a number")
            for asked, found in hits.items()
            for hit in found
            if math.isnan(hit.score)
        )
    )
    fused: dict[str, FusedHit] = {}
    for asked, found in hits.items():
        weight = asked.confidence * params.weights.get(asked.route, 1.0)
        for rank, hit in enumerate(_ranked(found, params)):
            before = fused.get(hit.item, FusedHit(hit.item, 0.0, -math.inf, ()))
            routes = before.routes if asked.route in before.routes else (*before.routes, asked.route)
            score = before.score + weight / (params.rank_offset + rank + 1)
            fused[hit.item] = FusedHit(hit.item, score, max(before.best, hit.score), routes)
    agreed = [
        FusedHit(hit.item, hit.score * params.agreement, hit.best, hit.routes) if len(hit.routes) > 1 else hit
        for hit in fused.values()
    ]
    return sorted(agreed, key=lambda hit: (-hit.score, -hit.best))[:limit]


def _sub_question(question: str, route: Route, found: Sequence[Cue]) -> SubQuestion:
    doubt = math.prod(1 - each.confidence for each in found)
    order = next((each.order for each in found if each.order), None)
    return SubQuestion(route, _without_cues(question, found), 1 - doubt, order)


def _without_cues(question: str, found: Sequence[Cue]) -> str:
    text = question
    for each in found:
        if each.is_stripped:
            text = each.pattern.sub(" ", text)
    text = " ".join(text.split()).strip(",?. ")
    if len(text.split()) < 2:
        return question
    return f"{text}?" if question.rstrip().endswith("?") else text


def _ranked(found: Sequence[RouteHit], params: TemporalParams) -> list[RouteHit]:
    ranked = sorted((hit for hit in found if hit.item), key=lambda hit: -hit.score)
    if params.counts_duplicates:
        return ranked
    return list({hit.item: hit for hit in reversed(ranked)}.values())[::-1]
