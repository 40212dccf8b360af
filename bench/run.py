"""Puts a data set in through the service, then asks every question of every arm."""

from collections.abc import Mapping, Sequence
from time import perf_counter

import numpy as np

from bench import metrics
from bench.arms import Arm, fused
from bench.service import Answer, Filled, Service
from bench.types import Collection, Dataset, Ingestion, Json, LabelledQuestion, Outcome, Run

WARM_UP = 3  # questions asked before any is timed: the first compile and map
MOST_RESULTS = 200  # of one recall
FUSED_DEPTH = 100  # of each ranking that is fused

Stages = dict[str, float]


def measure(dataset: Dataset, arms: Sequence[Arm], service: Service, settings: Mapping[str, Json]) -> Run:
    """One run of all arms; every conversation or corpus has a namespace of its own."""
    outcomes: dict[str, list[Outcome]] = {arm.name: [] for arm in arms}
    stages: dict[str, list[Stages]] = {arm.name: [] for arm in arms}
    ingestions = []
    for number, collection in enumerate(dataset.collections):
        ingestion, filled = ingest(service, collection, f"collection-{number}")
        ingestions.append(ingestion)
        prefix = f"{collection.name}/" if len(dataset.collections) > 1 else ""
        for arm in arms:
            for question in collection.questions[:WARM_UP]:
                ask(service, filled, arm, question, prefix)
        for question in collection.questions:
            for arm in arms:
                outcome, answers = ask(service, filled, arm, question, prefix)
                outcomes[arm.name].append(outcome)
                stages[arm.name].append(_stages(outcome, answers))
    return Run(
        dataset.name,
        dataset.sha256,
        settings,
        _sum(ingestions),
        {name: tuple(found) for name, found in outcomes.items()},
        {name: _mean_stages(found) for name, found in stages.items()},
    )


def ingest(service: Service, collection: Collection, name: str) -> tuple[Ingestion, Filled]:
    """Remembers a collection in a new namespace of this name. Raises IngestionFailed."""
    namespace = service.namespace(name)
    service.encoder.take()
    began = perf_counter()
    filled = service.fill(namespace, collection)
    seconds = perf_counter() - began
    documents = len(filled.ids_of)
    return Ingestion(documents, filled.passages, seconds, service.encoder.take(), service.is_cached), filled


def ask(
    service: Service, filled: Filled, arm: Arm, question: LabelledQuestion, prefix: str = ""
) -> tuple[Outcome, list[Answer]]:
    """The ranks an arm gives to what is relevant, and the answers it was made of."""
    depth = metrics.DEPTH if len(arm.presets) == 1 else FUSED_DEPTH
    answers, rankings = [], []
    for preset in arm.presets:
        answer = service.recall(filled.namespace, question.text, depth, preset)
        answers.append(answer)
        rankings.append(_deep_enough(service, filled, question.text, depth, answer))
    ranks = metrics.best_ranks(fused(rankings), filled.ids_of)
    found = metrics.relevant_ranks(ranks, question.relevant)
    ms = sum(answer.ms for answer in answers)
    return Outcome(prefix + question.id, question.category, len(question.relevant), found, ms), answers


def _deep_enough(service: Service, filled: Filled, text: str, depth: int, answer: Answer) -> list[str]:
    """Distinct documents, best first: asks for more passages where several are of one document."""
    top_k = depth
    while len(set(answer.documents)) < depth and len(answer.documents) == top_k < MOST_RESULTS:
        top_k = min(2 * top_k, MOST_RESULTS)
        answer = service.recall(filled.namespace, text, top_k, answer.params)
    return list(dict.fromkeys(answer.documents))[:depth]


def _stages(outcome: Outcome, answers: Sequence[Answer]) -> Stages:
    """Milliseconds in the encoder, in the search (with reading the rows), in all else; and of the processor in all."""
    encode, search = sum(answer.encode_ms for answer in answers), sum(answer.search_ms for answer in answers)
    cpu = sum(answer.cpu_ms for answer in answers)
    return {"encode": encode, "search": search, "rest": outcome.ms - encode - search, "cpu": cpu}


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
