"""What memories share does not tell them apart: what is left when it is taken away does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.separation import RECOMMENDED, SeparationParams, separated
from memory.errors import ParamsInvalid
from retrieval.types import FloatVector

sizes = st.integers(0, 12)
seeds = st.integers(0, 2**16)


def unit(seed: int, count: int, dimension: int = 6) -> FloatVector:
    found = np.random.default_rng(seed).standard_normal((count, dimension))
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


@given(sizes, seeds)
def test_what_is_about_one_person_is_moved_among_itself_alone(count: int, seed: int) -> None:
    vectors = unit(seed, count + 2)
    added = separated(unit(seed + 1, 1)[0], vectors, [list(range(count))])
    assert added[:count].sum() == pytest.approx(0, abs=1e-5)
    assert not added[count:].any()
    assert np.abs(added).max(initial=0) <= 2 * RECOMMENDED.weight + 1e-5


@given(sizes, seeds)
def test_the_order_in_which_memories_were_found_makes_no_difference(count: int, seed: int) -> None:
    vectors, question = unit(seed, count), unit(seed + 1, 1)[0]
    order = np.random.default_rng(seed).permutation(count)
    group = list(range(0, count, 2))
    places = {int(old): new for new, old in enumerate(order)}
    moved = separated(question, vectors[order], [[places[one] for one in group]])
    assert moved == pytest.approx(separated(question, vectors, [group])[order], abs=1e-4)


def test_two_memories_have_no_mean_to_speak_of() -> None:
    assert not separated(unit(1, 1)[0], unit(2, 2), [[0, 1]]).any()


def test_memories_that_are_the_same_cannot_be_told_apart() -> None:
    vectors = np.repeat(unit(3, 1), 4, axis=0)
    assert separated(unit(4, 1)[0], vectors, [[0, 1, 2, 3]]) == pytest.approx(np.zeros(4), abs=1e-5)


def test_a_question_about_leisure_is_nearer_to_leisure_than_to_the_name_it_shares_with_everything() -> None:
    name, leisure, talk, work, home = np.eye(5)

    def said(*parts: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> FloatVector:
        total = np.sum(parts, axis=0)
        return np.asarray(total / np.linalg.norm(total), np.float32)

    vectors = np.stack([said(5 * name, work), said(5 * name, home), said(2.8 * name, 0.8 * leisure, 1.2 * talk)])
    question = said(3 * name, leisure)
    assert (vectors @ question).argmin() == 2
    assert separated(question, vectors, [[0, 1, 2]]).argmax() == 2


def test_all_params_that_are_out_of_range_are_named() -> None:
    with pytest.raises(ParamsInvalid) as raised:
        SeparationParams(weight=float("nan"), least=1)
    assert {one.field for one in raised.value.problems} == {"weight", "least"}
