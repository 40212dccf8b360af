"""The arms that are measured side by side, by name; those of the service are presets of its search, fused by rank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TypeVar

from bench import metrics
from bench.errors import BenchError
from bench.service import Answer
from bench.systems import Answered, Ground, Ready, System
from bench.triples import Extraction
from bench.types import LabelledQuestion, Stages
from memory.dynamics.switches import OFF, RECOMMENDED, Dynamics
from retrieval.search import SearchParams

RRF_CONSTANT = 60  # Cormack, Clarke & Büttcher, SIGIR 2009
DEFAULT_ARMS = ("zengram", "dense", "bm25", "rrf")
SINGLE_ARMS = ("dense", "sentence", "bm25", "window", "graph")
HIPPORAG_ARMS = ("hipporag2", "hipporag2-oracle", "hipporag1")
ARMS_WITH_TRIPLES = ("zengram+llm", *HIPPORAG_ARMS)
NO_TRIPLES = "Without recorded triples there is no arm {}."
MOST_RESULTS = 200  # of one recall
FUSED_DEPTH = 100  # of each ranking that is fused

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Selection:
    """The arms that a run can have, and a note for each that it cannot."""

    systems: tuple[System, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arm:
    """A way to search the service's namespace. With several presets, their rankings are fused by reciprocal rank."""

    name: str
    presets: tuple[SearchParams, ...]
    dynamics: Dynamics = RECOMMENDED

    def ready(self, ground: Ground) -> Ready:
        return Searched(self.presets, ground, self.dynamics)


@dataclass(frozen=True, slots=True)
class Searched:
    """An arm of the service, on its namespace."""

    presets: tuple[SearchParams, ...]
    ground: Ground
    dynamics: Dynamics = RECOMMENDED

    @property
    def ingest_seconds(self) -> float:
        return self.ground.ingestion.seconds

    def answer(self, question: LabelledQuestion) -> Answered:
        """What deeper recalls take that are needed to have enough distinct documents is not in the figures."""
        service, filled = self.ground.service, self.ground.filled
        depth = metrics.DEPTH if len(self.presets) == 1 else FUSED_DEPTH
        answers, rankings = [], []
        for preset in self.presets:
            answer = service.recall(filled.namespace, question.text, depth, preset, self.dynamics)
            answers.append(answer)
            rankings.append(self._deep_enough(question.text, depth, answer))
        ms = sum(answer.ms for answer in answers)
        return Answered(tuple(fused(rankings)), ms, _stages(ms, answers))

    def _deep_enough(self, text: str, depth: int, answer: Answer) -> list[str]:
        """Distinct documents, best first: asks for more passages where several are of one document."""
        top_k, namespace = depth, self.ground.filled.namespace
        while len(set(answer.documents)) < depth and len(answer.documents) == top_k < MOST_RESULTS:
            top_k = min(2 * top_k, MOST_RESULTS)
            answer = self.ground.service.recall(namespace, text, top_k, answer.params, self.dynamics)
        return list(dict.fromkeys(answer.documents))[:depth]


def selected(
    names: Sequence[str] | None, changes: Mapping[str, str], triples: Mapping[str, Extraction] | None
) -> Selection:
    """The arms of these names, or all that the data allows. Raises BenchError for one that cannot be had."""
    others = with_triples(triples, changes) if triples is not None else {}
    if names is None:
        arms = [named(name, changes) for name in DEFAULT_ARMS]
        return Selection(
            (*arms, *others.values()), () if others else (NO_TRIPLES.format(", ".join(ARMS_WITH_TRIPLES)),)
        )
    missing = [name for name in names if name in ARMS_WITH_TRIPLES and name not in others]
    if missing:
        raise BenchError(f"{NO_TRIPLES.format(', '.join(missing))} Name a file of them with --triples.")
    return Selection(tuple(others[name] if name in others else named(name, changes) for name in names))


def named(name: str, changes: Mapping[str, str]) -> Arm:
    """The service's arm of this name; `changes` are for its own preset. Raises BenchError for an unknown one."""
    if name == "zengram":
        return Arm(name, (changed(SearchParams(), changes),))
    if name == "rrf":
        return Arm(name, (SearchParams.only("dense"), SearchParams.only("bm25")), OFF)
    if name in SINGLE_ARMS:
        return Arm(name, (SearchParams.only(name),), OFF)
    there = ", ".join(("zengram", "rrf", *SINGLE_ARMS, *ARMS_WITH_TRIPLES))
    raise BenchError(f"no arm is called {name!r}: there are {there}")


def with_triples(triples: Mapping[str, Extraction], changes: Mapping[str, str]) -> dict[str, System]:
    """The arms that need recorded triples, by name; those of HippoRAG share one memory of them."""
    from bench.enriched import Enriched  # noqa: PLC0415 - its searches are arms too
    from bench.hipporag.arms import HippoRag1, HippoRag2  # noqa: PLC0415 - needs igraph, which the service does not
    from bench.hipporag.memory import Library  # noqa: PLC0415

    library = Library(triples)
    params = changed(SearchParams(), changes)
    systems: list[System] = [
        Enriched(triples, params),
        HippoRag2(library),
        HippoRag2(library, is_oracle=True),
        HippoRag1(library),
    ]
    return {system.name: system for system in systems}


def changed(params: SearchParams, changes: Mapping[str, str]) -> SearchParams:
    """The params with some fields replaced, named by path: `{"seeds.sentences": "5"}`. Raises BenchError."""
    for path, value in changes.items():
        params = _with(params, path.split("."), value, path)
    return params


def fused(rankings: Sequence[Sequence[str]]) -> list[str]:
    """Reciprocal rank fusion; ties go to what the first ranking has earlier. One ranking stays as it is."""
    if len(rankings) == 1:
        return list(rankings[0])
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, name in enumerate(ranking, start=1):
            scores[name] = scores.get(name, 0.0) + 1 / (RRF_CONSTANT + rank)
    return sorted(scores, key=lambda name: -scores[name])


def _stages(ms: float, answers: Sequence[Answer]) -> Stages:
    encode, search = sum(answer.encode_ms for answer in answers), sum(answer.search_ms for answer in answers)
    cpu = sum(answer.cpu_ms for answer in answers)
    return {"encode": encode, "search": search, "rest": ms - encode - search, "cpu": cpu}


def _with(params: T, path: Sequence[str], value: str, whole: str) -> T:
    if not is_dataclass(params) or isinstance(params, type) or path[0] not in {field.name for field in fields(params)}:
        raise BenchError(f"{whole}: the search has no such param")
    now = getattr(params, path[0])
    if len(path) > 1:
        return replace(params, **{path[0]: _with(now, path[1:], value, whole)})
    return replace(params, **{path[0]: _like(now, value, whole)})


def _like(now: object, value: str, whole: str) -> bool | int | float | str:
    """The value as the type that the field has now."""
    try:
        match now:
            case bool():
                return {"true": True, "false": False}[value.lower()]
            case int():
                return int(value)
            case float():
                return float(value)
            case str():
                return value
    except (ValueError, KeyError) as error:
        raise BenchError(f"{whole}: {value!r} is not a {type(now).__name__}") from error
    raise BenchError(f"{whole}: is a group of params, not one")
