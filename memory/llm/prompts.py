"""Prompts: files with a version in their name. A cached reply depends on the text of its prompt."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "prompts"


@dataclass(frozen=True, slots=True)
class Prompt:
    """`version` is the name of the file and the first half of the SHA-256 of its text: an edit is a new version."""

    text: str
    version: str


@cache
def prompt(name: str) -> Prompt:
    """The prompt of this name, for example `extract.v1`. Raises FileNotFoundError."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").strip()
    return Prompt(text, f"{name}:{hashlib.sha256(text.encode()).hexdigest()[:32]}")
