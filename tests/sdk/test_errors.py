"""Every refusal becomes one error of the tree, with all that the service said, and never with the key."""

import logging
import traceback

import pytest

import zengram
from tests.sdk.answers import RECALLED
from tests.sdk.conftest import MakeClient
from tests.sdk.misbehaving import PROBLEM, Behaviour, Service, answer, drop, problem, raw
from zengram import (
    ApiError,
    Client,
    ConnectionFailed,
    FieldProblem,
    InvalidInput,
    ServerError,
    UnexpectedAnswer,
    ZengramError,
)
from zengram.exchange import Answer, error_of

KEY = "zg_0123456789abcdef-secret"
STATUS = {
    400: zengram.BadRequest,
    401: zengram.Unauthorized,
    403: zengram.Forbidden,
    404: zengram.NotFound,
    405: zengram.BadRequest,
    409: zengram.Conflict,
    412: zengram.VersionMismatch,
    413: zengram.TooLarge,
    415: zengram.BadRequest,
    422: zengram.InvalidInput,
    429: zengram.RateLimited,
    500: zengram.ServerError,
    501: zengram.ServerError,
    502: zengram.Unavailable,
    503: zengram.Unavailable,
    504: zengram.Unavailable,
    507: zengram.StorageFull,
}
CODE = {
    "version_mismatch": zengram.VersionMismatch,
    "external_id_taken": zengram.ExternalIdTaken,
    "idempotency_reuse": zengram.IdempotencyReuse,
    "conflict": zengram.Conflict,
}


@pytest.mark.parametrize(("status", "kind"), STATUS.items())
def test_a_status_has_its_error(client: Client, service: Service, status: int, kind: type[ApiError]) -> None:
    service.will(problem(status, "some_code", "Said in words."))
    with pytest.raises(ApiError, match=r"Said in words\.") as caught:
        client.create_namespace("work")
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert caught.value.code == "some_code"
    assert caught.value.request_id == "request-of-the-server"


@pytest.mark.parametrize(("code", "kind"), CODE.items())
def test_a_conflict_says_which(code: str, kind: type[ApiError]) -> None:
    assert type(error_of(Answer(409, b'{"code": "%s"}' % code.encode()))) is kind


def test_invalid_input_names_each_field_and_its_remedy(client: Client, service: Service) -> None:
    errors = [{"field": "memories[0].text", "message": "is blank", "remedy": "Send some text."}]
    service.will(problem(422, "invalid_input", "memories[0].text: is blank", errors))
    with pytest.raises(InvalidInput) as caught:
        client.add(" ")
    assert caught.value.errors == (FieldProblem("memories[0].text", "is blank", "Send some text."),)


@pytest.mark.parametrize(
    "content",
    [
        b"<html>Internal Server Error</html>",
        b"",
        b"[1]",
        b'"text"',
        b"\xff\xfe",
        b'{"detail": 5, "errors": 7}',
        b"[" * 100_000,
    ],
)
def test_a_failure_that_is_no_problem_json_is_still_an_error(client: Client, service: Service, content: bytes) -> None:
    service.will(raw(500, content, "text/html"))
    with pytest.raises(ServerError) as caught:
        client.recall("Where?")
    assert caught.value.status == 500
    assert caught.value.code == "http_500"
    assert caught.value.request_id == service.received[0].headers["x-request-id"]
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("content", [b"<html>Welcome!</html>", b"", b"{}", b"[]", b'{"results": 1}'])
def test_an_answer_of_another_service_is_recognised(client: Client, service: Service, content: bytes) -> None:
    service.will(raw(200, content, "text/html"))
    with pytest.raises(UnexpectedAnswer, match="is the URL right"):
        client.recall("Where?")


def test_a_redirect_is_not_followed_with_the_key(make_client: MakeClient, service: Service) -> None:
    service.will(answer(307, headers={"Location": f"{service.url}/elsewhere"}), RECALLED)
    with pytest.raises(UnexpectedAnswer):
        make_client(service.url, api_key=KEY).recall("Where?")
    assert len(service.received) == 1


@pytest.mark.parametrize("failure", [problem(401, "unauthorized", "No valid key."), drop, raw(200, b"?", PROBLEM)])
def test_the_key_is_sent_but_never_shown(
    make_client: MakeClient, service: Service, failure: Behaviour, caplog: pytest.LogCaptureFixture
) -> None:
    service.will(failure)
    with caplog.at_level(logging.DEBUG):
        client = make_client(service.url, api_key=KEY)
        with pytest.raises(ZengramError) as caught:
            client.recall("Where?")
    assert service.received[0].headers["authorization"] == f"Bearer {KEY}"
    causes = [caught.value, caught.value.__cause__]
    shown = [repr(client), *map(repr, causes), *traceback.format_exception(caught.value), caplog.text]
    assert KEY not in "".join(shown)


def test_a_new_key_hides_itself(client: Client, service: Service) -> None:
    service.will(answer(201, {"id": "k1", "name": "assistant", "key": KEY, "prefix": "zg_0123"}))
    made = client.create_key("assistant")
    assert made.key.get_secret_value() == KEY
    assert KEY not in repr(made) + str(made) + made.model_dump_json()


@pytest.mark.parametrize("key", ["zg_abc\u2019def", "zg abc", "zg_abc\ndef"])
def test_a_key_that_cannot_be_one_is_refused_unseen(key: str) -> None:
    with pytest.raises(ValueError, match="API key") as caught:
        Client("http://127.0.0.1", api_key=key)
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8000", "ftp://127.0.0.1", "http://", "http://user:password@127.0.0.1", "http://[::1"]
)
def test_a_url_that_cannot_be_one_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="URL") as caught:
        Client(url)
    assert "password@" not in str(caught.value)


def test_an_error_without_an_answer_has_the_same_fields() -> None:
    with Client("http://127.0.0.1:1", retries=0) as client, pytest.raises(ConnectionFailed) as caught:
        client.health()
    assert caught.value.status is None
    assert caught.value.code == "connection_failed"
    assert caught.value.request_id
    assert caught.value.errors == ()
