"""Procedures: how things are done, and how well that went."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request

from app.routes.dependencies import (
    Cursor,
    IdempotencyKey,
    InRuntime,
    Limit,
    NamespaceQuery,
    ToChange,
    ToRead,
    Writer,
    ensured,
    idempotent,
    json_only,
    problems,
)
from app.routes.items import ItemId, actor_of
from app.schemas.procedures import ProcedureIn, ProcedureOut, ProcedurePage, RunIn
from memory import procedures

router = APIRouter(prefix="/v1/procedures", tags=["procedures"], dependencies=[Depends(json_only)])


@router.post("", status_code=201, responses=problems(409, 413, 415, 507))
def add_procedure(
    request: Request,
    runtime: InRuntime,
    asking: Writer,
    body: ProcedureIn,
    namespace: NamespaceQuery = "default",
    idempotency_key: IdempotencyKey = None,
) -> ProcedureOut:
    """Add a procedure. Its text is a memory, which recall finds; DELETE that memory to delete both."""
    target = ensured(runtime, asking, namespace)
    _, made = procedures.add(
        runtime.parts,
        target,
        body.new(),
        now=datetime.now(UTC),
        actor=actor_of(asking),
        idempotency=idempotent(idempotency_key, request.url.path, body.model_dump(mode="json")),
    )
    return ProcedureOut.of(made)


@router.get("", responses=problems(404))
def list_procedures(runtime: InRuntime, namespace: ToRead, limit: Limit = 50, cursor: Cursor = None) -> ProcedurePage:
    """Procedures, newest first, a page at a time."""
    return ProcedurePage.of(procedures.list_page(runtime.parts, namespace, limit, cursor))


@router.get("/{id}", responses=problems(404))
def get_procedure(runtime: InRuntime, namespace: ToRead, item: ItemId) -> ProcedureOut:
    """One procedure."""
    return ProcedureOut.of(procedures.get(runtime.parts, namespace, item))


@router.post("/{id}/feedback", responses=problems(404, 413, 415, 507))
def judge_procedure(runtime: InRuntime, asking: Writer, namespace: ToChange, item: ItemId, body: RunIn) -> ProcedureOut:
    """Say how a run went: the success rate is the mean of all runs."""
    judged = procedures.judge(
        runtime.parts, namespace, item, body.success, body.note, now=datetime.now(UTC), actor=actor_of(asking)
    )
    return ProcedureOut.of(judged)
