"""Forgetting: policies, plans that are shown or applied, and their undoing."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from app.auth import check_binding
from app.routes.dependencies import (
    Cursor,
    InRuntime,
    Limit,
    Reader,
    ToChange,
    ToRead,
    Writer,
    json_only,
    problems,
)
from app.routes.items import actor_of
from app.schemas.forgetting import (
    ForgetIn,
    ForgettingOut,
    ForgettingPage,
    ForgotOut,
    PoliciesIn,
    PoliciesOut,
    UndoIn,
    UndoneOut,
)
from memory import forget, tenancy

router = APIRouter(prefix="/v1", tags=["forgetting"], dependencies=[Depends(json_only)])

NameInPath = Annotated[str, Path(max_length=100)]
ForgettingId = Annotated[str, Path(alias="id", max_length=100)]


@router.get("/namespaces/{name}/policies", responses=problems(404))
def get_policies(runtime: InRuntime, asking: Reader, name: NameInPath) -> PoliciesOut:
    """What the namespace forgets when it is asked to, or sleeps."""
    check_binding(asking, name)
    found = tenancy.namespace(runtime.parts, asking, name)
    return PoliciesOut.of(forget.policies_of(runtime.parts, found))


@router.put("/namespaces/{name}/policies", responses=problems(404, 413, 415, 507))
def put_policies(runtime: InRuntime, asking: Writer, name: NameInPath, body: PoliciesIn) -> PoliciesOut:
    """Give the namespace these policies instead of those it has, one a layer. Nothing is forgotten by this alone."""
    check_binding(asking, name)
    found = tenancy.namespace(runtime.parts, asking, name)
    wanted = [one.policy() for one in body.policies]
    return PoliciesOut.of(forget.set_policies(runtime.parts, found, wanted))


@router.post("/forget", responses=problems(404, 413, 415, 507))
def forget_items(runtime: InRuntime, asking: Writer, namespace: ToChange, body: ForgetIn) -> ForgotOut:
    """Archive or purge by policies or a filter. The answer lists every item and why; `dry_run` only shows it."""
    now = datetime.now(UTC)
    wanted = body.wanted()
    done = forget.forget(runtime.parts, namespace, wanted, dry_run=body.dry_run, now=now, actor=actor_of(asking))
    return ForgotOut.of(done)


@router.get("/forget", responses=problems(404))
def list_forgettings(runtime: InRuntime, namespace: ToRead, limit: Limit = 50, cursor: Cursor = None) -> ForgettingPage:
    """When items were forgotten, newest first."""
    return ForgettingPage.of(forget.list_page(runtime.parts, namespace, limit, cursor))


@router.get("/forget/{id}", responses=problems(404))
def get_forgetting(runtime: InRuntime, namespace: ToRead, item: ForgettingId) -> ForgettingOut:
    """One time that items were forgotten."""
    return ForgettingOut.of(forget.get(runtime.parts, namespace, item))


@router.post("/forget/{id}/undo", responses=problems(404, 409, 413, 415, 507))
def undo_forgetting(
    runtime: InRuntime, asking: Writer, namespace: ToChange, item: ForgettingId, body: UndoIn | None = None
) -> UndoneOut:
    """Revive all that was archived, or nothing if any of it was changed since; `except` leaves out what is in the way.

    What was purged, deleted or erased stays gone.
    """
    excepted = body.except_ if body else ()
    now = datetime.now(UTC)
    return UndoneOut.of(forget.undo(runtime.parts, namespace, item, excepted, now=now, actor=actor_of(asking)))
