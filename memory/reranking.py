"""Ranks what search found again, by how well each item is remembered: one read of the database, no model."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from sqlalchemy.orm import Session

from memory.dynamics import ranking
from memory.dynamics.fsrs import Strength
from memory.dynamics.ranking import Candidate, Companion
from memory.dynamics.switches import Dynamics
from memory.parts import Parts
from memory.store import learning, traces
from memory.store.traces import Standing
from memory.types import Namespace
from retrieval.index import Index
from retrieval.normalize import normal_name
from retrieval.quantize import to_floats
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
    """Of each hit: its vector (float32[n, d]), and which of the entities that the question names it mentions."""

    vectors: FloatVector
    named: Sequence[frozenset[str]]
    question: FloatVector  # float32[d], as it was searched for


def candidates_for(dynamics: Dynamics, top_k: int) -> int:
    return max(top_k, CANDIDATES) if dynamics.reranks else top_k


def asks_about_the_past(question: str) -> bool:
    """Whether it asks for what held once: then what was superseded is an answer."""
    return _PAST.search(question) is not None


def describe(index: Index, question: Question, found: SearchResult) -> Nearby:
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
    return Nearby(to_floats(index.vectors.codes(np.array(rows, np.int64))), named, question.vector)


def rerank(
    parts: Parts, namespace: Namespace, question: str, found: SearchResult, nearby: Nearby, now: datetime | None
) -> tuple[SearchResult, Mapping[PassageId, Effects]]:
    """The hits in their new order with their new scores, and what each mechanism added. Without `now` nothing fades."""
    if not found.hits:
        return found, {}
    standings, companions = parts.database.read(lambda session: _read(session, parts.dynamics, namespace, found.hits))
    asked = f" {normal_name(question)} "
    candidates = [
        _candidate(hit, standings.get(hit.id), about, asked)
        for hit, about in zip(found.hits, nearby.named, strict=True)
    ]
    ranked = ranking.rank(
        candidates,
        nearby.vectors,
        companions,
        now or DISTANT_PAST,
        parts.dynamics,
        is_about_the_past=asks_about_the_past(question),
        question=nearby.question,
    )
    hits = tuple(replace(found.hits[one.number], score=round(one.score, 9)) for one in ranked)
    return replace(found, hits=hits), {found.hits[one.number].id: one.effects for one in ranked}


def _read(
    session: Session, dynamics: Dynamics, namespace: Namespace, hits: Sequence[Hit]
) -> tuple[dict[str, Standing], list[Companion]]:
    standings = traces.standings(session, namespace.id, [hit.id for hit in hits], dynamics.needs_strength)
    if not dynamics.companions:
        return standings, []
    best = {standings[hit.id].document for hit in hits[: ranking.RECOMMENDED.companions_from] if hit.id in standings}
    edges = learning.edges(session, namespace.id, CO_RECALL, best)
    return standings, [Companion(one.source, one.target, one.weight, one.variance) for one in edges]


def _candidate(hit: Hit, known: Standing | None, named: frozenset[str], asked: str) -> Candidate:
    if known is None:  # deleted since the search
        return Candidate(hit.id, hit.score)
    speaker = normal_name(known.speaker) if known.speaker else ""
    return Candidate(
        document=known.document,
        score=hit.score,
        is_memory=known.is_memory,
        is_turn=known.session_id is not None,
        essence=known.essence,
        substance=known.substance,
        is_named=bool(speaker) and f" {speaker} " in asked,
        about=named | {speaker} if speaker else named,
        said_at=known.said_at,
        strength=Strength(known.stability, known.difficulty, known.last_recalled) if known.last_recalled else None,
        surprise=known.surprise,
        salience=known.salience,
        trust=known.trust,
    )
