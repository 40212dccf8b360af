"""What routes ask for: the namespace, idempotency, the version in If-Match, and the problems they document.

What waits for nothing is `async`: else the framework hands it to a thread, which takes longer than all of it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Header, Query, Request

from app.auth import check_binding, may
from app.errors import UnsupportedMedia
from app.runtime import Runtime, runtime_of
from app.schemas.fields import NamespaceName
from app.schemas.problems import ProblemOut
from memory import tenancy
from memory.errors import InvalidInput, Problem
from memory.types import Draft, Idempotency, Namespace, Principal, Scope

Responses = dict[int | str, dict[str, object]]

InRuntime = Annotated[Runtime, Depends(runtime_of)]
Reader = Annotated[Principal, Depends(may(Scope.READ))]
Writer = Annotated[Principal, Depends(may(Scope.WRITE))]
NamespaceQuery = Annotated[
    NamespaceName, Query(alias="namespace", description="The memory to use; a write creates it.", examples=["default"])
]
Limit = Annotated[int, Query(ge=1, le=1000, description="Items a page.")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next_cursor` of the page before.", examples=[None])]


def readable(runtime: InRuntime, asking: Reader, namespace: NamespaceQuery = "default") -> Namespace:
    """A namespace that is there and that the key may read. Raises NotFound."""
    check_binding(asking, namespace)
    return tenancy.namespace(runtime.parts, asking, namespace)


def ensured(runtime: Runtime, asking: Principal, namespace: str) -> Namespace:
    """A namespace that the key may change, made if it is not there. No dependency: a bad body must make nothing."""
    check_binding(asking, namespace)
    return tenancy.ensure_namespace(runtime.parts, asking, namespace, datetime.now(UTC))


def changeable(runtime: InRuntime, asking: Writer, namespace: NamespaceQuery = "default") -> Namespace:
    """A namespace that is there and that the key may change. Raises NotFound."""
    check_binding(asking, namespace)
    return tenancy.namespace(runtime.parts, asking, namespace)


ToRead = Annotated[Namespace, Depends(readable)]
ToChange = Annotated[Namespace, Depends(changeable)]


async def json_only(request: Request) -> None:
    """Bodies are JSON and say so. Raises UnsupportedMedia."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if request.method in {"POST", "PUT", "PATCH"} and kind != "application/json" and has_body(request):
        raise UnsupportedMedia("Send the body as JSON, with Content-Type: application/json.")


async def form_only(request: Request) -> None:
    """Files come as multipart. Raises UnsupportedMedia."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise UnsupportedMedia("Send files as multipart/form-data, in fields named `file`.")


def has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Repeating a request with the same key gives the same answer and writes nothing twice.",
        examples=[None],
    ),
]


def fingerprint(path: str, drafts: Sequence[Draft]) -> str:
    """SHA-256 of what a request asks to write, however its JSON was spelled."""
    return digest(path, [asdict(draft) for draft in drafts])


def idempotent(key: str | None, path: str, asked: object) -> Idempotency | None:
    """The caller's key, with what it is for."""
    return None if key is None else Idempotency(key, digest(path, asked))


def digest(path: str, content: object) -> str:
    asked = json.dumps([path, content], sort_keys=True, default=str)
    return hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()


async def version_in(
    if_match: Annotated[
        str | None, Header(alias="If-Match", description='The ETag that you read, for example `"3"`.', examples=[None])
    ] = None,
) -> int | None:
    """The version that the caller expects. Raises InvalidInput."""
    if if_match is None or if_match.strip() == "*":
        return None
    tag = if_match.strip().removeprefix("W/").strip('"')
    if not (tag.isascii() and tag.isdecimal() and len(tag) < 19):
        raise InvalidInput([Problem("If-Match", "is not an ETag of this service", 'Send the ETag as read: "3".')])
    return int(tag)


IfMatch = Annotated[int | None, Depends(version_in)]


def problems(*statuses: int) -> Responses:
    """The documented errors of a route: those that every route has, and these."""
    titles: Mapping[int, str] = {
        400: "The body cannot be read",
        401: "No valid API key",
        403: "The key lacks the scope",
        404: "Not here, or not yours",
        405: "The path does not take this method",
        409: "Contradicts what is stored",
        412: "Changed since you read it",
        413: "Too large",
        415: "Of a kind that is not read here",
        422: "Fields that cannot be accepted",
        429: "The budget is spent; try again after Retry-After",
        500: "A failure inside; the log has its request_id",
        502: "The LLM answered something that cannot be used",
        503: "Not now; try again after Retry-After",
        507: "The disk is full",
    }
    content = {"application/problem+json": {"schema": {"$ref": f"#/components/schemas/{ProblemOut.__name__}"}}}
    return {
        status: {"description": titles[status], "content": content}
        for status in sorted({400, 401, 403, 422, 500, 503, *statuses})
    }
