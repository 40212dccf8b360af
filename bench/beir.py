"""Reads a folder in BEIR form: corpus.jsonl, queries.jsonl and qrels.tsv (or qrels/test.tsv)."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypedDict

from bench.errors import DatasetInvalid
from bench.types import Collection, Dataset, LabelledQuestion
from memory.types import Draft, Kind


class Line(TypedDict, total=False):
    """A line of corpus.jsonl or queries.jsonl; what else it holds is of no use here."""

    _id: str
    title: str
    text: str


def read(folder: Path, limit_corpus: int | None = None, limit_queries: int | None = None) -> Dataset:
    """The data set of a folder. Raises DatasetInvalid.

    A limited corpus keeps what answers the questions and is filled up in the order of the file, so that recall stays
    meaningful; questions whose answers do not fit any more are left out.
    """
    judged = qrels_path(folder)
    drafts = [draft for line in _lines(folder / "corpus.jsonl") if (draft := _draft(line)) is not None]
    questions = _questions(_lines(folder / "queries.jsonl"), _relevant(judged))[:limit_queries]
    if limit_corpus is not None:
        questions = _answerable_within(questions, limit_corpus)
        drafts = _limited(drafts, questions, limit_corpus)
    if not drafts or not questions:
        raise DatasetInvalid(
            f"{folder}: no passages or no judged questions are left; raise the limits or check the ids"
        )
    files = [folder / "corpus.jsonl", folder / "queries.jsonl", judged]
    name = folder.resolve().name
    return Dataset(name, fingerprint(files), (Collection(name, tuple(drafts), tuple(questions)),))


def qrels_path(folder: Path) -> Path:
    """The file of judgements: the test split where there are several."""
    for path in (folder / "qrels.tsv", folder / "qrels" / "test.tsv"):
        if path.is_file():
            return path
    raise DatasetInvalid(f"{folder}: neither qrels.tsv nor qrels/test.tsv is there")


def fingerprint(files: Iterable[Path]) -> str:
    """SHA-256 over the contents of the files, in their order, hex."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _lines(path: Path) -> Iterator[Line]:
    if not path.is_file():
        raise DatasetInvalid(f"{path}: is not there")
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, start=1):
            if text.strip():
                yield _line(text, f"{path}:{number}")


def _line(text: str, where: str) -> Line:
    try:
        found = json.loads(text)
        name = found.get("_id", found.get("id"))
    except (json.JSONDecodeError, AttributeError) as error:
        raise DatasetInvalid(f"{where}: not a JSON object ({error})") from error
    if name is None:
        raise DatasetInvalid(f"{where}: has no _id")
    return Line(_id=str(name), title=str(found.get("title") or ""), text=str(found.get("text") or ""))


def _draft(line: Line) -> Draft | None:
    """A passage as a document; a passage without text is its title, and one without either cannot be remembered."""
    title, text = line["title"].strip(), line["text"].strip()
    if not (title or text):
        return None
    return Draft(Kind.DOCUMENT, text or title, title=title, external_id=line["_id"])


def _relevant(path: Path) -> dict[str, set[str]]:
    """Relevant passages of each question.

    A line is `question <tab> passage <tab> score`, or has TREC's four columns; there may be a header.
    """
    relevant: dict[str, set[str]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        fields = line.split("\t") if "\t" in line else line.split()
        if not fields:
            continue
        if len(fields) not in (3, 4):
            raise DatasetInvalid(f"{path}:{number}: expected question, passage and score")
        try:
            score = float(fields[-1])
        except ValueError as error:
            if number == 1:
                continue  # the header
            raise DatasetInvalid(f"{path}:{number}: {fields[-1]!r} is not a score") from error
        if score > 0:
            relevant.setdefault(fields[0], set()).add(fields[-2])
    return relevant


def _questions(lines: Iterable[Line], relevant: dict[str, set[str]]) -> list[LabelledQuestion]:
    return [
        LabelledQuestion(line["_id"], line["text"], frozenset(relevant[line["_id"]]))
        for line in lines
        if line["_id"] in relevant and line["text"].strip()
    ]


def _answerable_within(questions: Sequence[LabelledQuestion], most: int) -> list[LabelledQuestion]:
    """The questions, in order, whose relevant passages together fit into `most` passages."""
    kept: list[LabelledQuestion] = []
    needed: set[str] = set()
    for question in questions:
        if len(needed | question.relevant) <= most:
            needed |= question.relevant
            kept.append(question)
    return kept


def _limited(drafts: Sequence[Draft], questions: Sequence[LabelledQuestion], most: int) -> list[Draft]:
    needed = set().union(*(question.relevant for question in questions))
    room = most - sum(draft.external_id in needed for draft in drafts)
    kept: list[Draft] = []
    for draft in drafts:
        if draft.external_id in needed:
            kept.append(draft)
        elif room > 0:
            kept.append(draft)
            room -= 1
    return kept
