"""Turns files as the authors of multi-hop question sets publish them into a folder in BEIR form.

All paragraphs that come with the questions are pooled into one corpus, so that each question searches the paragraphs of
all (the setting of HippoRAG, arXiv 2405.14831, section 3.1). Equal paragraphs become one.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from bench.errors import DatasetInvalid

FORMS = ("musique", "hotpotqa", "2wikimultihopqa")


class Paragraph(TypedDict, total=False):
    title: str
    text: str
    paragraph_text: str
    is_supporting: bool


class Entry(TypedDict, total=False):
    """A question of MuSiQue (`paragraphs`), or of HotpotQA and 2WikiMultiHopQA (`context` and `supporting_facts`)."""

    id: str
    _id: str
    question: str
    answer: str
    paragraphs: Sequence[Paragraph]
    context: Sequence[tuple[str, Sequence[str]]]
    supporting_facts: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paragraph that came with a question."""

    title: str
    text: str
    is_relevant: bool


def convert(form: str, file: Path, folder: Path) -> str:
    """Writes corpus.jsonl, queries.jsonl and qrels.tsv, and says how many of each. Raises DatasetInvalid."""
    passages: dict[tuple[str, str], str] = {}
    queries, qrels = [], []
    for number, entry in enumerate(_entries(file)):
        try:
            name = str(entry.get("_id") or entry.get("id") or number)
            candidates = list(_musique(entry) if form == "musique" else _hotpotqa(entry))
            queries.append({"_id": name, "text": entry["question"], "answer": entry.get("answer", "")})
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise DatasetInvalid(f"{file}: question {number} is not in the form of {form} ({error!r})") from error
        for candidate in candidates:
            passage = passages.setdefault((candidate.title, candidate.text), f"p{len(passages)}")
            if candidate.is_relevant:
                qrels.append(f"{name}\t{passage}\t1")
    corpus = [{"_id": name, "title": title, "text": text} for (title, text), name in passages.items()]
    write(folder, corpus, queries, list(dict.fromkeys(qrels)))
    return f"{folder}: {len(corpus)} passages, {len(queries)} questions, {len(qrels)} judgements"


def _musique(entry: Entry) -> Iterator[Candidate]:
    for paragraph in entry["paragraphs"]:
        text = paragraph.get("paragraph_text") or paragraph["text"]
        yield Candidate(paragraph["title"], text, bool(paragraph.get("is_supporting", True)))


def _hotpotqa(entry: Entry) -> Iterator[Candidate]:
    """A paragraph is relevant if one of its sentences is a supporting fact."""
    supporting = {title for title, _ in entry["supporting_facts"]}
    for title, sentences in entry["context"]:
        yield Candidate(title, " ".join(sentence.strip() for sentence in sentences), title in supporting)


def _entries(file: Path) -> list[Entry]:
    """A JSON list, or JSON lines."""
    try:
        text = file.read_text(encoding="utf-8").strip()
        lines = text.splitlines() if not text.startswith("[") else []
        found: list[Entry] = [json.loads(line) for line in lines if line.strip()] if lines else json.loads(text)
    except (OSError, ValueError) as error:
        raise DatasetInvalid(f"{file}: cannot be read as JSON ({error})") from error
    return found


def write(
    folder: Path, corpus: Sequence[Mapping[str, object]], queries: Sequence[Mapping[str, object]], qrels: Sequence[str]
) -> None:
    """Leaves a folder in BEIR form."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in (("corpus", corpus), ("queries", queries)):
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    (folder / "qrels.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *qrels]) + "\n", encoding="utf-8")
