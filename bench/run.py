"""Puts a data set in through the service, then asks every question of every arm."""

from collections.abc import Mapping, Sequence
from time import perf_counter

import numpy as np

from bench import machine, metrics
from bench.service import Filled, Service
from bench.systems import Answered, Ground, Ready, System
from bench.types import Collection, Dataset, Ingestion, Json, LabelledQuestion, Outcome, Run, Stages

WARM_UP = 3  # questions asked before any is timed: the first compile and map


class Tally:
    """What the arms of a run have shown so far, by arm."""

    def __init__(self, systems: Sequence[System]) -> None:
        names = [system.name for system in systems]
        self.outcomes: dict[str, list[Outcome]] = {name: [] for name in names}
        self.stages: dict[str, list[Stages]] = {name: [] for name in names}
        self.seconds = dict.fromkeys(names, 0.0)
        self.memory = Peaks()
        self.ingestions: list[Ingestion] = []


def measure(
    dataset: Dataset,
    systems: Sequence[System],
    service: Service,
    settings: Mapping[str, Json],
    notes: Sequence[str] = (),
) -> Run:
    """One run of all arms; every conversation or corpus has a namespace of its own."""
    tally = Tally(systems)
    tally.memory.note("start")
    for number, collection in enumerate(dataset.collections):
        ingestion, filled = ingest(service, collection, f"collection-{number}")
        tally.ingestions.append(ingestion)
        tally.memory.note("ingested")
        prefix = f"{collection.name}/" if len(dataset.collections) > 1 else ""
        _ask(systems, Ground(service, filled, collection, ingestion, prefix), tally)
    return Run(
        dataset.name,
        dataset.sha256,
        settings,
        _sum(tally.ingestions),
        {name: tuple(found) for name, found in tally.outcomes.items()},
        {name: _mean_stages(found) for name, found in tally.stages.items()},
        tally.seconds,
        tally.memory.seen,
        tuple(notes),
    )


def _ask(systems: Sequence[System], ground: Ground, tally: Tally) -> None:
    """Asks every arm every question, in turns, so that what else the machine does falls on all alike."""
    arms: dict[str, Ready] = {}
    for system in systems:
        arms[system.name] = system.ready(ground)
        tally.memory.note(f"{system.name} ready")
        tally.seconds[system.name] += arms[system.name].ingest_seconds
    for arm in arms.values():
        for question in ground.collection.questions[:WARM_UP]:
            arm.answer(question)
    for question in ground.collection.questions:
        for name, arm in arms.items():
            answered = arm.answer(question)
            tally.outcomes[name].append(outcome(ground.filled, question, answered, ground.prefix))
            tally.stages[name].append(answered.stages)
    tally.memory.note("asked")


class Peaks:
    """The most memory of this process at each moment that is noted, in megabytes."""

    def __init__(self) -> None:
        self.seen: dict[str, dict[str, float]] = {}

    def note(self, moment: str) -> None:
        before = self.seen.get(moment, {})
        self.seen[moment] = {name: max(now, before.get(name, 0.0)) for name, now in machine.memory_mb().items()}


def ingest(service: Service, collection: Collection, name: str) -> tuple[Ingestion, Filled]:
    """Remembers a collection in a new namespace of this name. Raises IngestionFailed."""
    namespace = service.namespace(name)
    service.encoder.take()
    began = perf_counter()
    filled = service.fill(namespace, collection)
    seconds = perf_counter() - began
    documents = len(filled.ids_of)
    return Ingestion(documents, filled.passages, seconds, service.encoder.take(), service.is_cached), filled


def outcome(filled: Filled, question: LabelledQuestion, answered: Answered, prefix: str = "") -> Outcome:
    """The ranks an answer gives to what is relevant."""
    ranks = metrics.relevant_ranks(metrics.best_ranks(answered.documents, filled.ids_of), question.relevant)
    return Outcome(prefix + question.id, question.category, len(question.relevant), ranks, answered.ms)


def _mean_stages(found: Sequence[Stages]) -> Stages:
    return {name: float(np.mean([stages[name] for stages in found])) for name in found[0]}


def _sum(parts: Sequence[Ingestion]) -> Ingestion:
    return Ingestion(
        sum(part.documents for part in parts),
        sum(part.passages for part in parts),
        sum(part.seconds for part in parts),
        sum(part.encoder_seconds for part in parts),
        any(part.is_cached for part in parts),
    )
