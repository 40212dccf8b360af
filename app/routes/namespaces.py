"""Namespaces: isolated memories inside a tenant."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from app.auth import check_binding, whole_tenant
from app.routes.dependencies import InRuntime, Reader, json_only, problems
from app.schemas.tenancy import NamespaceIn, NamespaceList, NamespaceOut, NamespaceSettingsIn
from memory import links, tenancy
from memory.types import Principal

router = APIRouter(prefix="/v1/namespaces", tags=["namespaces"], dependencies=[Depends(json_only)])

Admin = Annotated[Principal, Depends(whole_tenant)]
NameInPath = Annotated[str, Path(max_length=100)]


@router.get("", responses=problems())
def list_namespaces(runtime: InRuntime, asking: Reader) -> NamespaceList:
    """The namespaces that the key may see, by name."""
    found = tenancy.list_namespaces(runtime.parts, asking)
    return NamespaceList(items=[NamespaceOut.of(one) for one in found])


@router.post("", status_code=201, responses=problems(409, 413, 415, 507))
def create_namespace(runtime: InRuntime, asking: Admin, body: NamespaceIn) -> NamespaceOut:
    """Make an empty namespace; a first write makes one too."""
    made = tenancy.create_namespace(runtime.parts, asking, body.name, datetime.now(UTC))
    return NamespaceOut.of(tenancy.namespace_stats(runtime.parts, made))


@router.get("/{name}", responses=problems(404))
def get_namespace(runtime: InRuntime, asking: Reader, name: NameInPath) -> NamespaceOut:
    """One namespace, and how much is in it."""
    check_binding(asking, name)
    found = tenancy.namespace(runtime.parts, asking, name)
    return NamespaceOut.of(tenancy.namespace_stats(runtime.parts, found))


@router.patch("/{name}", responses=problems(404, 413, 415, 507))
def change_namespace(runtime: InRuntime, asking: Admin, name: NameInPath, body: NamespaceSettingsIn) -> NamespaceOut:
    """Change its settings: whether it may be linked with other namespaces, and whose it is."""
    found = tenancy.namespace(runtime.parts, asking, name)
    links.open_up(runtime.parts, found, body.linkable, body.owner)
    return NamespaceOut.of(tenancy.namespace_stats(runtime.parts, found))


@router.delete("/{name}", status_code=204, responses=problems(404, 409))
def delete_namespace(runtime: InRuntime, asking: Admin, name: NameInPath) -> Response:
    """Delete a namespace with everything in it."""
    tenancy.delete_namespace(runtime.parts, asking, name)
    return Response(status_code=204)
