"""Segment files: named arrays in one file, memory-mapped, written atomically and verified by SHA-256.

The format is safetensors' (an 8-byte little-endian header length, a JSON header, the arrays), written in one pass so
that
no copy of the arrays is made, with arrays aligned to 64 bytes.
"""

import hashlib
import json
import math
import mmap
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.errors import SegmentCorrupt
from retrieval.types import AnyArray

FORMAT = "zengram-segment-2"
ALIGNMENT = 64
SMALL = 4 * 1024 * 1024  # bytes of a file that is read whole
_NAMES = {
    "int8": "I8",
    "uint8": "U8",
    "int32": "I32",
    "int64": "I64",
    "uint64": "U64",
    "float32": "F32",
    "bool": "BOOL",
}
_TYPES = {name: np.dtype(numpy_name) for numpy_name, name in _NAMES.items()}


@dataclass(frozen=True, slots=True)
class SegmentInfo:
    """A segment file as published."""

    path: Path
    sha256: str  # hex, of the whole file
    bytes: int
    passages: int


@dataclass(frozen=True, slots=True)
class Streamed:
    """An array that is written part after part, because a copy of it would not fit beside the rest."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    parts: Callable[[], Iterator[AnyArray]]  # along the first axis; together they have this shape

    @property
    def nbytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


def write(
    path: Path, arrays: Mapping[str, AnyArray | Streamed], facts: Mapping[str, str], passages: int
) -> SegmentInfo:
    """Writes beside `path`, makes it durable, then renames it into place."""
    digest = hashlib.sha256()
    size = 0
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with temporary.open("wb") as file:
            for chunk in _chunks(arrays, facts):
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return SegmentInfo(path, digest.hexdigest(), size, passages)


def read(path: Path, sha256: str | None = None) -> tuple[dict[str, AnyArray], dict[str, str]]:
    """The read-only arrays, memory-mapped unless they are small, and the facts of a segment. Raises SegmentCorrupt."""
    try:
        with path.open("rb") as file:
            mapped = file.read() if is_small(path) else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise SegmentCorrupt(f"The segment {path.name} cannot be opened: {error}") from error
    if sha256 is not None and hashlib.sha256(mapped).hexdigest() != sha256:
        raise SegmentCorrupt(f"The segment {path.name} is not the one that was published (SHA-256 differs).")
    try:
        length = int.from_bytes(mapped[:8], "little")
        header = json.loads(mapped[8 : 8 + length])
        facts = header.pop("__metadata__")
        arrays = {name: _view(mapped, 8 + length, entry) for name, entry in header.items()}
    except (ValueError, KeyError, TypeError) as error:
        raise SegmentCorrupt(f"The segment {path.name} is cut or altered.") from error
    if facts.get("format") != FORMAT:
        raise SegmentCorrupt(f"The segment {path.name} has the format {facts.get('format')}, not {FORMAT}.")
    return arrays, facts


def is_small(path: Path) -> bool:
    """Whether a segment is read instead of mapped: a mapped file keeps a descriptor, and those are few."""
    return path.stat().st_size <= SMALL


def _view(mapped: mmap.mmap | bytes, start: int, entry: Mapping[str, list[int] | str]) -> AnyArray:
    dtype = _TYPES[str(entry["dtype"])]
    shape = [int(size) for size in entry["shape"]]
    offset = start + int(entry["data_offsets"][0])
    return np.frombuffer(mapped, dtype, int(np.prod(shape, dtype=np.int64)), offset).reshape(shape)


def _header(arrays: Mapping[str, AnyArray | Streamed], facts: Mapping[str, str]) -> bytes:
    header: dict[str, object] = {"__metadata__": {**facts, "format": FORMAT}}
    offset = 0
    for name, array in arrays.items():
        header[name] = {
            "dtype": _NAMES[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + array.nbytes],
        }
        offset += array.nbytes + -array.nbytes % ALIGNMENT
    text = json.dumps(header).encode()
    text += b" " * (-(len(text) + 8) % ALIGNMENT)
    return len(text).to_bytes(8, "little") + text


def _chunks(arrays: Mapping[str, AnyArray | Streamed], facts: Mapping[str, str]) -> Iterator[bytes | memoryview]:
    yield _header(arrays, facts)
    for array in arrays.values():
        for part in array.parts() if isinstance(array, Streamed) else (array,):
            if part.nbytes:
                yield np.ascontiguousarray(part).reshape(-1).view(np.uint8).data
        yield bytes(-array.nbytes % ALIGNMENT)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
