"""How much attention a memory deserves."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.dynamics.neuromodulators import Levels
from memory.dynamics.priority import (
    PriorityParams,
    goal_relevance,
    novelty,
    priorities,
    priority,
    saliency_of,
    tagged_intensity,
    updated_reward,
    weights,
)
from memory.errors import ParamsInvalid

shares = st.floats(0, 1)
valences = st.floats(-1, 1)
levels = st.builds(Levels, shares, shares, shares, shares)
MODULATED = Levels(dopamine=0.9, noradrenaline=0.8, serotonin=0.2, acetylcholine=0.6)


def test_it_gives_the_published_priorities() -> None:
    assert priority(0.8, 0.2, 0.5, 0.9).value == pytest.approx(0.605, abs=1e-9)
    moving = priority(0.1, -0.9, 0.1, 0.1)
    assert (moving.value, moving.is_moving) == (0.5, True)
    raw = priority(0.1, -0.9, 0.1, 0.1, params=PriorityParams(floor=0.0))
    assert raw.value == pytest.approx(0.3, abs=1e-9)
    calm = priority(0.1, -0.6, 0.1, 0.1)
    assert calm.value == pytest.approx(0.225, abs=1e-9)
    assert not calm.is_moving


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (MODULATED, [0.2216821, 0.2649490, 0.2479339, 0.2654351]),
        (Levels(1, 1, 0, 1), [0.2341920, 0.2693208, 0.2576112, 0.2388759]),
    ],
)
def test_levels_shift_the_weights_as_published(found: Levels, expected: list[float]) -> None:
    share = weights(found)
    assert [share.saliency, share.emotion, share.reward, share.goal] == pytest.approx(expected, abs=5.1e-8)


def test_the_modulated_priority_is_as_published() -> None:
    assert priority(0.8, 0.2, 0.5, 0.9, MODULATED).value == pytest.approx(0.5931940, abs=5.1e-8)


def test_an_emotional_tag_becomes_an_intensity_as_published() -> None:
    assert tagged_intensity(0.05, 0.9) == pytest.approx(0.81, abs=1e-9)
    assert tagged_intensity(0.7, 0.9) == pytest.approx(0.36, abs=1e-9)


@settings(max_examples=60)
@given(shares, valences, shares, shares, levels, shares)
def test_priorities_are_shares_and_grow_with_every_signal(
    saliency: float, valence: float, reward: float, goal: float, found: Levels, more: float
) -> None:
    base = priority(saliency, valence, reward, goal, found).value
    assert 0 <= base <= 1
    for raised in (
        priority(max(saliency, more), valence, reward, goal, found),
        priority(saliency, math.copysign(max(abs(valence), more), valence), reward, goal, found),
        priority(saliency, valence, max(reward, more), goal, found),
        priority(saliency, valence, reward, max(goal, more), found),
    ):
        assert raised.value >= base - 1e-12
    assert priority(saliency, -valence, reward, goal, found).value == base
    assert base >= 0.5 or abs(valence) <= 0.6


@given(levels)
def test_weights_sum_to_one_and_the_baseline_leaves_them(found: Levels) -> None:
    share = weights(found)
    assert share.saliency + share.emotion + share.reward + share.goal == pytest.approx(1, abs=1e-12)
    neutral = weights(Levels(0.5, 0.5, 0.5, 0.5))
    assert (neutral.saliency, neutral.emotion, neutral.reward, neutral.goal) == pytest.approx((0.2, 0.25, 0.25, 0.3))
    assert weights(None) == neutral


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(-2, 2), shares, shares), max_size=12), levels)
def test_the_array_form_agrees_with_the_single_one(
    rows: list[tuple[float, float, float, float]], found: Levels
) -> None:
    columns = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    expected = [priority(*row, levels=found).value for row in rows]
    assert priorities(*columns, levels=found).tolist() == pytest.approx(expected, abs=1e-12)


def test_disabled_priorities_are_neutral() -> None:
    params = PriorityParams(is_enabled=False)
    assert priority(1, 1, 1, 1, params=params).value == 0.5
    assert priorities(*(np.ones(2) for _ in range(4)), params=params).tolist() == [0.5, 0.5]


def test_saliency_is_mostly_novelty_and_reward_follows_feedback() -> None:
    assert novelty(None) == 1
    assert novelty(0.25) == 0.75
    assert novelty(1.0000001) == 0
    assert saliency_of(1.0, 0.0) == pytest.approx(0.7)
    assert updated_reward(0.5, 1.0) == pytest.approx(0.6)


def test_the_goal_is_the_nearest_active_one() -> None:
    goals = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert goal_relevance(np.array([3.0, 4.0]), goals) == pytest.approx(0.8)
    assert goal_relevance(np.array([-1.0, -1.0]), goals) == 0
    assert goal_relevance(np.zeros(2), goals) == goal_relevance(np.ones(2), np.empty((0, 2))) == 0
    with pytest.raises(ParamsInvalid, match="goals"):
        goal_relevance(np.ones(3), goals)
    with pytest.raises(ParamsInvalid, match="finite"):
        goal_relevance(np.array([np.nan, 1.0]), goals)


def test_all_bad_input_is_named_at_once() -> None:
    with pytest.raises(ParamsInvalid) as raised:
        priority(math.nan, math.nan, 0.5, math.nan)
    assert {each.field for each in raised.value.problems} == {"saliency", "valence", "goal"}
    with pytest.raises(ParamsInvalid) as raised:
        PriorityParams(saliency=-0.1, floor=2, reward_rate=math.inf)
    assert len(raised.value.problems) == 3
    with pytest.raises(ParamsInvalid, match="saliency \\+ emotion"):
        PriorityParams(0, 0, 0, 0)
