"""What the dynamics add to a recall and to a write in a large namespace: the one read, the ranking, the first trace."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter, thread_time

import numpy as np
from sqlalchemy.orm import Session

from bench.dynamics.lifelog import BEGAN
from bench.embedders import random_unit
from bench.service import ACTOR, Service, embedder
from bench.types import Json
from memory import novelty, repeating
from memory.content import new_document
from memory.dynamics import neuromodulators
from memory.ids import new_id
from memory.layers.routing import Route
from memory.layers.traces import first_trace
from memory.reranking import CANDIDATES, Nearby, rerank
from memory.store import documents, passages, traces
from memory.store.documents import Placed
from memory.store.passages import PassageToAdd
from memory.types import Draft, EncodedPassage, Kind, NamespaceId
from retrieval.quantize import to_bytes
from retrieval.search import Hit, SearchResult
from retrieval.types import ByteVector, PassageId, Piece, Span

BATCH = 2_000
WORDS = [
    "harbour",
    "ferry",
    "choir",
    "garden",
    "lantern",
    "bridge",
    "letter",
    "window",
    "orchard",
    "captain",
    "winter",
    "market",
    "violin",
    "cellar",
]


def measure(memories: int, rounds: int, seed: int = 0) -> dict[str, Json]:
    """Milliseconds that are added, median and 95th percentile, in a SQLite namespace of so many memories."""
    rng = np.random.default_rng(seed)
    with (
        tempfile.TemporaryDirectory(prefix="zengram-overhead-") as folder,
        Service(Path(folder), embedder("random", None)) as service,
    ):
        namespace = service.namespace("large")
        ids = _fill(service, namespace.id, memories, rng)
        drafts = [_draft(rng, memories + number) for number in range(rounds)]
        service.parts.indexes.fold(namespace.id, BEGAN)  # as a worker does while so much comes in
        service.parts.indexes.catch_up(namespace.id, 0)

        def recall(number: int) -> None:
            chosen = [ids[int(place)] for place in rng.integers(0, memories, CANDIDATES)]
            hits = tuple(Hit(id_, float(CANDIDATES - place), 0.5) for place, id_ in enumerate(chosen))
            vectors = random_unit(b"%d" % number, CANDIDATES + 1, 384)
            nearby = Nearby(vectors[1:], [frozenset({"mira"})] * CANDIDATES, vectors[0])
            rerank(service.parts, namespace, "What does Mira say?", SearchResult(hits), nearby, BEGAN)

        def write(number: int) -> None:
            draft = drafts[number]
            watched = repeating.watch([draft], namespace.id, service.parts.recalls, service.parts.dynamics, BEGAN)
            service.parts.database.read(lambda session: repeating.find(session, namespace.id, watched, [0]))
            encoded = _encoded(draft, to_bytes(random_unit(b"write %d" % number, 1, 384))[0])
            new = novelty.novelty_of(service.parts, namespace.id, {0: [encoded]})
            service.parts.database.write(lambda session: _moved(session, namespace.id, new[0]))

        return {
            "memories": memories,
            "rounds": rounds,
            "recall": _timed(recall, rounds),
            "write": _timed(write, rounds),
        }


def _timed(action: Callable[[int], None], rounds: int) -> dict[str, Json]:
    action(0)  # the first compiles its statements
    times, busy = [], []
    for number in range(rounds):
        began, began_busy = perf_counter(), thread_time()
        action(number)
        times.append(1000 * (perf_counter() - began))
        busy.append(1000 * (thread_time() - began_busy))
    return {
        "median_ms": float(np.median(times)),
        "p95_ms": float(np.quantile(times, 0.95)),
        "cpu_median_ms": float(np.median(busy)),  # of the thread: what it takes on a machine that nobody else uses
    }


def _fill(service: Service, namespace: NamespaceId, count: int, rng: np.random.Generator) -> list[PassageId]:
    ids: list[PassageId] = []
    for start in range(0, count, BATCH):
        drafts = [_draft(rng, number) for number in range(start, min(count, start + BATCH))]
        ids += _add(service, namespace, drafts)
    return ids


def _add(service: Service, namespace: NamespaceId, drafts: list[Draft]) -> list[PassageId]:
    route = Route("episodic", "measured")
    placed = [Placed(new_document(one, new_id(BEGAN), 1, "ready", route, BEGAN), 0, 1, 1) for one in drafts]
    vectors = to_bytes(random_unit(drafts[0].text.encode(), len(drafts), 384))
    rows = [
        PassageToAdd(one.document.id, 0, one.document.id, 0, 1, _encoded(draft, vector))
        for one, draft, vector in zip(placed, drafts, vectors, strict=True)
    ]
    made = [first_trace(one.document.id, draft, BEGAN) for one, draft in zip(placed, drafts, strict=True)]

    def write(session: Session) -> None:
        documents.add(session, namespace, placed)
        passages.add(session, namespace, "measured", rows)
        traces.add(session, namespace, made)

    service.parts.database.write(write)
    return [one.encoded.id for one in rows]


def _encoded(draft: Draft, vector: ByteVector) -> EncodedPassage:
    piece = Piece(Span(0, len(draft.text)), draft.text, ())
    return EncodedPassage(PassageId(new_id(BEGAN)), piece, (), vector, vector[None][:0])


def _moved(session: Session, namespace: NamespaceId, new: float) -> None:
    """What remember does in its transaction; here with a commit of its own, which is in the figures."""
    state = novelty.moved(session, namespace, ACTOR, [new], BEGAN)
    first_trace("", Draft(Kind.MEMORY, "moved"), BEGAN, new, neuromodulators.levels(state, BEGAN))
    novelty.keep(session, namespace, ACTOR, state, False, BEGAN)


def _draft(rng: np.random.Generator, number: int) -> Draft:
    words = " ".join(WORDS[int(place)] for place in rng.integers(0, len(WORDS), 14))
    return Draft(Kind.MEMORY, f"{words} {number}.", speaker="Mira", occurred_at=BEGAN + timedelta(seconds=number))
