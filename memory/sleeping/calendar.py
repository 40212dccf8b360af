"""When the next night is: one for every local date, whatever the clocks do there; after writes; in idleness. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from memory.sleeping.records import Trigger
from memory.sleeping.settings import SleepSettings

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
MIDNIGHT = time()


@dataclass(frozen=True, slots=True)
class Waking:
    """What has become of a namespace since its last night."""

    slept_at: datetime | None  # when that began; None: it has never slept
    writes: int  # items written or changed by others than sleep
    written_at: datetime | None  # the last of these


def due(settings: SleepSettings, waking: Waking, now: datetime) -> Trigger | None:
    """Why it should sleep now; None: it should not.

    Nights that nobody could begin in time are one night, not several, when it is due at last.
    """
    if not settings.is_on:
        return None
    known = [moment for moment in (settings.since, waking.slept_at) if moment is not None]
    if not known or max(known) < begins(last_night(now, settings), settings):
        return Trigger.NIGHTLY
    if settings.after_writes is not None and waking.writes >= settings.after_writes:
        return Trigger.WRITES
    if settings.idle_minutes is None or waking.writes == 0 or waking.written_at is None:
        return None
    return Trigger.IDLE if now - waking.written_at >= timedelta(minutes=settings.idle_minutes) else None


def next_night(now: datetime, settings: SleepSettings) -> datetime:
    """When the next nightly one begins, later than `now`; in UTC."""
    day = last_night(now, settings) + DAY
    while not _is_there(day, settings.zone):
        day += DAY
    return begins(day, settings)


def last_night(now: datetime, settings: SleepSettings) -> date:
    """The latest local date whose night has begun by `now`."""
    day = now.astimezone(settings.zone).date() + DAY
    while not _is_there(day, settings.zone) or begins(day, settings) > now:
        day -= DAY
    return day


def begins(day: date, settings: SleepSettings) -> datetime:
    """When the night of a local date begins, in UTC: when the clocks there first show `at` of that day, or later.

    A time that exists twice counts the first time; for one that the clocks leap over, it is the moment of the leap.
    """
    return _first(datetime.combine(day, settings.clock), settings.zone)


def _is_there(day: date, zone: ZoneInfo) -> bool:
    """Whether the clocks ever show this date: places that cross the date line leave one out."""
    return _first(datetime.combine(day, MIDNIGHT), zone) < _first(datetime.combine(day + DAY, MIDNIGHT), zone)


def _first(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first second at which the clocks in `zone` show `wall` or later."""
    early, late = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if _shown(early, zone) >= wall:
        return early
    while late - early > SECOND:  # a gap: the leap is between them (PEP 495)
        middle = early + (late - early) // SECOND // 2 * SECOND
        early, late = (early, middle) if _shown(middle, zone) >= wall else (middle, late)
    return late


def _shown(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks show, without a zone."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)
