"""A real HTTP server that answers as it is told: late, cut short, not at all, or with any status."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

Handler = BaseHTTPRequestHandler
Behaviour = Callable[[Handler], None]
JSON = "application/json"
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Received:
    """A request as the server saw it."""

    method: str
    path: str
    params: Mapping[str, list[str]]
    headers: Mapping[str, str]  # names in lower case
    content: bytes

    def json(self) -> object:
        return json.loads(self.content)


@dataclass
class Service:
    """The server under a test's control: it follows the script, then repeats its last line."""

    url: str
    received: list[Received] = field(default_factory=list)
    _script: list[Behaviour] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def will(self, *script: Behaviour) -> None:
        self._script = list(script)

    @property
    def keys(self) -> list[str | None]:
        """The idempotency key of every request."""
        return [one.headers.get("idempotency-key") for one in self.received]

    def next(self, received: Received) -> Behaviour:
        with self._lock:
            self.received.append(received)
            return self._script.pop(0) if len(self._script) > 1 else self._script[0]


def answer(status: int, body: object = None, headers: Mapping[str, str] | None = None) -> Behaviour:
    content = b"" if body is None else json.dumps(body).encode()
    return raw(status, content, JSON, headers)


def problem(status: int, code: str, detail: str, errors: object = (), retry_after: str | None = None) -> Behaviour:
    body = {
        "type": f"urn:zengram:problem:{code}",
        "title": "Problem",
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": "request-of-the-server",
        "errors": errors,
    }
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return raw(status, json.dumps(body).encode(), PROBLEM, headers)


def raw(status: int, content: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": media_type, **(headers or {})}.items():
            handler.send_header(name, value)
        if status != 204:
            handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return behave


def drop(handler: Handler) -> None:
    """Closes the connection without an answer."""
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def cut(handler: Handler) -> None:
    """Promises more bytes than it sends."""
    handler.send_response(200)
    handler.send_header("Content-Type", JSON)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"items": [')
    handler.wfile.flush()
    drop(handler)


def slowly(seconds: float, then: Behaviour) -> Behaviour:
    def behave(handler: Handler) -> None:
        time.sleep(seconds)
        try:
            then(handler)
        except OSError:  # the client has given up
            handler.close_connection = True

    return behave


@contextmanager
def serving() -> Iterator[Service]:
    """A service on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False  # so that closing waits for them: no thread outlives its test
    service = Service(f"http://127.0.0.1:{server.server_address[1]}")
    server.RequestHandlerClass = _handler_for(service)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler_for(service: Service) -> type[Handler]:
    class Scripted(Handler):
        protocol_version = "HTTP/1.1"
        timeout = 5  # an idle connection must not keep the server from closing

        def do(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            received = Received(self.command, parts.path, parse_qs(parts.query), headers, content)
            service.next(received)(self)

        do_GET = do_POST = do_PATCH = do_DELETE = do

        def log_message(self, format: str, *args: object) -> None:
            """Silent: what was received is kept in `service.received`."""

    return Scripted
