"""The service with an LLM: a second namespace with the same passages, enriched over HTTP from recorded extractions."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import perf_counter

from bench.arms import Searched
from bench.errors import IngestionFailed
from bench.replay import replaying
from bench.service import ACTOR, Filled, Service
from bench.systems import Answered, Ground, Ready
from bench.triples import Extraction
from bench.types import LabelledQuestion
from memory import documents, enrichment, jobs, operations
from memory.llm.chat import ChatModel
from memory.types import OperationStatus
from retrieval.search import SearchParams

NAME = "zengram+llm"
MODEL = "recorded"


@dataclass(frozen=True, slots=True)
class Enriched:
    """Facts come in through the chat client, the job and the tables, as they would from an LLM."""

    extractions: Mapping[str, Extraction]  # by the id that questions refer to
    params: SearchParams
    name: str = NAME

    def ready(self, ground: Ground) -> Ready:
        """Raises IngestionFailed."""
        began = perf_counter()
        namespace = ground.service.namespace(f"{ground.filled.namespace.name}-enriched")
        filled = ground.service.fill(namespace, ground.collection)
        enrich(ground.service, filled, self.extractions, ground.prefix)
        ingestion = replace(ground.ingestion, seconds=perf_counter() - began)
        searched = Searched((self.params,), replace(ground, filled=filled, ingestion=ingestion))
        originals = {externals: document for document, externals in ground.filled.ids_of.items()}
        return Renamed(searched, {copy: originals[externals] for copy, externals in filled.ids_of.items()})


@dataclass(frozen=True, slots=True)
class Renamed:
    """Answers with the documents of the first namespace, which those of the second repeat."""

    inner: Searched
    originals: Mapping[str, str]

    @property
    def ingest_seconds(self) -> float:
        return self.inner.ingest_seconds

    def answer(self, question: LabelledQuestion) -> Answered:
        found = self.inner.answer(question)
        return replace(found, documents=tuple(self.originals[document] for document in found.documents))


def enrich(service: Service, filled: Filled, extractions: Mapping[str, Extraction], prefix: str = "") -> float:
    """Has every passage read, and gives the seconds that it took. Raises IngestionFailed."""
    recorded = {
        passage.text: extractions[prefix + external]
        for document, externals in filled.ids_of.items()
        for external in externals
        if prefix + external in extractions
        for passage in documents.passages(service.parts, filled.namespace, document)
    }
    began = perf_counter()
    with replaying(recorded) as url, closing(ChatModel(url, MODEL)) as llm:
        parts = replace(service.parts, llm=llm)
        operation = enrichment.start(parts, filled.namespace, _now())
        while jobs.run_one(parts, _now(), ACTOR):
            pass
    over = operations.get(service.parts, filled.namespace, operation.id)
    if over.status is not OperationStatus.COMPLETED:
        raise IngestionFailed(f"the enrichment is {over.status.value}: {over.error}")
    return perf_counter() - began


def _now() -> datetime:
    return datetime.now(UTC)
