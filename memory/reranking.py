"""Ranks what search found again, by how well each item is remembered: one read of the database, no model."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from sqlalchemy.orm import Session

from memory.dynamics import ranking
from memory.dynamics.fsrs import Strength
from memory.dynamics.ranking import NOBODY, Called, Candidate, Companion
from memory.dynamics.substance import essence
from memory.dynamics.switches import Dynamics
from memory.layers.semantic import successions
from memory.parts import Parts
from memory.store import learning, statements, traces
from memory.store.traces import Standing
from memory.types import Namespace
from retrieval.index import Index
from retrieval.normalize import normal_name
from retrieval.quantize import to_floats
from retrieval.questions import asked
from retrieval.search import Hit, Question, SearchResult
from retrieval.seeds import named_entities
from retrieval.types import FloatVector, PassageId

CANDIDATES = 50  # results of search that are ranked again
CO_RECALL = "co_recall"  # the kind of edges between what was used together
DISTANT_PAST = datetime(1, 1, 1, tzinfo=UTC)

Effects = Mapping[str, float]

_PAST = re.compile(
    r"\b(?:before|formerly|previous(?:ly)?|earlier|used? to|originally|at first|once|former|in the past|no longer|"
    r"(?:was|were|did)\b.*\b(?:old|first)|back then|history of|früher|vorher|zuvor|ehemals?|ehemalig\w*|damals|"
    r"ursprünglich|zuerst|einst)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Nearby:
    """Of each hit: its vector (float32[n, d]), and which of the entities that the question names it mentions.

    `called` are the speakers whom the question names.
    """

    vectors: FloatVector
    named: Sequence[frozenset[str]]
    question: FloatVector  # float32[d], as it was searched for
    called: Called = NOBODY
    speakers: frozenset[str] = frozenset()  # the same, as they are spelled


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database knows of the hits: of passages, between items, and what followed on items that are over."""

    standings: Mapping[str, Standing]
    companions: Sequence[Companion]
    successions: Mapping[str, Sequence[str]]


def candidates_for(dynamics: Dynamics, top_k: int) -> int:
    return max(top_k, CANDIDATES) if dynamics.reranks else top_k


def asks_about_the_past(question: str) -> bool:
    """Whether it asks for what held once: then what was superseded is an answer."""
    return _PAST.search(question) is not None


def describe(index: Index, question: Question, found: SearchResult, dynamics: Dynamics) -> Nearby:
    """While the index does not change."""
    rows = [hit.row for hit in found.hits]
    is_reworded = question.asked is not None and question.asked.wording != question.text
    named_by = named_entities(index, question.text, 1.0) if is_reworded or found.named is None else found.named
    names = {row: index.graph.names[row] for row in named_by}
    named = [
        frozenset(names[int(entity)] for entity in index.graph.mentions_of(row)[0] if int(entity) in names)
        if names
        else frozenset()
        for row in rows
    ]
    vectors = to_floats(index.vectors.codes(np.array(rows, np.int64)))
    called, speakers = _called(index, question) if dynamics.context else (NOBODY, frozenset[str]())
    return Nearby(vectors, named, question.vector, called, speakers)


def _called(index: Index, question: Question) -> tuple[Called, frozenset[str]]:
    known = index.speakers.called(index.columns.values("speaker"))
    speakers = asked(question.text, known).speakers
    if not speakers:
        return NOBODY, speakers
    names = frozenset(name for name, bearers in known.items() if bearers & speakers)
    return Called(names, question.asked is not None and bool(question.asked.speakers)), speakers


def rerank(
    parts: Parts, namespace: Namespace, question: str, found: SearchResult, nearby: Nearby, now: datetime | None
) -> tuple[SearchResult, Mapping[PassageId, Effects]]:
    """The hits in their new order with their new scores, and what each mechanism added. Without `now` nothing fades."""
    if not found.hits:
        return found, {}
    known = parts.database.read(lambda session: _read(session, parts.dynamics, namespace, found.hits))
    asked = {one: essence(question, one) for one in {standing.speaker for standing in known.standings.values()}}
    candidates = [
        _candidate(hit, known, about, nearby.speakers, asked)
        for hit, about in zip(found.hits, nearby.named, strict=True)
    ]
    ranked = ranking.rank(
        candidates,
        nearby.vectors,
        known.companions,
        now or DISTANT_PAST,
        parts.dynamics,
        is_about_the_past=asks_about_the_past(question),
        question=nearby.question,
        called=nearby.called,
    )
    hits = tuple(replace(found.hits[one.number], score=round(one.score, 9)) for one in ranked)
    return replace(found, hits=hits), {found.hits[one.number].id: one.effects for one in ranked}


def _read(session: Session, dynamics: Dynamics, namespace: Namespace, hits: Sequence[Hit]) -> _Known:
    standings = traces.standings(session, namespace.id, [hit.id for hit in hits], dynamics.needs_strength)
    followed: Mapping[str, Sequence[str]] = {}
    if dynamics.validity:
        memories = {one.document for one in standings.values() if one.is_memory}
        stated = statements.steps_of(session, namespace.id, memories)
        followed = successions(stated, statements.followers(session, namespace.id, stated))
    return _Known(standings, _companions(session, dynamics, namespace, hits, standings), followed)


def _companions(
    session: Session, dynamics: Dynamics, namespace: Namespace, hits: Sequence[Hit], standings: Mapping[str, Standing]
) -> list[Companion]:
    if not dynamics.companions:
        return []
    best = {standings[hit.id].document for hit in hits[: ranking.RECOMMENDED.companions_from] if hit.id in standings}
    edges = learning.edges(session, namespace.id, CO_RECALL, best)
    return [Companion(one.source, one.target, one.weight, one.variance) for one in edges]


def _candidate(
    hit: Hit, known: _Known, named: frozenset[str], speakers: frozenset[str], asked: Mapping[str | None, str]
) -> Candidate:
    """`asked` is the essence of the question as each of the speakers would have said it."""
    standing = known.standings.get(hit.id)
    if standing is None:  # deleted since the search
        return Candidate(hit.id, hit.score)
    speaker = normal_name(standing.speaker) if standing.speaker else ""
    return Candidate(
        document=standing.document,
        score=hit.score,
        is_memory=standing.is_memory,
        session=standing.session_id,
        essence=standing.essence,
        substance=standing.substance,
        is_theirs=standing.speaker in speakers,
        is_asked=bool(standing.essence) and standing.essence == asked[standing.speaker],
        about=named | {speaker} if speaker else named,
        said_at=standing.said_at,
        strength=Strength(standing.stability, standing.difficulty, standing.last_recalled)
        if standing.last_recalled
        else None,
        surprise=standing.surprise,
        salience=standing.salience,
        trust=standing.trust,
        followed_by=known.successions.get(standing.document, ()),
    )
