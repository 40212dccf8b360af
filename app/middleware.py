"""The edge of HTTP as plain ASGI: request ids, access logs, metrics, the body limit, the last resort for errors."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import TooLarge
from app.logs import request_id
from app.metrics import Metrics
from app.problems import problem_of, route_of

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_SOUND_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_access = logging.getLogger("app.access")


class RequestEdge:
    """Outermost: names the request, measures and logs it, and turns what nobody expected into a problem."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        token = request_id.set(_id_of(scope))
        try:
            await self._measured(scope, receive, send)
        finally:
            request_id.reset(token)

    async def _measured(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        answer = _Answer(send, lambda status: self._record(scope, status, time.perf_counter() - started))
        try:
            await self.app(scope, receive, answer)
        except Exception as error:  # noqa: BLE001 - the HTTP edge: no request may end without an answer
            await _rescue(error, answer, scope, receive)
        finally:
            answer.finish()

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_of(scope)
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        self.metrics.answered(method, route, status, seconds)
        facts = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        _access.info("request", extra=facts | scope.get("state", {}).get("facts", {}))


class BodyLimit:
    """Refuses bodies above the limit: by their Content-Length, or while they stream in."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if _announced(scope) > self.limit:
            too_large = TooLarge(f"The body is larger than {self.limit} bytes; send less at a time.")
            await problem_of(too_large)(scope, receive, send)
            return
        await self.app(scope, self._counting(receive), send)

    def _counting(self, receive: Receive) -> Receive:
        read = 0

        async def limited() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.limit:
                raise HTTPException(413)  # the framework passes this kind on untouched
            return message

        return limited


class _Answer:
    """Sends on, adds the request id, and tells the status once, before the caller has the end, so that none lags."""

    def __init__(self, send: Send, tell: Callable[[int], None]) -> None:
        self._send = send
        self._tell = tell
        self._finished = False
        self._status = 500
        self.started = False

    def finish(self) -> None:
        if not self._finished:
            self._finished = True
            self._tell(self._status)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self._status = message["status"]
            MutableHeaders(scope=message)["X-Request-Id"] = request_id.get()
        elif message["type"] == "http.response.body" and not message.get("more_body", False):
            self.finish()
        await self._send(message)


async def _rescue(error: Exception, answer: _Answer, scope: Scope, receive: Receive) -> None:
    if answer.started:
        raise error  # too late for another answer: the server must cut the connection
    await problem_of(error)(scope, receive, answer)


def _id_of(scope: Scope) -> str:
    sent = Headers(scope=scope).get("x-request-id", "")
    return sent if _SOUND_ID.fullmatch(sent) else uuid.uuid4().hex


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isdecimal() and length.isascii() else 0
