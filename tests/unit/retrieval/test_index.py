"""One law above all: an index that grew, one rebuilt from scratch and one folded and reopened give the same answers."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.errors import DimensionMismatch, SegmentCorrupt
from retrieval.filters import parse
from retrieval.index import Index
from retrieval.search import Question, SearchParams, SearchResult, search, traced
from tests.unit.retrieval.worlds import DIMENSION, WORDS, documents, index_of, passage


def ask(index: Index, seed: int = 5, top_k: int = 50) -> SearchResult:
    vector = np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)
    text = f"What is near the {WORDS[seed % len(WORDS)]} of Name A and Name C?"
    return search(index, Question(text, vector / np.linalg.norm(vector)), SearchParams(), None, top_k)


def same(one: SearchResult, other: SearchResult) -> None:
    assert [hit.id for hit in one.hits] == [hit.id for hit in other.hits]
    assert [hit.score for hit in one.hits] == pytest.approx([hit.score for hit in other.hits], abs=1e-6)
    assert [hit.probability for hit in one.hits] == pytest.approx([hit.probability for hit in other.hits], abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(documents(), st.lists(st.integers(0, 11), max_size=5), st.integers(0, 12), st.integers(0, 3))
def test_grown_rebuilt_and_folded_answer_alike(made, removed, fold_after, seed) -> None:  # type: ignore[no-untyped-def]
    with tempfile.TemporaryDirectory() as folder:
        gone = {number % len(made) for number in removed}
        grown = Index.empty(DIMENSION, "test")
        for number, passages in enumerate(made):
            grown.add(passages)
            if number == fold_after:  # some removals fall before the fold, some after it
                for victim in [victim for victim in gone if victim % 2 == 0 and victim <= number]:
                    grown.remove(made[victim][0].document_id)
                info = grown.fold(Path(folder) / "early.segment")
                grown = Index.open(info.path, info.sha256)
        for victim in gone:
            grown.remove(made[victim][0].document_id)
        rebuilt = index_of([passages for number, passages in enumerate(made) if number not in gone])
        info = grown.fold(Path(folder) / "late.segment")
        folded = Index.open(info.path, info.sha256)
        assert len(grown) == len(rebuilt) == len(folded) == info.passages
        same(ask(grown, seed), ask(rebuilt, seed))
        same(ask(folded, seed), ask(rebuilt, seed))


@settings(max_examples=30, deadline=None)
@given(documents(), st.integers(0, 11))
def test_removing_and_adding_again_changes_nothing_but_the_order(made, choice) -> None:  # type: ignore[no-untyped-def]
    index = index_of(made)
    before = ask(index)
    again = made[choice % len(made)]
    index.remove(again[0].document_id)
    assert not {hit.id for hit in ask(index).hits} & {item.id for item in again}
    index.add(again)
    after = ask(index)
    assert {hit.id: hit.score for hit in before.hits} == pytest.approx(
        {hit.id: hit.score for hit in after.hits}, abs=1e-6
    )


@settings(max_examples=30, deadline=None)
@given(documents())
def test_a_filter_cuts_results_and_only_results(made) -> None:  # type: ignore[no-untyped-def]
    index = index_of(made)
    vector = np.ones(DIMENSION, np.float32) / DIMENSION**0.5
    question = Question("Where is Name A?", vector)
    odd = parse({"metadata.parity": 1})
    hits = search(index, question, SearchParams(), odd, 100).hits
    expected = {item.id for passages in made for item in passages if item.attributes["metadata.parity"] == 1}
    assert {hit.id for hit in hits} == expected


def test_the_printed_path_exists_and_its_bridge_matters() -> None:
    made = [
        [passage(0, 0, 0, [(0, 1)], ["river"])],
        [passage(1, 1, 0, [(0, 1), (1, 1)], ["tower"])],
        [passage(2, 2, 0, [(1, 1), (2, 1)], ["letter"])],
        *([passage(number, number, 0, [(3 + number % 4, 1)], ["garden"])] for number in range(3, 30)),
    ]
    index = index_of(made)
    vector = np.random.default_rng(99).normal(size=DIMENSION).astype(np.float32)
    question = Question("What about Name A?", vector / np.linalg.norm(vector))
    target = made[2][0].id

    def graph_score(asked: Index) -> float:
        hits = search(asked, question, SearchParams(), None, 100, explain=True).hits
        return next(hit for hit in hits if hit.id == target).arms["graph"].score

    found = search(index, question, SearchParams(), None, 100, explain=True)
    assert not any(hit.path for hit in found.hits)
    (hit,) = traced(index, found, [hit for hit in found.hits if hit.id == target])
    assert hit.path[0].node == "question"
    assert hit.path[-1].id == target
    for step, following in zip(hit.path[1:], hit.path[2:], strict=False):
        assert {step.node, following.node} == {"entity", "passage"}
        name, identity = (step, following) if step.node == "entity" else (following, step)
        bearer = next(item for passages in made for item in passages if item.id == identity.id)
        assert name.label in {mention.display for mention in bearer.mentions}
    bridges = [step.id for step in hit.path[1:-1] if step.node == "passage"]
    assert made[1][0].id in bridges
    with_bridge = graph_score(index)
    index.remove(made[1][0].document_id)
    assert graph_score(index) < with_bridge


@settings(max_examples=60, deadline=None)
@given(documents(), st.integers(0, 12))
def test_a_path_leads_from_the_question_over_a_seed_to_the_passage(made, seed) -> None:  # type: ignore[no-untyped-def]
    index = index_of(made)
    vector = np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)
    question = Question(f"What is near the {WORDS[seed % len(WORDS)]} of Name A?", vector / np.linalg.norm(vector))
    found = search(index, question, SearchParams(), None, 50, explain=True)
    for hit in traced(index, found, found.hits):
        if hit.path:
            assert (hit.path[0].node, hit.path[1].edge, hit.path[-1].id) == ("question", "seed", hit.id)
            assert all(step.edge != "seed" and step.weight > 0 for step in hit.path[2:])


def test_a_wrong_dimension_adds_nothing() -> None:
    index = index_of([[passage(0, 0, 0, [], ["river"])]])
    wrong = passage(1, 1, 0, [], ["river"])
    wider = type(wrong)(
        wrong.id, wrong.document_id, "", "text", "g", 0, (), np.ones(DIMENSION + 1, np.int8), wrong.sentence_vectors
    )
    with pytest.raises(DimensionMismatch):
        index.add([passage(2, 2, 0, [], ["river"]), wider])
    assert len(index) == 1


@pytest.mark.parametrize("damage", ["cut", "flip", "missing", "empty"])
def test_a_damaged_segment_is_noticed(tmp_path: Path, damage: str) -> None:
    info = index_of([[passage(0, 0, 0, [(0, 1)], ["river"])]]).fold(tmp_path / "one.segment")
    content = info.path.read_bytes()
    if damage == "missing":
        info.path.unlink()
    else:
        flipped = content[:-100] + bytes([content[-100] ^ 1]) + content[-99:]
        info.path.write_bytes({"cut": content[: len(content) // 2], "flip": flipped, "empty": b""}[damage])
    with pytest.raises(SegmentCorrupt):
        Index.open(info.path, info.sha256)


def test_an_empty_index_finds_nothing() -> None:
    assert ask(Index.empty(DIMENSION, "test")).hits == ()
