"""Operations: work that goes on after a 202."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path

from app.routes.dependencies import Cursor, InRuntime, Limit, ToChange, ToRead, Writer, problems
from app.schemas.operations import OperationOut, OperationPage
from memory import operations

router = APIRouter(prefix="/v1/operations", tags=["operations"])

OperationId = Annotated[str, Path(alias="id", max_length=100)]


@router.get("", responses=problems(404))
def list_operations(runtime: InRuntime, namespace: ToRead, limit: Limit = 50, cursor: Cursor = None) -> OperationPage:
    """Operations, newest first, a page at a time."""
    return OperationPage.of(operations.list_page(runtime.parts, namespace, limit, cursor))


@router.get("/{id}", responses=problems(404))
def get_operation(runtime: InRuntime, namespace: ToRead, operation: OperationId) -> OperationOut:
    """One operation with its progress."""
    return OperationOut.of(operations.get(runtime.parts, namespace, operation))


@router.post("/{id}/cancel", responses=problems(404, 409))
def cancel_operation(runtime: InRuntime, _asking: Writer, namespace: ToChange, operation: OperationId) -> OperationOut:
    """Stop an operation; what is done stays."""
    return OperationOut.of(operations.cancel(runtime.parts, namespace, operation, datetime.now(UTC)))


@router.post("/{id}/retry", responses=problems(404, 409))
def retry_operation(runtime: InRuntime, _asking: Writer, namespace: ToChange, operation: OperationId) -> OperationOut:
    """Try again what failed or was cancelled."""
    return OperationOut.of(operations.retry(runtime.parts, namespace, operation, datetime.now(UTC)))
