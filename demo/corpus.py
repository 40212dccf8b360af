"""Loads the corpus of this folder, or any folder of files, into a service through the SDK."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from zengram import Client, InvalidInput, TooLarge
from zengram.models import Added

HERE = Path(__file__).parent
BATCH = 20  # files an upload
READABLE = {".txt", ".md", ".pdf", ".html", ".docx", ".eml", ".csv", ".json", ".jsonl"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what answers it, and which items one must have read for that (none if nobody knows)."""

    question: str
    answer: str = ""
    evidence: tuple[str, ...] = ()


def questions() -> list[Asked]:
    read = json.loads((HERE / "questions.json").read_text(encoding="utf-8"))
    return [Asked(each["question"], each["answer"], tuple(each["evidence"])) for each in read]


def load(client: Client) -> dict[str, str]:
    """Adds the notes and chats of this folder. Document id to our name for it."""
    notes = [_note(path) for path in sorted((HERE / "corpus/notes").glob("*.md"))]
    turns = [turn for path in sorted((HERE / "corpus/chat").glob("*.json")) for turn in _turns(path)]
    added = [client.add_documents(notes), client.add(turns)]
    names = [item["external_id"] for item in (*notes, *turns)]
    return dict(zip(_settled(client, added), names, strict=True))


def readable(folder: Path) -> list[Path]:
    """The files of a folder whose names say that they can be read."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in READABLE)


def load_files(client: Client, paths: Sequence[Path]) -> list[str]:
    """Uploads the files. Why those that could not be read were left out, one sentence each."""
    refused: list[str] = []
    batches = [paths[start : start + BATCH] for start in range(0, len(paths), BATCH)]
    _settled(client, [added for batch in batches for added in _uploaded(client, batch, refused)])
    return refused


def _uploaded(client: Client, paths: Sequence[Path], refused: list[str]) -> list[Added]:
    """All at once, or if one of them is refused, each alone."""
    try:
        return [client.upload(paths)]
    except (InvalidInput, TooLarge) as error:
        if len(paths) == 1:
            refused.append(error.errors[0].message if error.errors else f"{paths[0].name}: {error}")
            return []
    return [added for path in paths for added in _uploaded(client, [path], refused)]


def _note(path: Path) -> Mapping[str, str]:
    heading, _, body = path.read_text(encoding="utf-8").partition("\n")
    name = f"notes/{path.stem}"
    return {"title": heading.removeprefix("# "), "text": body.strip(), "format": "markdown", "external_id": name}


def _turns(path: Path) -> Sequence[Mapping[str, str]]:
    chat = json.loads(path.read_text(encoding="utf-8"))
    shared = {"session_id": chat["session_id"]}
    return [
        {**turn, **shared, "external_id": f"chat/{path.stem}#{number}"}
        for number, turn in enumerate(chat["messages"], start=1)
    ]


def _settled(client: Client, added: Iterable[Added]) -> list[str]:
    """The ids of all items, once the work that goes on after the answers is done. Raises ZengramError."""
    ids = []
    for each in added:
        if each.operation is not None:
            client.wait(each.operation)
        ids.extend(each.ids)
    return ids
