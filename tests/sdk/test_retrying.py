"""A failure that may pass is tried again, and nothing is ever done twice."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sdk.answers import DOCUMENT, FOUND, GONE, RECALLED, STORED
from tests.sdk.conftest import QUICKLY, MakeClient
from tests.sdk.misbehaving import Behaviour, Service, answer, cut, drop, problem, slowly
from zengram import (
    BadRequest,
    Client,
    ConnectionFailed,
    NotFound,
    RateLimited,
    Retries,
    ServerError,
    StorageFull,
    TimedOut,
    Unavailable,
    VersionMismatch,
)
from zengram.calls import Call, nothing
from zengram.exchange import Answer, Exchange, Outcome
from zengram.wire import seconds

LIMITED = problem(429, "rate_limited", "Too many requests.", retry_after="0")
LOCKED = problem(503, "store_unavailable", "The database is locked.", retry_after="0")
MISSING = problem(404, "not_found", "There is no such thing here.")
PASSING = {
    "429": LIMITED,
    "502": answer(502),
    "503": LOCKED,
    "504": answer(504),
    "a dropped connection": drop,
    "a body that is cut": cut,
}
passing = pytest.mark.parametrize("failure", PASSING.values(), ids=PASSING.keys())


@passing
def test_a_write_is_repeated_with_the_same_idempotency_key(
    client: Client, service: Service, failure: Behaviour
) -> None:
    service.will(failure, failure, STORED)
    assert client.add("Mira moved to Ghent.").ids == ["m1"]
    assert len(service.received) == 3
    assert service.keys[0] is not None
    assert len(set(service.keys)) == 1
    assert len({one.content for one in service.received}) == 1


def test_every_write_has_an_idempotency_key_of_its_own(client: Client, service: Service) -> None:
    service.will(STORED)
    client.add("one")
    client.add("one")
    client.add_document("one")
    client.add_documents(["one", "two"])
    client.upload(("a.txt", b"one"))
    assert None not in service.keys
    assert len(set(service.keys)) == 5


def test_the_callers_idempotency_key_is_sent(client: Client, service: Service) -> None:
    service.will(STORED)
    client.add("one", idempotency_key="note-17")
    assert service.keys == ["note-17"]


@passing
def test_a_question_is_asked_again(client: Client, service: Service, failure: Behaviour) -> None:
    service.will(failure, RECALLED)
    assert client.recall("Where?").results[0].id == "p1"


@passing
def test_an_upload_is_repeated_in_full(client: Client, service: Service, failure: Behaviour) -> None:
    service.will(failure, STORED)
    client.upload(("a.txt", b"the whole file"))
    assert [b"the whole file" in one.content for one in service.received] == [True, True]


def test_a_slow_answer_is_given_up_and_asked_for_again(make_client: MakeClient, service: Service) -> None:
    service.will(slowly(1.0, STORED), STORED)
    assert make_client(service.url, timeout=0.2).add("one").ids == ["m1"]
    assert len(set(service.keys)) == 1


@pytest.mark.parametrize(
    ("failure", "error"),
    [(LIMITED, RateLimited), (LOCKED, Unavailable), (drop, ConnectionFailed), (cut, ConnectionFailed)],
)
def test_after_the_last_retry_the_failure_is_raised(
    client: Client, service: Service, failure: Behaviour, error: type[Exception]
) -> None:
    service.will(failure)
    with pytest.raises(error):
        client.add("one")
    assert len(service.received) == 1 + QUICKLY.times


def test_a_service_that_stays_slow_times_out(make_client: MakeClient, service: Service) -> None:
    service.will(slowly(0.5, STORED))
    with pytest.raises(TimedOut, match=r"within 0\.1 s"):
        make_client(service.url, timeout=0.1).health()


def test_a_service_that_is_not_there_is_named(make_client: MakeClient, service: Service) -> None:
    with pytest.raises(ConnectionFailed, match=r"127\.0\.0\.1:1.*Is the service running"):
        make_client("http://127.0.0.1:1").recall("Where?")


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (answer(400), BadRequest),
        (answer(500), ServerError),
        (problem(507, "storage_full", "The disk is full."), StorageFull),
    ],
)
def test_a_failure_that_will_not_pass_is_not_tried_again(
    client: Client, service: Service, refusal: Behaviour, error: type[Exception]
) -> None:
    service.will(refusal, STORED)
    with pytest.raises(error):
        client.add("one")
    assert len(service.received) == 1


@passing
def test_what_has_no_key_and_would_be_done_twice_is_sent_once(
    client: Client, service: Service, failure: Behaviour
) -> None:
    service.will(failure, answer(201, {}))
    for send in (
        lambda: client.create_key("assistant"),
        lambda: client.create_namespace("work"),
        lambda: client.cancel("o1"),
        lambda: client.retry("o1"),
        lambda: client.update("m1", text="new", if_version=3),
        lambda: client.delete("m1", if_version=3),
    ):
        service.received.clear()
        service.will(failure, answer(201, {}))
        with pytest.raises((ConnectionFailed, RateLimited, Unavailable)):
            send()
        assert len(service.received) == 1


def test_a_change_that_repeats_without_harm_is_repeated(client: Client, service: Service) -> None:
    service.will(drop, FOUND)
    assert client.update("m1", title=None).version == 3


@pytest.mark.parametrize("failure", [drop, cut, answer(502), answer(504)])
def test_a_delete_whose_answer_was_lost_is_done_if_the_item_is_gone(
    client: Client, service: Service, failure: Behaviour
) -> None:
    service.will(failure, MISSING, MISSING)
    client.delete("m1")


def test_a_delete_of_what_was_never_there_is_not_found(client: Client, service: Service) -> None:
    service.will(LOCKED, MISSING, MISSING)
    with pytest.raises(NotFound):
        client.delete("m1")


def test_a_lost_delete_still_looks_among_the_documents(client: Client, service: Service) -> None:
    service.will(drop, MISSING, GONE)
    client.delete("d1")
    assert [one.path for one in service.received] == ["/v1/memories/d1", "/v1/memories/d1", "/v1/documents/d1"]


def test_a_version_that_is_not_the_current_one_is_refused(client: Client, service: Service) -> None:
    service.will(problem(412, "version_mismatch", "It was changed since you read it."))
    with pytest.raises(VersionMismatch):
        client.update("m1", text="new", if_version=2)
    assert service.received[0].headers["if-match"] == '"2"'


def test_a_wait_that_the_service_asks_for_is_kept_but_not_beyond_the_limit() -> None:
    retries = Retries(times=3, first_pause=0.25, longest_pause=20)
    exchange = Exchange(Call("GET", "/", nothing), retries, random.Random(0))
    assert exchange.take(Answer(503, retry_after=7)) == 7
    assert exchange.take(Answer(429, retry_after=3600)) == 20


@pytest.mark.parametrize(
    ("header", "expected"),
    [("2", 2.0), (" 0 ", 0.0), ("", None), ("soon", None), ("-1", None), ("1.5", None), ("²", None)],
)
def test_retry_after_is_read_or_ignored(header: str, expected: float | None) -> None:
    assert seconds(header, datetime.now(UTC)) == expected


def test_retry_after_can_be_a_date() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    assert seconds(format_datetime(now + timedelta(seconds=90), usegmt=True), now) == 90
    assert seconds(format_datetime(now - timedelta(seconds=90), usegmt=True), now) == 0


pauses = st.floats(min_value=0, max_value=100)
outcomes = st.one_of(
    st.builds(Answer, st.sampled_from([200, 204, 400, 404, 429, 500, 502, 503, 504, 507]), retry_after=pauses),
    st.builds(ConnectionFailed),
    st.builds(TimedOut),
)


@given(st.integers(1, 10_000), pauses, pauses, st.none() | st.floats(0, 1e9), st.randoms())
def test_a_pause_is_within_its_bounds(
    tries: int, first: float, longest: float, retry_after: float | None, chance: random.Random
) -> None:
    pause = Retries(9, first, longest).pause(tries, retry_after, chance)
    assert 0 <= pause <= longest
    assert pause >= min(retry_after or 0, longest)


@given(st.lists(outcomes, min_size=20, max_size=20), st.integers(0, 5), st.booleans())
def test_no_call_is_sent_more_often_than_the_retries_allow(script: list[Outcome], times: int, repeatable: bool) -> None:
    call = Call("POST", "/v1/memories", nothing, repeatable=repeatable)
    exchange = Exchange(call, Retries(times), random.Random(0))
    sent = 1
    while exchange.take(script[sent - 1]) is not None:
        sent += 1
    assert sent <= 1 + (times if repeatable else 0)


def test_fields_of_a_newer_service_are_kept(client: Client, service: Service) -> None:
    service.will(answer(200, {**DOCUMENT, "mood": "calm"}))
    assert client.get("m1").model_dump()["mood"] == "calm"
