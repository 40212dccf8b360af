"""Reads what an LLM extracted from the passages of a data set: entities and triples, malformed ones set apart.

One JSON line a passage: `{"_id": "m7", "entities": ["Oslo", ...], "triples": [["Oslo", "capital of", "Norway"], ...]}`,
triples as the LLM gave them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bench.errors import DatasetInvalid


class Triple(NamedTuple):
    """A fact as it was extracted, not normalised."""

    subject: str
    predicate: str
    object: str


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was extracted from one passage. Exact repetitions of a triple are dropped."""

    entities: tuple[str, ...]
    triples: tuple[Triple, ...]
    malformed: int  # triples without exactly three texts


def read(path: Path) -> dict[str, Extraction]:
    """Extractions by the passage's id, in the order of the file. Raises DatasetInvalid."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetInvalid(f"{path}: cannot be read ({error})") from error
    found: dict[str, Extraction] = {}
    for number, text in enumerate(lines, start=1):
        if text.strip():
            name, extraction = _parsed(text, f"{path}:{number}")
            found[name] = extraction
    if not found:
        raise DatasetInvalid(f"{path}: holds no extraction")
    return found


def extraction(line: Mapping[str, object]) -> Extraction:
    """What one line holds; everything that is not a text where one belongs counts as malformed."""
    entities, stated = line.get("entities"), line.get("triples")
    triples: list[Triple] = []
    items = stated if isinstance(stated, list) else []
    for item in items:
        if isinstance(item, list) and len(item) == 3 and all(isinstance(part, str) for part in item):
            triples.append(Triple(*item))
    names = [name for name in entities if isinstance(name, str)] if isinstance(entities, list) else []
    return Extraction(tuple(dict.fromkeys(names)), tuple(dict.fromkeys(triples)), len(items) - len(triples))


def _parsed(text: str, where: str) -> tuple[str, Extraction]:
    try:
        line = json.loads(text)
    except json.JSONDecodeError as error:
        raise DatasetInvalid(f"{where}: not JSON ({error})") from error
    if not isinstance(line, dict) or "_id" not in line:
        raise DatasetInvalid(f"{where}: not a JSON object with an _id")
    return str(line["_id"]), extraction(line)
