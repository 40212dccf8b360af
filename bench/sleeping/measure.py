"""Lives through a life log without sleep, with a night a day, and with the oldest deleted; all are asked the same."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from bench.dynamics.ablation import Life, Outcome
from bench.dynamics.lifelog import BEGAN, CHECKPOINTS, DAYS, LifeLog
from bench.service import ACTOR, Service
from memory import forget, sleep
from memory.dynamics.switches import RECOMMENDED
from memory.forgetting.plan import Candidate, Verdict
from memory.forgetting.policies import Action, Policy
from memory.measuring import Wish, candidates
from memory.sleeping.records import ChangeStatus, Night, StageName
from memory.store import sleeping
from memory.types import ItemState
from retrieval.ports import Embedder

KEPT = 1 - 0.474  # share of the tokens that a namespace with a budget may keep (the published cut of storage)
WEEK = 7
NO_SLEEP, SLEEP, AGE = "no sleep", "sleep", "oldest deleted"


@dataclass(slots=True)
class Lived:
    """What one arm answered, and how many tokens were searched on each of the days on which it was asked."""

    outcomes: list[Outcome] = field(default_factory=list)
    tokens: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Slept:
    """What is told of the nights of a life; ratios are of the stability of what was replayed in the first week."""

    nights: tuple[Night, ...]
    stability_ratio: float
    replays: int
    distinct: int


def measure(log: LifeLog, seed: int, embedder: Embedder) -> tuple[dict[str, Lived], Slept]:
    """The same life three times: the budget of its nights is a share of what it has at the end without them."""
    with _life(embedder) as awake:
        plain = _live(awake, log, seed, 0)[0]
        asleep, slept = _asleep(log, seed, embedder, int(KEPT * plain.tokens[DAYS]))
        aged = _aged(awake, log, seed, asleep.tokens[DAYS])
    return {NO_SLEEP: plain, SLEEP: asleep, AGE: aged}, slept


def _asleep(log: LifeLog, seed: int, embedder: Embedder, most_tokens: int) -> tuple[Lived, Slept]:
    with _life(embedder) as life:
        forget.set_policies(life.parts, life.namespace, [Policy(most_tokens=most_tokens)])
        lived, nights = _live(life, log, seed, 1)
        return lived, _told(life, nights)


def _aged(life: Life, log: LifeLog, seed: int, most_tokens: int) -> Lived:
    """The oldest leave recall until as few tokens are left; then everything of the last day is asked once more."""
    end = BEGAN + timedelta(days=DAYS)
    active = sorted(_active(life, end), key=lambda one: one.id)  # ids are in the order of their times
    left = sum(one.tokens for one in active)
    gone = []
    for one in active:
        if left <= most_tokens:
            break
        left -= one.tokens
        gone.append(Verdict(one.id, one.kind, one.version, Action.ARCHIVE, "age", "is the oldest"))
    forget.apply(life.parts, life.namespace, gone, now=end, actor=ACTOR)
    asked = [life.ask(task, seed, RECOMMENDED, end) for task in log.tasks if task.day == DAYS]
    return Lived(asked, {DAYS: left})


def _live(life: Life, log: LifeLog, seed: int, nights_a_day: int) -> tuple[Lived, list[Night]]:
    lived, nights = Lived(), []
    events = iter(log.events)
    upcoming = next(events, None)
    for day in range(1, DAYS + 1):
        end = BEGAN + timedelta(days=day)
        while upcoming is not None and upcoming.at < end:
            life.meet(upcoming)
            upcoming = next(events, None)
        life.write()
        nights += [sleep.sleep_through(life.parts, life.namespace, now=end, actor=ACTOR) for _ in range(nights_a_day)]
        if day in CHECKPOINTS:
            lived.outcomes += [life.ask(task, seed, RECOMMENDED, end) for task in log.tasks if task.day == day]
            lived.tokens[day] = sum(one.tokens for one in _active(life, end))
    return lived, nights


@contextmanager
def _life(embedder: Embedder) -> Iterator[Life]:
    """In a database in memory."""
    folder = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with (
        tempfile.TemporaryDirectory(prefix="zengram-nights-", dir=folder) as place,
        Service(Path(place), embedder, is_cached=True) as service,
    ):
        yield Life(service, service.namespace("life"), service.parts)


def _active(life: Life, now: datetime) -> list[Candidate]:
    found = candidates(life.parts, life.namespace, Wish(None, counts_tokens=True), now)
    return [one for one in found if one.state is ItemState.ACTIVE]


def _told(life: Life, nights: Sequence[Night]) -> Slept:
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    replays = 0
    for night in nights[:WEEK]:
        changes = life.parts.database.read(
            lambda session, id_=night.id: sleeping.changes(  # type: ignore[misc]
                session, life.namespace.id, id_, status=ChangeStatus.APPLIED, stage=StageName.REPLAY
            )
        )
        for _, one in changes:
            first.setdefault(one.document, float(str((one.before or {})["stability"])))
            last[one.document] = float(str((one.after or {})["stability"]))
            replays += 1
    ratios = [last[id_] / first[id_] for id_ in first]
    return Slept(tuple(nights), median(ratios) if ratios else 1.0, replays, len(first))
