"""Forward push against exact PageRank: how much faster on a large graph with hubs, and what it changes in answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import thread_time

import igraph
import numpy as np
from numpy.typing import NDArray

from bench import made_index
from bench.arms import Arm
from bench.large import overlap
from bench.made_index import Space
from bench.run import ask, ingest
from bench.service import Filled, Service
from bench.synthetic import World, WorldParams
from bench.types import Dataset, Json, LabelledQuestion
from retrieval.adjacency import GraphParams
from retrieval.index import Index
from retrieval.pagerank import Visited, WalkParams, edges
from retrieval.search import Question, SearchParams, SearchResult, reset_of, search

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

EPSILONS = (1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6)
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
    return [_Reset(question, *reset_of(index, question, SearchParams())) for question in asked]


def _compared(index: Index, resets: Sequence[_Reset], graph: GraphParams, params: PushParams) -> dict[str, Json]:
    """Times of the processor for one question, and how the top of the walk and of the answer agree with PRPACK's."""
    sources, targets, weights = edges(index.graph, graph)
    exact = _Exact(sources, targets, weights, 2 * max(index.graph.passages, index.graph.entities) + 2)
    best = [exact.walk(reset) for reset in resets[: params.exact]]
    curve = {f"{epsilon:g}": _at(index, resets, graph, epsilon, best) for epsilon in EPSILONS}
    seconds = float(np.median([took for _, took in best]))
    chosen = curve[f"{WalkParams().epsilon:g}"]
    assert isinstance(chosen, dict)
    assert isinstance(chosen["push_ms_p50"], float)
    return {
        "edges": len(sources),
        "prpack_ms": round(1000 * seconds, 1),
        "times_faster": round(1000 * seconds / chosen["push_ms_p50"], 1),
        "by_epsilon": dict(curve),
    }


class _Exact:
    """PRPACK (igraph) on a graph given by its directed edges."""

    def __init__(self, sources: Ints, targets: Ints, weights: Floats, nodes: int) -> None:
        pairs = np.column_stack([sources, targets])
        self._graph = igraph.Graph(n=nodes, edges=pairs, directed=True)
        self._weights = weights.tolist()
        self._nodes = nodes

    def walk(self, reset: _Reset) -> tuple[Floats, float]:
        """PageRank of every node, and the seconds of the processor that it took."""
        mass = np.zeros(self._nodes)
        mass[reset.nodes] = reset.mass
        began = thread_time()
        found = self._graph.personalized_pagerank(
            damping=WalkParams().damping, reset=mass.tolist(), weights=self._weights, implementation="prpack"
        )
        return np.array(found), thread_time() - began


def _at(
    index: Index, resets: Sequence[_Reset], graph: GraphParams, epsilon: float, best: Sequence[tuple[Floats, float]]
) -> dict[str, Json]:
    walk = replace(WalkParams(), epsilon=epsilon)
    times, tops = [], []
    for number, reset in enumerate(resets):
        began = thread_time()
        visited = index.walker.walk(index.graph, reset.nodes, reset.mass, walk, graph)
        times.append(1000 * (thread_time() - began))
        if number < len(best):
            tops.append(_top_overlap(best[number][0], visited))
    fused = [
        overlap(_ask(index, reset.question, graph, EPSILONS[-1] / 10), _ask(index, reset.question, graph, epsilon))
        for reset in resets[: len(best)]
    ]
    return {
        "push_ms_p50": round(float(np.median(times[WARM_UP:])), 3),
        "push_ms_p95": round(float(np.percentile(times[WARM_UP:], 95)), 3),
        "top_50_overlap": round(float(np.mean(tops)), 4),
        "fused_top_10_overlap": round(float(np.mean(fused)), 4),
    }


def _top_overlap(exact: Floats, visited: Visited) -> float:
    """Share of the passages at the top of the exact walk that are at the top of this one."""
    own = visited.nodes[visited.nodes % 2 == 0]
    mass = visited.mass[visited.nodes % 2 == 0]
    found = own[np.argsort(-mass, kind="stable")[:MOST]]
    true = 2 * np.argsort(-exact[0::2], kind="stable")[:MOST]
    return len(np.intersect1d(found, true)) / MOST


def _ask(index: Index, question: Question, graph: GraphParams, epsilon: float) -> SearchResult:
    return search(index, question, SearchParams(graph=graph, walk=WalkParams(epsilon=epsilon)), None, TOP_K)


def on_data(dataset: Dataset, service: Service) -> dict[str, Json]:
    """By epsilon: recall@10 of what is relevant, and the share of the top ten that the finest walk gives too."""
    collection = dataset.collections[0]
    _, filled = ingest(service, collection, dataset.name)
    finest = _answers(service, filled, collection.questions, EPSILONS[-1] / 10)
    curve: dict[str, Json] = {"exact": {"recall_at_10": _recall(finest)}}
    for epsilon in EPSILONS:
        found = _answers(service, filled, collection.questions, epsilon)
        shared = [
            len({*one.top} & {*other.top}) / max(len(other.top), 1) for one, other in zip(found, finest, strict=True)
        ]
        curve[f"{epsilon:g}"] = {
            "recall_at_10": _recall(found),
            "fused_top_10_overlap": round(float(np.mean(shared)), 4),
        }
    return curve


@dataclass(frozen=True, slots=True)
class _Answered:
    recall: float
    top: tuple[str, ...]


def _answers(
    service: Service, filled: Filled, questions: Sequence[LabelledQuestion], epsilon: float
) -> list[_Answered]:
    arm = Arm("zengram", (SearchParams(walk=WalkParams(epsilon=epsilon)),))
    answered = []
    for question in questions:
        outcome, (answer,) = ask(service, filled, arm, question)
        found = sum(rank <= TOP_K for rank in outcome.ranks)
        answered.append(_Answered(found / max(outcome.relevant, 1), answer.documents[:TOP_K]))
    return answered


def _recall(answered: Sequence[_Answered]) -> float:
    return round(float(np.mean([one.recall for one in answered])), 4)


def markdown(found: Mapping[str, Json]) -> str:
    """The curve of each graph, one line an epsilon."""
    lines = []
    for name in ("hubs_left_out", "hubs_joined"):
        part = found[name]
        assert isinstance(part, dict)
        assert isinstance(part["by_epsilon"], dict)
        lines.append(
            f"{name}: {part['edges']} edges, PRPACK {part['prpack_ms']} ms, {part['times_faster']} times faster"
        )
        lines += [f"  epsilon {epsilon}: {values}" for epsilon, values in part["by_epsilon"].items()]
    return "\n".join(lines)
