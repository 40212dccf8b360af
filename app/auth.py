"""Who asks: an API key, or nobody at all from this very machine as long as no key exists."""

import ipaddress
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from app.runtime import Runtime, runtime_of
from memory import tenancy
from memory.errors import Forbidden, NotFound, Unauthorized
from memory.types import Principal, Scope

PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")

_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="`X-API-Key: zg_...`")
_bearer = HTTPBearer(auto_error=False, description="`Authorization: Bearer zg_...`")


def principal(
    request: Request,
    runtime: Annotated[Runtime, Depends(runtime_of)],
    key: Annotated[str | None, Depends(_header)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Principal:
    """Raises Unauthorized."""
    secret = key or (bearer.credentials if bearer else None)
    if secret:
        found = tenancy.authenticate(runtime.parts, secret, datetime.now(UTC))
        request.scope["state"]["facts"] = {"key": found.key}
        return found
    if "authorization" in request.headers or not from_this_machine(request) or tenancy.has_keys(runtime.parts):
        raise Unauthorized
    return runtime.owner


def may(scope: Scope) -> Callable[[Principal], Awaitable[Principal]]:
    """A dependency: the principal, if it may do this. Raises Forbidden."""

    async def permitted(asking: Annotated[Principal, Depends(principal)]) -> Principal:
        if scope not in asking.scopes:
            raise Forbidden(f"This API key lacks the scope `{scope}`; use a key that has it.")
        return asking

    return permitted


def check_binding(asking: Principal, namespace: str) -> None:
    """Raises NotFound: to a key that is bound to one namespace, no other one exists."""
    if asking.namespace not in {None, namespace}:
        raise NotFound(f"There is no namespace `{namespace}` for this API key.")


async def whole_tenant(asking: Annotated[Principal, Depends(may(Scope.ADMIN))]) -> Principal:
    """A dependency: an admin whose key is not bound to one namespace. Raises Forbidden."""
    if asking.namespace is not None:
        raise Forbidden("This API key is bound to one namespace; use an admin key of the whole tenant.")
    return asking


def from_this_machine(request: Request) -> bool:
    """True if the peer is loopback and nothing hints at a proxy, a foreign web page or DNS rebinding."""
    if any(name in request.headers for name in PROXY_HEADERS):
        return False
    origin = request.headers.get("origin")
    if origin is not None and not is_loopback_name(urlsplit(origin).hostname or ""):
        return False
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    peer = request.client.host if request.client else ""
    return is_loopback_address(peer) and is_loopback_name(host)


def is_loopback_name(host: str) -> bool:
    return host.lower().rstrip(".") == "localhost" or is_loopback_address(host)


def is_loopback_address(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
