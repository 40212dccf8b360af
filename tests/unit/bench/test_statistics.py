"""Intervals and tests against what is known of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.statistics import compare, interval, sign_test

scores = st.lists(
    st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.5, 1.0])), min_size=1, max_size=30
)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_wins_losses_and_ties_are_counted_by_question() -> None:
    found = compare([1, 1, 0.5, 0], [0, 1, 1, 0], rng())
    assert (found.wins, found.losses, found.ties) == (1, 1, 2)
    assert found.difference == pytest.approx(0.125)
    assert not found.is_clear


def test_a_constant_difference_has_no_interval_to_speak_of() -> None:
    found = compare([0.75] * 10, [0.5] * 10, rng())
    assert (found.low, found.high) == (0.25, 0.25)
    assert found.is_clear
    assert found.p == pytest.approx(2 / 2**10)


def test_the_interval_is_that_of_the_normal_distribution_where_there_are_many_questions() -> None:
    values = np.random.default_rng(1).normal(0.3, 2.0, 4_000)
    low, high = interval(values, rng())
    half = 1.96 * values.std() / np.sqrt(len(values))
    assert low == pytest.approx(values.mean() - half, abs=0.01)
    assert high == pytest.approx(values.mean() + half, abs=0.01)


def test_batches_of_draws_give_every_resample() -> None:
    many = np.linspace(-1, 1, 3_000_000)  # more values than are drawn at a time
    low, high = interval(many, rng(), resamples=3)
    assert low <= high
    assert abs(low) < 0.01


@pytest.mark.parametrize(("wins", "losses", "p"), [(0, 0, 1.0), (5, 5, 1.0), (5, 0, 2 / 32), (8, 2, 2 * 56 / 1024)])
def test_the_sign_test_is_the_binomial_tail(wins: int, losses: int, p: float) -> None:
    assert sign_test(wins, losses) == pytest.approx(p)
    assert sign_test(losses, wins) == pytest.approx(p)


@given(scores)
def test_turning_the_comparison_round_turns_its_sign(pairs: list[tuple[float, float]]) -> None:
    ours, theirs = zip(*pairs, strict=True)
    there, back = compare(ours, theirs, rng()), compare(theirs, ours, rng())
    assert there.difference == pytest.approx(-back.difference)
    assert (there.wins, there.losses, there.p) == (back.losses, back.wins, back.p)
    assert there.low - 1e-9 <= there.difference <= there.high + 1e-9 or there.wins + there.losses < 3


@given(scores)
def test_the_same_chance_gives_the_same_interval(pairs: list[tuple[float, float]]) -> None:
    ours, theirs = zip(*pairs, strict=True)
    assert compare(ours, theirs, rng()) == compare(ours, theirs, rng())
