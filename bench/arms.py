"""The arms that are measured side by side: presets of the search, and their fusion by rank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TypeVar

from bench.errors import BenchError
from retrieval.search import SearchParams

RRF_CONSTANT = 60  # Cormack, Clarke & Büttcher, SIGIR 2009
DEFAULT_ARMS = ("zengram", "dense", "bm25", "rrf")
SINGLE_ARMS = ("dense", "sentence", "bm25", "window", "graph")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to answer. With several presets, their rankings are fused by reciprocal rank."""

    name: str
    presets: tuple[SearchParams, ...]


def named(name: str, changes: Mapping[str, str]) -> Arm:
    """The arm of this name; `changes` are for the service's own preset. Raises BenchError for an unknown one."""
    if name == "zengram":
        return Arm(name, (changed(SearchParams(), changes),))
    if name == "rrf":
        return Arm(name, (SearchParams.only("dense"), SearchParams.only("bm25")))
    if name in SINGLE_ARMS:
        return Arm(name, (SearchParams.only(name),))
    raise BenchError(f"no arm is called {name!r}: there are zengram, rrf, {', '.join(SINGLE_ARMS)}")


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
