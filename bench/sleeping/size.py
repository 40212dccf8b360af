"""Nights of a large made-up namespace: how long they take, what they need of memory, and what recall sees of them.

Three of them: the first one, to which everything is new; an ordinary one, after a day of writes that a budget has no
room for; and one that cuts what is there by half, as after a budget was set.
"""

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Thread
from time import perf_counter, process_time
from types import TracebackType
from typing import Literal, Self

import numpy as np

from app.supervisor import ARENAS
from bench import machine
from bench.embedders import RandomEmbedder
from bench.errors import BenchError
from bench.scale import NAMESPACE, TOP_K, WARM_UP, percentiles
from bench.service import ACTOR, AT_ONCE, Answer, Service
from bench.sleeping.deleting import active
from bench.sleeping.measure import KEPT
from bench.synthetic import World, WorldParams
from bench.types import Json
from memory import forget, sleep
from memory.forgetting.policies import Policy
from memory.sleeping.records import Night
from memory.types import Draft, Kind, Namespace
from retrieval.embedders.minilm import FINGERPRINT, MiniLM
from retrieval.search import SearchParams

NIGHTS = ("first", "ordinary", "halving")
LOOKS = 0.05  # seconds between two looks at the memory of the process
PATIENCE = 3600.0  # seconds for a night


@dataclass(frozen=True, slots=True)
class SizeParams:
    memories: int
    questions: int = 400
    repeated: float = 0.05  # of the chat turns, told again outside their session
    written: int = 1000  # on the day before an ordinary night
    kept: float = KEPT  # of the tokens, after a night that halves
    seed: int = 0
    nights: Sequence[str] = NIGHTS


@dataclass(frozen=True, slots=True)
class _Slept:
    """What the process saw that slept. Megabytes are `rss` and `anonymous`."""

    night: Night
    seconds: float
    cpu_seconds: float
    awake: dict[str, float]
    peak: dict[str, float]
    fold_seconds: float


class RealTokens(RandomEmbedder):
    """Random vectors, under the name of the real encoder; its tokens are counted, for a night counts them too."""

    def __init__(self) -> None:
        super().__init__()
        self._model = MiniLM()
        self.fingerprint = FINGERPRINT

    def count_tokens(self, text: str) -> int:
        return self._model.count_tokens(text)


class PeakMemory:
    """The most memory of this process while the `with` lasts, as often as it was looked at."""

    def __init__(self) -> None:
        self.megabytes = machine.memory_mb()
        self._is_over = Event()
        self._thread = Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.wait(LOOKS):
            for name, value in machine.memory_mb().items():
                self.megabytes[name] = max(value, self.megabytes[name])


def measure(params: SizeParams, folder: Path) -> dict[str, Json]:
    """One process sleeps as the worker does, this one goes on asking as the API does.

    A folder that holds a namespace already is measured as it is. Raises BenchError if the process that sleeps dies.
    """
    world = World(WorldParams(params.memories, params.seed))
    questions = world.questions(params.questions + WARM_UP)
    with Service(folder, RealTokens()) as service:
        namespace = service.namespace(NAMESPACE)
        build_seconds = 0.0 if service.passages(namespace) else _build(service, namespace, _drafts(world, params))
    nights: dict[str, Json] = {}
    with Service(folder, RealTokens()) as service, _Sleeper(folder, questions[:WARM_UP]) as sleeper:
        namespace = service.namespace(NAMESPACE)  # opened anew, as after the writes of a day
        for name in params.nights:
            share = {"first": None, "ordinary": 1.0, "halving": params.kept}[name]
            if name == "ordinary":
                tokens = _active(service, namespace)[0]
                _build(service, namespace, _of_a_day(world, params))
            elif share is not None:
                tokens = int(share * _active(service, namespace)[0])
            policies = [] if share is None else [Policy(most_tokens=tokens)]
            forget.set_policies(service.parts, namespace, policies)
            nights[name] = found = _through_the_night(service, namespace, sleeper, questions)
            print(f"{name} night: {found['seconds']} s, peak {found['peak_over_awake']} x awake", flush=True)
    return {"memories": params.memories, "seed": params.seed, "build_seconds": round(build_seconds, 1), **nights}


class _Sleeper:
    """A process that has the same namespace open, idle until it is told to sleep."""

    def __init__(self, folder: Path, questions: Sequence[str]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=sleep_here, args=(folder, questions, theirs), daemon=True)
        os.environ |= ARENAS | os.environ  # as the supervisor starts the worker
        self._process.start()
        theirs.close()

    def __enter__(self) -> Self:
        self.wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.join()

    def begin(self) -> None:
        self._pipe.send("sleep")

    @property
    def is_over(self) -> bool:
        return self._pipe.poll()

    def wait(self) -> object:
        """What it says next. Raises BenchError if it has died, or says nothing for too long."""
        if not self._pipe.poll(PATIENCE):
            raise BenchError("the night did not end")
        try:
            return self._pipe.recv()
        except EOFError:
            raise BenchError("the process that slept has died") from None


def sleep_here(folder: Path, questions: Sequence[str], pipe: Connection) -> None:
    """Opens the namespace; whenever it is told to, sleeps through a night, and then folds what it left."""
    with Service(folder, RealTokens()) as service:
        pipe.send("awake")
        number = 0
        while pipe.recv() == "sleep":
            number += 1
            namespace = service.namespace(NAMESPACE)
            for question in questions:
                service.recall(namespace, question, TOP_K, SearchParams())
            pipe.send(_slept(service, namespace, number))


def _slept(service: Service, namespace: Namespace, number: int) -> _Slept:
    awake = machine.memory_mb()
    began, began_cpu = perf_counter(), process_time()
    with PeakMemory() as peak:
        at = datetime.now(UTC) + timedelta(days=number)
        night = sleep.sleep_through(service.parts, namespace, now=at, actor=ACTOR)
    seconds, cpu_seconds = perf_counter() - began, process_time() - began_cpu
    began = perf_counter()
    service.fold(namespace)
    return _Slept(night, seconds, cpu_seconds, awake, peak.megabytes, perf_counter() - began)


def _through_the_night(
    service: Service, namespace: Namespace, sleeper: _Sleeper, questions: Sequence[str]
) -> dict[str, Json]:
    before = _active(service, namespace)
    awake = _recalls(service, namespace, questions)
    sleeper.begin()
    during: list[Answer] = []
    while not sleeper.is_over:
        question = questions[WARM_UP + len(during) % (len(questions) - WARM_UP)]
        during.append(service.recall(namespace, question, TOP_K, SearchParams()))
    slept = sleeper.wait()
    assert isinstance(slept, _Slept)
    after = _active(service, namespace)
    stages: dict[str, Json] = {
        one.name.value: {"seconds": round(one.milliseconds / 1000, 1), "status": one.status.value, **one.counts}
        for one in slept.night.stages
    }
    return {
        "seconds": round(slept.seconds, 1),
        "cpu_seconds": round(slept.cpu_seconds, 1),
        "stages": stages,
        "tokens": {"before": before[0], "after": after[0]},
        "items": {"before": before[1], "after": after[1]},
        "memory_mb": {"awake": dict(slept.awake), "peak": dict(slept.peak)},
        "peak_over_awake": round(slept.peak["anonymous"] / slept.awake["anonymous"], 2),
        "recall_awake": _told(awake),
        "recall_during": _told(during),
        "recall_after": _told(_recalls(service, namespace, questions)),
        "recalls_during": len(during),
        "recall_p95_during_over_awake": round(_p95(during, "ms") / _p95(awake, "ms"), 2),
        "recall_p95_cpu_during_over_awake": round(_p95(during, "cpu_ms") / _p95(awake, "cpu_ms"), 2),
        "fold_seconds": round(slept.fold_seconds, 1),
    }


def _drafts(world: World, params: SizeParams) -> Iterator[Draft]:
    """Of the world; some of its turns are told again a few hundred drafts later."""
    wait = round(1 / params.repeated) if params.repeated else 0
    turns = 0
    again: list[Draft] = []
    for number, draft in zip(count(), world.drafts(), strict=False):
        yield draft
        if draft.kind is Kind.MEMORY and wait:
            turns += 1
            if turns % wait == 0:
                text = f"As I said before: {draft.text}"
                again.append(replace(draft, text=text, external_id=f"{draft.external_id}-again", session_id=None))
        if again and number % 300 == 0:
            yield from again
            again = []
    yield from again


def _of_a_day(world: World, params: SizeParams) -> Iterator[Draft]:
    """New ones, in sessions of their own."""
    for draft in islice(world.drafts(variant=1), params.written):
        session = draft.session_id and f"later-{draft.session_id}"
        yield replace(draft, external_id=f"later-{draft.external_id}", session_id=session)


def _build(service: Service, namespace: Namespace, drafts: Iterator[Draft]) -> float:
    began = perf_counter()
    while batch := list(islice(drafts, AT_ONCE)):
        service.remember(namespace, batch)
        service.work()
    return perf_counter() - began


def _active(service: Service, namespace: Namespace) -> tuple[int, int]:
    """Tokens and items in recall."""
    tokens = [one.tokens for one in active(service.parts, namespace, datetime.now(UTC))]
    return sum(tokens), len(tokens)


def _recalls(service: Service, namespace: Namespace, questions: Sequence[str]) -> list[Answer]:
    return [service.recall(namespace, question, TOP_K, SearchParams()) for question in questions][WARM_UP:]


def _told(answers: Sequence[Answer]) -> dict[str, Json]:
    return {"ms": percentiles([one.ms for one in answers]), "cpu_ms": percentiles([one.cpu_ms for one in answers])}


def _p95(answers: Sequence[Answer], measure: Literal["ms", "cpu_ms"]) -> float:
    return float(np.percentile([one.ms if measure == "ms" else one.cpu_ms for one in answers], 95))
