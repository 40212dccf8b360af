"""Folders in BEIR form, as they come."""

import json
from pathlib import Path

import pytest

from bench import beir
from bench.errors import DatasetInvalid

HEADER = "query-id\tcorpus-id\tscore\n"


def folder(at: Path, qrels: str, where: str = "qrels.tsv", passages: int = 6) -> Path:
    """`passages` passages p0, p1, ... and the questions q0 to q3."""
    corpus = [{"_id": f"p{n}", "title": f"Title {n}", "text": f"Text {n}."} for n in range(passages)]
    queries = [{"_id": f"q{n}", "text": f"Question {n}?", "answer": "x"} for n in range(4)]
    for name, lines in (("corpus", corpus), ("queries", queries)):
        (at / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (at / where).parent.mkdir(exist_ok=True)
    (at / where).write_text(qrels)
    return at


@pytest.mark.parametrize(
    "qrels", [HEADER + "q1\tp2\t1\nq1\tp4\t1\n", "q1\tp2\t1\nq1\tp4\t1\n", "q1 0 p2 1\nq1 0 p4 2\n"]
)
@pytest.mark.parametrize("where", ["qrels.tsv", "qrels/test.tsv"])
def test_judgements_are_read_with_and_without_a_header(tmp_path: Path, qrels: str, where: str) -> None:
    (collection,) = beir.read(folder(tmp_path, qrels, where)).collections
    assert [(q.id, q.text, q.relevant) for q in collection.questions] == [
        ("q1", "Question 1?", frozenset({"p2", "p4"}))
    ]
    assert [draft.external_id for draft in collection.drafts] == ["p0", "p1", "p2", "p3", "p4", "p5"]
    assert (collection.drafts[0].title, collection.drafts[0].text) == ("Title 0", "Text 0.")


def test_a_score_of_zero_is_not_relevant(tmp_path: Path) -> None:
    (collection,) = beir.read(folder(tmp_path, "q0\tp0\t0\nq1\tp1\t1\n")).collections
    assert [question.id for question in collection.questions] == ["q1"]


def test_a_limited_corpus_keeps_what_answers_and_fills_up_in_order(tmp_path: Path) -> None:
    (collection,) = beir.read(folder(tmp_path, "q0\tp4\t1\nq1\tp5\t1\n"), limit_corpus=3).collections
    assert [draft.external_id for draft in collection.drafts] == ["p0", "p4", "p5"]
    assert len(collection.questions) == 2


def test_questions_whose_answers_do_not_fit_into_the_limit_are_left_out(tmp_path: Path) -> None:
    (collection,) = beir.read(folder(tmp_path, "q0\tp4\t1\nq1\tp3\t1\nq1\tp5\t1\n"), limit_corpus=2).collections
    assert [question.id for question in collection.questions] == ["q0"]
    assert [draft.external_id for draft in collection.drafts] == ["p0", "p4"]


def test_questions_are_limited_in_order(tmp_path: Path) -> None:
    (collection,) = beir.read(folder(tmp_path, "q3\tp1\t1\nq0\tp0\t1\n"), limit_queries=1).collections
    assert [question.id for question in collection.questions] == ["q0"]


def test_a_passage_without_text_is_its_title_and_an_empty_one_is_left_out(tmp_path: Path) -> None:
    at = folder(tmp_path, "q0\tp0\t1\n")
    (at / "corpus.jsonl").write_text('{"_id": 1, "title": "Only"}\n\n{"_id": "2", "title": "", "text": " "}\n')
    (collection,) = beir.read(at).collections
    assert [(draft.external_id, draft.text) for draft in collection.drafts] == [("1", "Only")]


def test_the_fingerprint_is_of_the_contents(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, same = (beir.read(folder(tmp_path / name, "q0\tp0\t1\n")).sha256 for name in "ab")
    other = beir.read(folder(tmp_path / "b", "q0\tp1\t1\n")).sha256
    assert one == same != other


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("corpus.jsonl", "{broken\n", "corpus.jsonl:1: not a JSON object"),
        ("corpus.jsonl", "[1]\n", "corpus.jsonl:1: not a JSON object"),
        ("corpus.jsonl", '{"text": "no id"}\n', "corpus.jsonl:1: has no _id"),
        ("qrels.tsv", "q0\tp0\t1\nq0\tp1\tmuch\n", "qrels.tsv:2: 'much' is not a score"),
        ("qrels.tsv", "q0\tp0\n", "qrels.tsv:1: expected question, passage and score"),
        ("qrels.tsv", "other\tp0\t1\n", "no judged questions"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(tmp_path: Path, file: str, text: str, message: str) -> None:
    at = folder(tmp_path, "q0\tp0\t1\n")
    (at / file).write_text(text)
    with pytest.raises(DatasetInvalid, match=message):
        beir.read(at)


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid, match=r"neither qrels\.tsv nor"):
        beir.read(tmp_path)
    (folder(tmp_path, "q0\tp0\t1\n") / "queries.jsonl").unlink()
    with pytest.raises(DatasetInvalid, match=r"queries\.jsonl: is not there"):
        beir.read(tmp_path)
