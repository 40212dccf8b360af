"""Which memories earn their room."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.budget import COMPAT, RECOMMENDED, BudgetParams, Holdings, cost, gain, retained, retains
from memory.errors import ParamsInvalid

shares = st.floats(0, 1)
counts = st.floats(0, 1e5)


def test_it_gives_the_published_numbers() -> None:
    assert cost(2500, 5, 0.4) == pytest.approx(0.395, abs=1e-9)
    assert cost(800, 2, 0.1) == pytest.approx(0.124, abs=1e-9)
    assert cost(10000, 40, 2) == pytest.approx(1, abs=1e-9)
    assert gain(5, 0.8, 10) == pytest.approx(0.7066666666666667, abs=1e-9)
    assert gain(0, 0.5, 120) == pytest.approx(0.15, abs=1e-9)
    assert gain(12, 1, 0) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize(
    ("context", "kept"), [("finance", True), ("people", True), ("operations", False), ("strategy", False)]
)
def test_contexts_value_gain_as_published(context: str, kept: bool) -> None:
    assert retains(0.395, 0.7066667, context, COMPAT) is kept


@given(shares, shares, shares, shares)
def test_more_gain_or_less_cost_never_loses_a_memory(price: float, one: float, other: float, value: float) -> None:
    low, high = sorted((one, other))
    params = BudgetParams(values={"here": value})
    assert retains(price, high, "here", params) >= retains(price, low, "here", params)
    assert retains(low, price, "here", params) >= retains(high, price, "here", params)


@given(shares, shares, shares, shares)
def test_valuing_more_keeps_what_was_kept(price: float, worth: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    params = BudgetParams(values={"low": low, "high": high})
    assert retains(price, worth, "high", params) >= retains(price, worth, "low", params)


@given(counts, counts, counts, counts, shares, counts)
def test_cost_and_gain_are_shares(
    chars: float, entities: float, variance: float, retrievals: float, confidence: float, days: float
) -> None:
    assert 0 <= cost(chars, entities, variance) <= 1 + 1e-12
    assert 0 <= gain(retrievals, confidence, days) <= 1 + 1e-12


@given(st.lists(st.tuples(counts, counts, shares, counts, shares, counts), max_size=20))
def test_the_array_form_agrees_with_the_single_one_in_order(
    rows: list[tuple[float, float, float, float, float, float]],
) -> None:
    columns = np.array(rows, dtype=np.float64).reshape(-1, 6).T
    found = retained(Holdings(*columns), "default")
    assert found.tolist() == [retains(cost(*row[:3]), gain(*row[3:]), "default") for row in rows]


def test_a_clock_that_went_backwards_counts_as_no_time() -> None:
    assert gain(0, 0, -5) == gain(0, 0, 0)


def test_an_unknown_context_is_an_error_not_a_silent_loss() -> None:
    with pytest.raises(ParamsInvalid, match="context"):
        retains(0, 1, "elsewhere", RECOMMENDED)


def test_a_memory_is_not_lost_to_a_missing_number() -> None:
    with pytest.raises(ParamsInvalid) as raised:
        retains(math.nan, math.nan, "default")
    assert {problem.field for problem in raised.value.problems} == {"memory_cost", "memory_gain"}


def test_columns_that_are_short_or_not_finite_are_named_at_once() -> None:
    one = np.ones(1)
    with pytest.raises(ParamsInvalid) as raised:
        retained(Holdings(one, np.ones(2), np.array([np.nan]), one, one, one), "default")
    assert {problem.field for problem in raised.value.problems} == {"entities", "variance"}


def test_all_bad_params_are_named_at_once() -> None:
    with pytest.raises(ParamsInvalid) as raised:
        BudgetParams(values={"here": -1}, full_chars=0, full_entities=0, full_retrievals=0, horizon=0)
    assert len(raised.value.problems) == 5
