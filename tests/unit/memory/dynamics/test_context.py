"""Situations are alike by time, day and task, by the user's clock and by whole words."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.dynamics.context import (
    COMPAT,
    ContextParams,
    Situation,
    Task,
    TimeOfDay,
    boost,
    from_json,
    similarity,
    situation_at,
    task_of,
    time_of_day,
    to_json,
)
from memory.errors import ParamsInvalid

plain = st.builds(Situation, st.sampled_from(TimeOfDay), st.integers(0, 6), st.sampled_from(Task))
names = st.none() | st.sampled_from(["Atlas", "atlas", "Borea"])
full = st.builds(
    Situation,
    st.none() | st.sampled_from(TimeOfDay),
    st.integers(0, 6),
    st.sampled_from(Task),
    project=names,
    place=names,
    mood=st.none() | st.floats(0, 1),
)
MONDAY, TUESDAY, WEDNESDAY, SATURDAY = 1, 2, 3, 6


@pytest.mark.parametrize("params", [ContextParams(), COMPAT])
@pytest.mark.parametrize(
    ("one", "other", "alike", "factor"),
    [
        (
            Situation(TimeOfDay.MORNING, MONDAY, Task.CODING),
            Situation(TimeOfDay.MORNING, MONDAY, Task.CODING),
            1,
            1.3,
        ),
        (
            Situation(TimeOfDay.MORNING, MONDAY, Task.CODING),
            Situation(TimeOfDay.AFTERNOON, WEDNESDAY, Task.REVIEW),
            0.52,
            1.156,
        ),
        (
            Situation(TimeOfDay.NIGHT, SATURDAY, Task.GENERAL),
            Situation(TimeOfDay.MORNING, TUESDAY, Task.CODING),
            0.12,
            1.036,
        ),
    ],
)
def test_published_numbers(
    one: Situation, other: Situation, alike: float, factor: float, params: ContextParams
) -> None:
    assert similarity(one, other, params) == pytest.approx(alike, abs=1e-9)
    assert boost(one, other, params) == pytest.approx(factor, abs=1e-9)


@given(full, full)
def test_resemblance_is_symmetric_and_a_share(one: Situation, other: Situation) -> None:
    assert similarity(one, other) == pytest.approx(similarity(other, one), abs=1e-12)
    assert 0 <= similarity(one, other) <= 1 + 1e-12
    assert 1 <= boost(one, other) <= 1.3 + 1e-12


@given(plain, plain)
def test_with_nothing_but_time_day_and_task_it_is_the_published_one(one: Situation, other: Situation) -> None:
    assert 0.12 - 1e-12 <= similarity(one, other) <= 1 + 1e-12
    assert similarity(one, other) == similarity(one, other, COMPAT)
    assert similarity(one, one) == pytest.approx(1)


@given(plain, plain)
def test_the_same_project_brings_situations_closer_and_another_drives_them_apart(
    one: Situation, other: Situation
) -> None:
    def with_projects(left: str, right: str) -> float:
        return similarity(
            Situation(one.time_of_day, one.weekday, one.task, left),
            Situation(other.time_of_day, other.weekday, other.task, right),
        )

    assert with_projects("Atlas", "Borea") - 1e-12 <= similarity(one, other) <= with_projects("Atlas", "atlas") + 1e-12


@given(full)
def test_a_situation_survives_being_written_down(situation: Situation) -> None:
    if situation.time_of_day is not None:
        assert from_json(to_json(situation)) == situation


@pytest.mark.parametrize(
    "value", [None, 3, [], "x", {}, {"timeOfDay": "night"}, {"dayOfWeek": 3}, {"timeOfDay": "night", "dayOfWeek": 9}]
)
def test_what_is_no_situation_is_none(value: object) -> None:
    assert from_json(value) is None


def test_what_a_situation_does_not_know_is_left_out() -> None:
    found = from_json({"timeOfDay": "dusk", "dayOfWeek": 3, "taskType": ["x"], "mood": 7, "project": 5})
    assert found == Situation(None, 3, Task.GENERAL)
    known = Situation(TimeOfDay.NIGHT, 3)
    assert found is not None
    assert similarity(found, known) == pytest.approx(0.4 * 0.3 + 0.2 + 0.4)


@pytest.mark.parametrize(
    ("activity", "task"),
    [
        ("writing code for the parser", Task.CODING),
        ("drafting a letter", Task.WRITING),
        ("searching for papers", Task.RESEARCH),
        ("an email to Carla", Task.COMMUNICATION),
        ("Planung der Woche", Task.PLANNING),
        ("Vokabeln lernen", Task.LEARNING),
        ("designing a logo", Task.CREATIVE),
        ("Zahlen auswerten", Task.ANALYSIS),
        ("checking the audit log", Task.REVIEW),
        ("starting the party", Task.GENERAL),
        ("an explanation for airplanes", Task.GENERAL),
        ("", Task.GENERAL),
    ],
)
def test_tasks_are_known_by_the_beginnings_of_words(activity: str, task: Task) -> None:
    assert task_of(activity) == task


def test_only_the_published_rule_takes_a_party_for_art() -> None:
    assert task_of("start the party", COMPAT) == Task.CREATIVE
    assert task_of("decode it", COMPAT) == Task.CODING
    assert task_of("nothing", COMPAT) == Task.GENERAL


def test_the_clock_is_the_users() -> None:
    now = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # a Sunday
    assert situation_at(now, UTC) == Situation(TimeOfDay.NIGHT, 0)
    assert situation_at(now, ZoneInfo("Asia/Tokyo"), "review") == Situation(TimeOfDay.MORNING, 1, Task.REVIEW)
    assert situation_at(now.astimezone(timezone(timedelta(hours=-8))), UTC) == situation_at(now, UTC)


def test_the_parts_of_a_day() -> None:
    parts = [time_of_day(hour) for hour in range(24)]
    assert [parts.count(part) for part in TimeOfDay] == [7, 5, 4, 8]
    assert [parts[hour] for hour in (4, 5, 12, 17, 21)] == [
        TimeOfDay.NIGHT,
        TimeOfDay.MORNING,
        TimeOfDay.AFTERNOON,
        TimeOfDay.EVENING,
        TimeOfDay.NIGHT,
    ]


def test_numbers_out_of_range_are_refused_together() -> None:
    with pytest.raises(ParamsInvalid) as caught:
        Situation(None, 7, mood=2)
    assert [problem.field for problem in caught.value.problems] == ["weekday", "mood"]
    with pytest.raises(ParamsInvalid) as caught:
        ContextParams(time_of_day=-1, task=0, boost=-1)
    assert [problem.field for problem in caught.value.problems] == ["time_of_day", "task", "boost"]
    with pytest.raises(ParamsInvalid):
        situation_at(datetime(2026, 3, 1, tzinfo=UTC).replace(tzinfo=None), UTC)
