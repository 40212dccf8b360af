"""Tells files of results apart by what they hold, and reads those of `python -m bench scale`."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from bench.errors import ResultInvalid


class Kind(Enum):
    QUESTIONS = "questions"  # of `retrieval` or `conversation`
    SCALE = "scale"  # speed at one size
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ScalePoint:
    """Milliseconds besides the encoder, by percentile (`p50`, `p95`, `p99`), at a number of passages."""

    passages: int
    recall_ms: Mapping[str, float]
    write_ms: Mapping[str, float]


def kind(path: Path) -> Kind:
    """What the file is about. Raises ResultInvalid if it is not a JSON object."""
    found = _object(path)
    if "arms" in found and "dataset_sha256" in found:
        return Kind.QUESTIONS
    if {"passages", "recall_ms", "write_ms"} <= set(found) and not {"namespaces", "clients"} & set(found):
        return Kind.SCALE
    return Kind.OTHER


def of_kind(paths: Iterable[Path], wanted: Kind) -> list[Path]:
    """Those of one kind, in order. Raises ResultInvalid."""
    return [path for path in paths if kind(path) is wanted]


def read_scale(path: Path) -> ScalePoint:
    """Raises ResultInvalid."""
    found = _object(path)
    try:
        passages = int(str(found["passages"]))
        return ScalePoint(passages, _numbers(found["recall_ms"]), _numbers(found["write_ms"]))
    except (KeyError, ValueError, TypeError) as error:
        raise ResultInvalid(f"{path}: is not a file of scale ({error!r})") from error


def _numbers(found: object) -> dict[str, float]:
    if not isinstance(found, dict):
        raise TypeError(f"{found!r} holds no percentiles")
    return {str(name): float(ms) for name, ms in found.items()}


def _object(path: Path) -> Mapping[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ResultInvalid(f"{path}: cannot be read as JSON ({error})") from error
    if not isinstance(found, dict):
        raise ResultInvalid(f"{path}: is not a JSON object")
    return found
