"""Many small memories: recalls in namespaces that are not open, and memory that stays within the cache."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter, thread_time

from bench import machine
from bench.errors import BenchError
from bench.scale import percentiles
from bench.service import AT_ONCE, Service
from bench.service import embedder as open_embedder
from bench.synthetic import World, WorldParams
from bench.types import Json
from retrieval.search import SearchParams

TOP_K = 10
CHECKED = 50  # namespaces whose answers must be the same before and after everything else was opened
WARM_UP = 20


@dataclass(frozen=True, slots=True)
class NamespacesParams:
    namespaces: int
    passages: int  # of each
    recalls: int = 1000
    cache_mb: int = 64
    seed: int = 0
    embedder: str = "random"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a new process saw: milliseconds of recalls, on the clock and of the processor, and its memory."""

    wall: tuple[float, ...]
    cpu: tuple[float, ...]
    memory: tuple[float, ...]  # anonymous megabytes above what the process had before, after each tenth of the recalls
    most_open: int
    changed: int  # answers that were not the same again


def measure(params: NamespacesParams, folder: Path) -> dict[str, Json]:
    """Fills the namespaces through the write path, then asks them in a process that has opened none of them."""
    with Service(folder, open_embedder(params.embedder, None), cache_bytes=params.cache_mb * 2**20) as service:
        world = _world(params)
        began = perf_counter()
        for number in range(params.namespaces):
            _fill(service, world, number)
        seconds = perf_counter() - began
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        seen = pool.submit(_asked, params, folder).result()
    return {
        "namespaces": params.namespaces,
        "passages_of_each": params.passages,
        "cache_mb": params.cache_mb,
        "build_seconds": round(seconds, 1),
        "passages_per_s": round(params.namespaces * params.passages / seconds, 1),
        "cold_recall_ms": percentiles(seen.wall),
        "cold_recall_cpu_ms": percentiles(seen.cpu),
        "anonymous_mb_above_start": [round(one, 1) for one in seen.memory],
        "most_open": seen.most_open,
        "answers_that_changed": seen.changed,
        "disk_mb": round(sum(machine.disk_mb(folder).values()), 1),
    }


def _world(params: NamespacesParams) -> World:
    """One world that all namespaces tell of, each in words of its own."""
    return World(WorldParams(params.passages, params.seed))


def _fill(service: Service, world: World, number: int) -> None:
    namespace = service.namespace(_name(number))
    drafts = world.drafts(number)
    while batch := list(islice(drafts, AT_ONCE)):
        service.remember(namespace, batch)
    service.work()


def _asked(params: NamespacesParams, folder: Path) -> _Seen:
    """Each recall is in the namespace that was asked the longest ago; the cache holds but a few of them."""
    wall, cpu, memory = [], [], []
    most_open = 0
    questions = _world(params).questions(params.namespaces)
    with Service(folder, open_embedder(params.embedder, None), cache_bytes=params.cache_mb * 2**20) as service:
        first = [_ask(service, questions, number)[0] for number in range(min(CHECKED, params.namespaces))]
        before = machine.memory_mb().get("anonymous", 0.0)
        order = islice(_round(params.namespaces, len(first)), params.recalls)
        for count, number in enumerate(order, 1):
            _, took_wall, took_cpu = _ask(service, questions, number)
            wall.append(took_wall)
            cpu.append(took_cpu)
            most_open = max(most_open, len(service.parts.indexes.opened()))
            if count % max(1, params.recalls // 10) == 0:
                memory.append(machine.memory_mb().get("anonymous", 0.0) - before)
        again = [_ask(service, questions, number)[0] for number in range(len(first))]
    if most_open >= params.namespaces:
        raise BenchError("The cache held every namespace: no recall was cold. Ask for more namespaces.")
    changed = sum(one != other for one, other in zip(first, again, strict=True))
    return _Seen(tuple(wall[WARM_UP:]), tuple(cpu[WARM_UP:]), tuple(memory), most_open, changed)


def _round(namespaces: int, start: int) -> Iterator[int]:
    number = start
    while True:
        yield number % namespaces
        number += 1


def _ask(service: Service, questions: Sequence[str], number: int) -> tuple[tuple[str, ...], float, float]:
    """The documents found, and milliseconds besides the encoder: on the clock and of the processor."""
    began, began_cpu = perf_counter(), thread_time()
    namespace = service.existing(_name(number))
    answer = service.recall(namespace, questions[number], TOP_K, SearchParams())
    wall, cpu = 1000 * (perf_counter() - began), 1000 * (thread_time() - began_cpu)
    return answer.documents, wall - answer.encode_ms, cpu


def _name(number: int) -> str:
    return f"small-{number}"
