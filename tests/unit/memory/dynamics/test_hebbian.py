"""Edges of co-recall grow to a bound, fade to nothing, and keep their proportions when scaled."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.hebbian import (
    COMPAT,
    RECOMMENDED,
    HebbianParams,
    Pair,
    decayed,
    decayed_all,
    pairs,
    scaled,
    strengthened,
    weight_between,
)
from memory.errors import ParamsInvalid

weights = st.floats(0, 10)
lists = st.lists(st.floats(0.1, 10), min_size=1, max_size=20)


@pytest.mark.parametrize(("before", "after"), [(1, 1.09), (5, 5.05), (9.99, 9.9901), (10, 10), (12, 10)])
def test_one_co_recall(before: float, after: float) -> None:
    assert strengthened(before) == pytest.approx(after, abs=1e-9)


@pytest.mark.parametrize(
    ("times", "weight"),
    [(5, 1.4410895509), (10, 1.8605613249), (20, 2.6388375616), (50, 4.5549453958), (100, 6.7057089285)],
)
def test_many_co_recalls(times: int, weight: float) -> None:
    assert strengthened(1, times) == pytest.approx(weight, abs=1e-9)


@pytest.mark.parametrize(("before", "after"), [(5, 4.9), (0.102, 0), (0.1021, 0.100058)])
def test_one_cycle_without_use(before: float, after: float) -> None:
    assert decayed(before) == pytest.approx(after, abs=1e-9)


@pytest.mark.parametrize(("start", "cycle"), [(1, 114), (10, 228)])
def test_an_unused_edge_is_pruned_in_the_end(start: float, cycle: int) -> None:
    weight, cycles = start, 0
    while weight > 0:
        weight, cycles = decayed(weight), cycles + 1
    assert cycles == cycle


def test_scaling() -> None:
    assert scaled(np.array([1.0, 2.0, 7.0]), COMPAT) == pytest.approx([5, 10, 35], abs=1e-9)
    assert scaled(np.array([1.0, 2.0, 7.0])) == pytest.approx([5, 10, 10], abs=1e-9)


@given(weights, st.integers(0, 30), st.integers(0, 30))
def test_co_recalls_add_up_and_never_pass_the_bound(weight: float, some: int, more: int) -> None:
    after = strengthened(weight, some)
    assert weight <= after + 1e-12
    assert after <= 10
    assert strengthened(after, more) == pytest.approx(strengthened(weight, some + more), abs=1e-9)


@given(st.floats(0.1, 10))
def test_decay_always_takes_something(weight: float) -> None:
    assert decayed(weight) < weight


@given(st.lists(weights, max_size=20))
def test_many_edges_fade_as_each_does(values: list[float]) -> None:
    assert decayed_all(np.array(values)) == pytest.approx([decayed(value) for value in values], abs=1e-12)


@given(lists)
def test_scaling_keeps_ratios_and_sum(values: list[float]) -> None:
    once = scaled(np.array(values), COMPAT)
    assert once.sum() == pytest.approx(50)
    assert once / once[0] == pytest.approx(np.array(values) / values[0])
    assert scaled(once, COMPAT) == pytest.approx(once)


@given(lists)
def test_recommended_scaling_keeps_to_the_bounds_and_the_order(values: list[float]) -> None:
    once = scaled(np.array(values))
    assert ((once >= RECOMMENDED.least) & (once <= RECOMMENDED.most)).all()
    assert (np.diff(once[np.argsort(values)]) >= 0).all()


@given(st.lists(st.text(min_size=1), max_size=12, unique=True))
def test_n_items_make_n_choose_two_pairs(items: list[str]) -> None:
    assert len(set(pairs(items))) == math.comb(len(items), 2)


def test_pairs_keep_the_order_of_recall_and_no_item_is_its_own_neighbour() -> None:
    assert pairs(["c", "a", "c", "b"]) == [Pair("c", "a"), Pair("c", "b"), Pair("a", "b")]
    assert pairs([]) == []


def test_the_weight_between_two_items_is_the_larger_of_both_directions() -> None:
    edges = {Pair("a", "b"): 2.0, Pair("b", "a"): 3.0, Pair("a", "c"): 1.0}
    assert weight_between(edges, "a", "b") == 3
    assert weight_between(edges, "c", "a") == 1
    assert weight_between(edges, "b", "c") is None


def test_only_the_published_batch_revives_dying_edges_and_spares_new_ones() -> None:
    values = np.array([0.1, 1.0, 5.0])
    assert decayed_all(values, COMPAT) == pytest.approx([1, 1, 4.9], abs=1e-9)
    assert decayed_all(values) == pytest.approx([0, 0.98, 4.9], abs=1e-9)


def test_nothing_to_scale_stays_as_it_is() -> None:
    assert scaled(np.array([])).size == 0
    assert scaled(np.zeros(3)).tolist() == [0, 0, 0]


def test_all_that_is_wrong_with_the_params_is_in_one_error() -> None:
    with pytest.raises(ParamsInvalid) as caught:
        HebbianParams(rate=-1, decay=1, total=0, neutral=50)
    assert [problem.field for problem in caught.value.problems] == ["rate", "decay", "total", "neutral"]


def test_weights_that_are_not_finite_are_refused() -> None:
    for act in (strengthened, decayed):
        with pytest.raises(ParamsInvalid):
            act(math.nan)
    for act_on_all in (decayed_all, scaled):
        with pytest.raises(ParamsInvalid):
            act_on_all(np.array([math.inf]))
