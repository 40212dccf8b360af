"""Runs the ablation: every seed and every store is a job of its own, on as many processes as wanted."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

from bench import machine
from bench.dynamics.ablation import NOTHING, ON, Lived, Outcome, arms, live, read, stores
from bench.dynamics.statements import Share
from bench.embedders import CachedEmbedder
from bench.service import embedder
from memory.dynamics.switches import OFF, Dynamics


@dataclass(frozen=True, slots=True)
class Job:
    """One life: its arms share a store. The first of `single` seeds are those in which mechanisms are off alone."""

    data: Path
    share: Share
    seed: int
    asking: Mapping[str, Dynamics]
    vectors: Path
    code: str  # digest of what lives it, taken at the start: it may change on disk meanwhile


@dataclass(frozen=True, slots=True)
class Found:
    """Outcomes by arm, and what the stores of all on and all off held at the end, by seed."""

    outcomes: Mapping[str, Sequence[Outcome]]
    stored: Mapping[str, Sequence[Mapping[str, int]]]


def jobs(data: Path, share: Share, seeds: int, single: int, without: Sequence[str], vectors: Path) -> list[Job]:
    """All on and all off for `seeds` seeds; every other arm for the first `single` of them."""
    found, code = [], machine.code()
    for seed in range(seeds):
        wanted = arms(without if seed < single else ())
        found += [Job(data, share, seed, asking, vectors, code) for asking in stores(wanted)]
        found.append(Job(data, share, seed, {NOTHING: OFF}, vectors, code))
    return found


def run(job: Job) -> Lived:
    """In a process of its own; a life that was lived before, with the same switches and code, is read from its file."""
    name = hashlib.sha256(repr((job.share, job.seed, sorted(job.asking.items()), job.code)).encode())
    file = job.vectors / f"life-{name.hexdigest()[:16]}.json"
    if file.exists():
        return _read(file)
    lived = _live(job)
    file.write_text(json.dumps(asdict(lived)), encoding="utf-8")
    return lived


def _live(job: Job) -> Lived:
    kept = CachedEmbedder(embedder("minilm", 1), job.vectors, keeps_questions=True)
    try:
        return live(read(job.data, job.share, job.seed), job.seed, job.asking, kept)
    finally:
        kept.close()


def _read(file: Path) -> Lived:
    kept = json.loads(file.read_text(encoding="utf-8"))
    outcomes = {name: [Outcome(**one) for one in some] for name, some in kept["outcomes"].items()}
    return Lived(outcomes, kept["in_recall"], kept["held_back"], kept["passages"])


def ablate(todo: Sequence[Job], workers: int) -> Found:
    """All jobs, in the order of seeds and arms, whatever is ready first."""
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        futures = {pool.submit(run, job): number for number, job in enumerate(todo)}
        done: dict[int, Lived] = {}
        for future in as_completed(futures):
            done[futures[future]] = future.result()
            print(f"{len(done)} of {len(todo)} lives", flush=True)
    outcomes: dict[str, list[Outcome]] = {ON: [], NOTHING: []}
    stored: dict[str, list[Mapping[str, int]]] = defaultdict(list)
    for number, job in enumerate(todo):
        lived = done[number]
        for name, some in lived.outcomes.items():
            outcomes.setdefault(name, []).extend(some)
        first = next(iter(job.asking))
        held = {"in recall": lived.in_recall, "held back": lived.held_back, "passages": lived.passages}
        stored[first].append({"seed": job.seed, **held})
    return Found(outcomes, stored)
