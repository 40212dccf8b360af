"""Talking to OpenAI-compatible endpoints: what an address and a key may be, what is worth a retry, how long to wait."""

import math
from dataclasses import dataclass

import httpx

from retrieval.errors import EndpointInvalid

WORTH_RETRYING = frozenset({408, 425, 429, 500, 502, 503, 504, 529})

_REMEDIES = {
    401: "check the key",
    403: "check the key",
    404: "check the URL and the model",
    413: "send less at once",
}


@dataclass(frozen=True, slots=True)
class Retries:
    """How long to insist: `attempts` requests of at most `timeout` seconds, and the seconds to wait between them."""

    attempts: int = 3
    timeout: float = 15.0
    first_wait: float = 0.5  # doubles after every attempt
    longest_wait: float = 5.0  # also where the endpoint asks for more

    def wait(self, attempt: int, asked: float) -> float:
        """Seconds after this attempt (the first is 1), if the endpoint asked for `asked`."""
        return min(max(asked, self.first_wait * 2.0 ** (attempt - 1)), self.longest_wait)


def address(url: str, path: str, what: str) -> str:
    """`url` with the path of the endpoint that errors call `what`. Raises EndpointInvalid."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise EndpointInvalid(f"The URL of the {what} endpoint is not a URL.") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise EndpointInvalid(f"The URL of the {what} endpoint must begin with http:// or https:// and name a host.")
    if parsed.userinfo or parsed.query:
        raise EndpointInvalid(f"The URL of the {what} endpoint must not carry a password or a query: use the key.")
    return url.rstrip("/") + path


def headers(key: str | None, what: str) -> dict[str, str]:
    """Raises EndpointInvalid."""
    found = {"Content-Type": "application/json"}
    if key:
        # Checked here because the HTTP library would quote a broken key in its error.
        if not key.isascii() or not key.isprintable() or " " in key:
            raise EndpointInvalid(f"The key of the {what} endpoint has a character that no key has. Is it complete?")
        found["Authorization"] = f"Bearer {key}"
    return found


def refusal(what: str, endpoint: str, status: int, attempts: int) -> str:
    """What is wrong and what to do. Without the body: some servers quote the key, or the text, in theirs."""
    otherwise = f"tried {attempts} times" if attempts > 1 else "check the URL, the model and the key"
    return f"The {what} endpoint {endpoint} answered {status}: {_REMEDIES.get(status, otherwise)}."


def retry_after(response: httpx.Response) -> float:
    """Seconds; 0 if the endpoint asks for none, or names a date."""
    try:
        asked = float(response.headers.get("Retry-After", "0"))
    except ValueError:
        return 0.0
    return asked if math.isfinite(asked) else 0.0
