"""Levels of the four neuromodulators: as published, and as recommended."""

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.dynamics.neuromodulators import (
    COMPAT,
    RECOMMENDED,
    Event,
    Levels,
    NeuromodulatorParams,
    Signal,
    after,
    gathered,
    initial,
    levels,
    modulation,
    plasticity,
)
from memory.errors import ParamsInvalid

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
NOVEL = Event(Signal.NOVELTY, 0.8, NOW)
both = pytest.mark.parametrize("params", [COMPAT, RECOMMENDED], ids=["compat", "recommended"])
moments = st.integers(0, 7200_000).map(lambda tick: NOW + timedelta(milliseconds=tick))
events = st.builds(Event, st.sampled_from(Signal), st.floats(0, 1), moments)


def minutes(count: float) -> datetime:
    return NOW + timedelta(minutes=count)


def channels(found: Levels) -> list[float]:
    return [found.dopamine, found.noradrenaline, found.serotonin, found.acetylcholine]


@pytest.mark.parametrize(
    ("later", "dopamine", "serotonin"), [(0, 1, 0.248), (5, 0.925, 0.368), (10, 0.725, 0.428), (30, 0.5375, 0.48425)]
)
def test_the_published_rule_gives_the_published_levels(later: float, dopamine: float, serotonin: float) -> None:
    state = after(initial(NOW), [NOVEL], COMPAT)
    assert (state.tonic.dopamine, state.tonic.serotonin) == pytest.approx((0.525, 0.488), abs=1e-9)
    found = levels(state, minutes(later), COMPAT)
    assert (found.dopamine, found.serotonin) == pytest.approx((dopamine, serotonin), abs=1e-9)


def test_the_published_rule_never_comes_back() -> None:
    state = after(initial(NOW), [NOVEL] * 200, COMPAT)
    assert state.tonic.dopamine == pytest.approx(0.99998, abs=1e-5)
    assert levels(state, NOW + timedelta(days=365), COMPAT).dopamine == pytest.approx(0.99998, abs=1e-5)


def test_the_recommended_rule_gives_its_numbers() -> None:
    assert after(initial(NOW), [NOVEL]).tonic.dopamine == pytest.approx(0.54, abs=1e-9)
    assert after(initial(NOW), [NOVEL] * 10).tonic.dopamine == pytest.approx(0.8210104486, abs=1e-9)
    full = after(initial(NOW), [Event(Signal.NOVELTY, 1.0, NOW)] * 400)
    assert full.tonic.dopamine == pytest.approx(1, abs=1e-6)
    neutral = after(full, [Event(Signal.NOVELTY, 0.0, NOW)] * 50)
    assert neutral.tonic.dopamine == pytest.approx(0.5384725, abs=1e-6)


def test_time_alone_brings_the_tonic_level_back_by_half_in_six_hours() -> None:
    state = after(initial(NOW), [NOVEL] * 10)
    distance = state.tonic.dopamine - 0.5
    assert levels(state, NOW + timedelta(hours=6)).dopamine == pytest.approx(0.5 + distance / 2, abs=1e-9)
    assert channels(levels(state, NOW + timedelta(days=30))) == pytest.approx([0.5] * 4, abs=1e-9)


def test_a_burst_halves_in_five_minutes_and_is_dropped_after_fifty() -> None:
    still = NeuromodulatorParams(keep=1.0, relaxation=None)  # bursts only
    state = after(initial(NOW, still), [Event(Signal.EXPLORATION, 0.4, NOW)], still)
    heights = [levels(state, minutes(later), still).acetylcholine - 0.5 for later in (0, 5, 10, 49.99, 50)]
    assert heights[:3] == pytest.approx([0.4, 0.2, 0.1], abs=1e-9)
    assert heights[3] > 0 == heights[4]
    later = after(state, [Event(Signal.ROUTINE, 0.1, minutes(60))], still)
    assert len(later.bursts) == 1


@both
@settings(max_examples=60)
@given(happened=st.lists(events, max_size=12), now=moments)
def test_levels_are_shares(params: NeuromodulatorParams, happened: list[Event], now: datetime) -> None:
    state = after(initial(NOW, params), happened, params)
    assert all(0 <= level <= 1 for level in [*channels(levels(state, now, params)), *channels(state.tonic)])


@both
@settings(max_examples=60)
@given(happened=st.lists(st.builds(Event, st.sampled_from(Signal), st.floats(0, 1), st.just(NOW)), max_size=8))
def test_the_order_within_a_millisecond_makes_no_difference(
    params: NeuromodulatorParams, happened: list[Event]
) -> None:
    assert after(initial(NOW), happened, params) == after(initial(NOW), happened[::-1], params)


@settings(max_examples=60)
@given(st.lists(events, max_size=8), st.floats(0.01, 1))
def test_what_raises_dopamine_lowers_serotonin_and_the_other_way_round(happened: list[Event], magnitude: float) -> None:
    state = after(initial(NOW), happened)
    at = NOW + timedelta(hours=2)
    untouched = after(state, [Event(Signal.NOVELTY, 0.0, at)]).tonic
    novel = after(state, [Event(Signal.NOVELTY, magnitude, at)]).tonic
    calm = after(state, [Event(Signal.STABLE_FOCUS, magnitude, at)]).tonic
    assert novel.dopamine > untouched.dopamine
    assert novel.serotonin < untouched.serotonin
    assert calm.serotonin > untouched.serotonin
    assert calm.dopamine < untouched.dopamine


def test_states_are_values_so_that_users_do_not_share_them() -> None:
    mine, yours = initial(NOW), initial(NOW)
    after(mine, [NOVEL])
    assert mine == yours


@given(st.lists(events, max_size=8), moments)
def test_disabled_levels_stay_at_the_baseline(happened: list[Event], now: datetime) -> None:
    params = NeuromodulatorParams(is_enabled=False)
    assert channels(levels(after(initial(NOW), happened, params), now, params)) == [0.5] * 4


def test_a_clock_that_goes_backwards_adds_no_time() -> None:
    state = after(initial(NOW), [NOVEL])
    assert levels(state, NOW - timedelta(hours=1)) == levels(state, NOW)
    assert after(state, [Event(Signal.ROUTINE, 0.5, NOW - timedelta(days=1))]).updated_at == NOW


def test_time_zones_make_no_difference() -> None:
    state = after(initial(NOW), [NOVEL])
    assert levels(state, minutes(5).astimezone(timezone(timedelta(hours=9)))) == levels(state, minutes(5))


def test_consumers_see_the_baseline_as_neutral() -> None:
    found = modulation(Levels(0.5, 0.5, 0.5, 0.5))
    assert (found.learning_rate, found.interval, found.diversity, found.encoding) == (1.0, 1.0, 0.7, 0.5)
    assert modulation(Levels(1, 1, 1, 1)).learning_rate == 1.5


def test_plasticity_is_as_published() -> None:
    assert [plasticity(count) for count in (0, 10, 20)] == pytest.approx([0.559601, 0.75, 0.940399], abs=1e-6)
    assert plasticity(100) == plasticity(20)
    assert plasticity(-5) == plasticity(0)


def test_all_bad_input_is_named_at_once() -> None:
    bad = [Event(Signal.NOVELTY, math.nan, NOW), Event(Signal.NOVELTY, 0.5, NOW.replace(tzinfo=None))]
    with pytest.raises(ParamsInvalid) as raised:
        after(initial(NOW), bad)
    assert {each.field for each in raised.value.problems} == {"events[0].magnitude", "events[1].at"}
    with pytest.raises(ParamsInvalid, match="zone"):
        initial(NOW.replace(tzinfo=None))
    with pytest.raises(ParamsInvalid) as raised:
        NeuromodulatorParams(2, -1, timedelta(0), timedelta(0), 3, timedelta(0))
    assert len(raised.value.problems) == 6


@given(st.lists(events, max_size=30), st.integers(1, 5), moments)
def test_bursts_taken_together_add_up_to_what_they_were(happened: list[Event], most: int, now: datetime) -> None:
    state = after(initial(NOW), happened)
    fewer = gathered(state, most)
    assert len(fewer.bursts) <= max(most, 1)
    later = max(now, state.updated_at)
    left = 1e-3 * 1.3 * len(happened)  # of those that were about to be dropped
    assert channels(levels(fewer, later)) == pytest.approx(channels(levels(state, later)), abs=left + 1e-9)
