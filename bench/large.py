"""Speed and size of an index of any size, without texts and SQL: opening, recall, single writes, exactness, a fold."""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter, process_time, thread_time
from typing import TypeVar
from uuid import UUID

import numpy as np

from bench import machine, made_index
from bench.made_index import Space
from bench.synthetic import World, WorldParams
from bench.types import Json
from memory.types import Draft
from retrieval.extractors import rules
from retrieval.index import Index
from retrieval.pagerank import WalkParams
from retrieval.quantize import to_bytes
from retrieval.search import Question, SearchParams, SearchResult, search
from retrieval.segment import SegmentInfo
from retrieval.sentences import sentences
from retrieval.types import DocumentId, IndexedPassage, PassageId
from retrieval.vectors.dense import EXACT_UP_TO

TOP_K = 10
WARM_UP = 20
TOGETHER = 64  # passages that a delta grows by at a time
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LargeParams:
    passages: int
    seed: int = 0
    questions: int = 200
    writes: int = 200
    exact: int = 40  # questions that are also answered with every vector compared and a finer walk
    delta: int = 0  # passages that are added before the fold; 0: a tenth of the base
    epsilon: float = WalkParams().epsilon


def measure(params: LargeParams, folder: Path) -> dict[str, Json]:
    """Writes the segment into `folder`, then measures in a process of its own. CPU times are of the calling thread."""
    world = WorldParams(params.passages, params.seed)
    began, cpu = perf_counter(), process_time()
    info = made_index.write(folder / "base.segment", world)
    made: dict[str, Json] = {"seconds": round(perf_counter() - began, 1), "cpu_seconds": round(process_time() - cpu, 1)}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        found = pool.submit(measured, params, info, folder).result()
    return {"passages": params.passages, "seed": params.seed, "made": made, "segment_mb": info.bytes // 2**20, **found}


def measured(params: LargeParams, info: SegmentInfo, folder: Path) -> dict[str, Json]:
    """What a process that is new sees of the segment."""
    world = World(WorldParams(params.passages, params.seed))
    questions = _questions(world, params)
    chosen = SearchParams(walk=WalkParams(epsilon=params.epsilon))
    _compile(folder)
    before = _memory()
    index, opening = _timed(lambda: Index.open(info.path, info.sha256))
    _, first = _timed(lambda: _ask(index, questions[0], chosen))
    recalls = [_timed(lambda question=question: _ask(index, question, chosen))[1] for question in questions]  # type: ignore[misc]
    after = _memory()
    writes = [_timed(lambda one=one: index.add([one]))[1] for one in _singles(world, params, params.writes, 0)]  # type: ignore[misc]
    again = [_timed(lambda question=question: _ask(index, question, chosen))[1] for question in questions]  # type: ignore[misc]
    agreement = _agreement(index, questions[: params.exact], chosen)
    grown = params.delta or params.passages // 10
    _, adding = _timed(lambda: _grow(index, world, params, grown))
    after_delta = _memory()
    with_delta = [_timed(lambda question=question: _ask(index, question, chosen))[1] for question in questions]  # type: ignore[misc]
    before_fold = [_ask(index, question, chosen) for question in questions[: params.exact]]
    folded, folding = _timed(lambda: index.fold(folder / "folded.segment"))
    later = Index.open(folded.path)
    same = [overlap(one, _ask(later, question, chosen)) for one, question in zip(before_fold, questions, strict=False)]
    return {
        "open_and_first_recall": _seconds(Took(opening.wall + first.wall, opening.cpu + first.cpu)),
        "recall_ms": _percentiles(recalls[WARM_UP:]),
        "index_write_ms": _percentiles(writes),
        "recall_with_small_delta_ms": _percentiles(again),
        "agreement_with_exact": agreement,
        "delta": grown,
        "adding_the_delta": _seconds(adding),
        "recall_with_delta_ms": _percentiles(with_delta),
        "fold": _seconds(folding),
        "top_10_overlap_across_the_fold": round(float(np.mean(same)), 4),
        "memory_mb": {"before": before, "after_recalls": after, "with_delta": after_delta, "after_fold": _memory()},
    }


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds on the clock, and of the processor (of all threads of this process)."""

    wall: float
    cpu: float


def overlap(one: SearchResult, other: SearchResult) -> float:
    """Share of the passages of `one` that `other` has too."""
    ids = {hit.id for hit in other.hits}
    return sum(hit.id in ids for hit in one.hits) / max(len(one.hits), 1)


def _timed(function: Callable[[], T]) -> tuple[T, Took]:
    began, cpu = perf_counter(), thread_time()
    value = function()
    return value, Took(perf_counter() - began, thread_time() - cpu)


def _ask(index: Index, question: Question, params: SearchParams) -> SearchResult:
    return search(index, question, params, None, TOP_K)


def _questions(world: World, params: LargeParams) -> list[Question]:
    texts = world.questions(params.questions + WARM_UP)
    vectors = Space(params.seed).draw(np.random.default_rng((params.seed, 20)), len(texts))
    return [Question(text, vector) for text, vector in zip(texts, vectors, strict=True)]


def _agreement(index: Index, questions: Sequence[Question], chosen: SearchParams) -> dict[str, Json]:
    """Overlap of what is answered with what is answered when every vector is compared."""
    exact = replace(chosen, probe_share=1.0)
    arms, hits = [], []
    for question in questions:
        some = index.vectors.search(question.vector, chosen.per_arm, None, chosen.probe_share).rows
        every = index.vectors.search(question.vector, chosen.per_arm, None, 1.0).rows
        arms.append(len(np.intersect1d(some, every)) / len(every))
        hits.append(overlap(_ask(index, question, exact), _ask(index, question, chosen)))
    return {"dense_top_200": round(float(np.mean(arms)), 4), "fused_top_10": round(float(np.mean(hits)), 4)}


def _grow(index: Index, world: World, params: LargeParams, count: int) -> None:
    made = _singles(world, params, count, params.writes)
    for start in range(0, count, TOGETHER):
        index.add(made[start : start + TOGETHER])


def _singles(world: World, params: LargeParams, count: int, first: int) -> list[IndexedPassage]:
    """Passages that the base does not hold, as the write path would hand them over."""
    space, rng = Space(params.seed), np.random.default_rng((params.seed, 21, first))
    vectors = to_bytes(space.draw(rng, count))
    return [_passage(world.single(first + n), params.passages + first + n, vectors[n]) for n in range(count)]


def _passage(draft: Draft, row: int, vector: np.ndarray[tuple[int, ...], np.dtype[np.int8]]) -> IndexedPassage:
    id_ = str(UUID(int=row + 1))
    spans = list(sentences(draft.text))
    return IndexedPassage(
        id=PassageId(id_),
        document_id=DocumentId(id_),
        title=draft.title,
        text=draft.text,
        group="singles",
        position=row,
        mentions=tuple(rules.mentions(draft.title, draft.text, spans, draft.speaker, draft.occurred_at)),
        vector=vector,
        sentence_vectors=np.repeat(vector[None], len(spans), axis=0),
        attributes={"id": id_, "document_id": id_, "kind": draft.kind.value},
    )


def _compile(folder: Path) -> None:
    """All compiled code is loaded before anything is timed."""
    small = made_index.write(folder / "small.segment", WorldParams(EXACT_UP_TO + 1000))
    params = LargeParams(small.passages)
    world = World(WorldParams(small.passages))
    index = Index.open(small.path)
    for one in _singles(world, params, 3, 0):
        index.add([one])
    for question in _questions(world, replace(params, questions=2))[:3]:
        _ask(index, question, SearchParams())
    index.fold(small.path)
    small.path.unlink()


def _memory() -> dict[str, Json]:
    return dict(machine.memory_mb())


def _seconds(took: Took) -> dict[str, Json]:
    return {"seconds": round(took.wall, 3), "cpu_seconds": round(took.cpu, 3)}


def _percentiles(times: Sequence[Took]) -> dict[str, Json]:
    """Milliseconds on the clock and of the processor."""
    found: dict[str, Json] = {}
    for name, values in (("", [took.wall for took in times]), ("cpu_", [took.cpu for took in times])):
        found |= {f"{name}p{q}": round(1000 * float(np.percentile(values, q)), 2) for q in (50, 95, 99)}
    return found
