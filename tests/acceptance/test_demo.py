"""`make demo` runs against the real service, and several notes together answer what none of them says alone."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from demo.corpus import HERE, Asked, questions
from demo.printing import WIDTH
from tests.unit.app import make_files

ROOT = Path(__file__).parents[2]
NOTES = sorted((HERE / "corpus/notes").glob("*.md"))
CHATS = sorted((HERE / "corpus/chat").glob("*.json"))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "demo", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def names() -> set[str]:
    turns = {path.stem: len(json.loads(path.read_text(encoding="utf-8"))["messages"]) for path in CHATS}
    chat = {f"chat/{name}#{number}" for name, count in turns.items() for number in range(1, count + 1)}
    return chat | {f"notes/{path.stem}" for path in NOTES}


def test_the_corpus_is_about_forty_items_from_one_world() -> None:
    assert 36 <= len(names()) <= 48


@pytest.mark.parametrize("asked", questions(), ids=lambda asked: asked.question)
def test_a_question_needs_several_items_that_are_there(asked: Asked) -> None:
    assert len(asked.evidence) >= 2
    assert set(asked.evidence) <= names()


@pytest.mark.slow
def test_the_demo_finds_the_evidence_that_dense_search_misses() -> None:
    done = run()
    assert done.returncode == 0, done.stderr
    assert max(len(line) for line in done.stdout.splitlines()) <= WIDTH
    counts = re.findall(r"^(Zengram|dense search alone) +(\d+) of (\d+) pieces", done.stdout, re.MULTILINE)
    found = {way: (int(got), int(wanted)) for way, got, wanted in counts}
    (ours, wanted), (dense, _) = found["Zengram"], found["dense search alone"]
    assert wanted == sum(len(asked.evidence) for asked in questions())
    assert ours > dense
    assert ours >= 0.8 * wanted
    assert "─mention→" in done.stdout, "the paths are shown"


@pytest.mark.slow
def test_the_demo_takes_any_folder_and_any_question(tmp_path: Path) -> None:
    (tmp_path / "garden.md").write_text("# Garden\n\nThe quince beside the well was planted by Oona Verrill.")
    (tmp_path / "people.txt").write_text("Oona Verrill keeps bees and sells candles at the mill.")
    (tmp_path / "mill.pdf").write_bytes(make_files.pdf("The mill was bought by Teodor Lunt in 1931."))
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "photo.png").write_bytes(b"no text")
    done = run("--data", str(tmp_path), "--question", "What does the woman who planted the quince sell?")
    assert done.returncode == 0, done.stderr
    assert "Loaded 3 files" in done.stdout
    assert "Left out: broken.pdf: The file cannot be read as PDF" in done.stdout
    assert "candles" in done.stdout


def test_the_demo_says_so_if_there_is_no_such_folder(tmp_path: Path) -> None:
    done = run("--data", str(tmp_path / "nowhere"))
    assert done.returncode == 2
    assert "is not a folder" in done.stderr


def test_the_demo_says_so_if_there_is_nothing_to_read(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"no text")
    done = run("--data", str(tmp_path))
    assert done.returncode == 2
    assert ".md" in done.stderr
