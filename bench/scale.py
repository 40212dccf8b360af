"""Speed and size of one large made-up namespace: writes, recalls, the fold, a cold start, memory and disk."""

import multiprocessing
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from bench import machine
from bench.service import AT_ONCE, Answer, Service
from bench.service import embedder as open_embedder
from bench.synthetic import World, WorldParams
from bench.types import Json
from memory.types import Namespace
from retrieval.search import SearchParams

NAMESPACE = "scale"
TOP_K = 10
WARM_UP = 20
CHECK_EVERY = 10  # one write in so many is looked for in the recall right after it


@dataclass(frozen=True, slots=True)
class ScaleParams:
    passages: int
    writes: int = 300
    questions: int = 500
    seed: int = 0
    embedder: str = "random"


@dataclass(frozen=True, slots=True)
class Reopened:
    """What a new process saw."""

    first_recall_seconds: float
    recalls: tuple[float, ...]  # milliseconds besides the encoder
    memory_before: Mapping[str, float]  # megabytes, before the namespace was opened
    memory_after: Mapping[str, float]


def measure(params: ScaleParams, folder: Path) -> dict[str, Json]:
    """Builds the namespace in `folder` and measures it. Milliseconds are besides the encoder."""
    world = World(WorldParams(params.passages, params.seed))
    with Service(folder, open_embedder(params.embedder, None)) as service:
        namespace = service.namespace(NAMESPACE)
        before = machine.memory_mb()
        build = _build(service, namespace, world)
        questions = world.questions(params.questions + WARM_UP)
        recalls = _recalls(service, namespace, questions)
        writes, write_cpu, missed = _writes(service, namespace, world, params.writes)
        grown = machine.memory_mb()
        began = perf_counter()
        service.fold(namespace)
        fold = perf_counter() - began
        after_fold = _recalls(service, namespace, questions)
        passages = service.passages(namespace)
    reopened = _reopen(params, folder, questions)
    return {
        "passages": passages,
        "seed": params.seed,
        "embedder": params.embedder,
        "build": build,
        "recall_ms": percentiles(_besides_encoder(recalls)),
        "recall_cpu_ms": percentiles([answer.cpu_ms for answer in recalls]),
        "write_ms": percentiles(writes),
        "write_cpu_ms": percentiles(write_cpu),
        "writes_not_recallable_at_once": missed,
        "fold_seconds": round(fold, 3),
        "recall_after_fold_ms": percentiles(_besides_encoder(after_fold)),
        "cold_open_seconds": round(reopened.first_recall_seconds, 3),
        "cold_recall_ms": percentiles(reopened.recalls),
        "memory_mb": {
            "before": dict(before),
            "after_build": dict(grown),
            "new_process_before_open": dict(reopened.memory_before),
            "new_process": dict(reopened.memory_after),
        },
        "disk_mb": dict(machine.disk_mb(folder)),
    }


def _build(service: Service, namespace: Namespace, world: World) -> dict[str, Json]:
    """Puts the world in. Making it up is not timed, what the worker does in between is."""
    drafts, count, seconds = world.drafts(), 0, 0.0
    service.encoder.take()
    while batch := list(islice(drafts, AT_ONCE)):
        began = perf_counter()
        service.remember(namespace, batch)
        service.work()
        seconds += perf_counter() - began
        count += len(batch)
    encoder = service.encoder.take()
    return {
        "seconds": round(seconds, 2),
        "encoder_seconds": round(encoder, 2),
        "ingest_per_s": round(count / seconds, 1),
        "ingest_per_s_besides_encoder": round(count / (seconds - encoder), 1),
    }


def _writes(service: Service, namespace: Namespace, world: World, count: int) -> tuple[list[float], list[float], int]:
    """Milliseconds of single writes, on the clock and of the processor; how many of those looked for are missed."""
    times, cpu, missed = [], [], 0
    for number in range(count):
        draft = world.single(number)
        service.encoder.take()
        began, began_cpu = perf_counter(), process_time()
        (receipt,) = service.remember(namespace, [draft]).receipts
        times.append(1000 * (perf_counter() - began - service.encoder.take()))
        cpu.append(1000 * (process_time() - began_cpu))
        if number % CHECK_EVERY == 0:
            missed += receipt.id not in service.recall(namespace, draft.text, TOP_K, SearchParams()).documents
    return times, cpu, missed


def _recalls(service: Service, namespace: Namespace, questions: Sequence[str]) -> list[Answer]:
    """Recalls after a warm-up."""
    return [service.recall(namespace, question, TOP_K, SearchParams()) for question in questions][WARM_UP:]


def _besides_encoder(answers: Sequence[Answer]) -> list[float]:
    """Milliseconds."""
    return [answer.ms - answer.encode_ms for answer in answers]


def _reopen(params: ScaleParams, folder: Path, questions: Sequence[str]) -> Reopened:
    """In a process of its own, as after a restart."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(reopened, params.embedder, folder, list(questions)).result()


def reopened(embedder: str, folder: Path, questions: Sequence[str]) -> Reopened:
    """Opens the folder and recalls; the process should be new."""
    with Service(folder, open_embedder(embedder, None)) as service:
        _compile(service)
        before = machine.memory_mb()
        began = perf_counter()
        namespace = service.namespace(NAMESPACE)
        service.recall(namespace, questions[0], TOP_K, SearchParams())
        first = perf_counter() - began
        recalls = _recalls(service, namespace, questions)
        return Reopened(first, tuple(_besides_encoder(recalls)), before, machine.memory_mb())


def _compile(service: Service) -> None:
    """A recall in a small namespace, so that loading compiled code is not taken for opening the large one."""
    small = service.namespace("warm-up")
    service.remember(small, list(World(WorldParams(50)).drafts()))
    for question in World(WorldParams(50)).questions(3):
        service.recall(small, question, TOP_K, SearchParams())


def percentiles(times: Sequence[float]) -> dict[str, Json]:
    return {f"p{q}": round(float(np.percentile(times, q)), 3) for q in (50, 95, 99)}
