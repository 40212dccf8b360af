"""A real OpenAI-compatible chat endpoint on a free local port, which replays what an LLM said, or misbehaves when told.

Told nothing, it extracts by a rule that tests can predict: every sentence "A verb B." is the triple [A, verb, B].
"""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

Json = Mapping[str, object]
Answer = Callable[[Sequence[Mapping[str, str]]], str]  # messages -> what the model says

SENTENCE = re.compile(r"([A-Z][\w' ]*?) (likes|knows|owns|built|married|leads|painted) ([A-Z][\w' ]*)")


@dataclass
class Told:
    """What a server has seen and what it does next.

    Words of the script, one for each request to come: `429` or another status (`429:7` asks to wait 7 seconds), `slow`,
    `hang up`, `not json`, `no choices`, `null`, `empty`, `chatter`, `fenced`, `thinking`, `bare list`, `cut`,
    `wrong keys`, `wrong schema`, `python`, `deep`, `huge`, `injected`, `parts`, `no usage`.
    """

    script: list[str] = field(default_factory=list)
    requests: list[Json] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)
    refuses: frozenset[str] = frozenset()  # `json_schema`, `json_object`, `max_tokens`: answered with 400
    answers: Answer | None = None  # what it says instead of an extraction
    running: int = 0
    most_running: int = 0


class LlmServer(ThreadingHTTPServer):
    """Extracts from `recorded` (by text of the passage) or by the rule; `told` says what else to do."""

    daemon_threads = True

    def __init__(self, recorded: Mapping[str, Json] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.recorded = recorded or {}
        self.told = Told()
        self.lock = threading.Lock()
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what some tests want."""

    def say(self, body: Mapping[str, object]) -> str:
        messages = body["messages"]
        assert isinstance(messages, list)
        asked = _json(str(messages[1]["content"]))
        if isinstance(asked, dict) and "passages" in asked:
            return json.dumps({"passages": [self._extracted(one) for one in asked["passages"]]})
        return self.told.answers(messages) if self.told.answers else "NOT FOUND"

    def _extracted(self, passage: Mapping[str, str]) -> dict[str, object]:
        found = self.recorded.get(passage["text"]) or by_rule(passage["text"])
        return {"number": passage["number"], "entities": found["entities"], "triples": found["triples"]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: LlmServer

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        told = self.server.told
        with self.server.lock:
            told.requests.append(body)
            told.authorizations.append(self.headers["Authorization"])
            told.running += 1
            told.most_running = max(told.most_running, told.running)
            act = told.script.pop(0) if told.script else "well"
        try:
            self._act(act, body, told)
        finally:
            with self.server.lock:
                told.running -= 1

    def _act(self, act: str, body: Mapping[str, object], told: Told) -> None:
        if self.path != "/v1/chat/completions":
            self._answer(404, "{}")
        elif _asks_for(body) & told.refuses:
            self._answer(400, json.dumps({"error": {"message": f"{self.headers['Authorization']}: {body}"}}))
        elif act == "hang up":
            self.close_connection = True
        elif act[0].isdigit():
            status, _, wait = act.partition(":")
            self._answer(int(status), f"{self.headers['Authorization']} asked for {body}", wait)
        elif body.get("stream") and act != "no stream":
            self._stream(self.server.say(body), act)
        else:
            if act == "slow":
                self.server.released.wait(10)
            self._answer(200, _completion(act, self.server.say(body)))

    def _answer(self, status: int, body: str, wait: str = "") -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if wait:
            self.send_header("Retry-After", wait)
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, said: str, act: str) -> None:
        """Server-sent events of a few characters each; `hang up midway` stops after half of them."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        pieces = [said[start : start + 5] for start in range(0, len(said), 5)]
        for number, piece in enumerate(pieces):
            if act == "hang up midway" and number >= len(pieces) // 2:
                self.wfile.write(b"data: {cut")
                return
            event = {"choices": [{"index": 0, "delta": {"content": piece}}]}
            self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
            self.wfile.flush()
        self.wfile.write(b": a comment\n\ndata: [DONE]\n\n")


@contextmanager
def llm_server(recorded: Mapping[str, Json] | None = None) -> Iterator[LlmServer]:
    server = LlmServer(recorded)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def recorded_extractions(folder: Path) -> dict[str, Json]:
    """What an LLM said of the passages of a corpus with `openie.jsonl`, by text."""
    texts = {}
    for line in (folder / "corpus.jsonl").read_text("utf-8").splitlines():
        passage = json.loads(line)
        texts[passage["_id"]] = passage["text"]
    lines = (folder / "openie.jsonl").read_text("utf-8").splitlines()
    return {texts[found["_id"]]: found for found in map(json.loads, lines)}


def by_rule(text: str) -> dict[str, object]:
    """Triples of the sentences of the form "A verb B"."""
    triples = [[subject.strip(), verb, object_.strip()] for subject, verb, object_ in SENTENCE.findall(text)]
    names = dict.fromkeys(name for triple in triples for name in (triple[0], triple[2]))
    return {"entities": list(names), "triples": triples}


def _asks_for(body: Mapping[str, object]) -> set[str]:
    form = body.get("response_format")
    kinds = {str(form["type"])} if isinstance(form, dict) else set()
    return kinds | ({"max_tokens"} & body.keys())


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _completion(act: str, said: str) -> str:
    """The body of an answer, bent as the script says."""
    match act:
        case "not json":
            return "<html>Bad gateway</html>"
        case "no choices":
            return json.dumps({"choices": [], "usage": {"prompt_tokens": 7}})
    content: object = {"null": None, "parts": [{"type": "text", "text": said}]}.get(act, _bent(act, said))
    choice = {"index": 0, "message": {"role": "assistant", "content": content}}
    choice["finish_reason"] = "length" if act == "cut" else "stop"
    usage = {} if act == "no usage" else {"usage": {"prompt_tokens": 100, "completion_tokens": 10}}
    return json.dumps({"id": "x", "object": "chat.completion", "choices": [choice], **usage})


def _bent(act: str, said: str) -> str:
    found = _json(said)
    passages = found["passages"] if isinstance(found, dict) and "passages" in found else [{}]
    first = passages[0]
    bent: dict[str, Callable[[], str]] = {
        "empty": lambda: "",
        "chatter": lambda: f"Certainly! Here is the graph [1]:\n{said}\nLet me know if {{you}} need more.",
        "fenced": lambda: f"```json\n{json.dumps(first)}\n```",
        "thinking": lambda: (
            f'<think>It says {{"passages": [{{"number": 1, "triples": [["x", "y", "z"]]}}]}}</think>{said}'
        ),
        "bare list": lambda: json.dumps(first.get("triples")),
        "cut": lambda: said[: int(len(said) * 0.8)],
        "wrong keys": lambda: _in_other_words(first),
        "wrong schema": lambda: json.dumps({"summary": "A passage about something."}),
        "python": lambda: f"{{'passages': __import__('os').abort() or {passages!r}}}",
        "deep": lambda: "[" * 100_000,
        "huge": lambda: said + " " * 1_000_001,
        "injected": lambda: _lies(passages),
    }
    return bent.get(act, lambda: said)()


def _in_other_words(passage: Mapping[str, object]) -> str:
    triples = passage.get("triples")
    assert isinstance(triples, list)
    kinds = [{"head": subject, "relation": verb, "tail": object_} for subject, verb, object_ in triples]
    return json.dumps({"Named Entities": passage.get("entities"), "Relationships": kinds})


def _lies(passages: Sequence[Mapping[str, object]]) -> str:
    """Facts that no passage states."""
    invented = {"triples": [["Mallory", "owns", "the vault"]], "entities": ["Mallory"]}
    return json.dumps({"passages": [{**one, **invented} for one in passages]})
