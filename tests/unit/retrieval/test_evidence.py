"""What speaks for a candidate, against its definition written out."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.fusion import EVIDENCE, EvidenceWeights, FusionParams
from retrieval.index import Index
from retrieval.search import Considered, Question, SearchParams, consider, understood
from retrieval.types import EntityKind, IndexedPassage, Mention
from tests.unit.retrieval.worlds import DIMENSION, WORDS, documents, index_of, passage

ALL = SearchParams(fusion=FusionParams(*(EvidenceWeights(**dict.fromkeys(EVIDENCE, 1.0)) for _ in range(2))))


def considered(index: Index, text: str, seed: int = 99) -> Considered:
    vector = np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)
    return consider(index, Question(text, vector / np.linalg.norm(vector)), ALL)


def of(found: Considered, name: str, row: int) -> float:
    return float(found.evidence[EVIDENCE.index(name)][np.flatnonzero(found.pool.rows == row)[0]])


def said(made: IndexedPassage, speaker: str, text: str = "") -> IndexedPassage:
    attributes = {**made.attributes, "speaker": speaker}
    return replace(made, text=text or made.text, group="session", position=int(made.id[-2:], 16), attributes=attributes)


@settings(max_examples=40, deadline=None)
@given(documents(), st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True))
def test_cover_is_the_share_of_the_idf_of_the_question(made, words) -> None:  # type: ignore[no-untyped-def]
    flat = [item for passages in made for item in passages]
    found = considered(index_of(made), " ".join(words))
    df = {word: sum(word in item.text.split() for item in flat) for word in words}
    idf = {word: np.log(1 + (len(flat) - count + 0.5) / (count + 0.5)) for word, count in df.items()}
    for row in found.pool.rows:
        has = sum(idf[word] for word in words if word in flat[row].text.split())
        assert of(found, "cover", row) == pytest.approx(has / sum(idf.values()))


@settings(max_examples=40, deadline=None)
@given(documents(), st.integers(0, 11))
def test_evidence_is_finite_and_within_its_bounds(made, removed) -> None:  # type: ignore[no-untyped-def]
    index = index_of(made)
    if removed < len(made) - 1:
        index.remove(made[removed][0].document_id)
    found = considered(index, "When did the river reach Name A and Name B?")
    assert np.isfinite(found.evidence).all()
    for name in ("cover", "named", "about", "bridge", "rest", "dated", "asks"):
        values = found.evidence[EVIDENCE.index(name)]
        assert values.min() >= 0
        assert values.max() <= 1 + 1e-9


def test_what_a_good_passage_names_leads_to_the_passage_about_it() -> None:
    made = [
        [passage(0, 0, 0, [(0, 3), (1, 1)], ["river"])],
        [passage(1, 1, 0, [(1, 3)], ["tower"])],
        [passage(2, 2, 0, [(2, 3)], ["tower"])],
        *([passage(number, number, 0, [(4 + number % 4, 1)], ["garden"])] for number in range(3, 30)),
    ]
    found = considered(index_of(made), "Which tower stands by the river of Name A?")
    assert of(found, "about", 0) > of(found, "about", 1) == 0
    assert of(found, "bridge", 1) > of(found, "bridge", 2)
    assert of(found, "rest", 1) > of(found, "rest", 2)


def test_speakers_count_as_what_they_are_and_not_as_words() -> None:
    made = [
        [said(passage(0, 0, 0, [], ["river"]), "Ada", "I love the river.")],
        [said(passage(1, 1, 0, [], ["river"]), "Ben", "Ada, do you love the river?")],
        [passage(2, 2, 0, [], ["river"])],
    ]
    index = index_of(made)
    assert understood(index, "What does Ada love?", ALL).wording == "What does I love?"
    assert understood(index, "What does Ada love?", SearchParams.only("dense")).wording == "What does Ada love?"
    found = considered(index, "What does Ada love?")
    assert [of(found, "speaker", row) for row in range(3)] == [1, -1, 0]
    assert [of(found, "asks", row) for row in range(3)] == [0, 1, 0]
    assert found.is_spoken.tolist() == [True, True, False]
    assert of(found, "cover", 0) == of(found, "cover", 1) == 1
    assert of(found, "before", 0) == 0
    dense = [of(found, "dense", row) for row in range(2)]
    assert of(found, "before", 1) == pytest.approx(dense[0] - dense[1], abs=1e-6)


def test_a_speaker_who_has_been_forgotten_is_a_word_again() -> None:
    made = [[said(passage(0, 0, 0, [], ["river"]), "Ada")], [said(passage(1, 1, 0, [], ["tower"]), "Ben")]]
    index = index_of(made)
    index.remove(made[0][0].document_id)
    assert understood(index, "What does Ada love?", ALL).wording == "What does Ada love?"


def test_dates_count_only_where_a_time_is_asked_for() -> None:
    dated = replace(passage(0, 0, 0, [], ["river"]), mentions=(Mention("2023", "2023", EntityKind.DATE, 1),))
    index = index_of([[dated], [passage(1, 1, 0, [], ["river"])]])
    assert of(considered(index, "When did the river rise?"), "dated", 0) == 1
    assert of(considered(index, "Where is the river?"), "dated", 0) == 0
