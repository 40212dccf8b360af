"""Facts join entities for as long as a passage states them, and are found by their vectors."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings

from retrieval.adjacency import GraphParams
from retrieval.errors import DimensionMismatch
from retrieval.index import Index
from retrieval.pagerank import edges
from retrieval.quantize import to_floats
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
    alive = np.asarray(index.graph.alive.view, np.bool_)
    assert index.graph.facts.nearest(np.ones(DIMENSION, np.float32) / DIMENSION**0.5, 5, alive).ids == ()


@settings(max_examples=40, deadline=None)
@given(documents())
def test_the_nearest_facts_are_those_of_a_full_search(made) -> None:  # type: ignore[no-untyped-def]
    index = index_of(made)
    question = np.random.default_rng(3).normal(size=DIMENSION).astype(np.float32)
    question /= np.linalg.norm(question)
    stated = {said.id: said for passages in made for one in passages for said in one.facts}
    cosines = {id_: round(float(to_floats(said.vector) @ question), 6) for id_, said in stated.items()}
    expected = sorted(cosines, key=lambda id_: (-cosines[id_], id_))
    alive = np.asarray(index.graph.alive.view, np.bool_)
    found = index.graph.facts.nearest(question, len(stated) + 1, alive)
    assert sorted(found.ids) == sorted(expected)
    assert found.scores == pytest.approx([cosines[id_] for id_ in found.ids], abs=1e-5)
    assert list(found.scores) == sorted(found.scores, reverse=True)


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
