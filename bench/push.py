"""Forward push against exact PageRank: how much faster on a large graph with hubs, and what it changes in answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import thread_time

import numpy as np
from numpy.typing import NDArray

from bench import made_index
from bench.large import overlap
from bench.made_index import Space
from bench.run import ingest
from bench.service import Filled, Service
from bench.synthetic import World, WorldParams
from bench.types import Dataset, Json, LabelledQuestion
from bench.walkers import ExactWalker, PatientWalker, RecordingWalker
from retrieval.adjacency import GraphParams
from retrieval.index import Index
from retrieval.pagerank import Visited, Walker, WalkParams
from retrieval.ranking import ranked
from retrieval.search import Question, SearchParams, SearchResult, search

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

EPSILONS = (1e-3, 1e-4, 3e-5, 1e-5, 3e-6)
MOST = 50  # passages at the top of a walk that are compared
TOP_K = 10
HUB_SHARE = 0.93  # of the passages name the hub
WARM_UP = 3


@dataclass(frozen=True, slots=True)
class PushParams:
    passages: int
    questions: int = 20
    exact: int = 5  # of these questions are also answered by PRPACK
    seed: int = 0


@dataclass(frozen=True, slots=True)
class _Reset:
    """The reset distribution of a question."""

    question: Question
    nodes: Ints
    mass: Floats


def measure(params: PushParams, folder: Path) -> dict[str, Json]:
    """Two graphs over the same passages: hubs joined as any entity is, and hubs left out as the service does."""
    info = made_index.write(folder / "push.segment", WorldParams(params.passages, params.seed), hub_share=HUB_SHARE)
    index = Index.open(info.path)
    joined = GraphParams(hub_share=1.0)
    resets = _resets(index, params)
    return {
        "passages": params.passages,
        "hub_share": HUB_SHARE,
        "entities": index.graph.entities,
        "hubs_left_out": _compared(index, resets, GraphParams(), params),
        "hubs_joined": _compared(index, resets, joined, params),
    }


def _resets(index: Index, params: PushParams) -> list[_Reset]:
    texts = World(WorldParams(params.passages, params.seed)).questions(params.questions)
    vectors = Space(params.seed).draw(np.random.default_rng((params.seed, 20)), len(texts))
    asked = [Question(text, vector) for text, vector in zip(texts, vectors, strict=True)]
    push, recorder = index.walker, RecordingWalker()
    index.walker = recorder
    for question in asked:
        search(index, question, SearchParams(), None, TOP_K)
    index.walker = push
    return [_Reset(question, *reset) for question, reset in zip(asked, recorder.resets, strict=True)]


def _compared(index: Index, resets: Sequence[_Reset], graph: GraphParams, params: PushParams) -> dict[str, Json]:
    """Times of the processor for one question, and how the top of the walk and of the answer agree with PRPACK's."""
    some = resets[: params.exact]
    exact = ExactWalker(index, graph)
    walks = [_walk(exact, index, one, graph) for one in some]
    answers = _answers(exact, index, some, graph)
    milliseconds = 1000 * float(np.median(exact.seconds))
    curve: dict[str, Json] = {}
    for epsilon in EPSILONS:
        walker = PatientWalker(epsilon)
        times = [_timed(walker, index, one, graph) for one in resets]
        tops = [_top_overlap(true, _walk(walker, index, one, graph)) for true, one in zip(walks, some, strict=True)]
        fused = map(overlap, answers, _answers(walker, index, some, graph))
        typical = float(np.median(times[WARM_UP:]))
        curve[f"{epsilon:g}"] = {
            "push_ms_p50": round(typical, 3),
            "push_ms_p95": round(float(np.percentile(times[WARM_UP:], 95)), 3),
            "times_faster": round(milliseconds / typical, 1),
            "top_50_overlap": round(float(np.mean(tops)), 4),
            "fused_top_10_overlap": round(float(np.mean(list(fused))), 4),
        }
    return {"edges": exact.edges, "prpack_ms": round(milliseconds, 1), "by_epsilon": curve}


def _walk(walker: Walker, index: Index, reset: _Reset, graph: GraphParams) -> Visited:
    return walker.walk(index.graph, reset.nodes, reset.mass, WalkParams(), graph)


def _timed(walker: Walker, index: Index, reset: _Reset, graph: GraphParams) -> float:
    """Milliseconds of the processor."""
    began = thread_time()
    _walk(walker, index, reset, graph)
    return 1000 * (thread_time() - began)


def _answers(walker: Walker, index: Index, resets: Sequence[_Reset], graph: GraphParams) -> list[SearchResult]:
    push, index.walker = index.walker, walker
    found = [search(index, one.question, SearchParams(graph=graph), None, TOP_K) for one in resets]
    index.walker = push
    return found


def _top_overlap(exact: Visited, visited: Visited) -> float:
    """Share of the passages at the top of the exact walk that are at the top of this one."""
    return len(np.intersect1d(_top(exact), _top(visited))) / MOST


def _top(visited: Visited) -> Ints:
    own = visited.nodes % 2 == 0
    return ranked(visited.nodes[own], visited.mass[own], MOST).rows


def on_data(dataset: Dataset, service: Service) -> dict[str, Json]:
    """By epsilon: recall@10 of what is relevant, and the share of the top ten that an exact walk gives too."""
    collection = dataset.collections[0]
    _, filled = ingest(service, collection, dataset.name)
    with service.parts.indexes.reading(filled.namespace.id, 0) as index:
        finest = _asked(service, filled, index, collection.questions, ExactWalker(index, GraphParams()))
        curve: dict[str, Json] = {"exact": {"recall_at_10": _recall(finest)}}
        for epsilon in EPSILONS:
            found = _asked(service, filled, index, collection.questions, PatientWalker(epsilon))
            shared = [_share(one.top, other.top) for one, other in zip(found, finest, strict=True)]
            curve[f"{epsilon:g}"] = {
                "recall_at_10": _recall(found),
                "fused_top_10_overlap": round(float(np.mean(shared)), 4),
            }
    return curve


@dataclass(frozen=True, slots=True)
class _Answered:
    recall: float
    top: tuple[str, ...]


def _asked(
    service: Service, filled: Filled, index: Index, questions: Sequence[LabelledQuestion], walker: Walker
) -> list[_Answered]:
    push, index.walker = index.walker, walker
    answered = []
    for question in questions:
        top = service.recall(filled.namespace, question.text, TOP_K, SearchParams()).documents
        found = {id_ for document in top for id_ in filled.ids_of.get(document, ())}
        answered.append(_Answered(len(found & {*question.relevant}) / max(len(question.relevant), 1), top))
    index.walker = push
    return answered


def _share(one: Sequence[str], other: Sequence[str]) -> float:
    return len({*one} & {*other}) / max(len(other), 1)


def _recall(answered: Sequence[_Answered]) -> float:
    return round(float(np.mean([one.recall for one in answered])), 4)
