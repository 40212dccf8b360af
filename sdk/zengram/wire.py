"""Calls as HTTP requests, HTTP answers as values. `httpx` is known here and in client.py only."""

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx

from zengram.calls import Call
from zengram.errors import ConnectionFailed, TimedOut
from zengram.exchange import Answer, Outcome
from zengram.inputs import encode

T = TypeVar("T")

DEFAULT_URL = "http://127.0.0.1:8000"
LONGEST_CONNECT = 5.0  # seconds
REQUEST_ID = "X-Request-Id"
USER_AGENT = "zengram-python"
LOOPBACK = ("all://127.0.0.1", "all://localhost", "all://[::1]")  # never by way of a proxy


@dataclass(frozen=True)
class Connection:
    """Where the service is, and how to speak to it. The key is never shown."""

    url: str
    api_key: str | None = field(repr=False)
    timeout: float

    @property
    def headers(self) -> Mapping[str, str]:
        known = {"User-Agent": USER_AGENT, "Accept": "application/json"}
        # As a bearer token: httpx hides it when it shows a request, which it does not for X-API-Key.
        return known | ({"Authorization": f"Bearer {self.api_key}"} if self.api_key else {})

    @property
    def limits(self) -> httpx.Timeout:
        return httpx.Timeout(self.timeout, connect=min(self.timeout, LONGEST_CONNECT))


def connection(url: str | None, api_key: str | None, timeout: float) -> Connection:
    """The arguments, or else ZENGRAM_URL and ZENGRAM_API_KEY. Raises ValueError, which never shows the key."""
    found = (url or os.environ.get("ZENGRAM_URL") or DEFAULT_URL).strip().rstrip("/")
    key = (api_key or os.environ.get("ZENGRAM_API_KEY") or "").strip() or None
    if key is not None and not (key.isascii() and key.isprintable() and " " not in key):
        raise ValueError("The API key has characters that no key has; was it copied in full?")
    _check_url(found)
    return Connection(found, key, timeout)


def _check_url(url: str) -> None:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"The URL of the service cannot be read: {error}") from None
    if parsed.userinfo:
        raise ValueError("The URL of the service must not hold a password; give the key as api_key.")
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ValueError(f"The URL of the service starts with http:// or https://, unlike {url!r}.")


def request_of(call: Call[T], to: Connection) -> httpx.Request:
    """The request, with an id of its own that the service writes into its log."""
    headers = {REQUEST_ID: uuid.uuid4().hex, **to.headers, **call.headers}
    content = None
    if call.body is not None:
        headers["Content-Type"] = "application/json"
        content = encode(call.body)
    return httpx.Request(
        call.method,
        to.url + call.path,
        params=call.params or None,
        headers=headers,
        content=content,
        data=dict(call.form) or None,
        files=[("file", (one.name, one.content)) for one in call.files] or None,
        extensions={"timeout": to.limits.as_dict()},
    )


def answer_of(response: httpx.Response) -> Answer:
    return Answer(
        status=response.status_code,
        content=response.content,
        request_id=response.headers.get(REQUEST_ID) or response.request.headers.get(REQUEST_ID),
        retry_after=seconds(response.headers.get("Retry-After", ""), datetime.now(timezone.utc)),
    )


def failure_of(error: httpx.RequestError, request: httpx.Request, to: Connection) -> Outcome:
    """What went wrong on the way, in our words."""
    request_id = request.headers.get(REQUEST_ID)
    if isinstance(error, httpx.TimeoutException):
        message = f"No answer from {to.url} within {to.timeout:g} s."
        failure: ConnectionFailed | TimedOut = TimedOut(message, request_id=request_id)
    elif isinstance(error, httpx.ConnectError):
        message = f"Cannot reach {to.url}: {error}. Is the service running, and is the URL right?"
        failure = ConnectionFailed(message, request_id=request_id)
    else:
        message = f"The connection to {to.url} broke: {error or type(error).__name__}."
        failure = ConnectionFailed(message, request_id=request_id)
    failure.__cause__ = error
    return failure


def seconds(retry_after: str, now: datetime) -> float | None:
    """Retry-After, which is seconds or a date. None if it is neither."""
    if retry_after.strip().isascii() and retry_after.strip().isdigit():
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    aware = until.replace(tzinfo=timezone.utc) if until.tzinfo is None else until
    return max(0.0, (aware - now).total_seconds())
