"""How much the situation of a recall resembles the one in which something was learned. Pure.

Sources: Tulving & Thomson, Psychological Review 80 (1973), encoding specificity; zensation-ai/zenbrain, module
context-retrieval (b8d3adc). There a task is recognised by substrings ("start" contains "art"), and the hour is that of
the server. Here words are matched from their beginning, the hour is that of the user's time zone, and project, place
and mood count where both situations know them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from memory.dynamics.checks import aware, require, within


class TimeOfDay(StrEnum):
    """A part of the day, by the hour of the user's clock."""

    MORNING = "morning"  # 5 to 11
    AFTERNOON = "afternoon"  # 12 to 16
    EVENING = "evening"  # 17 to 20
    NIGHT = "night"


class Task(StrEnum):
    """What somebody is doing."""

    CODING = "coding"
    WRITING = "writing"
    RESEARCH = "research"
    COMMUNICATION = "communication"
    PLANNING = "planning"
    LEARNING = "learning"
    CREATIVE = "creative"
    ANALYSIS = "analysis"
    REVIEW = "review"
    GENERAL = "general"


@dataclass(frozen=True, slots=True)
class Situation:
    """When, at what and where something was learned or is asked. None: not known. Raises ParamsInvalid."""

    time_of_day: TimeOfDay | None
    weekday: int  # 0 (Sunday) to 6
    task: Task = Task.GENERAL
    project: str | None = None
    place: str | None = None
    mood: float | None = None  # valence, 0 (bad) to 1 (good)

    def __post_init__(self) -> None:
        require(within("weekday", self.weekday, 0, 6), None if self.mood is None else within("mood", self.mood, 0, 1))


@dataclass(frozen=True, slots=True)
class ContextParams:
    """Weights of the parts of a situation. Raises ParamsInvalid with all that is out of range."""

    time_of_day: float = 0.4
    weekday: float = 0.2
    task: float = 0.4
    project: float = 0.4  # this and the next two only where both situations know it
    place: float = 0.2
    mood: float = 0.2
    boost: float = 0.3  # of a score, at full resemblance
    is_by_stem: bool = True  # recognises tasks by the beginnings of words, not by any substring

    def __post_init__(self) -> None:
        require(
            within("time_of_day", self.time_of_day, 0, 10),
            within("weekday", self.weekday, 0, 10),
            within("task", self.task, 0.01, 10),  # so that there is always something to compare
            within("project", self.project, 0, 10),
            within("place", self.place, 0, 10),
            within("mood", self.mood, 0, 10),
            within("boost", self.boost, 0, 10),
        )


RECOMMENDED = ContextParams()
COMPAT = ContextParams(project=0.0, place=0.0, mood=0.0, is_by_stem=False)

# The first rule that fits wins.
_SUBSTRINGS: Mapping[Task, Sequence[str]] = {
    Task.CODING: ("code", "program", "develop"),
    Task.WRITING: ("write", "writ", "compos", "draft"),
    Task.RESEARCH: ("research", "search", "investigate"),
    Task.COMMUNICATION: ("email", "chat", "message"),
    Task.PLANNING: ("plan", "organize", "schedule"),
    Task.LEARNING: ("learn", "study", "tutorial"),
    Task.CREATIVE: ("design", "creat", "art"),
    Task.ANALYSIS: ("analy", "evaluat", "assess"),
    Task.REVIEW: ("review", "audit", "check"),
}
_STEMS: Mapping[Task, str] = {
    Task.CODING: r"cod(?:e|es|ed|ing|er|ers)\b|program(?:m|s?\b)|develop|debug|implement|entwick|kodier",
    Task.WRITING: r"writ(?:e|es|ing|er|ten)\b|wrote\b|compos|draft|schreib|verfass|entw(?:u|ü)rf",
    Task.RESEARCH: r"(?:re)?search|investigat|recherch|forsch|such(?:e|en|t)\b",
    Task.COMMUNICATION: r"e-?mail|chat(?:s|ted|ting)?\b|messag|nachricht|telefon",
    Task.PLANNING: r"plan(?:s|e|en|t|ned|ning|ung|te)?\b|organi[sz]|schedul|termin",
    Task.LEARNING: r"learn|stud(?:y|ies|ied|ying|ier)|tutorial|lern|(?:ü|ue)b(?:e|en|ung)\b",
    Task.CREATIVE: r"design|creat|art(?:s|ist\w*|istic|work)?\b|kunst|k(?:ü|ue)nstl|gestalt|mal(?:e|en|t)\b",
    Task.ANALYSIS: r"analy|evaluat|assess|auswert|bewert",
    Task.REVIEW: r"review|audit|check(?:s|ed|ing)?\b|pr(?:ü|ue)f(?:e|en|t|ung)\b|(?:ü|ue)berpr",
}
_PATTERNS = {task: re.compile(rf"\b(?:{stems})") for task, stems in _STEMS.items()}

_DAY = (TimeOfDay.MORNING, TimeOfDay.AFTERNOON, TimeOfDay.EVENING, TimeOfDay.NIGHT)
_BY_DISTANCE = (1.0, 0.5, 0.2, 0.1)  # in parts of a day; a night is the end of its day
_UNKNOWN_TIME = 0.3
_SAME_KIND_OF_DAY, _OTHER_KIND_OF_DAY = 0.6, 0.2
_RELATED, _UNRELATED = 0.5, 0.1
_RELATIONS = {
    frozenset(pair)
    for pair in (
        (Task.CODING, Task.REVIEW),
        (Task.CODING, Task.ANALYSIS),
        (Task.WRITING, Task.CREATIVE),
        (Task.WRITING, Task.COMMUNICATION),
        (Task.RESEARCH, Task.LEARNING),
        (Task.RESEARCH, Task.ANALYSIS),
        (Task.COMMUNICATION, Task.PLANNING),
        (Task.PLANNING, Task.ANALYSIS),
        (Task.LEARNING, Task.GENERAL),
        (Task.CREATIVE, Task.GENERAL),
        (Task.ANALYSIS, Task.REVIEW),
    )
}


def situation_at(
    now: datetime,
    zone: tzinfo,
    activity: str = "",
    *,
    project: str | None = None,
    place: str | None = None,
    mood: float | None = None,
    params: ContextParams = RECOMMENDED,
) -> Situation:
    """The situation at `now` by the clock of `zone`; `activity` says in words what is done. Raises ParamsInvalid."""
    require(aware("now", now))
    local = now.astimezone(zone)
    task = task_of(activity, params)
    return Situation(time_of_day(local.hour), local.isoweekday() % 7, task, project, place, mood)


def time_of_day(hour: int) -> TimeOfDay:
    """The part of the day of an hour from 0 to 23."""
    if 5 <= hour < 12:
        return TimeOfDay.MORNING
    if 12 <= hour < 17:
        return TimeOfDay.AFTERNOON
    return TimeOfDay.EVENING if 17 <= hour < 21 else TimeOfDay.NIGHT


def task_of(activity: str, params: ContextParams = RECOMMENDED) -> Task:
    """The kind of task that a few words describe, in English or German; general if none fits."""
    words = activity.lower()
    if params.is_by_stem:
        return next((task for task, pattern in _PATTERNS.items() if pattern.search(words)), Task.GENERAL)
    return next((task for task, parts in _SUBSTRINGS.items() if any(part in words for part in parts)), Task.GENERAL)


def similarity(one: Situation, other: Situation, params: ContextParams = RECOMMENDED) -> float:
    """How alike two situations are, in [0.12, 1] if they differ in nothing but time, day and task; symmetric."""
    weighted = [
        (params.time_of_day, _times_alike(one.time_of_day, other.time_of_day)),
        (params.weekday, _days_alike(one.weekday, other.weekday)),
        (params.task, _tasks_alike(one.task, other.task)),
    ]
    if one.project is not None and other.project is not None:
        weighted.append((params.project, _names_alike(one.project, other.project)))
    if one.place is not None and other.place is not None:
        weighted.append((params.place, _names_alike(one.place, other.place)))
    if one.mood is not None and other.mood is not None:
        weighted.append((params.mood, 1 - abs(one.mood - other.mood)))
    return sum(weight * alike for weight, alike in weighted) / sum(weight for weight, _ in weighted)


def boost(one: Situation, other: Situation, params: ContextParams = RECOMMENDED) -> float:
    """By what a score is multiplied, from 1 to 1 + `params.boost`."""
    return 1 + params.boost * similarity(one, other, params)


def to_json(situation: Situation) -> dict[str, str | int | float]:
    """The situation as a JSON object without what is not known."""
    known = {
        "timeOfDay": situation.time_of_day,
        "dayOfWeek": situation.weekday,
        "taskType": situation.task,
        "project": situation.project,
        "place": situation.place,
        "mood": situation.mood,
    }
    return {key: value for key, value in known.items() if value is not None}


def from_json(value: object) -> Situation | None:
    """The situation of `to_json`; None for what has no time and weekday. Unknown values are left out."""
    if not isinstance(value, Mapping):
        return None
    moment, weekday, task = _text(value.get("timeOfDay")), value.get("dayOfWeek"), _text(value.get("taskType"))
    if moment is None or not isinstance(weekday, int) or not 0 <= weekday <= 6:
        return None
    mood = value.get("mood")
    return Situation(
        TimeOfDay(moment) if moment in set(TimeOfDay) else None,
        weekday,
        Task(task) if task in set(Task) else Task.GENERAL,
        _text(value.get("project")),
        _text(value.get("place")),
        float(mood) if isinstance(mood, int | float) and 0 <= mood <= 1 else None,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _times_alike(one: TimeOfDay | None, other: TimeOfDay | None) -> float:
    if one is None or other is None:
        return _UNKNOWN_TIME
    return _BY_DISTANCE[abs(_DAY.index(one) - _DAY.index(other))]


def _days_alike(one: int, other: int) -> float:
    if one == other:
        return 1.0
    return _SAME_KIND_OF_DAY if (one in {0, 6}) == (other in {0, 6}) else _OTHER_KIND_OF_DAY


def _tasks_alike(one: Task, other: Task) -> float:
    if one == other:
        return 1.0
    return _RELATED if frozenset((one, other)) in _RELATIONS else _UNRELATED


def _names_alike(one: str, other: str) -> float:
    return 1.0 if one.casefold() == other.casefold() else _UNRELATED
