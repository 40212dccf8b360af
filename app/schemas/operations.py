"""Work that goes on after the answer, and its receipts."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from app.schemas.fields import Answer
from memory import types as memory


class ReceiptOut(Answer):
    """What became of one document or memory."""

    id: str
    kind: memory.Kind
    status: Annotated[
        memory.ReceiptStatus,
        Field(
            description="stored: recallable now; duplicate: `id` has the same content; accepted: an operation goes on."
        ),
    ]
    content_hash: Annotated[str, Field(description="SHA-256 of the content, hex.")]
    passages: int
    layer: str
    reason: Annotated[str, Field(description="Why it is in this layer; empty for documents.")] = ""
    revision: int

    @classmethod
    def of(cls, receipt: memory.Receipt) -> Self:
        return cls.model_validate(receipt, from_attributes=True)


class ProgressOut(Answer):
    done: int
    total: int


class OperationOut(Answer):
    """An operation: its progress, and a receipt for each item."""

    id: str
    kind: str
    status: memory.OperationStatus
    progress: ProgressOut
    items: list[ReceiptOut]
    error: str | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, operation: memory.Operation) -> Self:
        return cls(
            id=operation.id,
            kind=operation.kind,
            status=operation.status,
            progress=ProgressOut(done=operation.done, total=operation.total),
            items=[ReceiptOut.of(receipt) for receipt in operation.items],
            error=operation.error,
            created_at=operation.created_at,
            updated_at=operation.updated_at,
        )


class OperationPage(Answer):
    """Operations, newest first."""

    items: list[OperationOut]
    next_cursor: str | None

    @classmethod
    def of(cls, page: memory.Page[memory.Operation]) -> Self:
        return cls(items=[OperationOut.of(one) for one in page.items], next_cursor=page.next_cursor)
