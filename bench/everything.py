"""Measures every data set in a folder, each in a process of its own, and gathers results, plots and the summary."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import BenchError

TRIPLES = "openie.jsonl"


@dataclass(frozen=True, slots=True)
class Task:
    """One measurement: the name of its files, and the arguments of `python -m bench` without where results go."""

    name: str
    arguments: tuple[str, ...]


def tasks(data: Path, scales: Sequence[int] = (), options: Sequence[str] = ()) -> list[Task]:
    """A task for each data set below the folder, then one for each size. Raises BenchError if there is no data set.

    `options` are added to those that measure questions.
    """
    folders = [folder for folder in sorted(data.iterdir()) if folder.is_dir()] if data.is_dir() else []
    found = [Task(folder.name, (*arguments, *options)) for folder in folders for arguments in _of_folder(folder)]
    if not found:
        raise BenchError(f"{data}: no folder in it has a corpus.jsonl or JSON files of conversations")
    return found + [Task(f"scale-{passages}", ("scale", "--passages", str(passages))) for passages in scales]


def run(task: Task, out: Path) -> bool:
    """Leaves NAME.json and, about questions, NAME.md in `out`; False if the process failed, which says why itself."""
    where = ["--json", str(out / f"{task.name}.json")]
    if task.arguments[0] != "scale":
        where += ["--report", str(out / f"{task.name}.md")]
    return subprocess.run([sys.executable, "-m", "bench", *task.arguments, *where], check=False).returncode == 0


def _of_folder(folder: Path) -> Iterator[tuple[str, ...]]:
    """A folder in BEIR form, with recorded triples if they are there; else one of conversations; else nothing."""
    conversations = sorted(map(str, folder.glob("*.json")))
    if (folder / "corpus.jsonl").is_file():
        triples = folder / TRIPLES
        yield ("retrieval", str(folder), *(("--triples", str(triples)) if triples.is_file() else ()))
    elif conversations:
        yield ("conversation", *conversations)
