"""Receipts and answers to writes as JSON and back, for what is kept of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from memory.store.documents import Known
from memory.types import (
    JsonValue,
    Kind,
    Operation,
    OperationId,
    OperationStatus,
    Receipt,
    ReceiptStatus,
    Remembered,
)


def remembered_to_json(remembered: Remembered) -> dict[str, JsonValue]:
    operation = remembered.operation
    return {
        "receipts": receipts_to_json(remembered.receipts),
        "revision": remembered.revision,
        "operation": None if operation is None else _operation_to_json(operation),
    }


def remembered_from_json(value: Mapping[str, JsonValue]) -> Remembered:
    operation = value["operation"]
    return Remembered(
        receipts=receipts_from_json(_list(value["receipts"])),
        revision=_int(value["revision"]),
        operation=None if operation is None else _operation_from_json(_object(operation)),
    )


def receipts_to_json(receipts: Sequence[Receipt]) -> list[JsonValue]:
    return [
        {
            "id": receipt.id,
            "kind": receipt.kind.value,
            "status": receipt.status.value,
            "content_hash": receipt.content_hash,
            "passages": receipt.passages,
            "layer": receipt.layer,
            "revision": receipt.revision,
            "reason": receipt.reason,
        }
        for receipt in receipts
    ]


def receipts_from_json(values: Sequence[JsonValue]) -> tuple[Receipt, ...]:
    return tuple(_receipt(_object(value)) for value in values)


def _receipt(value: Mapping[str, JsonValue]) -> Receipt:
    return Receipt(
        id=str(value["id"]),
        kind=Kind(str(value["kind"])),
        status=ReceiptStatus(str(value["status"])),
        content_hash=str(value["content_hash"]),
        passages=_int(value["passages"]),
        layer=str(value["layer"]),
        revision=_int(value["revision"]),
        reason=str(value.get("reason", "")),
    )


def _operation_to_json(operation: Operation) -> dict[str, JsonValue]:
    return {
        "id": operation.id,
        "kind": operation.kind,
        "status": operation.status.value,
        "done": operation.done,
        "total": operation.total,
        "items": receipts_to_json(operation.items),
        "error": operation.error,
        "created_at": operation.created_at.isoformat(),
        "updated_at": operation.updated_at.isoformat(),
    }


def _operation_from_json(value: Mapping[str, JsonValue]) -> Operation:
    error = value["error"]
    return Operation(
        id=OperationId(str(value["id"])),
        kind=str(value["kind"]),
        status=OperationStatus(str(value["status"])),
        done=_int(value["done"]),
        total=_int(value["total"]),
        items=receipts_from_json(_list(value["items"])),
        error=None if error is None else str(error),
        created_at=datetime.fromisoformat(str(value["created_at"])),
        updated_at=datetime.fromisoformat(str(value["updated_at"])),
    )


def _int(value: JsonValue) -> int:
    assert isinstance(value, int)
    return value


def _list(value: JsonValue) -> Sequence[JsonValue]:
    assert isinstance(value, list)
    return value


def _object(value: JsonValue) -> Mapping[str, JsonValue]:
    assert isinstance(value, dict)
    return value


def duplicate_receipt(known: Known) -> Receipt:
    return Receipt(
        known.id,
        known.kind,
        ReceiptStatus.DUPLICATE,
        known.content_hash,
        known.passages,
        known.layer,
        known.revision,
        known.reason,
    )
