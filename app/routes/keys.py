"""API keys: made, listed and revoked by an admin of the whole tenant."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from app.auth import whole_tenant
from app.routes.dependencies import InRuntime, json_only, problems
from app.schemas.tenancy import KeyIn, KeyList, KeyOut, NewKeyOut
from memory import tenancy
from memory.types import KeyId, Principal

router = APIRouter(prefix="/v1/keys", tags=["keys"], dependencies=[Depends(json_only)])

Admin = Annotated[Principal, Depends(whole_tenant)]


@router.get("", responses=problems())
def list_keys(runtime: InRuntime, asking: Admin) -> KeyList:
    """The keys of the tenant, without their secrets."""
    return KeyList(items=[KeyOut.of(one) for one in tenancy.list_keys(runtime.parts, asking.tenant)])


@router.post("", status_code=201, responses=problems(413, 415, 507))
def create_key(runtime: InRuntime, asking: Admin, body: KeyIn) -> NewKeyOut:
    """Make a key. Its secret is in this answer only; from the first key on, every request needs one."""
    key, secret = tenancy.create_key(
        runtime.parts,
        asking.tenant,
        body.name,
        body.scopes,
        namespace=body.namespace,
        expires_at=body.expires_at,
        now=datetime.now(UTC),
    )
    return NewKeyOut.with_secret(key, secret)


@router.delete("/{id}", status_code=204, responses=problems(404))
def revoke_key(runtime: InRuntime, asking: Admin, key: Annotated[str, Path(alias="id", max_length=100)]) -> Response:
    """Revoke a key; it stops working at once."""
    tenancy.revoke_key(runtime.parts, asking.tenant, KeyId(key), datetime.now(UTC))
    return Response(status_code=204)
