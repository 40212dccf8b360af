"""When a namespace sleeps, and what its nights do. Off until somebody turns it on. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from memory.dynamics.checks import aware, within
from memory.errors import InvalidInput, Problem
from memory.sleeping.records import StageName
from memory.types import JsonValue

SETTING = "sleep"  # under which they stand in those of the namespace
SHIPPED_ON = frozenset(StageName)
MOST_WRITES = 10**9
MOST_IDLE_MINUTES = 60 * 24 * 365
LONGEST_ZONE = 100  # characters of a name
MOST_CLUSTERS = 10_000
MOST_LLM_TOKENS = 10**9
MOST_LLM_SECONDS = 120  # less than a worker keeps its job without a sign of life
SETTING = "sleep"  # its name among the settings of a namespace


@dataclass(frozen=True, slots=True)
class SleepSettings:
    """A night begins at the local time `at` of every date, and, if they are set, after writes or in idleness."""

    is_on: bool = False  # False: only when somebody asks for it
    at: str = "03:00"  # HH:MM, local
    time_zone: str = "UTC"  # a name of the IANA database, such as Europe/Lisbon
    after_writes: int | None = None  # items written or changed since the last night
    idle_minutes: int | None = None  # without a write, after at least one
    stages: frozenset[StageName] = SHIPPED_ON
    merge_names: bool = False  # whether the stage reconcile merges names that are one entity's
    hints: bool = False  # whether a night also tells of associations that nobody asked for
    distil: bool = True  # whether an LLM words gists of related items, where one is configured and enrichment is on
    distil_clusters: int = 50  # groups of related items that a night asks the LLM about at most
    distil_tokens: int = 200_000  # of the LLM, input and output, after which a night asks no more
    distil_seconds: int = 60  # for an answer
    since: datetime | None = None  # when these came into force; nights that were due before are not made up for

    def __post_init__(self) -> None:
        found = [_time(self.at), _zone(self.time_zone), *self._numbers()]
        problems = [problem for problem in found if problem is not None]
        if problems:
            raise InvalidInput(problems)

    def _numbers(self) -> list[Problem | None]:
        return [
            None if self.after_writes is None else within("after_writes", self.after_writes, 1, MOST_WRITES),
            None if self.idle_minutes is None else within("idle_minutes", self.idle_minutes, 1, MOST_IDLE_MINUTES),
            within("distil_clusters", self.distil_clusters, 0, MOST_CLUSTERS),
            within("distil_tokens", self.distil_tokens, 0, MOST_LLM_TOKENS),
            within("distil_seconds", self.distil_seconds, 1, MOST_LLM_SECONDS),
            None if self.since is None else aware("since", self.since),
        ]

    @property
    def clock(self) -> time:
        """The local time at which a night begins."""
        return time.fromisoformat(self.at)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


def to_json(settings: SleepSettings) -> dict[str, JsonValue]:
    return {
        "is_on": settings.is_on,
        "at": settings.at,
        "time_zone": settings.time_zone,
        "after_writes": settings.after_writes,
        "idle_minutes": settings.idle_minutes,
        "stages": sorted(settings.stages),
        "merge_names": settings.merge_names,
        "hints": settings.hints,
        "distil": settings.distil,
        "distil_clusters": settings.distil_clusters,
        "distil_tokens": settings.distil_tokens,
        "distil_seconds": settings.distil_seconds,
        "since": settings.since.isoformat() if settings.since else None,
    }


def from_json(stored: JsonValue) -> SleepSettings:
    """What `to_json` wrote; what a later version added is passed over. Raises InvalidInput for a zone that is gone."""
    if not isinstance(stored, Mapping):
        return SleepSettings()
    usual = SleepSettings()
    since = stored.get("since")
    return SleepSettings(
        is_on=stored.get("is_on") is True,
        at=str(stored.get("at", usual.at)),
        time_zone=str(stored.get("time_zone", usual.time_zone)),
        after_writes=_number(stored.get("after_writes")),
        idle_minutes=_number(stored.get("idle_minutes")),
        stages=_known(stored.get("stages")),
        merge_names=stored.get("merge_names") is True,
        hints=stored.get("hints") is True,
        distil=stored.get("distil") is not False,
        distil_clusters=_number_or(stored.get("distil_clusters"), usual.distil_clusters),
        distil_tokens=_number_or(stored.get("distil_tokens"), usual.distil_tokens),
        distil_seconds=_number_or(stored.get("distil_seconds"), usual.distil_seconds),
        since=datetime.fromisoformat(since) if isinstance(since, str) else None,
    )


def stages_named(names: list[str], field: str = "stages") -> frozenset[StageName]:
    """Raises InvalidInput, which names the stages that there are."""
    known = {one.value: one for one in StageName}
    remedy = f"use some of {', '.join(known)}"
    unknown = [
        Problem(f"{field}[{number}]", f"{name!r} is no stage of sleep", remedy)
        for number, name in enumerate(names)
        if name not in known
    ]
    if unknown:
        raise InvalidInput(unknown)
    return frozenset(known[name] for name in names)


def _known(stored: JsonValue) -> frozenset[StageName]:
    if not isinstance(stored, list):
        return SHIPPED_ON
    return frozenset(one for one in StageName if one.value in stored)


def _number(stored: JsonValue) -> int | None:
    return stored if isinstance(stored, int) and not isinstance(stored, bool) else None


def _number_or(stored: JsonValue, usual: int) -> int:
    found = _number(stored)
    return usual if found is None else found


def _time(text: str) -> Problem | None:
    try:
        found = time.fromisoformat(text)
    except ValueError:
        found = None
    if found is not None and found.tzinfo is None and text == found.strftime("%H:%M"):
        return None
    return Problem("at", f"{text!r} is no time of day", "use HH:MM, for example 03:00")


def _zone(name: str) -> Problem | None:
    try:
        if 0 < len(name) <= LONGEST_ZONE:
            ZoneInfo(name)
            return None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown; no relative path; a folder of zones
        pass
    return Problem("time_zone", f"{name!r} is no time zone", "use a name such as UTC or Europe/Lisbon")
