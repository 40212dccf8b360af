"""The service without HTTP: a migrated database and segments in a folder, and the verbs that the routes call."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from types import TracebackType
from typing import Self

import numpy as np

from bench.embedders import RandomEmbedder, TimedEmbedder
from bench.errors import BenchError, IngestionFailed
from bench.types import Collection
from memory import jobs, operations, recall, remember, tenancy
from memory.dynamics.switches import RECOMMENDED, Dynamics
from memory.indexing import Indexes
from memory.parts import Parts
from memory.store.database import Database
from memory.store.migrate import upgrade
from memory.types import Draft, Namespace, OperationStatus, Principal, Recall, Remembered, Scope
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.embedders.minilm import MiniLM
from retrieval.ports import Embedder
from retrieval.quantize import to_floats
from retrieval.search import SearchParams
from retrieval.types import FloatVector

AT_ONCE = 32  # drafts in one request, so that most requests are answered with everything encoded
CACHE_BYTES = 4 * 2**30  # of open indexes
ACTOR = "bench"


@dataclass(frozen=True, slots=True)
class Filled:
    """A namespace that holds a collection. `ids_of` maps a document's id to the ids that questions refer to."""

    namespace: Namespace
    ids_of: Mapping[str, tuple[str, ...]]
    passages: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The documents of the passages that were recalled, best first, and the milliseconds that it took."""

    documents: tuple[str, ...]
    params: SearchParams
    revision: int
    ms: float
    encode_ms: float
    search_ms: float
    cpu_ms: float  # of all threads of the process: says more than `ms` on a machine that others use


def embedder(name: str, threads: int | None) -> Embedder:
    """An embedder by name. Raises BenchError for an unknown one."""
    kind, _, model = name.partition(":")
    match kind:
        case "minilm":
            return MiniLM(Path(model) if model else None, threads)
        case "hashing":
            return HashingEmbedder()
        case "random":
            return RandomEmbedder()
        case "sentence-transformers" if model:
            from retrieval.embedders.sentence_transformer import SentenceTransformerEmbedder  # noqa: PLC0415 - heavy

            return SentenceTransformerEmbedder(model)
    raise BenchError(f"no embedder is called {name!r}: there are minilm, hashing, random, sentence-transformers:NAME")


class Service:
    """Opened on a folder, closed at the end of `with`; a folder that has a database is opened as it is."""

    def __init__(
        self, folder: Path, embedder: Embedder, is_cached: bool = False, cache_bytes: int = CACHE_BYTES
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{(folder / 'zengram.db').resolve()}"
        upgrade(url)
        self.encoder = TimedEmbedder(embedder)
        self.is_cached = is_cached
        database = Database(url)
        segments = folder / "segments"
        indexes = Indexes(database, segments, embedder.dimension, embedder.fingerprint, cache_bytes)
        self.parts = Parts(database, indexes, self.encoder)
        namespace = tenancy.bootstrap(self.parts, _now())
        self._principal = Principal(namespace.tenant, frozenset(Scope))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.parts.indexes.close()
        self.parts.database.close()

    def namespace(self, name: str) -> Namespace:
        """The namespace of this name, made if need be, with its index open, so that it follows every write."""
        found = tenancy.ensure_namespace(self.parts, self._principal, name, _now())
        self.parts.indexes.catch_up(found.id, found.revision)
        return found

    def existing(self, name: str) -> Namespace:
        """The namespace of this name, which is there, as a request would look it up."""
        return tenancy.namespace(self.parts, self._principal, name)

    def fill(self, namespace: Namespace, collection: Collection) -> Filled:
        """Remembers every draft, and works off what goes on after the answers. Raises IngestionFailed."""
        ids_of: dict[str, tuple[str, ...]] = {}
        for drafts in _batches(collection.drafts):
            remembered = self.remember(namespace, drafts)
            for draft, receipt in zip(drafts, remembered.receipts, strict=True):
                if draft.external_id is not None:
                    ids_of[receipt.id] = (*ids_of.get(receipt.id, ()), draft.external_id)
        self.work()
        return Filled(namespace, ids_of, self.passages(namespace))

    def remember(self, namespace: Namespace, drafts: list[Draft]) -> Remembered:
        """As a request would; an operation that goes on after the answer is finished here. Raises IngestionFailed."""
        remembered = remember.remember(self.parts, namespace, drafts, now=_now(), actor=ACTOR)
        if remembered.operation is not None:
            self.work()
            operation = operations.get(self.parts, namespace, remembered.operation.id)
            if operation.status is not OperationStatus.COMPLETED:
                raise IngestionFailed(f"an operation is {operation.status.value}: {operation.error}")
        return remembered

    def work(self) -> None:
        """Runs the jobs that are due, as the worker would."""
        while jobs.run_one(self.parts, _now(), ACTOR):
            pass

    def fold(self, namespace: Namespace) -> None:
        """Folds base and delta into a new base, and changes over to it."""
        self.parts.indexes.fold(namespace.id, _now())
        self.parts.indexes.refresh(namespace.id)

    def passages(self, namespace: Namespace) -> int:
        return tenancy.namespace_stats(self.parts, namespace).passages

    def vectors(self, namespace: Namespace) -> tuple[list[str], FloatVector]:
        """The document of every passage, and the vectors float32[passages, d] that a search compares questions with."""
        newest = tenancy.namespace(self.parts, self._principal, namespace.name).revision
        with self.parts.indexes.reading(namespace.id, newest) as index:
            rows = np.flatnonzero(index.graph.alive.view)
            values, codes = index.columns.values("document_id"), index.columns.codes("document_id")[rows]
            return [str(values[code]) for code in codes], to_floats(index.vectors.codes(rows))

    def recall(
        self,
        namespace: Namespace,
        question: str,
        top_k: int,
        params: SearchParams,
        dynamics: Dynamics = RECOMMENDED,
    ) -> Answer:
        parts = replace(self.parts, dynamics=dynamics)
        began, began_cpu = perf_counter(), process_time()
        found = recall.recall(parts, namespace, Recall(question, top_k=top_k), params=params)
        ms, cpu_ms = 1000 * (perf_counter() - began), 1000 * (process_time() - began_cpu)
        documents = tuple(result.document.id for result in found.results)
        return Answer(documents, params, found.revision, ms, found.took.encode, found.took.search, cpu_ms)


def _batches(drafts: Iterable[Draft]) -> Iterator[list[Draft]]:
    left = iter(drafts)
    while batch := list(islice(left, AT_ONCE)):
        yield batch


def _now() -> datetime:
    return datetime.now(UTC)
