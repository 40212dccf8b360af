"""HippoRAG's maths on graphs small enough to work out by hand, and laws on others."""

import math
import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.hipporag import graph, ranking
from bench.hipporag.graph import Walk
from bench.hipporag.knowledge import Knowledge, build, fact_text, normal_phrase
from bench.triples import Extraction, Triple

OSLO = ("Oslo", "capital of", "Norway")
NORWAY = ("Norway", "is in", "Europe")


def extraction(*triples: tuple[str, str, str]) -> Extraction:
    return Extraction((), tuple(Triple(*triple) for triple in triples), 0)


def knowledge() -> Knowledge:
    """Phrases oslo 0, norway 1, europe 2; facts oslo-norway 0, norway-europe 1; the third passage has none."""
    return build([extraction(OSLO), extraction(NORWAY, OSLO), extraction()])


def unit(*angles: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Vectors of length 1 at these degrees."""
    return np.array([[math.cos(math.radians(a)), math.sin(math.radians(a))] for a in angles], np.float32)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [("Côte d'Ivoire", "c te d ivoire"), ("  AC/DC!", "ac dc"), ("Осло", ""), ("U.S.", "u s"), ("a  b", "a  b")],
)
def test_phrases_are_normalised_as_published(text: str, phrase: str) -> None:
    assert normal_phrase(text) == phrase


def test_facts_and_phrases_are_counted_by_passage() -> None:
    found = knowledge()
    assert found.phrases == ("oslo", "norway", "europe")
    assert [list(facts) for facts in found.facts_of] == [[0], [0, 1], []]
    assert [list(phrases) for phrases in found.phrases_of] == [[0, 1], [0, 1, 2], []]
    assert list(found.spread) == [2, 2, 1]
    assert found.relations == {(0, 1): 2, (1, 0): 2, (1, 2): 1, (2, 1): 1}
    assert fact_text(found.facts[0]) == "('oslo', 'capital of', 'norway')"


def test_nothing_extracted_is_knowledge_too() -> None:
    found = build([extraction()])
    assert (found.phrases, found.ends.shape, len(found.spread)) == ((), (0, 2), 0)


def test_synonyms_are_near_named_and_not_too_short() -> None:
    phrases = ["north", "northern", "no", "", "south"]
    found = graph.synonyms(phrases, unit(0, 30, 10, 5, 180))
    assert {pair: round(cosine, 3) for pair, cosine in found.items()} == {
        (0, 1): 0.866,
        (1, 0): 0.866,
        (0, 2): 0.985,
        (1, 2): 0.94,
    }  # "no" is too short to look for synonyms, and the empty phrase to be one


def test_a_phrase_has_at_most_so_many_synonyms() -> None:
    count = graph.MOST_SYNONYMS + 20
    found = graph.synonyms([f"name {number}" for number in range(count)], unit(*np.linspace(0, 20, count)))
    of_first = [right for left, right in found if left == 0]
    assert of_first == list(range(1, graph.MOST_SYNONYMS + 1))


def test_both_orders_of_an_edge_add_up_and_a_synonym_displaces_a_relation() -> None:
    assert graph.edges({(0, 1): 2, (1, 0): 2, (2, 2): 1}, {(0, 1): 0.9}) == {(0, 1): 2.9}


def test_passages_are_joined_to_their_phrases() -> None:
    assert graph.with_passages({(0, 1): 4.0}, knowledge()) == {
        (0, 1): 4.0,
        **dict.fromkeys([(0, 3), (1, 3), (0, 4), (1, 4), (2, 4)], 1.0),
    }


def test_a_walk_over_one_edge_is_as_worked_out_by_hand() -> None:
    # x0 = 1/2 + x1/2 and x1 = x0/2 give x0 = 2/3
    found = Walk(2, {(0, 1): 7.0}).from_seeds(np.array([3.0, 0.0]))
    assert found == pytest.approx([2 / 3, 1 / 3], abs=1e-9)


def test_a_walk_follows_weights() -> None:
    # From 1: 3/4 goes to 0, 1/4 to 2. x1 = (x0 + x2)/2 + 1/2, x0 = 3/8 x1, x2 = 1/8 x1: x1 = 2/3
    found = Walk(3, {(0, 1): 3.0, (1, 2): 1.0}).from_seeds(np.array([0.0, 1.0, 0.0]))
    assert found == pytest.approx([1 / 4, 2 / 3, 1 / 12], abs=1e-9)


def dense_walk(nodes: int, weights: dict[tuple[int, int], float], seeds: Sequence[float]) -> list[float]:
    """The fixed point x = d A D^-1 x + (1 - d) r by solving the equations; a node without edges sends its mass to r."""
    transition = np.zeros((nodes, nodes))
    for (left, right), weight in weights.items():
        transition[left, right] = transition[right, left] = weight
    restart = np.array(seeds) / sum(seeds)
    degree = transition.sum(axis=0)
    transition = np.where(degree > 0, transition / np.where(degree > 0, degree, 1), restart[:, None])
    found: list[float] = np.linalg.solve(np.eye(nodes) - 0.5 * transition, 0.5 * restart).tolist()
    return found


@given(st.integers(2, 12), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_walks_are_exact(nodes: int, chance: random.Random) -> None:
    pairs = [(a, b) for a in range(nodes) for b in range(a + 1, nodes) if chance.random() < 0.3]
    weights = {pair: chance.uniform(0.1, 5) for pair in pairs}
    seeds = [chance.uniform(0.01, 1) for _ in range(nodes)]
    found = Walk(nodes, weights).from_seeds(np.array(seeds))
    assert found == pytest.approx(dense_walk(nodes, weights, seeds), abs=1e-7)


def test_scaling_keeps_the_order_and_reaches_both_ends() -> None:
    assert list(ranking.scaled(np.array([3.0, 1.0, 2.0]))) == [1.0, 0.0, 0.5]
    assert list(ranking.scaled(np.array([2.0, 2.0]))) == [1.0, 1.0]
    assert len(ranking.scaled(np.zeros(0))) == 0


def test_the_filter_chooses_among_the_nearest_facts_only() -> None:
    scores = np.array([0.1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    assert list(ranking.nearest_facts(scores)) == [1, 2, 3, 4, 5]
    assert list(ranking.nearest_facts(scores, {6, 3, 1})) == [1, 3]


def test_seeds_are_means_of_scores_over_spread() -> None:
    found = ranking.fact_seeds(knowledge(), np.array([0, 1]), np.array([0.8, 0.4]))
    # oslo .8/2; norway the mean of .8/2 and .4/2; europe .4/1
    assert found == pytest.approx([0.4, 0.3, 0.4])


def test_only_the_best_phrases_are_seeds() -> None:
    many = build([extraction(*((f"s{n}", "p", f"o{n}") for n in range(4)))])
    found = ranking.fact_seeds(many, np.arange(4), np.array([0.9, 0.8, 0.7, 0.6]))
    assert found == pytest.approx([0.9, 0.9, 0.8, 0.8, 0.7, 0, 0, 0])


def test_the_second_version_ranks_passages_by_their_own_mass() -> None:
    found, similarity, scores = knowledge(), np.array([0.2, 0.6, 0.4]), np.array([1.0, 0.0])
    weights = graph.with_passages(graph.edges(found.relations, {}), found)
    seeds = [0.5, 0.5, 0.0, 0.0, 0.05, 0.025]  # oslo and norway are in two passages each; .05 x similarity, scaled
    expected = dense_walk(6, weights, seeds)[3:]
    ranked = ranking.by_facts(found, Walk(6, weights), similarity, scores, np.array([0]))
    assert ranked == pytest.approx(expected, abs=1e-7)


def test_without_facts_the_second_version_is_dense() -> None:
    similarity = np.array([0.2, 0.6, 0.4])
    ranked = ranking.by_facts(knowledge(), Walk(6, {}), similarity, np.ones(2), np.zeros(0, np.int64))
    assert ranked == pytest.approx([0, 1, 0.5])


def test_the_first_version_adds_up_the_phrases_of_a_passages_facts() -> None:
    found = build([extraction(OSLO), extraction(NORWAY, OSLO), extraction(("Oslo", "equals", "Oslo"))])
    weights = graph.edges(found.relations, {})
    oslo, norway, europe = dense_walk(3, weights, [0, 0, 1.0])
    ranked = ranking.by_entities(found, Walk(3, weights), np.zeros(3), [2])
    raw = np.array([oslo + norway, oslo + 2 * norway + europe, oslo])
    assert ranked == pytest.approx((raw - raw.min()) / (raw.max() - raw.min()), abs=1e-7)


def test_seeds_of_the_first_version_are_specific_and_count_once() -> None:
    found = knowledge()
    weights = graph.edges(found.relations, {})
    mass = dense_walk(3, weights, [1 / 2, 0, 1])  # oslo is in two passages, europe in one
    raw = np.array([mass[0] + mass[1], mass[0] + 2 * mass[1] + mass[2], 0.0])
    ranked = ranking.by_entities(found, Walk(3, weights), np.zeros(3), [2, 0, 2])
    assert ranked == pytest.approx(raw / raw.max(), abs=1e-7)


def test_without_entities_the_first_version_is_dense() -> None:
    assert ranking.by_entities(knowledge(), Walk(3, {}), np.array([0.2, 0.6, 0.4]), []) == pytest.approx([0, 1, 0.5])
