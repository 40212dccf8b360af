"""Recall: the passages that answer a question, from everything that was remembered before it was asked."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from memory.dynamics.effort import Route, effort
from memory.errors import Conflict
from memory.layers.procedural import BOOST, asks_how
from memory.parts import Parts
from memory.reranking import Effects, asks_about_the_past, candidates_for, describe, rerank
from memory.store import derivations, namespaces, passages
from memory.store.passages import Recollected
from memory.types import LayerName, Mode, Namespace, Recall, Recalled, Result, TimeRange, Took
from memory.validation import accept_question
from memory.validity import LONG_AGO, standing
from retrieval.filters import parse
from retrieval.index import Index
from retrieval.predicates import All, Condition, Filter, Not, Operator, Some
from retrieval.search import Hit, Question, SearchParams, SearchResult, search, traced, understood
from retrieval.second_hop import FactParams
from retrieval.types import FactId, PassageId

__all__ = ["Recall", "Recalled", "TimeRange", "recall"]

MOST_RESULTS = 200
MOST_PROCEDURES = 3  # for a question that asks how
PROCEDURAL = LayerName.PROCEDURAL.value
ABSTAIN_BELOW = 0.1  # if even the best result is less likely than this to help, there is no answer here
THOROUGH = SearchParams(per_arm=1000, facts=FactParams(near=12))
FAST = SearchParams()


def recall(
    parts: Parts,
    namespace: Namespace,
    question: Recall,
    params: SearchParams | None = None,
    now: datetime | None = None,
    facts: Sequence[FactId] = (),
) -> Recalled:
    """Sees every write that was acknowledged before. `params` overrides what the mode says, for measurements.

    At `now`, what was superseded or has expired by then is left out; without it, all that was superseded. `facts` are
    those that somebody has recognised as helpful.

    Raises InvalidInput, FilterInvalid, EmbedderError, Conflict if `min_revision` is not there yet.
    """
    started = time.perf_counter()
    text = accept_question(question.query, parts.limits)
    filter_ = filter_of(question)
    chosen = params or _effort(parts, question, text)
    revision = _revision(parts, namespace, question.min_revision)
    with parts.indexes.reading(namespace.id, revision) as index:
        asked = understood(index, text, chosen)
    worded = time.perf_counter()
    put = Question(text, parts.embedder.encode_question(asked.wording), asked)
    encoded = time.perf_counter()
    top_k = max(1, min(question.top_k, MOST_RESULTS))
    wider = candidates_for(parts.dynamics, top_k)
    reading = parts.indexes.reading_whole if question.archived else parts.indexes.reading
    with reading(namespace.id, revision) as index:
        wanted = both(filter_, standing(_at(parts, question, text), now, index.columns.fields))
        found = search(index, put, chosen, wanted, wider, question.explain, facts)
        if asks_how(text) and PROCEDURAL in index.columns.values("layer"):
            ways = both(wanted, [Condition("layer", Operator.EQ, PROCEDURAL)])
            known = search(index, put, chosen, ways, MOST_PROCEDURES, question.explain)
            found = replace(found, hits=with_procedures(found.hits, known.hits)[:wider])
        nearby = describe(index, put, found, parts.dynamics) if parts.dynamics.reranks else None
        revision = index.revision
    effects: Mapping[PassageId, Effects] = {}
    if nearby is not None:
        found, effects = rerank(parts, namespace, text, found, nearby, now)
    results = _results(parts, namespace, found, replace(question, top_k=top_k), effects)
    if question.explain:
        with reading(namespace.id, revision) as later:
            if later is not index:  # it was closed or folded in between: all rows are others
                found = search(later, put, chosen, wanted, wider, True, facts)
            results = with_paths(later, found, results)
    id_ = "" if now is None else parts.recalls.add(namespace.id, results, now)
    ended = time.perf_counter()
    return Recalled(
        results=results,
        abstained=not results or max(one.hit.probability for one in results) < ABSTAIN_BELOW,
        revision=revision,
        seeds=found.seeds,
        facts=found.facts,
        took=Took(1e3 * (encoded - worded), 1e3 * (ended - encoded + worded - started), 1e3 * (ended - started)),
        id=id_,
    )


def _effort(parts: Parts, question: Recall, text: str) -> SearchParams:
    """How far the search goes: as the caller says, or further for a question that looks hard."""
    is_hard = parts.dynamics.effort and effort(text).route is Route.FULL
    return THOROUGH if is_hard or question.mode is Mode.THOROUGH else FAST


def _at(parts: Parts, question: Recall, text: str) -> Recall:
    """A question about the past, or one for all that was ever said, is not answered by what holds alone."""
    if parts.dynamics.validity and not asks_about_the_past(text):
        return question
    return replace(question, superseded=True)


def with_procedures(hits: Sequence[Hit], procedures: Sequence[Hit]) -> tuple[Hit, ...]:
    """For a question that asks how: procedures count more than what else was found, and are there in any case."""
    raised = {hit.id: replace(hit, score=hit.score + BOOST) for hit in procedures}
    merged = [*(hit for hit in hits if hit.id not in raised), *raised.values()]
    return tuple(sorted(merged, key=lambda hit: -hit.score))


def filter_of(question: Recall) -> Filter | None:
    """All conditions of the question in one filter; None if there are none. Raises FilterInvalid."""
    wanted: list[Filter] = []
    if question.filters:
        wanted.append(parse(question.filters))
    if question.time_range is not None:
        wanted.append(happened_in(question.time_range))
    if question.document_ids is not None:
        wanted.append(Condition("document_id", Operator.IN, tuple(question.document_ids)))
    if question.speakers is not None:
        wanted.append(Condition("speaker", Operator.IN, tuple(question.speakers)))
    if question.layers is not None:
        wanted.append(Condition("layer", Operator.IN, tuple(question.layers)))
    return both(None, wanted)


def both(filter_: Filter | None, more: Sequence[Filter]) -> Filter | None:
    """All of these conditions in one filter; None if there are none."""
    wanted = [*([] if filter_ is None else [filter_]), *more]
    if not wanted:
        return None
    return wanted[0] if len(wanted) == 1 else All(tuple(wanted))


def happened_in(time_range: TimeRange) -> Filter:
    """What happened in this time; where that is unknown, what was recorded in it."""
    is_dated = Condition("occurred_at", Operator.GTE, LONG_AGO)
    undated = (Not(is_dated), *_within("recorded_at", time_range))
    return Some((All((is_dated, *_within("occurred_at", time_range))), All(undated)))


def _within(field: str, time_range: TimeRange) -> Sequence[Filter]:
    bounds: list[Filter] = []
    if time_range.start is not None:
        bounds.append(Condition(field, Operator.GTE, time_range.start.timestamp()))
    if time_range.end is not None:
        bounds.append(Condition(field, Operator.LT, time_range.end.timestamp()))
    return bounds


def _revision(parts: Parts, namespace: Namespace, at_least: int | None) -> int:
    current = parts.database.read(lambda session: namespaces.revision(session, namespace.id))
    if at_least is not None and at_least > current:
        raise Conflict(f"Revision {at_least} is not there yet; this namespace is at {current}.")
    return current


def _results(
    parts: Parts,
    namespace: Namespace,
    found: SearchResult,
    question: Recall,
    effects: Mapping[PassageId, Effects],
) -> tuple[Result, ...]:
    """Best first. What was deleted since the search is left out."""
    hits = [hit for hit in found.hits if question.threshold is None or hit.probability >= question.threshold]
    hits = hits[: question.top_k]
    ids = [hit.id for hit in hits]
    rows, stands_for = parts.database.read(lambda session: _recollected(session, namespace, ids))
    results = [
        Result(
            hit.id,
            (row := rows[hit.id]).text,
            row.document,
            hit,
            effects=effects.get(hit.id, {}),
            sources=tuple(stands_for.get(row.document.id, ())),
        )
        for hit in hits
        if hit.id in rows
    ]
    if question.max_tokens is None:
        return tuple(results)
    return tuple(within_budget(parts, results, question.max_tokens))


def _recollected(
    session: Session, namespace: Namespace, ids: Sequence[PassageId]
) -> tuple[Mapping[PassageId, Recollected], Mapping[str, Sequence[str]]]:
    """The passages, and what their items stand for."""
    rows = passages.recollect(session, namespace.id, ids) if ids else {}
    return rows, derivations.sources_of(session, namespace.id, {row.document.id for row in rows.values()})


def with_paths(index: Index, found: SearchResult, results: Sequence[Result]) -> tuple[Result, ...]:
    """The results with the paths of their hits, as far as this index has them."""
    hits = {hit.id: hit for hit in found.hits}
    shown = traced(index, found, [hits[one.hit.id] for one in results if one.hit.id in hits])
    paths = {hit.id: hit.path for hit in shown}
    return tuple(replace(one, hit=replace(one.hit, path=paths.get(one.hit.id, ()))) for one in results)


def within_budget(parts: Parts, results: Sequence[Result], most: int) -> list[Result]:
    """Whole passages in their order; one that does not fit gives way to a shorter one."""
    kept = []
    for result in results:
        tokens = parts.embedder.count_tokens(result.text)
        if tokens <= most:
            kept.append(result)
            most -= tokens
    return kept
