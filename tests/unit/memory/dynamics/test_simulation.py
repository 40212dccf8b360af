"""Sleep strengthens what was surprising, rewarding, new or moving, and imagines failures otherwise."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.simulation import (
    COMPAT,
    COMPAT_WITHOUT_EMOTION,
    RECOMMENDED,
    WITHOUT_EMOTION,
    Action,
    Candidate,
    Neighbour,
    SimulationParams,
    Source,
    Surroundings,
    counterfactuals,
    edge_after,
    is_seed,
    select,
    tag,
    tags,
)
from memory.errors import ParamsInvalid

PRESETS = [RECOMMENDED, WITHOUT_EMOTION, COMPAT, COMPAT_WITHOUT_EMOTION]
candidates = st.builds(
    Candidate,
    st.just("c"),
    st.floats(-2, 2),
    st.floats(0, 1),
    st.integers(0, 8).map(lambda count: tuple(f"e{number}" for number in range(count))),
    valence=st.floats(-1, 1),
    arousal=st.floats(0, 1),
)


def candidate(error: float, reward: float, entities: int, valence: float = 0.0, arousal: float = 0.0) -> Candidate:
    names = tuple(f"e{number}" for number in range(entities))
    return Candidate("c", error, reward, names, valence=valence, arousal=arousal)


@pytest.mark.parametrize(
    ("one", "params", "score"),
    [
        (candidate(0.8, 0.9, 3), RECOMMENDED, 0.668),
        (candidate(0.8, 0.9, 3), WITHOUT_EMOTION, 0.785),
        (candidate(0.5, 0.5, 2, 0.9, 0.8), RECOMMENDED, 0.512),
        (candidate(0.5, 0.5, 2, 0.9, 0.8), WITHOUT_EMOTION, 0.475),
        (candidate(0.5, 0.5, 2, 0.1, 0.1), RECOMMENDED, 0.4055),
        (candidate(-0.9, 0.1, 1, -1, 1), RECOMMENDED, 0.528),
        (candidate(0.1, 0.2, 0), RECOMMENDED, 0.094),
    ],
)
def test_published_numbers(one: Candidate, params: SimulationParams, score: float) -> None:
    assert tag(one, params) == pytest.approx(score, abs=1e-9)
    (selection,) = select([one], params=params)
    assert selection.action is (Action.STRENGTHEN if score > 0.5 else Action.DECAY)
    assert selection.weight == pytest.approx(score if score > 0.5 else 0.05, abs=1e-9)


@given(candidates, candidates, st.sampled_from(PRESETS))
def test_the_score_grows_with_each_of_its_parts(one: Candidate, other: Candidate, params: SimulationParams) -> None:
    assert 0 <= tag(one, params) <= 1 + 1e-12
    assert tag(replace(one, td_error=-one.td_error), params) == tag(one, params)
    for changed in (
        replace(one, td_error=math.copysign(max(abs(one.td_error), abs(other.td_error)), one.td_error)),
        replace(one, reward=max(one.reward, other.reward)),
        replace(one, entities=max(one.entities, other.entities, key=len)),
        replace(one, arousal=max(one.arousal, other.arousal)),
    ):
        assert tag(changed, params) >= tag(one, params)


@given(candidates, st.floats(-1, 1), st.floats(0, 1))
def test_emotion_has_no_effect_where_it_is_off(one: Candidate, valence: float, arousal: float) -> None:
    assert tag(replace(one, valence=valence, arousal=arousal), WITHOUT_EMOTION) == tag(one, WITHOUT_EMOTION)


@given(st.lists(candidates, max_size=10), st.lists(candidates, max_size=5))
def test_every_candidate_gets_one_action_in_its_order(real: list[Candidate], imagined: list[Candidate]) -> None:
    selections = select(real, imagined)
    assert [one.candidate for one in selections] == [*real, *imagined]
    counts = [sum(one.action is action for one in selections) for action in Action]
    assert sum(counts) == len(real) + len(imagined)


@given(st.lists(candidates, max_size=20), st.sampled_from(PRESETS))
def test_many_candidates_get_what_each_gets(items: list[Candidate], params: SimulationParams) -> None:
    rows = [(one.td_error, one.reward, len(one.entities), abs(one.valence) * one.arousal) for one in items]
    errors, rewards, entities, emotions = np.array(rows, dtype=float).reshape(-1, 4).T
    assert tags(errors, rewards, entities, emotions, params) == pytest.approx(
        [tag(one, params) for one in items], abs=1e-12
    )


def test_only_the_published_rule_misses_bad_surprises() -> None:
    bad = candidate(-0.9, 0.1, 1)
    assert is_seed(bad)
    assert not is_seed(bad, COMPAT)
    assert is_seed(candidate(0.9, 0.1, 1), COMPAT)
    assert not is_seed(candidate(0.9, 0.3, 1))
    assert not is_seed(candidate(0.6, 0.1, 1))


def around(successes: list[Candidate]) -> Surroundings:
    return Surroundings(
        neighbours={
            "pip": [Neighbour("Python", 9.0), Neighbour("conda", 2.0), Neighbour("uv", 5.0), Neighbour("uv", 1.0)],
            "uv": [Neighbour("poetry", 8.0)],
            "Monday": [Neighbour("pip", 1.0)],
        },
        kinds={"pip": "tool", "uv": "tool", "conda": "tool", "poetry": "tool", "Python": "language", "Monday": "day"},
        successes=successes,
    )


FAILURE = Candidate("f", -0.9, 0.1, ("pip", "Monday"))


def success(entity: str, reward: float) -> Candidate:
    return Candidate(entity, 0.1, reward, (entity, "x"))


def test_a_failure_is_imagined_with_the_most_important_neighbour_that_once_helped() -> None:
    world = around([success("uv", 0.8), success("uv", 0.6), success("conda", 1), success("Python", 1)])
    (imagined,) = counterfactuals(FAILURE, world)
    assert imagined.entities == ("uv", "Monday")
    assert imagined.source is Source.COUNTERFACTUAL
    assert imagined.reward == pytest.approx(0.7)
    assert imagined.td_error == pytest.approx(-0.9 * 0.7)


def test_a_replacement_farther_away_counts_less_and_not_at_all_beyond_reach() -> None:
    world = around([success("poetry", 0.9)])
    (imagined,) = counterfactuals(FAILURE, world)
    assert imagined.entities == ("poetry", "Monday")
    assert imagined.td_error == pytest.approx(-0.9 * 0.49)
    assert counterfactuals(FAILURE, world, SimulationParams(depth=1)) == []


def test_nothing_is_imagined_without_a_seed_a_kind_or_a_success() -> None:
    assert counterfactuals(FAILURE, around([])) == []
    assert counterfactuals(replace(FAILURE, reward=0.9), around([success("uv", 1)])) == []
    assert counterfactuals(replace(FAILURE, entities=()), around([success("uv", 1)])) == []
    assert counterfactuals(FAILURE, Surroundings({}, {}, [success("uv", 1)])) == []


@pytest.mark.parametrize(
    ("weight", "action", "after"),
    [(1, Action.STRENGTHEN, 1.1), (1, Action.DECAY, 0.95), (0.09, Action.DECAY, 0), (0.1, Action.DECAY, 0.05)],
)
def test_edges_of_the_paper(weight: float, action: Action, after: float) -> None:
    assert edge_after(weight, action) == pytest.approx(after, abs=1e-9)


def test_nothing_to_select() -> None:
    assert select([]) == []
    assert tags(*np.zeros((4, 0))).size == 0


def test_all_that_is_wrong_is_in_one_error() -> None:
    with pytest.raises(ParamsInvalid) as caught:
        Candidate("c", math.nan, 2, valence=-2, arousal=2)
    assert [problem.field for problem in caught.value.problems] == ["td_error", "reward", "valence", "arousal"]
    with pytest.raises(ParamsInvalid) as caught:
        SimulationParams(by_error=0.5, threshold=2, depth=0)
    assert [problem.field for problem in caught.value.problems] == ["by_error", "threshold", "depth"]


def test_numbers_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ParamsInvalid):
        edge_after(math.nan, Action.DECAY)
    with pytest.raises(ParamsInvalid):
        tags(np.array([math.nan]), np.zeros(1), np.zeros(1), np.zeros(1))
