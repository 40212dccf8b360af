"""Reads files of conversations, in LoCoMo form or LongMemEval form: what a file holds says which."""

import json
from collections.abc import Sequence
from pathlib import Path

from bench import locomo, longmemeval
from bench.beir import fingerprint
from bench.errors import DatasetInvalid
from bench.types import Collection, Dataset


def read(files: Sequence[Path], limit_queries: int | None = None) -> Dataset:
    """One collection a conversation; a file holds one or a list of them. Raises DatasetInvalid.

    `limit_queries` is of each LoCoMo conversation, and of a whole LongMemEval file, whose questions have one each.
    """
    found = [collection for path in files for collection in _collections(path, limit_queries)]
    if not any(each.questions for each in found):
        raise DatasetInvalid("none of the files has a question that names an existing turn")
    name = found[0].name if len(found) == 1 else f"{_name(files)} ({len(found)} conversations)"
    return Dataset(name, fingerprint(files), tuple(found))


def _collections(path: Path, limit_queries: int | None) -> Sequence[Collection]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetInvalid(f"{path}: cannot be read as JSON ({error})") from error
    entries = found if isinstance(found, list) else [found]
    if entries and all(longmemeval.is_entry(entry) for entry in entries):
        return longmemeval.collections(entries)[:limit_queries]
    if not all(locomo.is_conversation(entry) for entry in entries):
        raise DatasetInvalid(f"{path}: holds neither LoCoMo's `conversation` nor LongMemEval's `haystack_sessions`")
    return [locomo.collection(entry, path.stem, limit_queries) for entry in entries]


def _name(files: Sequence[Path]) -> str:
    return files[0].stem if len(files) == 1 else files[0].resolve().parent.name
