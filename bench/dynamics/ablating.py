"""Runs the ablation: every seed and every store is a job of its own, on as many processes as wanted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class Found:
    """Outcomes by arm, and what the stores of all on and all off held at the end, by seed."""

    outcomes: Mapping[str, Sequence[Outcome]]
    stored: Mapping[str, Sequence[Mapping[str, int]]]


def jobs(data: Path, share: Share, seeds: int, single: int, without: Sequence[str], vectors: Path) -> list[Job]:
    """All on and all off for `seeds` seeds; every other arm for the first `single` of them."""
    found = []
    for seed in range(seeds):
        wanted = arms(without if seed < single else ())
        found += [Job(data, share, seed, asking, vectors) for asking in stores(wanted)]
        found.append(Job(data, share, seed, {NOTHING: OFF}, vectors))
    return found


def run(job: Job) -> Lived:
    """In a process of its own."""
    kept = CachedEmbedder(embedder("minilm", 1), job.vectors, keeps_questions=True)
    try:
        return live(read(job.data, job.share, job.seed), job.seed, job.asking, kept)
    finally:
        kept.close()


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
