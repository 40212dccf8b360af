"""Queries about API keys. Keys belong to a tenant; only `by_prefix`, which finds the tenant, crosses them."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import Session

from memory.store.tables import ApiKeyRow
from memory.types import ApiKey, KeyId, Scope, TenantId


def add(session: Session, key: ApiKey, sha256: str) -> None:
    session.add(
        ApiKeyRow(
            id=key.id,
            tenant_id=key.tenant,
            prefix=key.prefix,
            sha256=sha256,
            name=key.name,
            scopes=sorted(key.scopes),
            namespace=key.namespace,
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
        )
    )


def by_prefix(session: Session, prefix: str) -> list[tuple[ApiKey, str]]:
    """Keys that begin like this, of any tenant, each with its SHA-256."""
    rows = session.execute(select(ApiKeyRow).where(ApiKeyRow.prefix == prefix)).scalars()
    return [(_key(row), row.sha256) for row in rows]


def of_tenant(session: Session, tenant: TenantId) -> list[ApiKey]:
    rows = session.execute(select(ApiKeyRow).where(ApiKeyRow.tenant_id == tenant).order_by(ApiKeyRow.id.desc()))
    return [_key(row) for row in rows.scalars()]


def revoke(session: Session, tenant: TenantId, key: KeyId, now: datetime) -> bool:
    """False if this tenant has no such key."""
    done = session.execute(
        update(ApiKeyRow)
        .where(ApiKeyRow.tenant_id == tenant, ApiKeyRow.id == key)
        .values(revoked_at=now)
        .returning(ApiKeyRow.id)
    )
    return done.first() is not None


def any_valid(session: Session, now: datetime | None) -> bool:
    """Whether any key is not revoked and, if `now` is given, not expired."""
    valid: ColumnElement[bool] = ApiKeyRow.revoked_at.is_(None)
    if now is not None:
        valid &= or_(ApiKeyRow.expires_at.is_(None), ApiKeyRow.expires_at > now)
    return bool(session.execute(select(exists().where(valid))).scalar_one())


def _key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=KeyId(row.id),
        tenant=TenantId(row.tenant_id),
        name=row.name,
        prefix=row.prefix,
        scopes=frozenset(Scope(str(scope)) for scope in row.scopes),
        namespace=row.namespace,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
