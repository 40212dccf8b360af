"""What the mechanisms make of the ranking that search gives. Pure.

Each adds to the score of a memory, in the units of the fused score of search (about one standard deviation of an arm),
by a weight that was measured on the share of the life log for development; then what says the same is folded, and what
is newer comes before what it rivals. Documents are moved by feedback alone, and by a question about somebody who
speaks.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from memory.dynamics import fsrs, presence, rivalry, separation
from memory.dynamics.checks import require, within
from memory.dynamics.fsrs import Strength
from memory.dynamics.substance import PLAIN, SHORT
from memory.dynamics.switches import Dynamics
from retrieval.types import FloatVector


@dataclass(frozen=True, slots=True)
class RankingParams:
    """Weights, in units of the fused score."""

    usefulness: float = 0.5  # of a surprise delta of 1
    substance: float = 1.2  # of a substance of 1
    retention: float = 0.5  # of a retrievability of 1
    salience: float = 0.3  # of a priority of 1
    trust: float = 1.0
    companions: float = 0.3  # of an edge of weight 1 from a better result, with certainty
    companions_from: int = 5  # the best results whose edges count

    def __post_init__(self) -> None:
        names = ("usefulness", "substance", "retention", "salience", "trust", "companions")
        require(*(within(name, getattr(self, name), 0) for name in names))


RECOMMENDED = RankingParams()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A result of search, and what is known of how well its item is remembered."""

    document: str  # id of the item
    score: float
    is_memory: bool = False
    essence: str = ""
    substance: float = PLAIN
    is_theirs: bool = False  # one of those whom the question names said it
    about: Set[str] = frozenset()  # persons and things, by normal name
    said_at: datetime | None = None
    strength: Strength | None = None
    surprise: float = 0.0
    salience: float = 0.5
    trust: float = 1.0
    session: str | None = None  # the conversation that it is a turn of
    followed_by: Sequence[str] = ()  # ids of items that say what holds instead, if nothing that it states still does
    is_asked: bool = False  # it says word for word what is asked for

    @property
    def is_turn(self) -> bool:
        return self.session is not None


@dataclass(frozen=True, slots=True)
class Called:
    """The speakers whom a question names, by all that they are called; whether search preferred what they say."""

    names: Set[str] = frozenset()  # normal
    is_weighed: bool = False


NOBODY = Called()


@dataclass(frozen=True, slots=True)
class Companion:
    """An edge between items that were used together."""

    source: str
    target: str
    weight: float
    variance: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate by its number, with its final score and what each mechanism added to it."""

    number: int
    score: float
    effects: Mapping[str, float]


def rank(
    candidates: Sequence[Candidate],
    vectors: FloatVector,
    companions: Sequence[Companion],
    now: datetime,
    dynamics: Dynamics,
    params: RankingParams = RECOMMENDED,
    is_about_the_past: bool = False,
    question: FloatVector | None = None,
    called: Called = NOBODY,
) -> list[Ranked]:
    """Best first; of equal scores the one that search put first. `vectors` float32[n, d] are of length 1.

    `question` float32[d], of length 1 too, is what memories are told apart by.

    What a better result says already is not among them. A question about the past is not answered by what is newest.
    """
    effects = [_effects(one, now, dynamics, params) for one in candidates]
    if dynamics.separation and question is not None:
        _add_separation(effects, candidates, question, np.asarray(vectors))
    if dynamics.context and called.names:
        _add_context(effects, candidates, called)
    if dynamics.companions:
        _add_companions(effects, candidates, companions, params)
    scored = [
        Ranked(number, one.score + sum(added.values()), added)
        for number, (one, added) in enumerate(zip(candidates, effects, strict=True))
    ]
    scored.sort(key=lambda one: -one.score)
    kept = _folded(scored, candidates) if dynamics.folding else scored
    if is_about_the_past:
        return kept
    rivals = _rivals(kept, candidates, vectors) if dynamics.rivalry else {}
    holding = _holding(kept, candidates) if dynamics.validity else {}
    return _newest_first(kept, rivals, holding)


def _effects(one: Candidate, now: datetime, dynamics: Dynamics, params: RankingParams) -> dict[str, float]:
    """Only what is not 0."""
    added = {"usefulness": params.usefulness * one.surprise if dynamics.usefulness else 0.0}
    if dynamics.trust:
        added["trust"] = params.trust * (one.trust - 1)
    if one.is_memory:
        if dynamics.substance:
            added["substance"] = params.substance * (one.substance - PLAIN)
        if dynamics.salience:
            added["salience"] = params.salience * (one.salience - 0.5)
        if dynamics.retention and one.strength is not None:
            added["retention"] = params.retention * (fsrs.retrievability(one.strength, now) - 1)
    return {name: value for name, value in added.items() if value}


def _add_separation(
    effects: Sequence[dict[str, float]], candidates: Sequence[Candidate], question: FloatVector, vectors: FloatVector
) -> None:
    """Turns are left as they are: what they mean hangs on the turns around them."""
    groups: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(candidates):
        if one.is_memory and not one.is_turn and one.substance <= SHORT:
            for name in sorted(one.about):
                groups[name].append(number)
    scores = np.array([one.score + sum(added.values()) for one, added in zip(candidates, effects, strict=True)])
    for added, value in zip(effects, separation.separated(question, vectors, scores, groups.values()), strict=True):
        if value:
            added["separation"] = float(value)


def _add_context(effects: Sequence[dict[str, float]], candidates: Sequence[Candidate], called: Called) -> None:
    scenes = [
        presence.Scene(one.is_theirs, bool(one.about & called.names), one.session, one.is_turn or not one.is_memory)
        for one in candidates
    ]
    for added, value in zip(effects, presence.presence(scenes, called.is_weighed), strict=True):
        if value:
            added["context"] = float(value)


def _add_companions(
    effects: Sequence[dict[str, float]],
    candidates: Sequence[Candidate],
    companions: Sequence[Companion],
    params: RankingParams,
) -> None:
    """What was used together with one of the best results is raised by its strongest edge."""
    best = {one.document for one in candidates[: params.companions_from]}
    strongest: dict[str, float] = {}
    for edge in companions:
        pull = params.companions * min(edge.weight, 2.0) * (1 - edge.variance)
        for here, there in ((edge.source, edge.target), (edge.target, edge.source)):
            if here in best and pull > strongest.get(there, 0.0):
                strongest[there] = pull
    for one, added in zip(candidates, effects, strict=True):
        if one.document in strongest:
            added["companions"] = strongest[one.document]


def _folded(scored: Sequence[Ranked], candidates: Sequence[Candidate]) -> list[Ranked]:
    seen: dict[str, str] = {}
    kept = []
    for one in scored:
        candidate = candidates[one.number]
        is_foldable = candidate.is_memory and bool(candidate.essence)
        if is_foldable and seen.setdefault(candidate.essence, candidate.document) != candidate.document:
            continue
        kept.append(one)
    return kept


def _rivals(ranked: Sequence[Ranked], candidates: Sequence[Candidate], vectors: FloatVector) -> Mapping[int, int]:
    """By place: the place of the newest rival. What is asked for word for word has none."""
    statements = [
        rivalry.Statement(place, candidate.about, candidate.said_at)
        for place, one in enumerate(ranked)
        if (candidate := candidates[one.number]).said_at is not None
        and candidate.is_memory
        and candidate.substance <= SHORT
        and candidate.about
    ]
    if len(statements) < rivalry.RECOMMENDED.least:
        return {}
    found = rivalry.newer(statements, np.asarray(vectors)[[one.number for one in ranked]])
    return {place: rival for place, rival in found.items() if not candidates[ranked[place].number].is_asked}


def _holding(ranked: Sequence[Ranked], candidates: Sequence[Candidate]) -> Mapping[int, int]:
    """By place of what states nothing that still holds: the place of the last that followed on it, if it is there."""
    places: dict[str, int] = {}
    for place, one in enumerate(ranked):
        places.setdefault(candidates[one.number].document, place)
    found = {}
    for place, one in enumerate(ranked):
        there = [places[later] for later in candidates[one.number].followed_by if later in places]
        if there:
            found[place] = there[-1]
    return found


def _newest_first(ranked: Sequence[Ranked], rivals: Mapping[int, int], holding: Mapping[int, int]) -> list[Ranked]:
    """A memory that is raised takes the score of the one that it comes before; what is stated counts before rivalry."""
    order = rivalry.raised(len(ranked), {**rivals, **holding})
    stated = set(holding.values())
    result: list[Ranked] = []
    for position, place in enumerate(order):
        one = ranked[place]
        ceiling = max((ranked[later].score for later in order[position + 1 :]), default=one.score)
        if one.score < ceiling:
            mechanism = "validity" if place in stated else "rivalry"
            one = Ranked(one.number, ceiling, {**one.effects, mechanism: ceiling - one.score})
        result.append(one)
    return result
