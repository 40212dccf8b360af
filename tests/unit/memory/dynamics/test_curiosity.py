"""The gap between what is asked and what is known."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.curiosity import Curiosity, CuriosityParams, gap, wanted
from memory.errors import ParamsInvalid

shares = st.floats(0, 1)


def test_the_gap_weighs_its_four_parts() -> None:
    assert gap(1, 0, 0, 0) == pytest.approx(1, abs=1e-9)
    assert gap(0, 1, 1, 1) == pytest.approx(0, abs=1e-9)
    assert gap(0.5, 0.5, 0.5, 0.5) == pytest.approx(0.5, abs=1e-9)
    assert gap(1, 0.2, 0.5, 0.3) == pytest.approx(0.81, abs=1e-9)


@given(shares, shares, shares, shares, shares)
def test_asking_widens_the_gap_and_knowing_narrows_it(
    asked: float, facts: float, sure: float, found: float, more: float
) -> None:
    known = gap(asked, facts, sure, found)
    assert 0 <= known <= 1 + 1e-12
    assert gap(max(asked, more), facts, sure, found) >= known
    assert gap(asked, max(facts, more), sure, found) <= known
    assert gap(asked, facts, max(sure, more), max(found, more)) <= known


def test_research_is_for_topics_without_a_fact() -> None:
    assert wanted(0.81, 0) is Curiosity.RESEARCH
    assert wanted(0.81, 1) is Curiosity.ASK
    assert wanted(0.8, 0) is Curiosity.ASK
    assert wanted(0.3, 0) is Curiosity.NOTHING


def test_all_bad_input_is_named_at_once() -> None:
    with pytest.raises(ParamsInvalid) as raised:
        gap(-1, 2, math.nan, math.inf)
    assert len(raised.value.problems) == 4
    with pytest.raises(ParamsInvalid) as raised:
        CuriosityParams(ask_above=0.9, research_above=0.8)
    assert raised.value.problems[0].field == "ask_above"
