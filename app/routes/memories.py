"""Memories: short texts and chat messages; add, list, read, change, delete."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.routes import items
from app.routes.dependencies import (
    Cursor,
    IdempotencyKey,
    IfMatch,
    InRuntime,
    Limit,
    NamespaceQuery,
    ToChange,
    ToRead,
    Writer,
    json_only,
    problems,
)
from app.routes.items import ItemId
from app.schemas.documents import DocumentOut, DocumentPage, DocumentPatchIn, ItemStatus, MemoryLayer, wanted_of
from app.schemas.fields import Name
from app.schemas.history import HistoryOut
from app.schemas.writing import Memories, WriteOut, drafts_of
from memory import documents, history
from memory.types import Kind

router = APIRouter(prefix="/v1/memories", tags=["memories"], dependencies=[Depends(json_only)])


@router.post(
    "",
    status_code=201,
    response_model=WriteOut,
    responses=problems(409, 413, 415, 507) | {202: {"model": WriteOut, "description": "Durable; an operation goes on"}},
)
def add_memories(
    request: Request,
    runtime: InRuntime,
    asking: Writer,
    body: Memories,
    namespace: NamespaceQuery = "default",
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Add one memory, or up to 1,000 in their order as `{"memories": [...]}`."""
    return items.write(request, runtime, asking, namespace, drafts_of(body), idempotency_key)


@router.get("", responses=problems(404), response_model_exclude_unset=True)
def list_memories(
    runtime: InRuntime,
    namespace: ToRead,
    limit: Limit = 50,
    cursor: Cursor = None,
    session_id: Annotated[Name | None, Query(description="Only this conversation.", examples=[None])] = None,
    layer: Annotated[MemoryLayer | None, Query(description="Only this layer.", examples=[None])] = None,
    status: Annotated[ItemStatus | None, Query(description="Only what is in this state.", examples=[None])] = None,
) -> DocumentPage:
    """Memories, newest first, a page at a time."""
    wanted = wanted_of(session_id, layer, status)
    return DocumentPage.of(documents.list_page(runtime.parts, namespace, Kind.MEMORY, limit, cursor, wanted))


@router.get("/{id}", response_model=DocumentOut, responses=problems(404))
def get_memory(runtime: InRuntime, namespace: ToRead, item: ItemId) -> Response:
    """One memory, with how well it is remembered now and its forecast; its version is the ETag."""
    return items.read_memory(runtime, namespace, item, datetime.now(UTC))


@router.patch("/{id}", response_model=DocumentOut, responses=problems(404, 409, 412, 413, 415, 507))
def change_memory(
    runtime: InRuntime, asking: Writer, namespace: ToChange, item: ItemId, body: DocumentPatchIn, if_match: IfMatch
) -> Response:
    """Change the fields that are sent; with If-Match only if nobody else has changed it."""
    return items.change(runtime, asking, namespace, Kind.MEMORY, item, body, if_match)


@router.delete("/{id}", status_code=204, responses=problems(404, 409, 412))
def delete_memory(runtime: InRuntime, asking: Writer, namespace: ToChange, item: ItemId, if_match: IfMatch) -> Response:
    """Delete a memory; it is gone from recall at once."""
    return items.delete(runtime, asking, namespace, Kind.MEMORY, item, if_match)


@router.get("/{id}/history", responses=problems(404))
def memory_history(runtime: InRuntime, namespace: ToRead, item: ItemId) -> HistoryOut:
    """What happened to a memory, when, by whom and why; and what it states, with when that held."""
    return HistoryOut.of(history.of(runtime.parts, namespace, Kind.MEMORY, item))


@router.post("/{id}/revive", response_model=DocumentOut, responses=problems(404, 409, 507))
def revive_memory(runtime: InRuntime, asking: Writer, namespace: ToChange, item: ItemId) -> Response:
    """Let an archived memory into recall again; it counts as recalled now."""
    return items.revive(runtime, asking, namespace, Kind.MEMORY, item)
