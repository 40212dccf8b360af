"""Namespaces that sleep by themselves: once for a night however long nobody was there, and not when it is undone."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from memory import dusk, jobs, sleep, tenancy
from memory.parts import Parts
from memory.sleeping import settings
from memory.sleeping.records import Night, Trigger
from memory.sleeping.settings import SleepSettings
from memory.store import namespaces
from memory.types import JsonValue, Namespace, Principal
from tests.store.working import keep, said

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
NIGHTLY = SleepSettings(is_on=True, at="03:00", time_zone="Europe/Berlin")


def work(parts: Parts, now: datetime, most: int = 300) -> None:
    """Jobs one after the other, while the clock goes on, until none is due."""
    for turn in range(most):
        if not jobs.run_one(parts, now + turn * timedelta(seconds=20), "worker"):
            return
    raise AssertionError("there is always something to do")


def nights(parts: Parts, namespace: Namespace) -> Sequence[Night]:
    return sleep.list_page(parts, namespace, 50, None).items


def test_a_namespace_sleeps_once_a_night_across_the_change_of_the_clocks(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    """Looked at every six hours from the 27th to the 31st of March 2026; on the 29th there is no 02:30 in Berlin."""
    start = now + 26 * DAY  # noon, UTC
    wanted = SleepSettings(is_on=True, at="02:30", time_zone="Europe/Berlin")
    dusk.set_settings(parts, namespace, wanted, start)
    keep(parts, namespace, start, said("Tea is ready."))
    for quarter in range(1, 17):
        work(parts, start + quarter * 6 * HOUR)
    slept = [one.at.astimezone(wanted.zone).date().day for one in reversed(nights(parts, namespace))]
    assert slept == [28, 29, 30, 31]
    assert {one.trigger for one in nights(parts, namespace)} == {Trigger.NIGHTLY}


def test_a_worker_that_was_away_for_days_sleeps_once(parts: Parts, namespace: Namespace, now: datetime) -> None:
    dusk.set_settings(parts, namespace, NIGHTLY, now)
    work(parts, now + 9 * DAY)
    work(parts, now + 9 * DAY + HOUR)
    assert len(nights(parts, namespace)) == 1
    work(parts, now + 10 * DAY)
    assert len(nights(parts, namespace)) == 2


def test_settings_that_change_meanwhile_count_from_then_on(parts: Parts, namespace: Namespace, now: datetime) -> None:
    dusk.set_settings(parts, namespace, NIGHTLY, now)
    dusk.set_settings(parts, namespace, SleepSettings(is_on=False), now + HOUR)
    work(parts, now + 3 * DAY)
    assert nights(parts, namespace) == ()
    dusk.set_settings(parts, namespace, SleepSettings(is_on=True, at="18:00"), now + 3 * DAY)
    work(parts, now + 3 * DAY + 5 * HOUR)
    assert nights(parts, namespace) == ()
    work(parts, now + 3 * DAY + 6 * HOUR)
    assert len(nights(parts, namespace)) == 1


def test_idleness_after_a_write_brings_a_night_on(parts: Parts, namespace: Namespace, now: datetime) -> None:
    dusk.set_settings(parts, namespace, SleepSettings(is_on=True, idle_minutes=30), now)
    work(parts, now + HOUR)
    assert nights(parts, namespace) == ()
    keep(parts, namespace, now + HOUR, said("Tea is ready."))
    work(parts, now + HOUR + 20 * MINUTE)
    assert nights(parts, namespace) == ()
    for minutes in (31, 90):
        work(parts, now + HOUR + minutes * MINUTE)
    (night,) = nights(parts, namespace)
    assert night.trigger is Trigger.IDLE


def test_undoing_a_night_does_not_bring_another_on(parts: Parts, namespace: Namespace, now: datetime) -> None:
    wanted = SleepSettings(is_on=True, after_writes=2, idle_minutes=30)
    dusk.set_settings(parts, namespace, wanted, now)
    keep(parts, namespace, now, said("The ferry leaves at six."), said("The ferry leaves at six, as always."))
    work(parts, now + 2 * MINUTE)
    (night,) = nights(parts, namespace)
    assert sleep.changes_page(parts, namespace, night.id, 50, None).items
    sleep.undo(parts, namespace, night.id, now=now + HOUR, actor="somebody")
    work(parts, now + 2 * HOUR)
    assert [one.id for one in nights(parts, namespace)] == [night.id]


def test_a_namespace_that_is_deleted_is_looked_at_no_more(
    parts: Parts, namespace: Namespace, owner: Principal, now: datetime
) -> None:
    before = jobs.counts(parts)
    dusk.set_settings(parts, namespace, NIGHTLY, now)
    assert jobs.counts(parts) != before
    tenancy.delete_namespace(parts, owner, namespace.name)
    work(parts, now + 3 * DAY)
    assert jobs.counts(parts) == before


def test_a_night_that_could_not_begin_is_tried_again_the_next_day(
    parts: Parts, namespace: Namespace, now: datetime
) -> None:
    """As when the machine's list of time zones lacks one for a while."""
    dusk.set_settings(parts, namespace, NIGHTLY, now)
    known = settings.to_json(NIGHTLY)
    _keep(parts, namespace, known | {"time_zone": "Mars/Base"})
    for attempt in range(6):
        work(parts, now + DAY + attempt * HOUR)
    assert nights(parts, namespace) == ()
    _keep(parts, namespace, known)
    work(parts, now + 3 * DAY)
    assert len(nights(parts, namespace)) == 1


def _keep(parts: Parts, namespace: Namespace, kept: JsonValue) -> None:
    parts.database.write(lambda session: namespaces.change_setting(session, namespace.id, settings.SETTING, kept))
