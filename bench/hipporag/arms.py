"""HippoRAG 1 and 2 as arms of a measurement."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, process_time

import numpy as np

from bench import metrics
from bench.embedders import TimedEmbedder
from bench.hipporag import graph, ranking
from bench.hipporag.graph import Floats, Walk
from bench.hipporag.knowledge import normal_phrase
from bench.hipporag.memory import Library, Memory
from bench.systems import Answered, Ground, Ready
from bench.types import LabelledQuestion
from retrieval.extractors.rules import question_names
from retrieval.types import FloatVector

Rank = Callable[[LabelledQuestion, FloatVector], Floats]
"""Scores of all documents for a question and its vector."""


@dataclass(frozen=True, slots=True)
class HippoRag1:
    """Entities of the question, found by the service's rules in place of an LLM, linked to their nearest phrases."""

    library: Library
    name: str = "hipporag1"

    def ready(self, ground: Ground) -> Ready:
        memory, began = self.library.memory(ground), perf_counter()
        encoder, knowledge = ground.service.encoder, memory.knowledge
        walk = Walk(len(knowledge.phrases), memory.edges)

        def rank(question: LabelledQuestion, vector: FloatVector) -> Floats:
            names = {normal_phrase(found.display) for found in question_names(question.text)} - {""}
            nearest = [int((memory.phrase_vectors @ encoder.encode_question(name)).argmax()) for name in sorted(names)]
            return ranking.by_entities(knowledge, walk, memory.similarity(vector), nearest)

        return _Asked(memory, encoder, rank, _seconds(ground, memory, began))


@dataclass(frozen=True, slots=True)
class HippoRag2:
    """Nearest facts, without a filter; or with an oracle in its place that knows which passages are relevant."""

    library: Library
    is_oracle: bool = False

    @property
    def name(self) -> str:
        return "hipporag2-oracle" if self.is_oracle else "hipporag2"

    def ready(self, ground: Ground) -> Ready:
        memory, began = self.library.memory(ground), perf_counter()
        knowledge = memory.knowledge
        nodes = len(knowledge.phrases) + len(memory.documents)
        walk = Walk(nodes, graph.with_passages(memory.edges, knowledge))

        def rank(question: LabelledQuestion, vector: FloatVector) -> Floats:
            scores = ranking.scaled((memory.fact_vectors @ vector).astype(np.float64))
            facts = ranking.nearest_facts(scores, _facts_of(memory, question) if self.is_oracle else None)
            return ranking.by_facts(knowledge, walk, memory.similarity(vector), scores, facts)

        return _Asked(memory, ground.service.encoder, rank, _seconds(ground, memory, began))


@dataclass(frozen=True, slots=True)
class _Asked:
    memory: Memory
    encoder: TimedEmbedder
    rank: Rank
    ingest_seconds: float

    def answer(self, question: LabelledQuestion) -> Answered:
        self.encoder.take()
        began, began_cpu = perf_counter(), process_time()
        scores = self.rank(question, self.encoder.encode_question(question.text))
        best = np.argsort(-scores, kind="stable")[: metrics.DEPTH]
        documents = tuple(self.memory.documents[row] for row in best)
        ms, cpu = 1000 * (perf_counter() - began), 1000 * (process_time() - began_cpu)
        encode = 1000 * self.encoder.take()
        return Answered(documents, ms, {"encode": encode, "search": ms - encode, "rest": 0.0, "cpu": cpu})


def _facts_of(memory: Memory, question: LabelledQuestion) -> set[int]:
    """Facts of the relevant passages."""
    rows = [memory.row_of[name] for name in question.relevant if name in memory.row_of]
    return {int(fact) for row in rows for fact in memory.knowledge.facts_of[row]}


def _seconds(ground: Ground, memory: Memory, began: float) -> float:
    """Encoding passages, phrases and facts, and building the graph; extraction was recorded and costs nothing here."""
    return ground.ingestion.encoder_seconds + memory.seconds + perf_counter() - began
