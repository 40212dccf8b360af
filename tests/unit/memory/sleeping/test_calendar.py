"""When a namespace sleeps: laws that hold in every zone, through every change of the clocks."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.sleeping.calendar import Waking, begins, due, last_night, next_night
from memory.sleeping.records import Trigger
from memory.sleeping.settings import SleepSettings

# By an hour, by half an hour, at midnight, in the evening, to the other side of the date line, and by no rule at all.
ZONES = [
    "UTC", "Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Beirut",
    "America/Nuuk", "Pacific/Apia", "Pacific/Kiritimati", "Africa/Casablanca", "Asia/Kathmandu", "America/Toronto",
]  # fmt: skip
CLOCKS = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from((0, 15, 30, 45)))
SETTINGS = st.builds(SleepSettings, is_on=st.just(True), at=CLOCKS, time_zone=st.sampled_from(ZONES))
MOMENTS = st.datetimes(datetime(1915, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - by the strategy
AWAKE = Waking(None, 0, None)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def shown(moment: datetime, chosen: SleepSettings) -> datetime:
    return moment.astimezone(chosen.zone).replace(tzinfo=None, fold=0)


@given(SETTINGS, MOMENTS)
def test_the_last_night_has_begun_and_the_next_has_not(chosen: SleepSettings, now: datetime) -> None:
    assert begins(last_night(now, chosen), chosen) <= now < next_night(now, chosen)


@given(SETTINGS, MOMENTS)
def test_every_local_date_has_exactly_one_night(chosen: SleepSettings, now: datetime) -> None:
    """Seen hour by hour: all dates that the clocks showed had a night, in order, and no other had one."""
    start, hours = now.replace(minute=0, second=0, microsecond=0), 24 * 4
    dates = {shown(start + timedelta(hours=hour), chosen).date() for hour in range(hours)}
    nights, moment = [], start - 2 * DAY
    for _ in range(8):
        moment = next_night(moment, chosen)
        nights.append(last_night(moment, chosen))
    assert nights == sorted(set(nights))
    within = {night for night in nights if min(dates) <= night <= max(dates)}
    assert within == {one for one in dates if min(nights) <= one <= max(nights)}


@given(SETTINGS, MOMENTS)
@settings(max_examples=25)
def test_a_night_begins_when_the_clocks_first_show_its_time(chosen: SleepSettings, now: datetime) -> None:
    """The oracle looks at the clocks minute by minute."""
    day = last_night(now, chosen)
    wall = datetime.combine(day, chosen.clock)
    begun = begins(day, chosen)
    minutes = (begun - 30 * 60 * MINUTE + step * MINUTE for step in range(60 * 60))
    first = next(moment for moment in minutes if shown(moment, chosen) >= wall)
    assert begun <= first < begun + MINUTE


def test_a_time_that_the_clocks_leap_over_is_the_moment_of_the_leap() -> None:
    chosen = SleepSettings(at="02:30", time_zone="Europe/Berlin")
    assert begins(date(2026, 3, 29), chosen) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_time_that_exists_twice_counts_the_first_time() -> None:
    chosen = SleepSettings(at="02:30", time_zone="Europe/Berlin")
    first = begins(date(2026, 10, 25), chosen)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert next_night(first, chosen) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_a_date_that_a_place_left_out_has_no_night() -> None:
    chosen = SleepSettings(at="00:00", time_zone="Pacific/Apia")  # went from the 29th to the 31st of December 2011
    night = next_night(begins(date(2011, 12, 29), chosen), chosen)
    assert last_night(night, chosen) == date(2011, 12, 31)


@given(
    SETTINGS,
    MOMENTS,
    st.lists(st.tuples(st.integers(1, 90), st.booleans()), min_size=1, max_size=80),
)
def test_a_worker_that_was_away_sleeps_once_when_it_is_back(
    chosen: SleepSettings, start: datetime, looks: list[tuple[int, bool]]
) -> None:
    """It looks now and then; after long absences too, no date is slept twice and none is made up for."""
    slept, now, waking = [], start, AWAKE
    since = replace(chosen, since=start)
    for minutes, was_away in looks:
        earlier, now = now, now + minutes * (288 if was_away else 30) * MINUTE
        missed = next_night(earlier, chosen) <= now
        trigger = due(since, waking, now)
        assert (trigger is Trigger.NIGHTLY) == missed
        if trigger is not None:
            slept.append(last_night(now, chosen))
            waking = replace(waking, slept_at=now)
            assert due(since, waking, now) is None
    assert slept == sorted(set(slept))


def test_nothing_is_due_where_sleep_is_off() -> None:
    off = SleepSettings(is_on=False, after_writes=1, idle_minutes=1)
    assert due(off, Waking(None, 10**6, NOON - 99 * DAY), NOON) is None


def test_a_night_that_was_due_before_sleep_was_turned_on_is_not_made_up_for() -> None:
    chosen = SleepSettings(is_on=True, since=NOON - MINUTE)
    assert due(chosen, AWAKE, NOON) is None
    assert due(chosen, AWAKE, NOON + DAY) is Trigger.NIGHTLY


@given(st.integers(1, 1000), st.integers(0, 2000))
def test_enough_writes_let_it_sleep_at_any_hour(after: int, writes: int) -> None:
    chosen = SleepSettings(is_on=True, after_writes=after, since=NOON - MINUTE)
    expected = Trigger.WRITES if writes >= after else None
    assert due(chosen, Waking(NOON - MINUTE, writes, NOON), NOON) is expected


@given(st.integers(1, 600), st.integers(0, 600), st.integers(0, 3))
def test_it_sleeps_in_idleness_only_after_a_write(idle: int, passed: int, writes: int) -> None:
    chosen = SleepSettings(is_on=True, idle_minutes=idle, since=NOON - MINUTE)
    expected = Trigger.IDLE if writes and passed >= idle else None
    assert due(chosen, Waking(NOON - MINUTE, writes, NOON - passed * MINUTE), NOON) is expected


@pytest.mark.parametrize("hours", [1, 500])
def test_a_clock_that_went_back_lets_nobody_sleep_again(hours: int) -> None:
    chosen = SleepSettings(is_on=True, since=NOON - 900 * DAY)
    assert due(chosen, Waking(NOON, 0, None), NOON - timedelta(hours=hours)) is None
