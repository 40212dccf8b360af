"""Errors as RFC 9457 problem+json: one shape for every failure, with what to do about it."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from app.errors import AppError, InvalidBody, TooLarge, code_of, status_of
from app.logs import log_unexpected, request_id
from memory.errors import InvalidInput, MemoryServiceError, Obstructed, Problem
from retrieval.errors import FilterInvalid, RetrievalError

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:zengram:problem:"
RETRY_AFTER_SECONDS = 1
UNION_TAG = "("  # union members are tagged "(one)" and "(batch)"; callers never see the tags
UNMATCHED = "unmatched"  # one label for all unknown paths: a scanner must not grow the metrics
HIDDEN = "The request failed inside the service. Report it with this request_id; the log has the details."

_HTTP_CODES = {
    400: "invalid_body",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}
_REMEDIES = {
    "missing": "Send this field.",
    "extra_forbidden": "Remove this field, or check its spelling.",
    "json_invalid": "Send valid JSON.",
    "string_too_short": "Send some text.",
    "string_too_long": "Send less text, or split it.",
    "string_unicode": "Send valid Unicode: no lone surrogates.",
}


def problem(
    status: int, code: str, detail: str, problems: Sequence[Problem] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """A problem+json answer."""
    body = {
        "type": TYPE_PREFIX + code,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id.get(),
        "errors": [{"field": one.field, "message": one.message, "remedy": one.remedy} for one in problems],
    }
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return Response(content, status, {**_headers_for(status), **(headers or {})}, MEDIA_TYPE)


def problem_of(error: Exception) -> Response:
    """The answer to any error; what nobody expected is logged here and its details stay inside."""
    status = status_of(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log_unexpected(error)
        return problem(status, "internal", HIDDEN)
    return problem(status, code_of(error), str(error), _problems_of(error))


def install(app: FastAPI) -> None:
    """Make every error of the application a problem."""
    for kind in (MemoryServiceError, RetrievalError, AppError):
        app.add_exception_handler(kind, _expected)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)


def route_of(scope: Scope) -> str:
    """The template of the route that answered, such as `/v1/documents/{id}`."""
    path = getattr(scope.get("route"), "path_format", None)
    return path if isinstance(path, str) else UNMATCHED


def field_path(location: Sequence[str | int]) -> str:
    """`("body", "documents", 0, "text")` as `documents[0].text`."""
    path = ""
    for part in location[1:] if location and location[0] in {"body", "query", "path", "header"} else location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not part.startswith(UNION_TAG):
            path += f".{part}" if path else part
    return path or str(location[0] if location else "body")


def _headers_for(status: int) -> Mapping[str, str]:
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        return {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return {}


def _problems_of(error: Exception) -> Sequence[Problem]:
    if isinstance(error, InvalidInput | Obstructed):
        return error.problems
    if isinstance(error, FilterInvalid):
        return (Problem(error.path, str(error), error.remedy),)
    return ()


def _expected(_request: Request, error: Exception) -> Response:
    return problem_of(error)


def _http(request: Request, error: Exception) -> Response:
    """What the framework refuses: an unknown route, a wrong method, a body that cannot be parsed."""
    assert isinstance(error, HTTPException)
    status = error.status_code
    if status == HTTPStatus.BAD_REQUEST:
        return problem_of(_unreadable(error))
    detail = {
        404: f"There is no {request.url.path} here; /docs lists what there is.",
        405: f"{request.url.path} does not take {request.method}.",
        413: str(TooLarge()),
    }.get(status, error.detail)
    headers = {"Allow": _methods(request)} if status == HTTPStatus.METHOD_NOT_ALLOWED else error.headers
    return problem(status, _HTTP_CODES.get(status, "http_error"), detail, headers=headers)


def _methods(request: Request) -> str:
    """All methods of the path; the framework names those of one route only."""
    paths = request.app.openapi()["paths"]
    return ", ".join(sorted(method.upper() for method in paths.get(route_of(request.scope), {})))


def _unreadable(error: HTTPException) -> AppError:
    cause = error.__cause__
    if isinstance(cause, UnicodeDecodeError):
        return InvalidBody(f"The body is not valid UTF-8 (byte {cause.start}); encode it as UTF-8.")
    if isinstance(cause, RecursionError):
        return InvalidBody("The body is nested too deeply.")
    return InvalidBody(f"The body cannot be read: {error.detail}")


def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if found and found[0]["type"] == "json_invalid":
        reason = found[0].get("ctx", {}).get("error", "")
        return problem(400, "invalid_json", f"The body is not valid JSON: {reason} (character {found[0]['loc'][-1]}).")
    problems = [
        Problem(field_path(one["loc"]), _message(one["msg"]), _REMEDIES.get(one["type"], "See /docs for what fits."))
        for one in found
    ]
    return problem_of(InvalidInput(problems))


def _message(message: str) -> str:
    return message.removeprefix("Value error, ")
