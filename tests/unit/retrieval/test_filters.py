"""The filter language is read as written down, and what cannot be understood names its place and the remedy."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import FilterInvalid
from retrieval.filters import FIELDS, Filter, matches, parse
from retrieval.types import Attributes

MEMO: Attributes = {
    "kind": "memory",
    "speaker": "Ada",
    "occurred_at": datetime(2024, 1, 2, tzinfo=UTC).timestamp(),
    "metadata.topic": "Travel plans",
    "metadata.tags": ("sea", "sun"),
    "metadata.stars": 4,
    "metadata.done": True,
    "metadata.place.city": "Oslo",
}

FOUND: list[dict[str, object]] = [
    {},
    {"kind": "memory"},
    {"kind": {"eq": "memory"}, "speaker": "Ada"},
    {"AND": [{"metadata.topic": {"icontains": "TRAVEL"}}, {"occurred_at": {"gte": "2024-01-01"}}]},
    {"occurred_at": {"gt": "2024-01-01T23:59:59Z", "lte": "2024-01-02T01:00:00+01:00"}},
    {"OR": [{"kind": "document"}, {"metadata.stars": {"gte": 4.0}}]},
    {"NOT": {"kind": "document"}},
    {"NOT": [{"kind": "document"}, {"speaker": "Bob"}]},
    {"metadata.tags": "sun"},
    {"metadata.tags": {"in": ["snow", "sea"]}},
    {"metadata.tags": {"contains": "un"}},
    {"metadata.stars": {"eq": 4.0}},
    {"metadata.missing": {"ne": "x"}},
    {"metadata.missing": {"nin": ["x"]}},
    {"NOT": {"metadata.missing": "x"}},
    {"metadata.place.city": "Oslo"},
    {"metadata.stars": {"ne": "4"}},
    {"metadata.done": True},
]
NOT_FOUND: list[dict[str, object]] = [
    {"kind": "document"},
    {"kind": "memory", "speaker": "Bob"},
    {"occurred_at": {"lt": "2024-01-02"}},
    {"metadata.topic": {"contains": "travel"}},
    {"metadata.stars": "4"},
    {"metadata.stars": {"gt": "1"}},
    {"metadata.done": 1},
    {"metadata.stars": {"in": [True, "4"]}},
    {"metadata.missing": {"lt": 10}},
    {"metadata.missing": {"in": []}},
    {"metadata.tags": {"ne": "sun"}},
    {"metadata.tags": {"nin": ["sun", "snow"]}},
    {"NOT": [{"kind": "document"}, {"speaker": "Ada"}]},
]


@pytest.mark.parametrize("dsl", FOUND)
def test_a_filter_finds_what_it_describes(dsl: dict[str, object]) -> None:
    assert matches(parse(dsl), MEMO)


@pytest.mark.parametrize("dsl", NOT_FOUND)
def test_a_filter_leaves_out_everything_else(dsl: dict[str, object]) -> None:
    assert not matches(parse(dsl), MEMO)


def nested(depth: int) -> dict[str, object]:
    dsl: dict[str, object] = {"kind": "memory"}
    for _ in range(depth - 1):
        dsl = {"NOT": dsl}
    return dsl


@pytest.mark.parametrize(
    ("dsl", "path", "hint"),
    [
        ({"topic": "x"}, "filters.topic", "metadata.<key>"),
        ({"metadata.": "x"}, "filters.metadata.", "metadata.<key>"),
        ({"metadata.a..b": "x"}, "filters.metadata.a..b", "metadata.<key>"),
        ({"and": []}, "filters.and", "AND in capitals"),
        ({"AND": [{"kind": "memory"}, {"occurred_at": {"gte": "soon"}}]}, "filters.AND[1].occurred_at.gte", "RFC 3339"),
        ({"occurred_at": {"gte": 5}}, "filters.occurred_at.gte", "RFC 3339"),
        ({"occurred_at": "9999-12-31T23:59:59-23:59"}, None, ""),
        ({"occurred_at": {"contains": "2024"}}, "filters.occurred_at.contains", "gte"),
        ({"recorded_at": {"in": ["2024-01-01", "x"]}}, "filters.recorded_at.in[1]", "RFC 3339"),
        ({"kind": {"equals": "memory"}}, "filters.kind.equals", "icontains"),
        ({"kind": {}}, "filters.kind", "operator"),
        ({"kind": ["memory"]}, "filters.kind", '"in"'),
        ({"kind": {"eq": None}}, "filters.kind.eq", "NOT"),
        ({"kind": {"in": "memory"}}, "filters.kind.in", "list"),
        ({"kind": {"in": [["memory"]]}}, "filters.kind.in[0]", '"in"'),
        ({"kind": {"eq": {"a": 1}}}, "filters.kind.eq", "text"),
        ({"metadata.a": {"contains": 5}}, "filters.metadata.a.contains", "eq"),
        ({"metadata.a": {"gt": True}}, "filters.metadata.a.gt", "eq"),
        ({"metadata.a": float("nan")}, "filters.metadata.a", "finite"),
        ({"OR": []}, "filters.OR", "list"),
        ({"OR": {"kind": "memory"}}, "filters.OR", "list"),
        ({"NOT": "memory"}, "filters.NOT", "list"),
        ({"AND": ["memory"]}, "filters.AND[0]", "object"),
        (nested(11), "filters" + ".NOT" * 10, "fewer levels"),
        ({"OR": [{"kind": "memory"}] * 201}, "filters", "`in`"),
    ],
)
def test_what_cannot_be_understood_is_named_with_a_remedy(dsl: dict[str, object], path: str | None, hint: str) -> None:
    if path is None:  # beyond year 9999 in UTC, but still a time
        assert not matches(parse(dsl), MEMO)
        return
    with pytest.raises(FilterInvalid) as caught:
        parse(dsl)
    assert caught.value.path == path
    assert hint in caught.value.remedy


def test_filters_may_stand_ten_deep_with_two_hundred_conditions() -> None:
    assert not matches(parse(nested(10)), MEMO)
    assert matches(parse({"OR": [{"kind": "memory"}] * 200}), MEMO)


def filters_of(inner: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    keys = st.sampled_from(["AND", "OR", "NOT", "eq", "in", "gt", "contains", "metadata.a", "zip", *FIELDS])
    return st.dictionaries(keys, inner, max_size=3)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | filters_of(inner),
    max_leaves=12,
)


@given(filters_of(json_values))
def test_any_json_is_read_or_refused_with_a_path_and_a_remedy(dsl: dict[str, object]) -> None:
    try:
        read: Filter | FilterInvalid = parse(dsl, "body")
    except FilterInvalid as refused:
        read = refused
    if isinstance(read, FilterInvalid):
        assert read.path.startswith("body")
        assert read.remedy.endswith(".")
    else:
        assert matches(read, MEMO) in (True, False)
