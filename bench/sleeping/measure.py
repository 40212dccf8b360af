"""Lives through a life log without sleep, with a night a day, and with the oldest deleted; all are asked the same."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from statistics import median

from bench.dynamics.ablation import Answered, Life, Outcome, life_in_memory, share_found
from bench.dynamics.lifelog import BEGAN, CHECKPOINTS, DAYS, LifeLog, Remembered, Task
from bench.service import ACTOR
from bench.sleeping.deleting import forget_the_oldest, tokens_of
from bench.sleeping.strengths import Strengths, look
from bench.sleeping.support import Support, supported
from memory import forget, recall, sleep
from memory.dynamics.switches import RECOMMENDED
from memory.forgetting.policies import Policy
from memory.sleeping.records import ChangeStatus, Night, StageName
from memory.store import sleeping
from retrieval.ports import Embedder

KEPT = 1 - 0.474  # share of the tokens that a namespace with a budget may keep (the published cut of storage)
WEEK = 7
LOOKS = (*range(1, WEEK + 1), *range(10, DAYS + 1, 10))  # days after which strengths are looked at
ROOM = 512  # tokens of results, so that long gists have no advantage over short memories
NO_SLEEP, SLEEP, AGE, UNLIMITED = "no sleep", "sleep", "oldest deleted", "sleep without budget"


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer, and what it would be worth by harder rules. Shares are of the groups of the task, 0 to 1."""

    outcome: Outcome  # a gist counts for what it quotes a sentence of
    by_share: float  # a gist counts by how much of the item it quotes, in characters
    strict: float  # a gist counts for nothing
    within: float  # as the outcome, by the results that fit into ROOM
    tokens: int  # of all results together


@dataclass(slots=True)
class Lived:
    """What one arm answered, and how many tokens were searched on each of the days on which it was asked."""

    asked: list[Asked] = field(default_factory=list)
    tokens: dict[int, int] = field(default_factory=dict)
    strengths: list[Strengths] = field(default_factory=list)

    @property
    def outcomes(self) -> list[Outcome]:
        return [one.outcome for one in self.asked]


@dataclass(frozen=True, slots=True)
class Slept:
    """What is told of the nights of a life; ratios are of the stability of what was replayed in the first week."""

    nights: tuple[Night, ...]
    stability_ratio: float
    replays: int
    distinct: int
    support: Support


def measure(
    log: LifeLog, seed: int, embedder: Embedder, with_unlimited: bool = False
) -> tuple[dict[str, Lived], Slept]:
    """The same life several times: the budget of its nights is a share of what it has at the end without them."""
    with life_in_memory(embedder) as awake:
        plain = _live(awake, log, seed)[0]
    asleep, slept = _asleep(log, seed, embedder, int(KEPT * plain.tokens[DAYS]))
    with life_in_memory(embedder) as aging:
        aged = _live(aging, log, seed, most_tokens=asleep.tokens)[0]
    arms = {NO_SLEEP: plain, SLEEP: asleep, AGE: aged}
    if with_unlimited:
        arms[UNLIMITED] = _asleep(log, seed, embedder, None)[0]
    return arms, slept


def _asleep(log: LifeLog, seed: int, embedder: Embedder, most_tokens: int | None) -> tuple[Lived, Slept]:
    with life_in_memory(embedder) as life:
        if most_tokens is not None:
            forget.set_policies(life.parts, life.namespace, [Policy(most_tokens=most_tokens)])
        lived, nights = _live(life, log, seed, sleeps=True)
        return lived, _told(life, nights)


def _live(
    life: Life, log: LifeLog, seed: int, *, sleeps: bool = False, most_tokens: Mapping[int, int] | None = None
) -> tuple[Lived, list[Night]]:
    """Day after day, with a night each if it `sleeps`; with `most_tokens`, the oldest go until that many are left."""
    lived, nights = Lived(), []
    lengths = {str(one.draft.external_id): len(one.draft.text) for one in log.events if isinstance(one, Remembered)}
    events = deque(log.events)
    for day in range(1, DAYS + 1):
        end = BEGAN + timedelta(days=day)
        life.go_on(events, end)
        if sleeps:
            nights.append(sleep.sleep_through(life.parts, life.namespace, now=end, actor=ACTOR))
        if day in LOOKS and most_tokens is None:
            lived.strengths.append(look(life.parts, life.namespace, day, end))
        if day in CHECKPOINTS:
            if most_tokens is not None:
                forget_the_oldest(life.parts, life.namespace, most_tokens[day], end)
            lived.asked += [ask(life, task, seed, lengths, end) for task in log.tasks if task.day == day]
            lived.tokens[day] = tokens_of(life.parts, life.namespace, end)
    return lived, nights


def ask(life: Life, task: Task, seed: int, lengths: Mapping[str, int], now: datetime) -> Asked:
    """`lengths` are those of the items of the stream, in characters."""
    answered = life.answer(task, seed, RECOMMENDED, now)
    found = [life.names[one.document.id] for one in answered.results if one.document.id in life.names]
    fitting = recall.within_budget(life.parts, answered.results, ROOM)
    return Asked(
        answered.outcome,
        _by_share(life, task, answered, lengths),
        share_found(task, found),
        share_found(task, [name for one in fitting for name in life.named(one)]),
        sum(life.parts.embedder.count_tokens(one.text) for one in answered.results),
    )


def _by_share(life: Life, task: Task, answered: Answered, lengths: Mapping[str, int]) -> float:
    shares: dict[str, float] = {}
    for result in answered.results:
        for one in life.quoted(result):
            more = 1.0 if one.characters is None else one.characters / max(1, lengths[one.name])
            shares[one.name] = min(1.0, shares.get(one.name, 0.0) + more)
    return sum(max((shares.get(name, 0.0) for name in group), default=0.0) for group in task.groups) / len(task.groups)


def _told(life: Life, nights: Sequence[Night]) -> Slept:
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    replays = 0
    for night in nights[:WEEK]:
        query = partial(
            sleeping.changes,
            namespace=life.namespace.id,
            night=night.id,
            status=ChangeStatus.APPLIED,
            stage=StageName.REPLAY,
        )
        for _, one in life.parts.database.read(query):
            first.setdefault(one.document, float(str((one.before or {})["stability"])))
            last[one.document] = float(str((one.after or {})["stability"]))
            replays += 1
    ratios = [last[id_] / first[id_] for id_ in first]
    return Slept(tuple(nights), median(ratios) if ratios else 1.0, replays, len(first), supported(life, nights))
