"""The settings of sleep: what is accepted comes back as it was, and what is not says why."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.errors import InvalidInput
from memory.sleeping.records import StageName
from memory.sleeping.settings import SleepSettings, from_json, stages_named, to_json
from memory.types import JsonValue

ACCEPTED = st.builds(
    SleepSettings,
    is_on=st.booleans(),
    at=st.times().map(lambda one: one.strftime("%H:%M")),
    time_zone=st.sampled_from(("UTC", "Europe/Lisbon", "America/Argentina/Buenos_Aires")),
    after_writes=st.none() | st.integers(1, 10**9),
    idle_minutes=st.none() | st.integers(1, 1000),
    stages=st.frozensets(st.sampled_from(StageName)),
    merge_names=st.booleans(),
    hints=st.booleans(),
    since=st.none() | st.datetimes(timezones=st.just(UTC)),
)


@given(ACCEPTED)
def test_settings_come_back_as_they_were_kept(settings: SleepSettings) -> None:
    assert from_json(to_json(settings)) == settings


@pytest.mark.parametrize("stored", [None, "on", [], {}, {"later": 1, "stages": "all", "after_writes": True}])
def test_what_is_not_known_is_as_it_is_by_default(stored: JsonValue) -> None:
    assert from_json(stored) == SleepSettings()


@pytest.mark.parametrize("at", ["", "3:00", "24:00", "03:60", "03:00:00", "03:00Z", "0300", "T03", "noon", "03:00\x00"])
def test_a_time_that_is_none_is_refused(at: str) -> None:
    with pytest.raises(InvalidInput, match=r"at: .* is no time of day"):
        SleepSettings(at=at)


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "America", "/etc/passwd", "../UTC", "UTC+1", "U" * 999, "a\x00b", "\ud800"]
)
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(InvalidInput, match=r"time_zone: .* is no time zone"):
        SleepSettings(time_zone=zone)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        SleepSettings(at="late", time_zone="here", after_writes=0, idle_minutes=-1)
    assert [one.field for one in caught.value.problems] == ["at", "time_zone", "after_writes", "idle_minutes"]


def test_an_unknown_stage_is_told_which_there_are() -> None:
    with pytest.raises(InvalidInput) as caught:
        stages_named(["replay", "snore", "fold", ""])
    assert [one.field for one in caught.value.problems] == ["stages[1]", "stages[3]"]
    assert all(name.value in caught.value.problems[0].remedy for name in StageName)
    assert stages_named(["replay", "fold"]) == {StageName.REPLAY, StageName.FOLD}
