"""A chat endpoint that replays recorded extractions over HTTP, so that the real client is measured."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bench.triples import Extraction

NOTHING = Extraction((), (), 0)


class Replay(ThreadingHTTPServer):
    """Knows what was extracted from each text; of any other text it extracts nothing."""

    daemon_threads = True

    def __init__(self, recorded: Mapping[str, Extraction]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.recorded = recorded

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Replay

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        passages = json.loads(asked["messages"][1]["content"])["passages"]
        said = {"passages": [self._extraction(passage) for passage in passages]}
        message = {"role": "assistant", "content": json.dumps(said)}
        body = json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _extraction(self, passage: Mapping[str, str]) -> dict[str, object]:
        found = self.server.recorded.get(passage["text"], NOTHING)
        return {"number": passage["number"], "entities": found.entities, "triples": found.triples}


@contextmanager
def replaying(recorded: Mapping[str, Extraction]) -> Iterator[str]:
    """The URL of the endpoint while it runs."""
    server = Replay(recorded)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
