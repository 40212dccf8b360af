"""Weak memories rescued by strong ones nearby."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.rescue import Rescuable, RescueParams, donor, rescued
from memory.errors import ParamsInvalid

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
WEAK = Rescuable("weak", "tea", 0.2, 0.3, 0.1, NOW)
STRONG = Rescuable("strong", "tea", 0.9, 0.9, 0.1, NOW + timedelta(minutes=30))
shares = st.floats(0, 1)


def test_a_strong_memory_of_the_topic_within_half_an_hour_rescues() -> None:
    assert donor(WEAK, [STRONG]) is STRONG
    assert donor(WEAK, [replace(STRONG, recorded_at=NOW - timedelta(minutes=30))]) is not None


@pytest.mark.parametrize(
    "other",
    [
        replace(STRONG, topic="coffee"),
        replace(STRONG, confidence=0.7),
        replace(STRONG, recorded_at=NOW + timedelta(minutes=31)),
        replace(STRONG, id="weak"),
    ],
)
def test_another_topic_a_doubtful_donor_a_later_one_or_oneself_do_not(other: Rescuable) -> None:
    assert donor(WEAK, [other]) is None
    assert donor(WEAK, []) is None


def test_only_the_weak_are_rescued_and_only_once() -> None:
    assert donor(replace(WEAK, confidence=0.4), [STRONG]) is None
    after = rescued(WEAK)
    assert (after.strength, after.decay_rate) == pytest.approx((0.6, 0.05), abs=1e-9)
    assert rescued(after) is after
    assert donor(after, [STRONG]) is None


def test_the_nearest_donor_is_taken_then_the_surest() -> None:
    near = replace(STRONG, id="near", recorded_at=NOW + timedelta(minutes=1), confidence=0.8)
    sure = replace(near, id="sure", confidence=0.95)
    assert donor(WEAK, [STRONG, near, sure]) is sure


@given(shares, st.floats(0, 10))
def test_a_rescue_strengthens_and_slows(strength: float, rate: float) -> None:
    after = rescued(replace(WEAK, strength=strength, decay_rate=rate))
    assert strength <= after.strength <= 1
    assert after.decay_rate <= rate


def test_bad_input_is_refused() -> None:
    with pytest.raises(ParamsInvalid, match="zone"):
        donor(replace(WEAK, recorded_at=NOW.replace(tzinfo=None)), [STRONG])
    with pytest.raises(ParamsInvalid) as raised:
        RescueParams(weak_below=0.8, strong_above=0.7, window=timedelta(-1), gain=2, slowing=0)
    assert len(raised.value.problems) == 4
