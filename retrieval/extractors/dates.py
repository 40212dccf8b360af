"""Dates in a text, absolute ones and, where it is known when the text was said, relative ones.

Their names are YYYY, YYYY-MM and YYYY-MM-DD. A day written with its year also names its month and its year, so that a
question about the month finds it; a relative day ("yesterday") names its day and its month.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import regex

_MONTH_NAMES = """
january jan januar janvier enero gennaio janeiro januari
february feb februar février febrero febbraio fevereiro februari
march mar märz mars marzo março maart
april apr avril abril aprile
may mai mayo maggio maio mei
june jun juni juin junio giugno junho
july jul juli juillet julio luglio julho
august aug août agosto augustus
september sep sept septembre septiembre settembre setembro
october oct oktober okt octobre octubre ottobre outubro
november nov novembre noviembre novembro
december dec dezember dez décembre diciembre dicembre dezembro
"""
_COUNTS = "one two three four five six seven eight nine ten eleven twelve"
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday"

MONTHS = {name: number for number, row in enumerate(_MONTH_NAMES.split("\n")) for name in row.split()}
COUNTS = {"a": 1, "an": 1, **{word: number for number, word in enumerate(_COUNTS.split(), 1)}}
WEEKDAYS = {word: number for number, word in enumerate(_WEEKDAYS.split())}

_MONTH = rf"(?<![\p{{L}}\p{{N}}])(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))})(?![\p{{L}}\p{{N}}])"
_DAY = r"(?<![\p{N}.,:/-])(?P<day>[0-3]?[0-9])"
_YEAR = r"(?P<year>[12][0-9]{3})(?![\p{N}])"
_NO_MORE = r"(?![\p{N}]|[.,:][0-9])"

_WRITTEN = [
    rf"{_DAY}(?:st|nd|rd|th|er|º|\.)?(?:\s(?:of|de|di))?\s{_MONTH}(?:[.,]?\s(?:del?\s)?{_YEAR})?",
    rf"{_MONTH}\.?\s(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?{_NO_MORE}(?:,?\s{_YEAR})?",
    rf"{_MONTH}\.?,?\s(?:of\s|del?\s)?{_YEAR}",
    rf"(?P<which>in|since|until|by|last|next|this|early|late|mid)[\s-]{_MONTH}",
]
_NUMERIC = [
    rf"(?<![\p{{L}}\p{{N}}.,/-]){_YEAR}(?P<sign>[-/.])(?P<month>[01]?[0-9])(?:(?P=sign)(?P<day>[0-3]?[0-9]))?(?![\p{{N}}])",
    rf"{_DAY}(?P<sign>[./-])(?P<month>[0-3]?[0-9])(?P=sign){_YEAR}",
    r"(?<![0-9])(?P<year>[12][0-9]{3})\s?[年년](?:\s?(?P<month>1?[0-9])\s?[月월](?:\s?(?P<day>[1-3]?[0-9])\s?[日일])?)?",
    rf"(?<![\p{{L}}\p{{N}}.,:/$€£¥#-]){_YEAR}(?!\s?%|[.,:][0-9]|\p{{L}})",
    rf"(?<=[12][0-9]{{3}}[-–—/]){_YEAR}",
]
_RELATIVE = [
    r"\b(?P<word>the day before yesterday|the day after tomorrow|yesterday|today|tonight|tomorrow|last night"
    r"|this (?:morning|afternoon|evening))\b",
    rf"\b(?P<count>[0-9]{{1,3}}|{'|'.join(COUNTS)})\s(?P<unit>day|week|month|year)s?\sago\b",
    rf"\bin\s(?P<count>[0-9]{{1,3}}|{'|'.join(COUNTS)})\s(?P<unit>day|week|month|year)s?\b(?!['’ ]time of)",
    rf"\b(?P<which>last|past|previous|this|next|coming)\s(?P<unit>week|weekend|month|year|{'|'.join(WEEKDAYS)})\b",
]
_written = [regex.compile(pattern, regex.IGNORECASE) for pattern in _WRITTEN]
_numeric = [regex.compile(pattern) for pattern in _NUMERIC]
_relative = [regex.compile(pattern, regex.IGNORECASE) for pattern in _RELATIVE]
_has_month = regex.compile(_MONTH, regex.IGNORECASE)
_has_year = regex.compile(r"[12][0-9]{3}")
_has_relative = regex.compile(
    r"\b(?:ago|yesterday|today|tonight|tomorrow|last|past|previous|this|next|coming|in)\b", regex.IGNORECASE
)
_DAYS_AWAY = {
    "the day before yesterday": -2,
    "yesterday": -1,
    "last night": -1,
    "tomorrow": 1,
    "the day after tomorrow": 2,
}

_Match = "regex.Match[str]"
_Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DateFound:
    """Characters `start` to `end` name these dates, the finest first."""

    start: int
    end: int
    names: _Names


def find_dates(text: str, said_at: datetime | None = None) -> list[DateFound]:
    """The dates in a text, in order, not overlapping."""
    found = list(_absolute(text, said_at))
    if said_at is not None and _has_relative.search(text):
        found += _all(_relative, text, lambda match: _from_words(match, said_at.date()))
    return _without_overlaps(found)


def _absolute(text: str, said_at: datetime | None) -> Iterator[DateFound]:
    if _has_year.search(text):
        yield from _all(_numeric, text, _from_numbers)
    if _has_month.search(text):
        yield from _all(_written, text, lambda match: _from_month(match, said_at.date() if said_at else None))


def _all(
    patterns: "list[regex.Pattern[str]]", text: str, read: "Callable[[regex.Match[str]], _Names]"
) -> Iterator[DateFound]:
    for pattern in patterns:
        for match in pattern.finditer(text):
            if names := read(match):
                yield DateFound(match.start(), match.end(), names)


def _without_overlaps(found: list[DateFound]) -> list[DateFound]:
    """Of dates at one place the longest, which says most."""
    kept: list[DateFound] = []
    for candidate in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or candidate.start >= kept[-1].end:
            kept.append(candidate)
        elif candidate.end - candidate.start > kept[-1].end - kept[-1].start:
            kept[-1] = candidate
    return kept


def _from_numbers(match: "regex.Match[str]") -> _Names:
    parts = {name: int(value) for name, value in match.groupdict().items() if value and name != "sign"}
    year, month, day = parts["year"], parts.get("month", 0), parts.get("day", 0)
    sign = match.groupdict().get("sign")
    if month and not day and sign and (sign == "." or len(match["month"]) == 1):
        return ()  # 1995.5 is a number
    if not month or (not day and month == (year + 1) % 100):  # 2010-11 is a season
        return (f"{year}",)
    if match.start("day") == match.start():  # day and month in the European or the American order
        if day <= 12 and month <= 12 and day != month and sign != ".":
            return (f"{year}",)
        if month > 12:
            day, month = month, day
    return _names(year, month, day)


def _from_month(match: "regex.Match[str]", said_on: date | None) -> _Names:
    parts = match.groupdict()
    month, day = MONTHS[parts["month"].lower()], int(parts.get("day") or 0)
    if parts.get("year"):
        return _names(int(parts["year"]), month, day)
    if said_on is None or not parts["month"][0].isupper():  # it may rain in 5 days
        return ()
    if not day:
        return (_near_month(said_on, month, parts["which"].lower()),)
    near = [_date(said_on.year + shift, month, day) for shift in (-1, 0, 1)]
    days = [each for each in near if each is not None]
    return _day_names(min(days, key=lambda each: abs(each - said_on))) if days else ()


def _near_month(said_on: date, month: int, which: str) -> str:
    """The nearest such month; `last` and `next` exclude the present one."""
    away = (month - said_on.month + 6) % 12 - 6
    if which == "last":
        away = away - 12 if away >= 0 else away
    elif which == "next":
        away = away + 12 if away <= 0 else away
    return _shifted_month(said_on, away)


def _from_words(match: "regex.Match[str]", said_on: date) -> _Names:
    parts = match.groupdict()
    if parts.get("word"):
        return _days_away(said_on, _DAYS_AWAY.get(parts["word"].lower(), 0))
    unit = parts["unit"].lower()
    if parts.get("count"):
        count = parts["count"].lower()
        number = COUNTS.get(count) or int(count)
        return _units_away(said_on, unit, -number if match[0].lower().endswith("ago") else number)
    way = {"this": 0, "next": 1, "coming": 1}.get(parts["which"].lower(), -1)
    if unit in WEEKDAYS:
        return _days_away(said_on, _to_weekday(said_on.weekday(), WEEKDAYS[unit], way))
    if unit in ("week", "weekend"):  # no one day is meant
        return _days_away(said_on, 7 * way)[1:]
    return _units_away(said_on, unit, way)


def _to_weekday(today: int, wanted: int, way: int) -> int:
    """Days to the last such weekday before today, the next one after it, or (`this`) the next one from today on."""
    if way < 0:
        return -((today - wanted - 1) % 7 + 1)
    return (wanted - today - way) % 7 + way


def _units_away(said_on: date, unit: str, number: int) -> _Names:
    if unit == "year":
        year = said_on.year + number
        return (f"{year:04}",) if 1 <= year <= 9999 else ()
    if unit == "month":
        month = _shifted_month(said_on, number)
        return (month,) if month else ()
    return _days_away(said_on, number * (7 if unit == "week" else 1))


def _days_away(said_on: date, days: int) -> _Names:
    try:
        return _day_names(said_on + timedelta(days=days))
    except OverflowError:  # before year 1 or after year 9999
        return ()


def _shifted_month(said_on: date, months: int) -> str:
    year, month = divmod(said_on.year * 12 + said_on.month - 1 + months, 12)
    return f"{year:04}-{month + 1:02}" if 1 <= year <= 9999 else ""


def _day_names(day: date) -> _Names:
    return day.isoformat(), day.isoformat()[:7]


def _names(year: int, month: int, day: int) -> _Names:
    """A day with its month and year; nothing if there is no such day."""
    if _date(year, month, day or 1) is None:
        return ()
    names = (f"{year:04}-{month:02}", f"{year:04}")
    return (f"{names[0]}-{day:02}", *names) if day else names


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
