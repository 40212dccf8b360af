"""Modern Hopfield completion against its published vectors and the laws of Ramsauer et al. 2021."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from memory.dynamics import hopfield
from memory.dynamics.checks import Floats
from memory.dynamics.hopfield import COMPAT, RECOMMENDED, HopfieldParams, complete, energy, strongest
from memory.errors import ParamsInvalid

AXES = np.eye(3)
QUERY = np.array([0.9, 0.3, 0.1])
numbers = st.floats(-1, 1, allow_subnormal=False)
sharpnesses = st.floats(0.1, 50)
patterns = st.integers(1, 6).flatmap(lambda n: arrays(np.float64, (n, 4), elements=numbers))
queries = arrays(np.float64, 4, elements=numbers)


@pytest.mark.parametrize(
    ("sharpness", "iterations", "weights", "rest"),
    [
        (1, 1, [0.500465, 0.274661, 0.224874], -1.2510626875),
        (4, 1, [0.883798, 0.080176, 0.036026], -0.5071976031),
        (4, 2, [0.931231, 0.037413, 0.031356], -0.5099109152),
    ],
)
def test_it_gives_the_published_weights_and_energies(
    sharpness: float, iterations: int, weights: list[float], rest: float
) -> None:
    found = complete(QUERY, AXES, HopfieldParams(sharpness, iterations, tolerance=0))
    assert found.weights == pytest.approx(weights, abs=1e-6)
    assert found.energy == pytest.approx(rest, abs=1e-9)
    assert found.iterations == iterations


def test_a_third_step_and_a_sharp_step_are_as_published() -> None:
    third = complete(QUERY, AXES, HopfieldParams(4, 3, tolerance=0))
    assert third.weights[0] == pytest.approx(0.947557, abs=1e-6)
    assert third.energy == pytest.approx(-0.5101769331, abs=1e-9)
    assert complete(QUERY, AXES, HopfieldParams(20, 1)).weights[0] == pytest.approx(0.999994, abs=1e-6)
    assert energy(QUERY, AXES, COMPAT) == pytest.approx(-1.1372170482, abs=1e-9)


def test_without_patterns_the_query_comes_back() -> None:
    found = complete(QUERY, np.empty((0, 3)))
    assert (found.iterations, found.has_converged) == (0, True)
    assert found.state is QUERY
    assert found.energy == pytest.approx(0.5 * float(QUERY @ QUERY), abs=1e-12)
    assert strongest(found, 3) == []


@settings(max_examples=60)
@given(queries, patterns, sharpnesses)
def test_weights_sum_to_one_and_the_state_is_their_blend(query: Floats, stored: Floats, sharpness: float) -> None:
    found = complete(query, stored, HopfieldParams(sharpness, 3))
    assert float(found.weights.sum()) == pytest.approx(1, abs=1e-9)
    assert (found.weights >= 0).all()
    assert found.state == pytest.approx(found.weights @ stored, abs=1e-12)


@settings(max_examples=60)
@given(queries, patterns, sharpnesses)
def test_a_step_never_raises_the_energy(query: Floats, stored: Floats, sharpness: float) -> None:
    params = HopfieldParams(sharpness, 1)
    assert complete(query, stored, params).energy <= energy(query, stored, params) + 1e-9


@settings(max_examples=60)
@given(queries, patterns, sharpnesses, st.randoms(use_true_random=False))
def test_the_order_of_the_patterns_only_reorders_the_weights(
    query: Floats, stored: Floats, sharpness: float, shuffler: np.random.Generator
) -> None:
    order = list(range(len(stored)))
    shuffler.shuffle(order)
    params = HopfieldParams(sharpness, 2)
    straight, shuffled = complete(query, stored, params), complete(query, stored[order], params)
    assert shuffled.weights == pytest.approx(straight.weights[order], abs=1e-9)
    assert shuffled.state == pytest.approx(straight.state, abs=1e-9)


def test_a_very_sharp_network_returns_the_nearest_pattern() -> None:
    found = complete(QUERY, AXES, HopfieldParams(1e4, 1))
    assert found.state == pytest.approx(AXES[0], abs=1e-12)


@given(st.integers(0, 2))
def test_a_well_separated_pattern_is_a_fixed_point(row: int) -> None:
    found = complete(AXES[row], AXES, RECOMMENDED)
    assert found.has_converged
    assert found.state == pytest.approx(AXES[row], abs=1e-6)


def test_half_of_a_stored_vector_is_completed_to_the_whole() -> None:
    stored = np.random.default_rng(1).standard_normal((50, 384))
    stored /= np.linalg.norm(stored, axis=1, keepdims=True)
    half = stored[7].copy()
    half[192:] = 0
    found = complete(half / np.linalg.norm(half), stored, RECOMMENDED)
    assert strongest(found, 1)[0].row == 7
    assert float(found.state @ stored[7]) > 0.99


def test_the_strongest_matches_come_first_and_light_ones_not_at_all() -> None:
    found = complete(QUERY, AXES, HopfieldParams(4, 1))
    assert [match.row for match in strongest(found, 3)] == [0, 1, 2]
    assert [match.row for match in strongest(found, 3, least_weight=0.05)] == [0, 1]
    assert strongest(found, 0) == strongest(found, -1) == []


@pytest.mark.parametrize("bad", [np.array([1.0, np.nan, 0.0]), np.array([1.0, np.inf, 0.0]), np.empty(0), np.eye(3)])
def test_a_query_that_is_no_finite_vector_is_refused(bad: Floats) -> None:
    with pytest.raises(ParamsInvalid):
        complete(bad, AXES)


def test_vectors_of_another_length_are_refused_not_cut() -> None:
    with pytest.raises(ParamsInvalid, match="patterns"):
        complete(np.ones(2), AXES)
    with pytest.raises(ParamsInvalid, match="finite"):
        complete(QUERY, np.full((1, 3), np.nan))


def test_a_zero_query_blends_all_patterns_alike() -> None:
    assert complete(np.zeros(3), AXES, COMPAT).weights == pytest.approx([1 / 3] * 3, abs=1e-12)


def test_all_bad_params_are_named_at_once() -> None:
    with pytest.raises(ParamsInvalid) as raised:
        hopfield.HopfieldParams(sharpness=0, iterations=0, tolerance=-1)
    assert {problem.field for problem in raised.value.problems} == {"sharpness", "iterations", "tolerance"}
