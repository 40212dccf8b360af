"""Facts join entities for as long as a passage states them, and are found by their vectors."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings

from retrieval.adjacency import GraphParams
from retrieval.errors import DimensionMismatch
from retrieval.index import Index
from retrieval.pagerank import edges
from retrieval.quantize import to_floats
from retrieval.search import Question, SearchParams, search
from retrieval.second_hop import FactParams, Hop, nearest_facts, second_hop
from tests.unit.retrieval.worlds import DIMENSION, NAMES, documents, fact, index_of, passage

ONLY_FACTS = GraphParams(next=0.0, next_but_one=0.0, synonym=0.0)


def joined(index: Index) -> dict[frozenset[str], float]:
    """Weights of the edges between entities, by their names."""
    found: dict[frozenset[str], float] = {}
    for source, target, weight in zip(*edges(index.graph, ONLY_FACTS), strict=True):
        if source % 2 and target % 2:
            ends = frozenset(index.graph.names[int(node) // 2] for node in (source, target))
            found[ends] = found.get(ends, 0.0) + float(weight) / 2  # both directions
    return found


@settings(max_examples=40, deadline=None)
@given(documents())
def test_an_edge_weighs_as_much_as_there_are_passages_that_state_it(made) -> None:  # type: ignore[no-untyped-def]
    index = index_of(made)
    stated: dict[frozenset[str], int] = {}
    for one in (one for passages in made for one in passages):
        for said in one.facts:
            if said.subject != said.object:
                ends = frozenset((said.subject, said.object))
                stated[ends] = stated.get(ends, 0) + 1
    found = joined(index)
    assert found.keys() == stated.keys()
    weights = {ends: found[ends] / count for ends, count in stated.items()}
    for one, other in combinations(weights, 2):  # a rarer pair is joined more closely
        rarer = [max(index.graph.df.view[index.graph.entity(name)] for name in ends) for ends in (one, other)]
        if rarer[0] < rarer[1]:
            assert weights[one] > weights[other]


@settings(max_examples=40, deadline=None)
@given(documents())
def test_when_everything_that_states_facts_is_gone_no_edge_is_left(made) -> None:  # type: ignore[no-untyped-def]
    index = index_of(made)
    for passages in made:
        if any(one.facts for one in passages):
            index.remove(passages[0].document_id)
    assert joined(index) == {}


@settings(max_examples=40, deadline=None)
@given(documents())
def test_the_nearest_facts_are_those_of_a_full_search(made) -> None:  # type: ignore[no-untyped-def]
    index = index_of(made)
    question = np.random.default_rng(3).normal(size=DIMENSION).astype(np.float32)
    question /= np.linalg.norm(question)
    stated = {said.id: said for passages in made for one in passages for said in one.facts}
    cosines = {id_: round(float(to_floats(said.vector) @ question), 6) for id_, said in stated.items()}
    expected = sorted(cosines, key=lambda id_: (-cosines[id_], id_))
    rows = np.arange(index.rows, dtype=np.int32)
    assert [cosines[id_] for id_ in nearest_facts(index, question, rows, 1000)] == pytest.approx(
        [cosines[id_] for id_ in expected], abs=2e-6
    )
    assert set(nearest_facts(index, question, rows, 1000)) == set(expected)


def test_a_second_hop_raises_the_passage_whose_fact_answers_the_rest() -> None:
    """0 is named by the question; 0 and 1 meet in the first passage; of the two others with 1, one has the fact."""
    made = [
        [passage(0, 0, 0, [(0, 1), (1, 1)], ["river"], [(0, 1)])],
        [passage(1, 1, 0, [(1, 1), (2, 1)], ["tower"], [(1, 2)])],
        [passage(2, 2, 0, [(1, 1), (3, 1)], ["tower"], [(1, 3)])],
        *([passage(number, number, 0, [(4 + number % 4, 1)], ["garden"])] for number in range(3, 12)),
    ]
    index = index_of(made)
    near = to_floats(fact(0, 1).vector) + to_floats(fact(1, 3).vector)
    question = Question("river of Name A", near / np.linalg.norm(near))
    hop = Hop(question.vector, {index.graph.entity("name a"): 1.0}, index.graph.weights(GraphParams()))
    reached = second_hop(index, hop, np.array([0], np.int32), np.ones(1), FactParams())
    assert reached.argmax() == 2
    assert set(np.flatnonzero(reached)) <= {1, 2}

    def ranked(params: SearchParams) -> dict[str, float]:
        return {hit.id: hit.score for hit in search(index, question, params, None, 50).hits}

    with_hop, without = ranked(SearchParams()), ranked(SearchParams(facts=FactParams(hop=0.0)))
    assert with_hop != without
    assert next(iter(with_hop)) == next(iter(without))  # what leads on stays first
    index.remove(made[0][0].document_id)
    assert made[2][0].id in ranked(SearchParams())


def test_a_second_hop_goes_along_what_the_first_passage_says_about_the_question() -> None:
    """0 leads to 1 and to 2; the fact that it states about 1 is the question, that about 2 is far from it."""
    asked, far = to_floats(fact(0, 1).vector), to_floats(fact(0, 2).vector)
    assert float(asked @ far) < 0.5
    made = [
        [passage(0, 0, 0, [(0, 1), (1, 1), (2, 1)], ["river"], [(0, 1), (0, 2)])],
        [passage(1, 1, 0, [(1, 1), (3, 1)], ["tower"], [(1, 3)])],
        [passage(2, 2, 0, [(2, 1), (3, 1)], ["tower"], [(2, 3)])],
    ]
    index = index_of(made)
    question = (asked + to_floats(fact(1, 3).vector) + to_floats(fact(2, 3).vector)).astype(np.float32)
    hop = Hop(
        question / np.linalg.norm(question), {index.graph.entity("name a"): 1.0}, index.graph.weights(GraphParams())
    )
    starts = np.array([0], np.int32)
    cosines = index.graph.facts.similarities(hop.question, np.arange(len(index.graph.facts)))
    reached = second_hop(index, hop, starts, np.ones(1), FactParams())
    first, second = cosines[0] * cosines[2], cosines[1] * cosines[3]
    assert reached[1] / reached[2] == pytest.approx(first / second, rel=1e-5)
    assert reached[0] == 0


@settings(max_examples=40, deadline=None)
@given(documents())
def test_where_there_are_no_facts_the_second_hop_changes_nothing(made) -> None:  # type: ignore[no-untyped-def]
    bare = [[replace(one, facts=()) for one in passages] for passages in made]
    question = Question("Where is Name A near the river?", np.ones(DIMENSION, np.float32) / DIMENSION**0.5)
    with_hop = search(index_of(bare), question, SearchParams(), None, 50)
    without = search(index_of(bare), question, SearchParams(facts=FactParams(hop=0.0)), None, 50)
    assert with_hop == without


def test_facts_of_what_is_gone_change_nothing() -> None:
    bare = [passage(number, number, 0, [(number % 4, 1)], ["garden"]) for number in range(6)]
    gone = passage(6, 6, 0, [(0, 1), (1, 1)], ["river"], [(0, 1)])
    with_gone = index_of([*([one] for one in bare), [gone]])
    with_gone.remove(gone.document_id)
    question = Question("Where is Name A?", to_floats(fact(0, 1).vector))
    found, expected = (
        search(index, question, SearchParams()) for index in (with_gone, index_of([[one] for one in bare]))
    )
    assert [hit.score for hit in found.hits] == pytest.approx([hit.score for hit in expected.hits], abs=1e-8)


def test_recognised_facts_lead_to_what_they_are_about() -> None:
    made = [
        [passage(0, 0, 0, [(0, 1), (1, 1)], ["river"], [(0, 1)])],
        *([passage(number, number, 0, [(1 + number % 3, 1)], ["garden"])] for number in range(1, 12)),
    ]
    index = index_of(made)
    question = Question("river", np.ones(DIMENSION, np.float32) / DIMENSION**0.5)
    seeds = search(index, question, SearchParams(), None, 5, explain=True, facts=[fact(0, 1).id]).seeds
    assert {"Name A", "Name B"} <= {seed.label for seed in seeds if seed.kind == "entity"}


def test_a_fact_about_something_that_its_passage_does_not_name_is_left_out() -> None:
    index = index_of([[passage(0, 0, 0, [(0, 1), (1, 1)], ["river"], [(0, 1), (0, 2)])]])
    assert joined(index).keys() == {frozenset(NAMES[:2])}


def test_a_fact_of_another_dimension_adds_nothing() -> None:
    index = index_of([[passage(0, 0, 0, [], ["river"])]])
    said = fact(0, 1)
    wider = type(said)(said.id, said.subject, said.object, np.ones(DIMENSION + 1, np.int8))
    one = passage(1, 1, 0, [(0, 1), (1, 1)], ["river"])
    wrong = type(one)(
        one.id, one.document_id, "", "text", "g", 0, one.mentions, one.vector, one.sentence_vectors, {}, (wider,)
    )
    with pytest.raises(DimensionMismatch):
        index.add([wrong])
    assert len(index) == 1
