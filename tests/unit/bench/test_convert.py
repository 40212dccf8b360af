"""What authors publish becomes a folder that `bench.beir` reads."""

import json
from pathlib import Path

import pytest

from bench import beir
from bench.convert import convert
from bench.errors import DatasetInvalid

MUSIQUE = {
    "id": "2hop__1",
    "question": "Who founded it?",
    "answer": "Ann",
    "paragraphs": [
        {"title": "A", "paragraph_text": "Ann founded B.", "is_supporting": True},
        {"title": "B", "paragraph_text": "B is a firm.", "is_supporting": False},
    ],
}
HOTPOTQA = {
    "_id": "h1",
    "question": "Who founded it?",
    "answer": "Ann",
    "context": [["A", ["Ann founded B.", " She left."]], ["B", ["B is a firm."]]],
    "supporting_facts": [["A", 0], ["A", 1]],
}


@pytest.mark.parametrize(
    ("form", "text", "first"),
    [
        ("musique", json.dumps(MUSIQUE) + "\n" + json.dumps({**MUSIQUE, "id": "2hop__2"}) + "\n", "Ann founded B."),
        ("musique", json.dumps([MUSIQUE, {**MUSIQUE, "id": "2hop__2"}]), "Ann founded B."),
        ("hotpotqa", json.dumps([HOTPOTQA, {**HOTPOTQA, "_id": "h2"}]), "Ann founded B. She left."),
        ("2wikimultihopqa", json.dumps([HOTPOTQA, {**HOTPOTQA, "_id": "h2"}]), "Ann founded B. She left."),
    ],
)
def test_paragraphs_are_pooled_and_the_supporting_ones_relevant(
    tmp_path: Path, form: str, text: str, first: str
) -> None:
    (tmp_path / "file").write_text(text)
    said = convert(form, tmp_path / "file", tmp_path / "out")
    (collection,) = beir.read(tmp_path / "out").collections
    assert [(draft.external_id, draft.title, draft.text) for draft in collection.drafts] == [
        ("p0", "A", first),
        ("p1", "B", "B is a firm."),
    ]
    assert [question.relevant for question in collection.questions] == [frozenset({"p0"})] * 2
    assert "2 passages, 2 questions, 2 judgements" in said


@pytest.mark.parametrize("text", ["", "{", '[{"question": "Who?"}]', '["text"]'])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_text(text)
    with pytest.raises(DatasetInvalid):
        convert("musique", tmp_path / "file", tmp_path / "out")
