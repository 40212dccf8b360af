"""Sleep replays what matters, lets it rest, and never takes from core facts."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.checks import Floats
from memory.dynamics.replay import COMPAT, ReplayParams, night_edges, priorities, replayed_stability, select
from memory.errors import ParamsInvalid

memories = st.lists(
    st.tuples(st.integers(0, 50), st.floats(0, 1), st.floats(-10, 400), st.floats(0.1, 500)), max_size=40
)
edges = st.lists(st.tuples(st.floats(0, 10), st.booleans(), st.booleans()), max_size=30)
PRESETS = [ReplayParams(), COMPAT]


def asked_by(rows: list[tuple[int, float, float, float]]) -> Floats:
    accesses, emotion, days, stability = np.array(rows, dtype=float).reshape(-1, 4).T
    return priorities(accesses, emotion, days, stability)


def test_published_priorities() -> None:
    asked = asked_by([(10, 0.9, 1, 5), (2, 0.1, 30, 200), (5, 0.5, 0, 1)])
    assert asked == pytest.approx([0.9482277576, 0.1903683726, 0.6994520548], abs=1e-9)
    assert select(asked) == [0, 2, 1]


@pytest.mark.parametrize(("before", "emotion", "after"), [(7, 0, 10.5), (7, 0.9, 12.6), (300, 0, 365), (400, 1, 400)])
def test_published_gains(before: float, emotion: float, after: float) -> None:
    assert replayed_stability(before, emotion) == pytest.approx(after, abs=1e-9)


def test_published_edges() -> None:
    night = night_edges(np.array([1.0, 9.5, 0.15]), np.ones(3, bool), np.zeros(3, bool), COMPAT)
    assert night.weights[:2] == pytest.approx([1.1, 10], abs=1e-9)
    assert night.is_pruned.tolist() == [False, False, True]
    assert night.is_strengthened.tolist() == [True, True, False]


@given(memories, st.integers(0, 30))
def test_the_most_wanting_are_replayed_in_order(rows: list[tuple[int, float, float, float]], most: int) -> None:
    asked = asked_by(rows)
    chosen = select(asked, params=ReplayParams(most=most))
    assert chosen == sorted(range(len(rows)), key=lambda position: -asked[position])[:most]
    assert ((asked >= 0) & (asked <= 1 + 1e-12)).all()


@given(memories, st.data())
def test_what_was_replayed_rests(rows: list[tuple[int, float, float, float]], data: st.DataObject) -> None:
    asked = asked_by(rows)
    nights = np.array([data.draw(st.sampled_from([1.0, 3.0, 4.0, math.inf])) for _ in rows])
    assert set(select(asked, nights, ReplayParams(most=1000))) == set(np.flatnonzero(nights > 3))
    assert len(select(asked, nights, COMPAT)) == min(20, len(rows))


SEEDS = (42, 123, 456, 789, 1024, 2048, 3072, 4096, 5120, 6144)


def mulberry(seed: int) -> Iterator[float]:
    """The published simulations' random numbers in [0, 1)."""
    low = 0xFFFFFFFF
    while True:
        seed = (seed + 0x6D2B79F5) & low
        mixed = ((seed ^ (seed >> 15)) * (1 | seed)) & low
        mixed = ((mixed + (((mixed ^ (mixed >> 7)) * (61 | mixed)) & low)) & low) ^ mixed
        yield ((mixed ^ (mixed >> 14)) & low) / 2**32


def week(seed: int, params: ReplayParams) -> tuple[float, int]:
    """Mean stability and number of distinct memories after seven nights of fifty new ones and twenty replays each."""
    draw = mulberry(seed)
    drawn = np.array([(next(draw), int(10 * next(draw))) for _ in range(350)])
    emotion, accesses = drawn[:, 0], drawn[:, 1]
    stability, last, born = np.ones(350), np.full(350, -np.inf), np.repeat(np.arange(7.0), 50)
    for night in range(7):
        here = np.flatnonzero(born <= night)
        asked = priorities(accesses[here], emotion[here], night - born[here], stability[here], params)
        for position in here[select(asked, night - last[here], params)]:
            stability[position] = replayed_stability(float(stability[position]), float(emotion[position]), params)
            last[position] = night
    return float(stability.mean()), int(np.isfinite(last).sum())


def test_the_published_random_numbers() -> None:
    draw = mulberry(42)
    assert [next(draw) for _ in range(4)] == pytest.approx([0.6011037519, 0.4482905590, 0.8524657935, 0.6697340414])


@pytest.mark.parametrize(
    ("params", "mean", "deviation", "distinct"),
    [(COMPAT, 1.820, 0.118, 67.4), (replace(COMPAT, rest=1000), 1.294, 0.005, 140)],
)
def test_published_weeks(params: ReplayParams, mean: float, deviation: float, distinct: float) -> None:
    weeks = [week(seed, params) for seed in SEEDS]
    stabilities = [stability for stability, _ in weeks]
    assert [np.mean(stabilities), np.std(stabilities, ddof=1)] == pytest.approx([mean, deviation], abs=5e-4)
    assert np.mean([count for _, count in weeks]) == pytest.approx(distinct)


def test_rest_lets_a_week_reach_many_more_memories() -> None:
    rested, published = week(42, ReplayParams())[1], week(42, COMPAT)[1]
    assert rested > 1.5 * published


@given(st.floats(0.1, 1000), st.floats(0, 1), st.sampled_from(PRESETS))
def test_replay_never_weakens(stability: float, emotion: float, params: ReplayParams) -> None:
    after = replayed_stability(stability, emotion, params)
    assert after >= stability
    assert after <= max(365, stability)


@given(edges, st.sampled_from(PRESETS))
def test_a_night_keeps_or_prunes_and_changes_nothing_it_was_given(
    rows: list[tuple[float, bool, bool]], params: ReplayParams
) -> None:
    weights = np.array([row[0] for row in rows], dtype=float)
    is_replayed = np.array([row[1] for row in rows], dtype=bool)
    is_protected = np.array([row[2] for row in rows], dtype=bool)
    before = weights.copy()
    night = night_edges(weights, is_replayed, is_protected, params)
    assert (weights == before).all()
    assert (night.weights <= 10).all()
    assert not (night.is_pruned & (is_protected | night.is_strengthened)).any()
    assert (night.weights[~night.is_pruned & ~is_protected] >= params.least_weight).all()
    assert (night.weights[is_protected] >= weights[is_protected]).all()


def test_an_edge_that_is_never_replayed_fades_away_and_a_protected_one_stays() -> None:
    weights, nights = np.array([1.0, 1.0]), 0
    while True:
        nights += 1
        night = night_edges(weights, np.zeros(2, bool), np.array([False, True]))
        weights = night.weights
        if night.is_pruned.any():
            break
    assert nights == math.ceil(math.log(0.2) / math.log(0.97))
    assert (weights[1], night.is_pruned.tolist()) == (1, [True, False])


def test_a_use_in_the_future_counts_as_now() -> None:
    now, later = asked_by([(1, 0, 0, 1), (1, 0, -50, 1)])
    assert now == later


def test_nothing_to_replay() -> None:
    assert select(asked_by([])) == []
    assert night_edges(np.array([]), np.array([], bool), np.array([], bool)).weights.size == 0


def test_all_that_is_wrong_is_in_one_error() -> None:
    with pytest.raises(ParamsInvalid) as caught:
        ReplayParams(most=-1, by_emotion=0.6, scale=0, least_weight=11)
    assert [problem.field for problem in caught.value.problems] == ["most", "by_emotion", "scale", "least_weight"]
    with pytest.raises(ParamsInvalid) as caught:
        priorities(np.array([1.0]), np.array([math.nan]), np.array([0.0]), np.array([math.inf]))
    assert [problem.field for problem in caught.value.problems] == ["emotion", "stability"]


def test_numbers_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ParamsInvalid):
        select(np.array([math.nan]))
    with pytest.raises(ParamsInvalid):
        night_edges(np.array([math.inf]), np.ones(1, bool), np.ones(1, bool))
    with pytest.raises(ParamsInvalid) as caught:
        replayed_stability(0, 2)
    assert [problem.field for problem in caught.value.problems] == ["stability", "emotion"]
