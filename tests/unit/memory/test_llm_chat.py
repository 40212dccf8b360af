"""The chat client insists where that may help, asks in a form the endpoint takes, meters every try, keeps its key."""

import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from memory.errors import LlmError, LlmRefused, LlmUnavailable, MalformedReply
from memory.llm.breaker import Breaker
from memory.llm.chat import Attempt, ChatModel
from memory.llm.dialects import Message
from memory.llm.extraction import EXTRACTION
from retrieval.endpoints import Retries
from tests.llm_server import LlmServer, llm_server

KEY = "sk-keep-me-to-yourself"
PATIENT = Retries(attempts=3, timeout=10, first_wait=0.5, longest_wait=5)
QUESTION = [Message("system", "Answer."), Message("user", "Where is the treasure?")]


class Clock(list[float]):
    """Notes how long it is asked to wait, and does not; its time is the sum of what was waited."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)

    def now(self) -> float:
        return sum(self)


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with llm_server() as running:
        running.told.answers = lambda messages: "In the cellar."
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def model(server: LlmServer, clock: Clock) -> Iterator[ChatModel]:
    with closing(ChatModel(server.url, "local", KEY, retries=PATIENT, sleep=clock)) as made:
        yield made


def test_it_says_what_the_model_says_and_counts_the_tokens(model: ChatModel, server: LlmServer) -> None:
    attempts: list[Attempt] = []
    reply = model.ask(QUESTION, attempts)
    assert (reply.text, reply.is_cut) == ("In the cellar.", False)
    assert [(one.input_tokens, one.output_tokens, one.error) for one in attempts] == [(100, 10, "")]
    assert server.told.authorizations == [f"Bearer {KEY}"]


def test_tokens_are_estimated_where_nobody_counts(model: ChatModel, server: LlmServer) -> None:
    server.told.script = ["no usage"]
    attempts: list[Attempt] = []
    model.ask(QUESTION, attempts)
    assert 5 < attempts[0].input_tokens < 20
    assert 2 < attempts[0].output_tokens < 8


def test_a_content_in_parts_is_read(model: ChatModel, server: LlmServer) -> None:
    server.told.script = ["parts"]
    assert model.ask(QUESTION, []).text == "In the cellar."


@pytest.mark.parametrize("act", ["429", "500", "503", "529", "hang up"])
def test_what_may_pass_is_tried_again_and_metered(act: str, model: ChatModel, server: LlmServer, clock: Clock) -> None:
    server.told.script = [act, act]
    attempts: list[Attempt] = []
    assert model.ask(QUESTION, attempts).text == "In the cellar."
    assert clock == [0.5, 1.0]
    assert [bool(one.error) for one in attempts] == [True, True, False]


def test_it_waits_as_long_as_it_is_asked_to(model: ChatModel, server: LlmServer, clock: Clock) -> None:
    server.told.script = ["429:3", "429:60"]
    model.ask(QUESTION, [])
    assert clock == [3.0, 5.0]


def test_after_the_last_try_it_gives_up(model: ChatModel, server: LlmServer) -> None:
    server.told.script = ["500"] * 3
    attempts: list[Attempt] = []
    with pytest.raises(LlmUnavailable, match="answered 500: tried 3 times"):
        model.ask(QUESTION, attempts)
    assert len(attempts) == 3


def test_a_slow_answer_is_not_waited_for(server: LlmServer, clock: Clock) -> None:
    hasty = Retries(attempts=2, timeout=0.1)
    server.told.script = ["slow", "slow"]
    attempts: list[Attempt] = []
    model = ChatModel(server.url, "local", KEY, retries=hasty, sleep=clock)
    with closing(model), pytest.raises(LlmUnavailable, match="ReadTimeout"):
        model.ask(QUESTION, attempts)
    assert len(attempts) == 2
    assert all(one.input_tokens > 0 for one in attempts), "who did not answer may have worked all the same"


def test_nobody_listening_is_unavailable(clock: Clock) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    model = ChatModel(f"http://127.0.0.1:{port}/v1", "local", retries=PATIENT, sleep=clock)
    with closing(model), pytest.raises(LlmUnavailable, match="ConnectError"):
        model.ask(QUESTION, [])


@pytest.mark.parametrize(("status", "kind"), [("401", LlmUnavailable), ("403", LlmUnavailable), ("413", LlmRefused)])
def test_a_refusal_is_not_tried_again(status: str, kind: type[LlmError], model: ChatModel, server: LlmServer) -> None:
    server.told.script = [status]
    with pytest.raises(kind):
        model.ask(QUESTION, [])
    assert len(server.told.requests) == 1


def test_json_is_asked_for_in_the_form_that_the_endpoint_takes(model: ChatModel, server: LlmServer) -> None:
    for refused, asked in (({"json_schema"}, "json_object"), ({"json_schema", "json_object"}, None)):
        server.told.refuses = frozenset(refused)
        model.ask(QUESTION, [], shape=EXTRACTION)
        form = server.told.requests[-1].get("response_format")
        assert (form["type"] if isinstance(form, dict) else form) == asked
    before = len(server.told.requests)
    model.ask(QUESTION, [], shape=EXTRACTION)
    assert len(server.told.requests) == before + 1, "what it has learned it keeps"


def test_a_reasoning_model_is_asked_in_its_words(model: ChatModel, server: LlmServer) -> None:
    server.told.refuses = frozenset({"max_tokens"})
    model.ask(QUESTION, [], shape=EXTRACTION)
    body = server.told.requests[-1]
    assert "max_completion_tokens" in body
    assert "temperature" not in body


def test_a_request_that_no_form_makes_good_is_refused(model: ChatModel, server: LlmServer) -> None:
    server.told.script = ["400"] * 4
    with pytest.raises(LlmRefused):
        model.ask(QUESTION, [], shape=EXTRACTION)
    server.told.script = []
    model.ask(QUESTION, [], shape=EXTRACTION)
    form = server.told.requests[-1]["response_format"]
    assert isinstance(form, dict)
    assert form["type"] == "json_schema"


@pytest.mark.parametrize("act", ["not json", "no choices", "null"])
def test_an_answer_without_a_message_is_malformed(act: str, model: ChatModel, server: LlmServer) -> None:
    server.told.script = [act]
    attempts: list[Attempt] = []
    with pytest.raises(MalformedReply):
        model.ask(QUESTION, attempts)
    assert [one.error for one in attempts] == ["answered without a message"]


def test_an_answer_that_was_stopped_says_so(model: ChatModel, server: LlmServer) -> None:
    server.told.script = ["cut"]
    assert model.ask(QUESTION, []).is_cut


def test_no_more_requests_run_at_a_time_than_allowed(server: LlmServer) -> None:
    with closing(ChatModel(server.url, "local", parallel=3)) as model, ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: model.ask(QUESTION, []), range(60)))
    assert 1 <= server.told.most_running <= 3


def test_an_endpoint_that_fails_is_left_alone_for_longer_and_longer(server: LlmServer, clock: Clock) -> None:
    breaker = Breaker(failures=3, pause=10, longest_pause=35, clock=clock.now)
    once = Retries(attempts=1)
    with closing(ChatModel(server.url, "local", retries=once, breaker=breaker, sleep=clock)) as model:
        for expected in (3, 4, 5):  # requests that arrive: after each pause one tries, and fails
            server.told.script = ["500"] * 10
            for _ in range(6):
                with pytest.raises(LlmUnavailable):
                    model.ask(QUESTION, [])
            assert len(server.told.requests) == expected
            clock(40)
        server.told.script = []
        assert model.ask(QUESTION, []).text == "In the cellar."
        assert model.ask(QUESTION, []).text == "In the cellar.", "one good answer closes the circuit"


def test_a_stream_comes_in_pieces(model: ChatModel) -> None:
    attempts: list[Attempt] = []
    pieces = list(model.stream(QUESTION, attempts))
    assert len(pieces) > 1
    assert "".join(pieces) == "In the cellar."
    assert [(one.output_tokens, one.error) for one in attempts] == [(3, "")]


def test_an_endpoint_that_does_not_stream_is_read_all_the_same(model: ChatModel, server: LlmServer) -> None:
    server.told.script = ["no stream"]
    assert "".join(model.stream(QUESTION, [])) == "In the cellar."


def test_a_stream_that_is_refused_is_metered(model: ChatModel, server: LlmServer) -> None:
    server.told.script = ["503"]
    attempts: list[Attempt] = []
    with pytest.raises(LlmUnavailable):
        list(model.stream(QUESTION, attempts))
    assert [bool(one.error) for one in attempts] == [True]


def test_the_key_and_the_texts_stay_out_of_errors_and_logs(
    model: ChatModel, server: LlmServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.told.script = ["400"] * 4  # the server quotes both
    with pytest.raises(LlmRefused) as caught:
        model.ask(QUESTION, [])
    assert KEY not in f"{caught.value!r} {caplog.text}"
    assert "treasure" not in f"{caught.value!r} {caplog.text}"


@pytest.mark.parametrize("url", ["ftp://host/v1", "host", "http://me:secret@host/v1", "http://host/v1?key=secret"])
def test_an_address_that_cannot_be_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(LlmError) as caught:
        ChatModel(url, "local")
    assert "secret" not in str(caught.value)


def test_a_key_with_a_line_break_is_refused_without_quoting_it() -> None:
    with pytest.raises(LlmError) as caught:
        ChatModel("http://host/v1", "local", "sk-half\nsk-other")
    assert "sk-" not in str(caught.value)
