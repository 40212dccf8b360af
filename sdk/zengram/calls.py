"""One request as a value: what is sent, how its answer is read, and whether it may be sent twice.

`items.py`, `recalling.py` and `admin.py` build these values, one function a verb; both clients send them.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar
from urllib.parse import quote

from zengram.inputs import Json, Upload
from zengram.models import Model, Page

T = TypeVar("T")
M = TypeVar("M", bound=Model)

IDEMPOTENCY_KEY = "Idempotency-Key"


@dataclass(frozen=True)
class Call(Generic[T]):
    """A request. `repeatable` says that sending it twice does no more than sending it once."""

    method: str
    path: str
    parse: Callable[[bytes], T]
    params: Mapping[str, str] = field(default_factory=dict)
    body: Json | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Upload, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = True
    elsewhere: "Call[T] | None" = None  # where to look next if it is not found here


def answer(model: type[M]) -> Callable[[bytes], M]:
    return model.model_validate_json


def nothing(_content: bytes) -> None:
    return None


def path(*parts: str) -> str:
    """Raises ValueError for an id that would name another route."""
    if any(part in {"", ".", ".."} for part in parts):
        raise ValueError("An id or a name is needed here, not an empty text.")
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)


def keyed(idempotency_key: str | None) -> Mapping[str, str]:
    """The header that makes a write safe to repeat: the caller's key, or a new one that all its retries share."""
    return {IDEMPOTENCY_KEY: idempotency_key or uuid.uuid4().hex}


def following(call: Call[Page[T]], page: Page[T]) -> Call[Page[T]] | None:
    """The call for the next page, if there is one."""
    if page.next_cursor is None:
        return None
    return replace(call, params={**call.params, "cursor": page.next_cursor})
