"""The edge of HTTP: who counts as this machine, how fields are named, what a log line holds."""

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth import is_loopback_address, is_loopback_name
from app.errors import STATUS, AppError, code_of, status_of
from app.logs import JsonLines, request_id
from app.problems import field_path
from memory import errors as memory
from retrieval import errors as retrieval


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"]
)
def test_these_names_are_loopback(host: str) -> None:
    assert is_loopback_name(host)


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "localhost.evil.example", "10.0.0.1", "::", "evil.example", "127.0.0.1.nip.io"]
)
def test_these_names_are_not_loopback(host: str) -> None:
    assert not is_loopback_name(host)


@given(st.text())
def test_no_text_breaks_the_loopback_check(host: str) -> None:
    assert is_loopback_address(host) in {True, False}


@pytest.mark.parametrize(
    ("location", "path"),
    [
        (("body", "(batch)", "documents", 0, "text"), "documents[0].text"),
        (("body", "(one)", "metadata"), "metadata"),
        (("query", "limit"), "limit"),
        (("body",), "body"),
        ((), "body"),
    ],
)
def test_fields_are_named_as_the_caller_knows_them(location: tuple[str | int, ...], path: str) -> None:
    assert field_path(location) == path


def every(kind: type[Exception]) -> list[type[Exception]]:
    return [kind, *(deeper for one in kind.__subclasses__() for deeper in every(one))]


@pytest.mark.parametrize("root", [memory.MemoryServiceError, retrieval.RetrievalError, AppError])
def test_every_error_of_ours_has_a_status_and_a_code(root: type[Exception]) -> None:
    for kind in every(root):
        error = kind.__new__(kind)
        assert any(parent in STATUS for parent in kind.__mro__)
        assert 400 <= status_of(error) <= 599
        assert code_of(error)


def test_what_nobody_expected_is_a_500() -> None:
    assert status_of(KeyError()) == 500
    assert code_of(KeyError()) == "internal"


def test_a_log_line_is_json_with_the_request_and_the_facts() -> None:
    token = request_id.set("r-1")
    try:
        record = logging.LogRecord("app", logging.INFO, __file__, 1, "recall done", (), None)
        record.took_ms = 3.5
        line = json.loads(JsonLines().format(record))
    finally:
        request_id.reset(token)
    assert (line["event"], line["request_id"], line["took_ms"], line["level"]) == ("recall done", "r-1", 3.5, "info")
