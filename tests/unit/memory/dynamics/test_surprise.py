"""Surprise deltas: how they move, and how little they may do."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.surprise import SurpriseParams, boosted, contribution, shortened, updated, updated_many
from memory.errors import ParamsInvalid

deltas = st.floats(-1, 1)
scores = st.floats(0, 100)
anything = st.floats()


def test_it_gives_the_published_numbers() -> None:
    helped = contribution(0.8, 0.9)
    assert helped == pytest.approx(0.72, abs=1e-9)
    assert updated(0, helped) == pytest.approx(0.072, abs=1e-9)
    assert updated(0.072, helped) == pytest.approx(0.1368, abs=1e-9)
    misled = contribution(0.5, sign=-1)
    assert misled == pytest.approx(-0.5, abs=1e-9)
    assert updated(0.3, misled) == pytest.approx(0.22, abs=1e-9)
    assert boosted(0.7, 0.3) == pytest.approx(0.721, abs=1e-9)
    assert shortened(10, 0.9) == pytest.approx(8.2, abs=1e-9)
    assert shortened(10, 0.9, SurpriseParams(interval_slope=1)) == pytest.approx(2.0, abs=1e-9)


@given(anything, anything, anything)
def test_a_delta_stays_within_its_bound_whatever_happens(delta: float, error: float, confidence: float) -> None:
    assert abs(updated(delta, contribution(error, confidence))) <= 1
    assert abs(contribution(error, confidence, -1)) <= 1


@given(deltas, deltas, st.integers(1, 60))
def test_the_same_observation_again_and_again_is_approached_geometrically(
    start: float, observed: float, times: int
) -> None:
    delta = start
    for _ in range(times):
        delta = updated(delta, observed)
    assert delta == pytest.approx(observed + (start - observed) * 0.9**times, abs=1e-9)


@given(scores, deltas)
def test_a_score_moves_by_a_tenth_at_most(score: float, delta: float) -> None:
    assert 0.9 * score - 1e-9 <= boosted(score, delta) <= 1.1 * score + 1e-9


@given(scores, deltas)
def test_an_interval_loses_a_fifth_at_most_and_alike_for_both_signs(interval: float, delta: float) -> None:
    assert 0.8 * interval - 1e-9 <= shortened(interval, delta) <= interval
    assert shortened(interval, delta) == shortened(interval, -delta)


@given(st.lists(st.tuples(anything, deltas), max_size=20))
def test_the_array_form_agrees_with_the_single_one(pairs: list[tuple[float, float]]) -> None:
    found = updated_many([delta for delta, _ in pairs], [observed for _, observed in pairs])
    assert found.tolist() == pytest.approx([updated(*pair) for pair in pairs], abs=1e-12)


def test_what_says_nothing_moves_towards_zero() -> None:
    assert contribution(math.nan) == contribution(math.inf) == contribution(-1) == contribution(1, math.nan) == 0
    assert contribution(1, sign=0) == 0
    assert updated(math.nan, 0) == 0
    assert shortened(0, 1) == shortened(-3, 1) == 0


def test_a_score_or_interval_that_is_no_number_is_refused() -> None:
    for mistaken in (boosted, shortened):
        with pytest.raises(ParamsInvalid) as raised:
            mistaken(math.nan, math.inf)
        assert len(raised.value.problems) == 2


def test_arrays_of_other_lengths_are_refused() -> None:
    with pytest.raises(ParamsInvalid, match="deltas"):
        updated_many(np.zeros(2), np.zeros(3))


def test_all_bad_params_are_named_at_once() -> None:
    with pytest.raises(ParamsInvalid) as raised:
        SurpriseParams(scale=0, learning_rate=0, bound=0, boost=2, interval_slope=-1, interval_floor=2)
    fields = {problem.field for problem in raised.value.problems}
    assert fields == {"scale", "learning_rate", "bound", "boost", "interval_slope", "interval_floor"}
    with pytest.raises(ParamsInvalid, match="learning_rate"):
        SurpriseParams(learning_rate=1.1)
