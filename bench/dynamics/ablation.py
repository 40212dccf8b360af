"""The ablation: the life log is lived through remember, recall and feedback, with mechanisms on and off."""

import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time

from bench import beir, conversations
from bench.dynamics.lifelog import BEGAN, CHECKPOINTS, Event, LifeLog, LifeLogParams, Practised, Task, life_log
from bench.dynamics.statements import Share
from bench.errors import BenchError
from bench.service import ACTOR, Service
from memory import feedback, recall, remember
from memory.dynamics.switches import MECHANISMS, RECOMMENDED, Dynamics
from memory.feedback import Feedback, Judged, Verdict
from memory.parts import Parts
from memory.store import derivations, documents
from memory.types import Draft, Namespace, Recall, Result
from retrieval.ports import Embedder

CHATS: Mapping[Share, Sequence[str]] = {
    Share.DEVELOPMENT: ("conv-26", "conv-30"),
    Share.HELD_OUT: ("conv-41", "conv-42", "conv-43"),
}
TOP = 10
TOGETHER = timedelta(hours=6)  # what is said within, and before the next question, is one request
AT_ONCE = 32
IN_WRITING = ("reinforcement", "echo", "reconsolidation", "lability")  # a store of its own without these
LEARNING = ("usefulness", "trust", "companions", "retention")  # what only feedback moves

ON, NOTHING = "all on", "all off"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one arm answered one task. `is_stale`: for what changed, whether the first that is said of it is over."""

    seed: int
    day: int
    kind: str
    question: str
    recall: float  # share of the groups of which something is among the first ten
    is_stale: bool | None
    ms: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Quoted:
    """So many characters of an item of the stream; None: all of it."""

    name: str
    characters: int | None


@dataclass(frozen=True, slots=True)
class Answered:
    """How a task was answered, and by what."""

    outcome: Outcome
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Lived:
    """What living through a life log came to: outcomes by arm, and what the store holds at the end."""

    outcomes: Mapping[str, Sequence[Outcome]]
    in_recall: int  # items
    held_back: int
    passages: int


def read(data: Path, share: Share, seed: int) -> LifeLog:
    """Raises BenchError, DatasetInvalid."""
    files = [data / "locomo" / f"{name}.json" for name in CHATS[share]]
    missing = [str(file) for file in files if not file.exists()]
    if missing:
        raise BenchError(f"not there: {', '.join(missing)}")
    reading = beir.read(data / "musique").collections[0]
    return life_log(LifeLogParams(seed, share), conversations.read(files).collections, reading)


def arms(without: Sequence[str], shipped: Dynamics = RECOMMENDED) -> dict[str, Dynamics]:
    """All on as shipped, each of these off alone, or on alone beside them if it is shipped off."""
    found = {ON: shipped}
    for name in without:
        if name not in MECHANISMS:
            raise BenchError(f"no mechanism is called {name!r}: there are {', '.join(MECHANISMS)}")
        is_on = getattr(shipped, name)
        found[f"without {name}" if is_on else f"with {name}"] = (
            shipped.without(name) if is_on else shipped.including(name)
        )
    return found


def stores(wanted: Mapping[str, Dynamics]) -> list[dict[str, Dynamics]]:
    """Arms that write alike share a store: they differ in how they answer alone."""
    grouped: dict[tuple[bool, ...], dict[str, Dynamics]] = {}
    for name, dynamics in wanted.items():
        key = tuple(getattr(dynamics, switch) for switch in IN_WRITING)
        grouped.setdefault(key, {})[name] = dynamics
    return list(grouped.values())


def live(log: LifeLog, seed: int, asking: Mapping[str, Dynamics], embedder: Embedder) -> Lived:
    """One life, in a database in memory; the first of the arms is the one that lives it, all of them are asked."""
    with life_in_memory(embedder, next(iter(asking.values()))) as life:
        outcomes: dict[str, list[Outcome]] = {name: [] for name in asking}
        events = deque(log.events)
        for day in CHECKPOINTS:
            end = BEGAN + timedelta(days=day)
            life.go_on(events, end)
            for task in (task for task in log.tasks if task.day == day):
                for name, dynamics in asking.items():
                    outcomes[name].append(life.ask(task, seed, dynamics, end))
        return Lived(outcomes, *life.held())


@contextmanager
def life_in_memory(embedder: Embedder, dynamics: Dynamics = RECOMMENDED) -> "Iterator[Life]":
    """A life that nothing has happened in yet, with its database in memory where the system has room for that."""
    folder = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with (
        tempfile.TemporaryDirectory(prefix="zengram-life-", dir=folder) as place,
        Service(Path(place), embedder, is_cached=True) as service,
    ):
        yield Life(service, service.namespace("life"), replace(service.parts, dynamics=dynamics))


class Life:
    """A namespace in which a life log happens."""

    def __init__(self, service: Service, namespace: Namespace, parts: Parts) -> None:
        self._service = service
        self.namespace = namespace
        self.parts = parts
        self._waiting: list[Draft] = []
        self._since: datetime | None = None
        self._now = BEGAN
        self.names: dict[str, str] = {}  # external ids by document
        self._learns = any(getattr(parts.dynamics, name) for name in LEARNING)

    def go_on(self, events: deque[Event], end: datetime) -> None:
        """Meets what happens before `end`, and takes it out of `events`."""
        while events and events[0].at < end:
            self.meet(events.popleft())
        self.write()

    def meet(self, event: Event) -> None:
        if isinstance(event, Practised):
            if self._learns:
                self.write()
                self._practise(event)
            return
        is_late = self._since is not None and event.at - self._since > TOGETHER
        if is_late or len(self._waiting) == AT_ONCE:
            self.write()
        self._since = self._since or event.at
        self._now = event.at
        self._waiting.append(event.draft)

    def write(self) -> None:
        if self._waiting:
            remembered = remember.remember(self.parts, self.namespace, self._waiting, now=self._now, actor=ACTOR)
            for draft, receipt in zip(self._waiting, remembered.receipts, strict=True):
                self.names.setdefault(receipt.id, str(draft.external_id))
            if remembered.operation is not None:
                self._service.work()
        self._waiting, self._since = [], None

    def ask(self, task: Task, seed: int, dynamics: Dynamics, now: datetime) -> Outcome:
        """Without leaving a trace of having asked."""
        return self.answer(task, seed, dynamics, now).outcome

    def answer(self, task: Task, seed: int, dynamics: Dynamics, now: datetime) -> Answered:
        """The same, with the results that were given."""
        parts = replace(self.parts, dynamics=dynamics)
        began, began_cpu = perf_counter(), process_time()
        found = recall.recall(parts, self.namespace, Recall(task.question, top_k=TOP), now=now)
        ms, cpu_ms = 1000 * (perf_counter() - began), 1000 * (process_time() - began_cpu)
        names = [name for result in found.results for name in self.named(result)]
        share = share_found(task, names)
        outcome = Outcome(seed, task.day, task.kind, task.question, share, is_stale(task, names), ms, cpu_ms)
        return Answered(outcome, found.results)

    def named(self, result: Result) -> Sequence[str]:
        """The items of the stream that a result is, or of which it quotes a sentence: gists are none themselves."""
        return list(dict.fromkeys(one.name for one in self.quoted(result)))

    def quoted(self, result: Result) -> Sequence[Quoted]:
        """What a result has of the stream: all of the item that it is, or sentences of those that it is made of."""
        id_ = result.document.id
        if id_ in self.names:
            return [Quoted(self.names[id_], None)]
        made = self.parts.database.read(lambda session: derivations.find(session, self.namespace.id, [id_]))
        return [
            Quoted(self.names[one.source], one.end - one.start)
            for one in made
            if one.start is not None and one.end is not None
        ]

    def held(self) -> Iterator[int]:
        """Items in recall, items held back, and passages."""
        counts = _counts(self.parts, self.namespace)
        yield from (counts.get("active", 0), counts.get("quarantined", 0), self._service.passages(self.namespace))

    def _practise(self, event: Practised) -> None:
        found = recall.recall(self.parts, self.namespace, Recall(event.question, top_k=TOP), now=event.at)
        useful = [one for one in found.results if not event.useful.isdisjoint(self.named(one))]
        if useful:
            judged = [Judged(one.document.id, Verdict.USED) for one in _distinct(useful)]
            given = Feedback(judged, found.id or None)
            feedback.give(self.parts, self.namespace, given, now=event.at, actor=ACTOR)


def share_found(task: Task, names: Iterable[str]) -> float:
    """Of the groups of a task, those of which something is among these names: 0 to 1."""
    found = set(names)
    return sum(not group.isdisjoint(found) for group in task.groups) / len(task.groups)


def is_stale(task: Task, names: Sequence[str]) -> bool | None:
    """None where nothing changed. What is not found at all is no stale answer, but a missing one."""
    if not task.stale:
        return None
    current = frozenset().union(*task.groups)
    first = next((name for name in names if name in current or name in task.stale), None)
    return first in task.stale


def _distinct(results: Sequence[Result]) -> list[Result]:
    return list({one.document.id: one for one in results}.values())


def _counts(parts: Parts, namespace: Namespace) -> Mapping[str, int]:
    return parts.database.read(lambda session: documents.states(session, namespace.id))
