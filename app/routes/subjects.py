"""Subjects: users, documents, memories, sessions and entities; held so that nothing is deleted, or erased for good."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AfterValidator

from app.auth import check_binding, may
from app.routes.dependencies import Cursor, InRuntime, Limit, NamespaceQuery, ToRead, json_only, problems
from app.routes.items import actor_of
from app.runtime import Runtime
from app.schemas.fields import sound
from app.schemas.forgetting import ErasureOut, ErasurePage, HoldIn, HoldList, HoldOut
from memory import erase, holds, tenancy
from memory.forgetting.subjects import Subject, SubjectKind
from memory.types import Namespace, Principal, Scope

router = APIRouter(prefix="/v1", tags=["erasure"], dependencies=[Depends(json_only)])

Admin = Annotated[Principal, Depends(may(Scope.ADMIN))]
SubjectId = Annotated[
    str, Path(alias="id", min_length=1, max_length=255, description="An id or a name."), AfterValidator(sound)
]
Kind = Annotated[SubjectKind, Query(description="What the id is of.")]
ErasureId = Annotated[str, Path(alias="id", max_length=100)]


def _ours(runtime: Runtime, asking: Principal, namespace: str) -> Namespace:
    check_binding(asking, namespace)
    return tenancy.namespace(runtime.parts, asking, namespace)


@router.get("/holds", responses=problems(404))
def list_holds(runtime: InRuntime, namespace: ToRead) -> HoldList:
    """What may not be deleted, and why."""
    return HoldList(items=[HoldOut.of(one) for one in holds.holds(runtime.parts, namespace)])


@router.put("/subjects/{id:path}/hold", responses=problems(404, 413, 415, 507))
def put_hold(
    runtime: InRuntime, asking: Admin, item: SubjectId, kind: Kind, body: HoldIn, namespace: NamespaceQuery = "default"
) -> HoldOut:
    """Forbid to delete, purge or erase anything of a subject, until the hold is lifted (scope admin)."""
    ours = _ours(runtime, asking, namespace)
    subject, now = Subject(kind, item), datetime.now(UTC)
    return HoldOut.of(holds.put(runtime.parts, ours, subject, body.reason, now=now, actor=actor_of(asking)))


@router.delete("/subjects/{id:path}/hold", status_code=204, responses=problems(404))
def lift_hold(
    runtime: InRuntime, asking: Admin, item: SubjectId, kind: Kind, namespace: NamespaceQuery = "default"
) -> Response:
    """Lift a hold (scope admin)."""
    holds.lift(runtime.parts, _ours(runtime, asking, namespace), Subject(kind, item))
    return Response(status_code=204)


@router.delete("/subjects/{id:path}", responses=problems(404, 409, 507))
def erase_subject(
    runtime: InRuntime,
    asking: Admin,
    item: SubjectId,
    kind: Kind,
    dry_run: Annotated[bool, Query(description="Only say what would be erased.")] = False,
    namespace: NamespaceQuery = "default",
) -> ErasureOut:
    """Erase all that belongs to a subject from rows, indexes and files, prove it, and refuse it when it comes back.

    It cannot be undone (scope admin). Sending it again after it answered finds nothing: 404.
    """
    ours = _ours(runtime, asking, namespace)
    subject = Subject(kind, item)
    if dry_run:
        return ErasureOut.preview(kind, erase.preview(runtime.parts, ours, subject))
    done = erase.erase(runtime.parts, ours, subject, now=datetime.now(UTC), actor=actor_of(asking))
    return ErasureOut.of(done)


@router.get("/erasures", responses=problems(404))
def list_erasures(runtime: InRuntime, namespace: ToRead, limit: Limit = 50, cursor: Cursor = None) -> ErasurePage:
    """Certificates of erasure, newest first."""
    return ErasurePage.of(erase.list_page(runtime.parts, namespace, limit, cursor))


@router.get("/erasures/{id}", responses=problems(404))
def get_erasure(runtime: InRuntime, namespace: ToRead, item: ErasureId) -> ErasureOut:
    """One certificate."""
    return ErasureOut.of(erase.get(runtime.parts, namespace, item))


@router.delete("/erasures/{id}/tombstones", status_code=204, responses=problems(404))
def lift_tombstones(
    runtime: InRuntime, asking: Admin, item: ErasureId, namespace: NamespaceQuery = "default"
) -> Response:
    """Let what was erased be sent in again (scope admin). It brings nothing back."""
    erase.lift(runtime.parts, _ours(runtime, asking, namespace), item)
    return Response(status_code=204)
