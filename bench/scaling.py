"""Reads what `python -m bench scale` wrote."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.errors import ResultInvalid


@dataclass(frozen=True, slots=True)
class ScalePoint:
    """Milliseconds besides the encoder, by percentile (`p50`, `p95`, `p99`), at a number of passages."""

    passages: int
    recall_ms: Mapping[str, float]
    write_ms: Mapping[str, float]


def is_scale(path: Path) -> bool:
    """Whether the file is of `scale`, and not of questions. Raises ResultInvalid."""
    found = _object(path)
    return "recall_ms" in found and "arms" not in found


def read(path: Path) -> ScalePoint:
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
