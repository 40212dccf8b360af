"""Tenants, their namespaces and their API keys. What belongs to another tenant is not found, never forbidden."""

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from memory import holds
from memory.errors import Conflict, Forbidden, InvalidInput, NotFound, Problem, Unauthorized
from memory.ids import known_form, new_id
from memory.jobs import defer_cleaning
from memory.parts import Parts
from memory.store import forgetting, keys, namespaces
from memory.types import ApiKey, KeyId, Namespace, NamespaceStats, Principal, Scope, TenantId

DEFAULT = "default"  # name of the tenant and the namespace that are always there
KEY_MARK = "zg_"
PREFIX_LENGTH = 8
SECRET_BYTES = 32
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

_KEY = re.compile(KEY_MARK + r"([A-Za-z0-9]{8})[A-Za-z0-9_-]{40,60}")
_LETTERS = string.ascii_letters + string.digits


def bootstrap(parts: Parts, now: datetime) -> Namespace:
    """The default namespace of the default tenant; both are made if they are not there."""

    def prepare(session: Session) -> Namespace:
        tenant = namespaces.add_tenant(session, DEFAULT, now)
        defer_cleaning(session, now)
        return _made(session, tenant, DEFAULT, now)[0]

    return parts.database.write(prepare)


def authenticate(parts: Parts, secret: str, now: datetime) -> Principal:
    """Who has this key. Raises Unauthorized."""
    form = _KEY.fullmatch(secret)
    if form is None:
        raise Unauthorized
    prefix = KEY_MARK + form.group(1)
    given = _sha256(secret)
    for key, sha256 in parts.database.read(lambda session: keys.by_prefix(session, prefix)):
        is_same = hmac.compare_digest(sha256, given)
        if is_same and key.revoked_at is None and (key.expires_at is None or key.expires_at > now):
            return Principal(key.tenant, key.scopes, key.namespace, key.id)
    raise Unauthorized


def has_keys(parts: Parts) -> bool:
    """Whether any key was made that is not revoked. An expired one counts: its service does not open up by itself."""
    return parts.database.read(lambda session: keys.any_valid(session, None))


def create_key(
    parts: Parts,
    tenant: TenantId,
    name: str,
    scopes: Iterable[Scope],
    *,
    now: datetime,
    namespace: str | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """The key, and its secret, which is not kept. Raises InvalidInput."""
    prefix = KEY_MARK + "".join(secrets.choice(_LETTERS) for _ in range(PREFIX_LENGTH))
    secret = prefix + secrets.token_urlsafe(SECRET_BYTES)
    key = ApiKey(
        id=KeyId(new_id(now)),
        tenant=tenant,
        name=name,
        prefix=prefix,
        scopes=frozenset(map(Scope, scopes)),
        namespace=namespace,
        created_at=now,
        expires_at=expires_at,
        revoked_at=None,
    )
    _check_key(key)
    parts.database.write(lambda session: keys.add(session, key, _sha256(secret)))
    return key, secret


def list_keys(parts: Parts, tenant: TenantId) -> list[ApiKey]:
    """All keys of the tenant, newest first."""
    return parts.database.read(lambda session: keys.of_tenant(session, tenant))


def revoke_key(parts: Parts, tenant: TenantId, key: KeyId, now: datetime) -> None:
    """From now on the key is refused. Raises NotFound."""
    known_form(key)
    if not parts.database.write(lambda session: keys.revoke(session, tenant, key, now)):
        raise NotFound


def namespace(parts: Parts, principal: Principal, name: str) -> Namespace:
    """Raises NotFound, and Forbidden if the key is bound to another namespace."""
    _check_binding(principal, name)
    found = parts.database.read(lambda session: _find(session, principal, name))
    if found is None:
        raise NotFound(f"There is no namespace `{name[:100]}`; the first write to it makes it.")
    return found


def ensure_namespace(parts: Parts, principal: Principal, name: str, now: datetime) -> Namespace:
    """The namespace, made if it is not there. Raises Forbidden, InvalidInput."""
    _check_binding(principal, name)
    _check_name(name)
    found = parts.database.read(lambda session: _find(session, principal, name))
    return found or parts.database.write(lambda session: _made(session, principal.tenant, name, now)[0])


def create_namespace(parts: Parts, principal: Principal, name: str, now: datetime) -> Namespace:
    """Raises Conflict if it is there already, Forbidden, InvalidInput."""
    _check_binding(principal, name)
    _check_name(name)
    made, is_new = parts.database.write(lambda session: _made(session, principal.tenant, name, now))
    if not is_new:
        raise Conflict(f"There is a namespace `{name}` already.")
    return made


def list_namespaces(parts: Parts, principal: Principal) -> list[NamespaceStats]:
    """Those that the principal may see, by name."""
    return parts.database.read(lambda session: namespaces.stats(session, principal.tenant, principal.namespace))


def namespace_stats(parts: Parts, namespace: Namespace) -> NamespaceStats:
    """How much is in a namespace. Raises NotFound."""
    found = parts.database.read(lambda session: namespaces.stats(session, namespace.tenant, namespace.name))
    if not found:
        raise NotFound
    return found[0]


def delete_namespace(parts: Parts, principal: Principal, name: str) -> None:
    """With everything in it. Raises NotFound, Forbidden, OnHold."""
    gone = namespace(parts, principal, name)

    def remove(session: Session) -> None:
        holds.raise_if(forgetting.holds(session, gone.id))
        namespaces.remove(session, gone.id)

    parts.database.write(remove)
    parts.indexes.forget(gone.id)


def _find(session: Session, principal: Principal, name: str) -> Namespace | None:
    return namespaces.find(session, principal.tenant, name) if NAME.fullmatch(name) else None


def _made(session: Session, tenant: TenantId, name: str, now: datetime) -> tuple[Namespace, bool]:
    """The namespace, and whether it was not there before."""
    is_new = namespaces.add(session, tenant, name, now)
    found = namespaces.find(session, tenant, name)
    assert found is not None
    return found, is_new


def _check_binding(principal: Principal, name: str) -> None:
    if principal.namespace is not None and principal.namespace != name:
        raise Forbidden(f"This API key is bound to the namespace `{principal.namespace}`.")


def _check_name(name: str, field: str = "namespace") -> None:
    if not NAME.fullmatch(name):
        remedy = "use 1 to 100 letters, digits, dots, dashes and underscores, the first a letter or digit"
        raise InvalidInput([Problem(field, "is not a name for a namespace", remedy)])


def _check_key(key: ApiKey) -> None:
    problems: list[Problem] = []
    if not key.name.strip() or len(key.name) > 200 or "\x00" in key.name:
        problems.append(Problem("name", "is not a name", "use 1 to 200 characters"))
    if not key.scopes:
        problems.append(Problem("scopes", "is empty", f"use some of {_listed(Scope)}"))
    if key.expires_at is not None and key.expires_at <= key.created_at:
        problems.append(Problem("expires_at", "is in the past", "use a later time, or leave it out"))
    if problems:
        raise InvalidInput(problems)
    if key.namespace is not None:
        _check_name(key.namespace)


def _listed(scopes: Iterable[Scope]) -> str:
    return ", ".join(scope.value for scope in scopes)


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
