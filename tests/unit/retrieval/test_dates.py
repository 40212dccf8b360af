"""Dates are read as they are written in common formats, and counted from when they were said."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.extractors.dates import find_dates

SAID = datetime(2024, 5, 15, 9, tzinfo=UTC)  # a Wednesday


def names(text: str, said_at: datetime | None = None) -> list[tuple[str, ...]]:
    return [found.names for found in find_dates(text, said_at)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on 2024-05-03.", [("2024-05-03", "2024-05", "2024")]),
        ("2024/5/3", [("2024-05-03", "2024-05", "2024")]),
        ("2024-05-03T10:00:00Z", [("2024-05-03", "2024-05", "2024")]),
        ("3 May 2024", [("2024-05-03", "2024-05", "2024")]),
        ("May 3, 2024", [("2024-05-03", "2024-05", "2024")]),
        ("the 3rd of May 2024", [("2024-05-03", "2024-05", "2024")]),
        ("Sept. 21st 1999", [("1999-09-21", "1999-09", "1999")]),
        ("am 3. März 1998", [("1998-03-03", "1998-03", "1998")]),
        ("le 14 juillet 1789", [("1789-07-14", "1789-07", "1789")]),
        ("3 de mayo de 1998", [("1998-05-03", "1998-05", "1998")]),
        ("03.05.1998", [("1998-05-03", "1998-05", "1998")]),
        ("25/12/1998 and 12/25/1998", [("1998-12-25", "1998-12", "1998")] * 2),
        ("03/04/1998", [("1998",)]),
        ("in May 1998", [("1998-05", "1998")]),
        ("1998年5月3日と2000年", [("1998-05-03", "1998-05", "1998"), ("2000",)]),
        ("2024年5月", [("2024-05", "2024")]),
        ("2024년 5월 3일", [("2024-05-03", "2024-05", "2024")]),
        ("from 1998 to 2003, (1990–1995)", [("1998",), ("2003",), ("1990",), ("1995",)]),
        ("the 2010-11 season", [("2010",)]),
        ("30 February 2020", [("2020-02", "2020")]),
        ("$1500, 1,995 and 1995.5, 1990s, 20245, v1.1998", []),
        ("it may rain 5 times, May 5", []),
        ("yesterday, two weeks ago", []),
    ],
)
def test_absolute_dates(text: str, expected: list[tuple[str, ...]]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yesterday", [("2024-05-14", "2024-05")]),
        ("Last night and tomorrow", [("2024-05-14", "2024-05"), ("2024-05-16", "2024-05")]),
        ("the day before yesterday", [("2024-05-13", "2024-05")]),
        ("last Tuesday", [("2024-05-14", "2024-05")]),
        ("last Wednesday", [("2024-05-08", "2024-05")]),
        ("this Wednesday", [("2024-05-15", "2024-05")]),
        ("next Wednesday", [("2024-05-22", "2024-05")]),
        ("next Monday", [("2024-05-20", "2024-05")]),
        ("two weeks ago", [("2024-05-01", "2024-05")]),
        ("in 20 days", [("2024-06-04", "2024-06")]),
        ("three months ago", [("2024-02",)]),
        ("next month, last month", [("2024-06",), ("2024-04",)]),
        ("last year", [("2023",)]),
        ("a year ago", [("2023",)]),
        ("last week", [("2024-05",)]),
        ("on May 5", [("2024-05-05", "2024-05")]),
        ("on December 24", [("2023-12-24", "2023-12")]),
        ("in June; last June; next May", [("2024-06",), ("2023-06",), ("2025-05",)]),
        ("it may be 5 may be", []),
        ("999 years ago", [("1025",)]),
    ],
)
def test_relative_dates_count_from_when_they_were_said(text: str, expected: list[tuple[str, ...]]) -> None:
    assert names(text, SAID) == expected


@given(st.dates())
def test_every_day_is_read_as_it_is_written(day: datetime) -> None:
    expected = [(f"{day.year}-{day.month:02}-{day.day:02}", f"{day.year}-{day.month:02}", f"{day.year}")]
    if 1000 <= day.year <= 2999:
        for style in ("%B %-d, %Y", "%-d %B %Y", "%Y-%m-%d", "%d.%m.%Y"):
            assert names(f"It was {day.strftime(style)}.") == expected


@given(
    st.lists(
        st.sampled_from(["12", "May", "2024", "-", "/", ".", " ", "last", "year", "ago", "999 years"]), max_size=12
    ),
    st.datetimes() | st.none(),
)
def test_any_text_is_read_without_overlaps(parts: list[str], said_at: datetime | None) -> None:
    found = find_dates(" ".join(parts), said_at) + find_dates("".join(parts), said_at)
    assert all(each.names and each.start < each.end for each in found)
    again = find_dates("".join(parts), said_at)
    assert all(before.end <= after.start for before, after in pairwise(again))
