"""The life log: months of chats, reading and changing facts as one stream, and what is to be recalled when. Pure.

Chats are conversations in LoCoMo form, reading is a corpus in BEIR form, and between them people tell what is true of
them, tell it again in other words, and tell when it has changed. The stream, its seeds and its two shares were fixed
before any mechanism was connected to recall. Facts that are scored never get feedback.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from bench.dynamics.statements import ATTRIBUTES, NAMES, Attribute, Phrasing, Share
from bench.types import Collection
from memory.types import Draft, Kind

BEGAN = datetime(2026, 1, 5, 8, tzinfo=UTC)
DAYS = 90
CHECKPOINTS = (1, 7, 30, 90)
SEEDS = tuple(range(10))


@dataclass(frozen=True, slots=True)
class LifeLogParams:
    """Shares are of 1; counts are means."""

    seed: int
    share: Share = Share.HELD_OUT
    people: int = 24
    updated: float = 0.6  # of the functional facts, once; half of these a second time
    restated: float = 1.5  # how often a value is told again while it holds
    echoed: float = 0.15  # of the chat turns, told again later
    practised: float = 0.5  # of the questions: asked during the stream, with feedback, and never scored
    reading: int = 600  # passages at most


@dataclass(frozen=True, slots=True)
class Remembered:
    """Something that is remembered. The draft's `external_id` is what tasks refer to."""

    at: datetime
    draft: Draft


@dataclass(frozen=True, slots=True)
class Practised:
    """A question that is asked during the stream; of what it finds, these were useful."""

    at: datetime
    question: str
    useful: frozenset[str]


@dataclass(frozen=True, slots=True)
class Task:
    """A scored question. Each group counts as found with any of its members; `stale` says what held once."""

    day: int
    kind: str  # chat, reading, fact, changed, history or plural
    question: str
    groups: tuple[frozenset[str], ...]
    stale: frozenset[str] = frozenset()


Event = Remembered | Practised


@dataclass(frozen=True, slots=True)
class LifeLog:
    """Events in the order of their times; tasks in the order of their days, asked when the day is over."""

    events: tuple[Event, ...]
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question before it is known when it is asked: `known` is when everything that answers it has been told."""

    kind: str
    text: str
    groups: tuple[frozenset[str], ...]
    known: datetime
    until: datetime | None = None  # its answer changes then
    stale: frozenset[str] = frozenset()


def life_log(params: LifeLogParams, chats: Sequence[Collection], reading: Collection) -> LifeLog:
    """The stream of these parameters: the same parameters and data give the same stream."""
    rng = np.random.default_rng([params.seed, list(Share).index(params.share)])
    told: list[Remembered] = []
    questions: list[Question] = []
    for part in (_facts(params, rng), _chats(params, chats, rng), _reading(params, reading, rng)):
        told += part[0]
        questions += part[1]
    practised = rng.random(len(questions)) < params.practised
    scored = [question for question, is_practised in zip(questions, practised, strict=True) if not is_practised]
    asked = [question for question, is_practised in zip(questions, practised, strict=True) if is_practised]
    events: list[Event] = [*told, *_practice(asked, rng)]
    events.sort(key=lambda event: event.at)
    tasks = [task for day in CHECKPOINTS for question in scored if (task := _task(question, day)) is not None]
    return LifeLog(tuple(events), tuple(tasks))


def _task(question: Question, day: int) -> Task | None:
    """None if the question has no answer on this day, or another one by then."""
    end = BEGAN + timedelta(days=day)
    if question.known >= end or (question.until is not None and question.until < end):
        return None
    return Task(day, question.kind, question.text, question.groups, question.stale)


def _practice(questions: Sequence[Question], rng: np.random.Generator) -> Iterator[Practised]:
    """Each question up to three times, while its answer holds."""
    end = BEGAN + timedelta(days=DAYS)
    for question in questions:
        last = min(question.until or end, end)
        for share in rng.random(int(rng.integers(1, 4))):
            at = question.known + share * (last - question.known)
            if at > question.known:
                yield Practised(at, question.text, frozenset().union(*question.groups))


def _facts(params: LifeLogParams, rng: np.random.Generator) -> tuple[list[Remembered], list[Question]]:
    told: list[Remembered] = []
    questions: list[Question] = []
    for who in NAMES[params.share][: params.people]:
        for attribute in ATTRIBUTES:
            phrasing = attribute.phrasings[params.share]
            values = [str(value) for value in rng.permutation(attribute.values)]
            if attribute.is_functional:
                _functional(params, rng, who, attribute, phrasing, values, told, questions)
            else:
                _plural(rng, who, attribute, phrasing, values, told, questions)
    return told, questions


def _functional(
    params: LifeLogParams, rng: np.random.Generator, who: str, attribute: Attribute, phrasing: Phrasing,
    values: Sequence[str], told: list[Remembered], questions: list[Question],
) -> None:  # fmt: skip
    """One value after the other, each told when it begins and again while it holds."""
    changes = int(rng.random() < params.updated) and 1 + int(rng.random() < 0.5)
    begins = np.sort(rng.uniform(0, DAYS * 0.9, 1 + changes))
    if rng.random() < 0.3:
        begins[0] = rng.uniform(0, 0.9)  # what is known on the first day
    ends = [*begins[1:], float(DAYS)]
    stale: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    for number, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        repeats = int(rng.poisson(params.restated))
        times = [begin, *np.sort(rng.uniform(begin, end, repeats))]
        saying = [_said(rng, who, phrasing, values[number], is_update=number > 0 and not k) for k in range(len(times))]
        current = []
        for k, (time, draft) in enumerate(zip(times, saying, strict=True)):
            name = f"fact/{who}/{attribute.name}/{number}/{k}"
            told.append(_at(float(time), replace(draft, external_id=name)))
            current.append(name)
        group = frozenset(current)
        until = BEGAN + timedelta(days=float(end)) if number < changes else None
        known = BEGAN + timedelta(days=float(begin))
        kind = "changed" if number else "fact"
        questions.append(Question(kind, _one(rng, phrasing.asks).format(who=who), (group,), known, until, stale))
        if number == 1:
            asked = _one(rng, phrasing.asks_before).format(who=who)
            questions.append(Question("history", asked, (before,), BEGAN + timedelta(days=float(begin)), until))
        stale, before = stale | group, group


def _plural(
    rng: np.random.Generator, who: str, attribute: Attribute, phrasing: Phrasing, values: Sequence[str],
    told: list[Remembered], questions: list[Question],
) -> None:  # fmt: skip
    """Two or three values that hold together: a later one does not end an earlier one."""
    times = np.sort(rng.uniform(0, DAYS * 0.9, int(rng.integers(2, 4))))
    groups = []
    for number, time in enumerate(times):
        name = f"fact/{who}/{attribute.name}/{number}/0"
        told.append(_at(float(time), replace(_said(rng, who, phrasing, values[number], False), external_id=name)))
        groups.append(frozenset({name}))
    known = BEGAN + timedelta(days=float(times[-1]))
    questions.append(Question("plural", _one(rng, phrasing.asks).format(who=who), tuple(groups), known))


def _said(rng: np.random.Generator, who: str, phrasing: Phrasing, value: str, is_update: bool) -> Draft:
    """By the person in half of all cases, else by somebody about them."""
    own = rng.random() < 0.5
    named, first_person = (
        (phrasing.updates, phrasing.own_updates) if is_update else (phrasing.states, phrasing.own_states)
    )
    text = _one(rng, first_person if own else named).format(who=who, value=value)
    return Draft(Kind.MEMORY, text, speaker=who if own else None)


def _chats(
    params: LifeLogParams, chats: Sequence[Collection], rng: np.random.Generator
) -> tuple[list[Remembered], list[Question]]:
    """Sessions spread over the days in their order; some turns are told again later."""
    told: list[Remembered] = []
    questions: list[Question] = []
    for chat in chats:
        sessions = list(dict.fromkeys(draft.session_id for draft in chat.drafts))
        days = np.sort(rng.uniform(0, DAYS - 1, len(sessions)))
        if len(days):
            days[0] = rng.uniform(0, 0.5)
        groups: dict[str, frozenset[str]] = {}
        known: dict[str, datetime] = {}
        for number, draft in enumerate(chat.drafts):
            day = float(days[sessions.index(draft.session_id)]) + number * 1e-5
            name, session = f"chat/{chat.name}/{draft.external_id}", f"{chat.name}/{draft.session_id}"
            told.append(_at(day, replace(draft, external_id=name, session_id=session)))
            members = {name}
            if rng.random() < params.echoed:
                later = _at(float(rng.uniform(day, DAYS)), _echo(draft, f"{name}/again"))
                told.append(later)
                members.add(f"{name}/again")
            groups[str(draft.external_id)] = frozenset(members)
            known[str(draft.external_id)] = BEGAN + timedelta(days=day)
        for question in chat.questions:
            found = tuple(groups[name] for name in sorted(question.relevant))
            questions.append(Question("chat", question.text, found, max(known[name] for name in question.relevant)))
    return told, questions


def _echo(draft: Draft, name: str) -> Draft:
    """The same turn, told again outside its session."""
    return replace(draft, text=f"As I said before: {draft.text}", external_id=name, session_id=None)


def _reading(
    params: LifeLogParams, reading: Collection, rng: np.random.Generator
) -> tuple[list[Remembered], list[Question]]:
    """Passages read on random days: those that answer some of the questions, and others up to the limit."""
    kept: list[Question] = []
    wanted: dict[str, datetime] = {}
    for number in rng.permutation(len(reading.questions)):
        question = reading.questions[int(number)]
        if len(wanted | dict.fromkeys(question.relevant, BEGAN)) > params.reading // 3:
            break
        for name in sorted(question.relevant):
            wanted.setdefault(name, BEGAN + timedelta(days=float(rng.uniform(0, DAYS - 1))))
        groups = tuple(frozenset({f"read/{name}"}) for name in sorted(question.relevant))
        kept.append(Question("reading", question.text, groups, max(wanted[name] for name in question.relevant)))
    others = [draft for draft in reading.drafts if draft.external_id not in wanted]
    for number in rng.permutation(len(others))[: max(0, params.reading - len(wanted))]:
        wanted[str(others[int(number)].external_id)] = BEGAN + timedelta(days=float(rng.uniform(0, DAYS - 1)))
    told = [
        Remembered(wanted[draft.external_id], replace(draft, external_id=f"read/{draft.external_id}"))
        for draft in reading.drafts
        if draft.external_id in wanted
    ]
    return told, kept


def _at(day: float, draft: Draft) -> Remembered:
    at = BEGAN + timedelta(days=day)
    return Remembered(at, replace(draft, occurred_at=at))


def _one(rng: np.random.Generator, phrases: Sequence[str]) -> str:
    return phrases[int(rng.integers(len(phrases)))]
