"""Extractions are read as an LLM left them, and what is malformed is counted, not guessed."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import triples
from bench.errors import DatasetInvalid
from bench.triples import Triple


def test_a_line_becomes_an_extraction(tmp_path: Path) -> None:
    path = tmp_path / "openie.jsonl"
    stated = [["Oslo", "capital of", "Norway"], ["Oslo", "capital of", "Norway"], ["Oslo", "is large"], ["a", "b", 3]]
    path.write_text(json.dumps({"_id": 7, "entities": ["Oslo", None, "Oslo"], "triples": stated}) + "\n\n")
    (found,) = triples.read(path).items()
    assert found == ("7", triples.Extraction(("Oslo",), (Triple("Oslo", "capital of", "Norway"),), 2))


@given(st.lists(st.lists(st.text(max_size=3), max_size=5), max_size=8))
def test_every_stated_triple_is_kept_repeated_or_malformed(stated: list[list[str]]) -> None:
    found = triples.extraction({"triples": stated})
    whole = [tuple(item) for item in stated if len(item) == 3]
    assert found.malformed == len(stated) - len(whole)
    assert list(found.triples) == list(dict.fromkeys(whole))


@pytest.mark.parametrize("text", ["", "\n", "[1]", "{", '{"entities": []}'])
def test_a_file_without_extractions_says_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "openie.jsonl"
    path.write_text(text)
    with pytest.raises(DatasetInvalid, match=r"openie\.jsonl"):
        triples.read(path)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid, match="cannot be read"):
        triples.read(tmp_path / "none.jsonl")
