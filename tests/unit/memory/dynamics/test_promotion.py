"""Chains of steps that become schemas."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.promotion import Abstraction, Chain, PromotionParams, Schema, abstraction, has_expired, promoted
from memory.errors import ParamsInvalid

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def chain(*steps: str, success: float = 0.8, at: datetime = NOW) -> Chain:
    return Chain(steps, success, "travel", at)


def test_a_chain_that_works_becomes_a_schema() -> None:
    assert promoted(chain("look", "book")) == Schema("look → book", 0.8, "travel", Abstraction.CONCRETE)
    assert promoted(chain("look", "book", success=0.6)) is not None


def test_a_chain_that_fails_or_has_one_step_stays_an_episode() -> None:
    assert promoted(chain("look", "book", success=0.59)) is None
    assert promoted(chain("look")) is None
    assert promoted(chain("look", " ")) is None
    assert promoted(chain()) is None


@pytest.mark.parametrize(
    ("steps", "level"), [(2, "concrete"), (3, "concrete"), (4, "intermediate"), (5, "intermediate"), (6, "abstract")]
)
def test_longer_chains_are_more_abstract(steps: int, level: str) -> None:
    assert abstraction(steps) == level


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_higher_success_never_loses_a_promotion(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert (
        promoted(chain("look", "book", success=low)) is None
        or promoted(chain("look", "book", success=high)) is not None
    )


def test_an_episode_of_steps_lasts_a_week() -> None:
    assert not has_expired(chain("look"), NOW + timedelta(days=7))
    assert has_expired(chain("look"), NOW + timedelta(days=7, seconds=1))
    assert not has_expired(chain("look", at=NOW + timedelta(days=1)), NOW), "one from the future"


def test_bad_input_is_refused() -> None:
    with pytest.raises(ParamsInvalid, match="success"):
        promoted(chain("look", "book", success=math.nan))
    with pytest.raises(ParamsInvalid, match="zone"):
        has_expired(chain("look", at=NOW.replace(tzinfo=None)), NOW)
    with pytest.raises(ParamsInvalid) as raised:
        PromotionParams(least_success=2, least_steps=0, lifetime=timedelta(-1))
    assert len(raised.value.problems) == 3
