"""A real OpenAI-compatible embeddings endpoint on a free local port, which misbehaves when told to."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from retrieval.embedders.hashing import HashingEmbedder

DIMENSION = 64


class EmbeddingsServer(ThreadingHTTPServer):
    """Gives the vectors of a HashingEmbedder. `script` says what to do with the next requests; then all goes well.

    Words of the script: `429` or another status (`429:7` asks to wait 7 seconds), `slow`, `cut`, `hang up`, `not json`,
    `nan`, `zero`, `fewer`, `shorter`, `ragged`, `reversed`.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script: list[str] = []
        self.requests: list[list[str]] = []
        self.authorizations: list[str | None] = []
        self.connections = 0
        self.all_closed = threading.Condition()
        self.open = 0
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what some tests want."""

    def wait_until_no_connection_is_open(self) -> bool:
        with self.all_closed:
            return self.all_closed.wait_for(lambda: self.open == 0, timeout=10)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: EmbeddingsServer

    def setup(self) -> None:
        super().setup()
        with self.server.all_closed:
            self.server.connections += 1
            self.server.open += 1

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            with self.server.all_closed:
                self.server.open -= 1
                self.server.all_closed.notify_all()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
        self.server.requests.append(texts)
        self.server.authorizations.append(self.headers["Authorization"])
        act = self.server.script.pop(0) if self.server.script else "well"
        if act == "slow":
            self.server.released.wait(10)
        if act == "hang up":
            self.close_connection = True
        elif act[0].isdigit():
            status, _, wait = act.partition(":")
            self._answer(int(status), f"{self.headers['Authorization']} may not embed {texts}", wait)
        else:
            self._answer(200, _body(act, texts), cut=act == "cut")

    def _answer(self, status: int, body: str, wait: str = "", cut: bool = False) -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if wait:
            self.send_header("Retry-After", wait)
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if cut else content)
        self.close_connection = self.close_connection or cut


@contextmanager
def embeddings_server() -> Iterator[EmbeddingsServer]:
    server = EmbeddingsServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _body(act: str, texts: Sequence[str]) -> str:
    if act == "not json":
        return "<html>Bad gateway</html>"
    vectors = [_changed(act, HashingEmbedder(DIMENSION).encode_question(text).tolist()) for text in texts]
    if act == "fewer":
        vectors.pop()
    if act == "ragged":
        vectors[-1].pop()
    items = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]
    return json.dumps({"object": "list", "data": items[::-1] if act == "reversed" else items})


def _changed(act: str, vector: list[float]) -> list[float]:
    match act:
        case "nan":
            return [float("nan"), *vector[1:]]
        case "zero":
            return [0.0] * len(vector)
        case "shorter":
            return vector[:-1]
        case _:
            return vector
