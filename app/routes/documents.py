"""Documents: add, list, read, change, delete, and their passages."""

from fastapi import APIRouter, Depends, Request, Response

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
from app.schemas.documents import DocumentOut, DocumentPage, DocumentPatchIn, PassageList
from app.schemas.writing import Documents, WriteOut, drafts_of
from memory import documents
from memory.types import Kind

router = APIRouter(prefix="/v1/documents", tags=["documents"], dependencies=[Depends(json_only)])


@router.post(
    "",
    status_code=201,
    response_model=WriteOut,
    responses=problems(409, 413, 415, 507) | {202: {"model": WriteOut, "description": "Durable; an operation goes on"}},
)
def add_documents(
    request: Request,
    runtime: InRuntime,
    asking: Writer,
    body: Documents,
    namespace: NamespaceQuery = "default",
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Add one document, or up to 1,000 as `{"documents": [...]}`."""
    return items.write(request, runtime, asking, namespace, drafts_of(body), idempotency_key)


@router.get("", responses=problems(404), response_model_exclude_unset=True)
def list_documents(runtime: InRuntime, namespace: ToRead, limit: Limit = 50, cursor: Cursor = None) -> DocumentPage:
    """Documents, newest first, a page at a time."""
    return DocumentPage.of(documents.list_page(runtime.parts, namespace, Kind.DOCUMENT, limit, cursor))


@router.get("/{id}", response_model=DocumentOut, responses=problems(404))
def get_document(runtime: InRuntime, namespace: ToRead, item: ItemId) -> Response:
    """One document with its text; its version is the ETag."""
    return items.read(runtime, namespace, Kind.DOCUMENT, item)


@router.patch("/{id}", response_model=DocumentOut, responses=problems(404, 409, 412, 413, 415, 507))
def change_document(
    runtime: InRuntime, asking: Writer, namespace: ToChange, item: ItemId, body: DocumentPatchIn, if_match: IfMatch
) -> Response:
    """Change the fields that are sent; with If-Match only if nobody else has changed it."""
    return items.change(runtime, asking, namespace, Kind.DOCUMENT, item, body, if_match)


@router.delete("/{id}", status_code=204, responses=problems(404, 409, 412))
def delete_document(
    runtime: InRuntime, asking: Writer, namespace: ToChange, item: ItemId, if_match: IfMatch
) -> Response:
    """Delete a document with its passages; it is gone from recall at once."""
    return items.delete(runtime, asking, namespace, Kind.DOCUMENT, item, if_match)


@router.get("/{id}/passages", responses=problems(404))
def list_passages(runtime: InRuntime, namespace: ToRead, item: ItemId) -> PassageList:
    """The passages of a document, in order, and what each of them names."""
    return PassageList.of(documents.passages(runtime.parts, namespace, item))


@router.post("/{id}/revive", response_model=DocumentOut, responses=problems(404, 409, 507))
def revive_document(runtime: InRuntime, asking: Writer, namespace: ToChange, item: ItemId) -> Response:
    """Let an archived document into recall again; it counts as recalled now."""
    return items.revive(runtime, asking, namespace, Kind.DOCUMENT, item)
