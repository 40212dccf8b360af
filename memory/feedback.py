"""Feedback: what became of results. Reviews, learned edges, surprise, reconsolidation and judgements, in one write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeGuard

from sqlalchemy.orm import Session

from memory import levels
from memory.dynamics import fsrs, neuromodulators, surprise, two_factor
from memory.dynamics.fsrs import Rating
from memory.dynamics.metacognition import EvidenceKind
from memory.dynamics.neuromodulators import Event, NeuromodulatorState, Signal
from memory.errors import InvalidInput, NotFound, Problem
from memory.ids import known_form
from memory.layers.learning import Edge, Judgement, Review
from memory.layers.traces import Trace, strength_of
from memory.parts import Parts
from memory.recall_log import Remembering
from memory.reconsolidating import Changed, Plan, carry_out, distance, plan
from memory.remember import remember
from memory.reranking import CO_RECALL
from memory.store import documents, learning, namespaces, passages, reviews, traces
from memory.types import Draft, Namespace, Remembered, StoredDocument
from memory.validation import accept

MOST = 200  # results in one feedback
MOST_TOGETHER = 8  # of the results that were used, between which edges are learned
TRUST_LOST = 0.3  # share that a wrong result loses of its trust
TRUST_REGAINED = 0.1  # share of what is missing that a result which was used regains


class Verdict(StrEnum):
    USED = "used"
    USEFUL = "useful"
    WRONG = "wrong"
    CORRECTED = "corrected"


RATINGS: Mapping[Verdict, Rating] = {
    Verdict.USED: Rating.GOOD,
    Verdict.USEFUL: Rating.EASY,
    Verdict.WRONG: Rating.AGAIN,
    Verdict.CORRECTED: Rating.AGAIN,
}
HELPED = frozenset({Verdict.USED, Verdict.USEFUL})


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one result. `item` is its id or that of its document; `text` is what was said about it since."""

    item: str
    verdict: Verdict
    text: str | None = None  # needed with `corrected`


@dataclass(frozen=True, slots=True)
class Feedback:
    """Results in the order in which they were used, and the recall that they come from, if it is known."""

    judged: Sequence[Judged]
    recall: str | None = None
    person: str | None = None  # whose judgement it is; None: the actor's


@dataclass(frozen=True, slots=True)
class Learned:
    """What feedback made of one item."""

    document: str
    verdict: Verdict
    retrievability: float  # before, 0 to 1
    stability: float  # after, days
    changed: Changed | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """A judged item as it is kept."""

    judged: Judged
    document: StoredDocument
    trace: Trace
    confidence: float | None


def give(parts: Parts, namespace: Namespace, feedback: Feedback, *, now: datetime, actor: str) -> list[Learned]:
    """Durable on return, all or nothing; in the order given.

    Raises NotFound, which names a recall or item that is not there; InvalidInput.
    """
    _check(feedback)
    recalled = _recalled(parts, namespace, feedback)
    person = feedback.person or actor

    def read(session: Session) -> tuple[list[_Found], NeuromodulatorState]:
        return _find(session, namespace, feedback, recalled), levels.read(session, namespace.id, person, now)

    found, state = parts.database.read(read)
    plans = [_plan(parts, namespace, one, state, now) for one in found]
    drafts = [_draft(one, planned.text, now) for one, planned in zip(found, plans, strict=True) if _is_new(planned)]
    learned: list[Learned] = []

    def write(session: Session, remembered: Remembered | None) -> None:
        namespaces.lock(session, namespace.id)
        again = _find(session, namespace, feedback, recalled)  # under the lock: somebody may have been faster
        new = iter(remembered.receipts if remembered else ())
        ids = [next(new).id if _is_new(planned) else None for planned in plans]
        learned.extend(_learn(session, namespace, again, plans, ids, Who(person, actor), now))

    if drafts:
        remember(parts, namespace, accept(drafts, parts.limits), now=now, actor=actor, also=write)
    else:
        parts.database.write(lambda session: write(session, None))
    parts.indexes.follow(namespace.id, parts.database.read(lambda s: namespaces.revision(s, namespace.id)))
    return learned


@dataclass(frozen=True, slots=True)
class Who:
    """Whose judgement it is, and by which key it came."""

    person: str
    actor: str


def _is_new(planned: Plan | None) -> TypeGuard[Plan]:
    return planned is not None and planned.text is not None


def _plan(parts: Parts, namespace: Namespace, one: _Found, state: NeuromodulatorState, now: datetime) -> Plan | None:
    """None where nothing was said about the item."""
    text = (one.judged.text or "").strip()
    if not text:
        return None
    is_correction = one.judged.verdict is Verdict.CORRECTED
    cosine = None if is_correction else distance(parts, one.document.text, text)
    return plan(parts, namespace, one.document, one.trace, text, is_correction, state, now, cosine)


def _learn(
    session: Session,
    namespace: Namespace,
    found: Sequence[_Found],
    plans: Sequence[Plan | None],
    successors: Sequence[str | None],
    who: Who,
    now: datetime,
) -> list[Learned]:
    state = levels.read(session, namespace.id, who.person, now)
    rate = neuromodulators.modulation(neuromodulators.levels(state, now)).learning_rate
    learned = []
    for one, planned, successor in zip(found, plans, successors, strict=True):
        changed = None
        if planned is not None:
            changed = carry_out(session, namespace, one.document, one.trace, planned, successor, now, who.actor)
        after = _reviewed(one, now)
        traces.replace(session, namespace.id, [after])
        reviews.add(session, namespace.id, [_review(one, after, now, who.actor)])
        before = fsrs.retrievability(strength_of(one.trace), now)
        learned.append(Learned(one.document.id, one.judged.verdict, before, after.stability, changed))
    _associate(session, namespace, [one for one in found if one.judged.verdict in HELPED], rate, now)
    learning.add_judgements(session, namespace.id, [_judgement(one, who.person, now) for one in found])
    levels.write(session, namespace.id, who.person, neuromodulators.after(state, [_event(one, now) for one in found]))
    return learned


def _reviewed(one: _Found, now: datetime) -> Trace:
    """The trace after a review with its rating, with its surprise and trust moved."""
    verdict, trace = one.judged.verdict, one.trace
    strength = fsrs.review(strength_of(trace), RATINGS[verdict], now)
    helped = verdict in HELPED
    observed = surprise.contribution(1.0, sign=1 if helped else -1)
    moved = (1 - trace.trust) * TRUST_REGAINED if helped else -trace.trust * TRUST_LOST
    return replace(
        trace,
        stability=strength.stability,
        difficulty=strength.difficulty,
        last_recalled=strength.last_recalled,
        recalls=trace.recalls + helped,
        surprise=surprise.updated(trace.surprise, observed),
        trust=trace.trust + moved,
    )


def _review(one: _Found, after: Trace, now: datetime, actor: str) -> Review:
    verdict = one.judged.verdict
    return Review(
        one.document.id,
        int(RATINGS[verdict]),
        verdict.value,
        now,
        actor,
        fsrs.retrievability(strength_of(one.trace), now),
        _shown(one.trace),
        _shown(after),
    )


def _shown(trace: Trace) -> dict[str, float]:
    names = ("stability", "difficulty", "surprise", "trust")
    return {name: float(getattr(trace, name)) for name in names}


def _associate(session: Session, namespace: Namespace, used: Sequence[_Found], rate: float, now: datetime) -> None:
    """Edges from each result that was used to those that were used after it."""
    ids = list(dict.fromkeys(one.document.id for one in used))[:MOST_TOGETHER]
    if len(ids) < 2:
        return
    known = {
        (edge.source, edge.target): edge
        for edge in learning.edges(session, namespace.id, CO_RECALL, ids)
        if edge.source in ids and edge.target in ids
    }
    pairs = [(first, second) for place, first in enumerate(ids) for second in ids[place + 1 :]]
    learning.put_edges(session, namespace.id, [_edge(known.get(pair), pair, rate, now) for pair in pairs])


def _edge(known: Edge | None, pair: tuple[str, str], rate: float, now: datetime) -> Edge:
    old = two_factor.Edge()
    if known is not None:
        idle = max(0.0, (now - known.last_activated).total_seconds() / 86400)
        old = two_factor.softened(two_factor.Edge(known.weight, known.variance, known.count), idle)
    new = two_factor.updated(old, min(1.0, rate), 1.0)
    return Edge(CO_RECALL, pair[0], pair[1], new.weight, new.variance, new.activations, now)


def _judgement(one: _Found, person: str, now: datetime) -> Judgement:
    helped = one.judged.verdict in HELPED
    kind = EvidenceKind.CONFIRMING if helped else EvidenceKind.CONTRADICTING
    return Judgement(person, kind.value, helped, now, one.confidence)


def _event(one: _Found, now: datetime) -> Event:
    helped = one.judged.verdict in HELPED
    return Event(Signal.CONFIRMATION if helped else Signal.REJECTION, 1.0, now)


def _draft(one: _Found, text: str | None, now: datetime) -> Draft:
    """The successor of an item, or a new episode beside it: told where and by whom the item was told."""
    return Draft(
        one.document.kind,
        text or "",
        format=one.document.format,
        title=one.document.title,
        source=one.document.source,
        metadata={**one.document.metadata, "follows": one.document.id},
        occurred_at=now,
        speaker=one.document.speaker,
    )


def _recalled(parts: Parts, namespace: Namespace, feedback: Feedback) -> Remembering | None:
    if feedback.recall is None:
        return None
    found = parts.recalls.find(namespace.id, feedback.recall)
    if found is None:
        raise NotFound(f"The recall {feedback.recall} is not known any more; name its results alone.")
    return found


def _find(session: Session, namespace: Namespace, feedback: Feedback, recalled: Remembering | None) -> list[_Found]:
    """Raises NotFound, which names the first item that is not there."""
    items = [known_form(one.item) for one in feedback.judged]
    of_passages = passages.owners(session, namespace.id, items)
    ids = [of_passages.get(item, item) for item in items]
    placed = {one.document.id: one.document for one in documents.find_many(session, namespace.id, set(ids))}
    known = traces.find_many(session, namespace.id, set(ids))
    chances = {one.document: one.probability for one in reversed(recalled.results)} if recalled else {}
    for item, id_ in zip(items, ids, strict=True):
        if id_ not in placed or id_ not in known:
            raise NotFound(f"The item {item} is not here; it was never there, or it is erased.")
    return [
        _Found(one, placed[id_], known[id_], chances.get(id_)) for one, id_ in zip(feedback.judged, ids, strict=True)
    ]


def _check(feedback: Feedback) -> None:
    """Raises InvalidInput with all that is wrong."""
    problems = []
    if not 1 <= len(feedback.judged) <= MOST:
        problems.append(Problem("results", f"are {len(feedback.judged)}", f"send 1 to {MOST}"))
    seen: set[str] = set()
    for number, one in enumerate(feedback.judged):
        if one.item in seen:
            problems.append(Problem(f"results[{number}].id", "is there twice", "judge each result once"))
        seen.add(one.item)
        if one.verdict is Verdict.CORRECTED and not (one.text or "").strip():
            problems.append(Problem(f"results[{number}].text", "is missing", "say what is right"))
    if problems:
        raise InvalidInput(problems)
