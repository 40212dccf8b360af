"""Ids, content hashes, attributes and kept answers."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.attributes import attributes_of
from memory.content import content_hash, draft_of, may_repeat, new_document
from memory.ids import new_id
from memory.layers.routing import route
from memory.receipts import remembered_from_json, remembered_to_json
from memory.types import (
    Draft,
    JsonValue,
    Kind,
    Operation,
    OperationId,
    OperationStatus,
    Receipt,
    ReceiptStatus,
    Remembered,
)
from retrieval.types import PassageId

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_ids_increase_even_if_the_clock_does_not() -> None:
    ids = [new_id(NOW) for _ in range(1000)] + [new_id(NOW - timedelta(days=1))]
    assert ids == sorted(set(ids))


def test_ids_are_uuids_of_version_7() -> None:
    made = UUID(new_id(datetime(2090, 1, 1, tzinfo=UTC)))
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(datetime(2090, 1, 1, tzinfo=UTC).timestamp() * 1000)


def test_ids_of_many_threads_differ() -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: new_id(NOW), range(5000)))
    assert len(set(ids)) == 5000


def test_a_hash_depends_on_everything_that_was_sent() -> None:
    one = Draft(Kind.MEMORY, "x")
    others = [
        replace(one, kind=Kind.DOCUMENT),
        replace(one, text="y"),
        replace(one, format="markdown"),
        replace(one, title="t"),
        replace(one, source="s"),
        replace(one, external_id="e"),
        replace(one, metadata={"a": 1}),
        replace(one, occurred_at=NOW),
        replace(one, speaker="p"),
        replace(one, session_id="c"),
    ]
    assert len({content_hash(draft) for draft in [one, *others]}) == 11


def test_a_hash_does_not_depend_on_the_order_of_keys_or_on_the_zone() -> None:
    there = timezone(timedelta(hours=5))
    one = Draft(Kind.MEMORY, "x", metadata={"a": 1, "b": 2}, occurred_at=NOW)
    other = Draft(Kind.MEMORY, "x", metadata={"b": 2, "a": 1}, occurred_at=NOW.astimezone(there))
    assert content_hash(one) == content_hash(other)


@pytest.mark.parametrize(
    ("draft", "repeats"),
    [
        (Draft(Kind.MEMORY, "ok", session_id="s"), True),
        (Draft(Kind.MEMORY, "ok"), False),
        (Draft(Kind.MEMORY, "ok", session_id="s", occurred_at=NOW), False),
        (Draft(Kind.MEMORY, "ok", session_id="s", external_id="e"), False),
        (Draft(Kind.DOCUMENT, "ok", session_id="s"), False),
    ],
)
def test_only_bare_turns_of_a_session_may_repeat(draft: Draft, repeats: bool) -> None:
    assert may_repeat(draft) is repeats


def test_a_stored_document_says_what_it_was_sent_as() -> None:
    draft = Draft(Kind.MEMORY, "x", title="t", metadata={"a": 1}, occurred_at=NOW, speaker="p", session_id="s")
    assert draft_of(new_document(draft, "id", 1, "ready", route(draft), NOW)) == draft


def test_attributes_are_what_filters_ask_for() -> None:
    metadata: dict[str, JsonValue] = {"a": {"b": 1, "c": None}, "tags": ["x", 2, {"no": 1}], "on": True}
    draft = Draft(Kind.MEMORY, "x", metadata=metadata, speaker="Ada", occurred_at=NOW)
    assert attributes_of(new_document(draft, "d", 1, "ready", route(draft), NOW), PassageId("p")) == {
        "id": "p",
        "document_id": "d",
        "kind": "memory",
        "speaker": "Ada",
        "layer": "episodic",
        "occurred_at": NOW.timestamp(),
        "recorded_at": NOW.timestamp(),
        "metadata.a.b": 1,
        "metadata.tags": ["x", 2],
        "metadata.on": True,
    }


receipts = st.builds(Receipt, *map(st.from_type, (str, Kind, ReceiptStatus, str, int, str, int)))
times = st.datetimes(timezones=st.just(UTC))
operations = st.builds(
    Operation, st.text().map(OperationId), st.text(), st.sampled_from(OperationStatus), st.integers(), st.integers(),
    st.lists(receipts, max_size=3).map(tuple), st.none() | st.text(), times, times,
)  # fmt: skip


@given(st.builds(Remembered, st.lists(receipts, max_size=3).map(tuple), st.integers(), st.none() | operations))
def test_a_kept_answer_comes_back_as_it_was(remembered: Remembered) -> None:
    assert remembered_from_json(remembered_to_json(remembered)) == remembered
