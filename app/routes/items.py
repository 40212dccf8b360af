"""What documents and memories have in common: they are written, listed, read, changed and deleted alike."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Request, Response
from fastapi.responses import JSONResponse

from app.auth import check_binding
from app.metrics import Metrics
from app.routes.dependencies import fingerprint
from app.runtime import Runtime
from app.schemas.documents import DocumentOut, DocumentPatchIn
from app.schemas.feedback import StrengthOut
from app.schemas.writing import WriteOut
from memory import documents, forget, remember, strength, tenancy
from memory.types import Draft, Idempotency, Kind, Namespace, Principal, StoredDocument

ItemId = Annotated[str, Path(alias="id", max_length=100, description="The id from the receipt.")]

ACTOR_UNKEYED = "local"


def actor_of(asking: Principal) -> str:
    """Who made a change, as the log of changes keeps it."""
    return f"key:{asking.key}" if asking.key else ACTOR_UNKEYED


def write(
    request: Request,
    runtime: Runtime,
    asking: Principal,
    namespace: str,
    drafts: Sequence[Draft],
    idempotency_key: str | None,
) -> Response:
    """Remember the drafts, in a namespace made if it is not there: 201, or 202 if an operation goes on."""
    parts, now, started = runtime.parts, datetime.now(UTC), time.perf_counter()
    asked = Idempotency(idempotency_key, fingerprint(request.url.path, drafts)) if idempotency_key else None
    check_binding(asking, namespace)
    target = tenancy.ensure_namespace(parts, asking, namespace, now)
    remembered = remember.remember(parts, target, drafts, now=now, actor=actor_of(asking), idempotency=asked)
    metrics_of(request).wrote(time.perf_counter() - started)
    answer = WriteOut.of(remembered).model_dump_json()
    return Response(answer, 202 if remembered.operation else 201, media_type="application/json")


def read(runtime: Runtime, namespace: Namespace, kind: Kind, item: str) -> Response:
    return _tagged(documents.get(runtime.parts, namespace, kind, item))


def read_memory(runtime: Runtime, namespace: Namespace, item: str, now: datetime) -> Response:
    """A memory, with how well it is remembered."""
    stored = documents.get(runtime.parts, namespace, Kind.MEMORY, item)
    held = strength.of(runtime.parts, namespace, Kind.MEMORY, item, now=now)
    return _tagged(stored, StrengthOut.of(held))


def change(
    runtime: Runtime,
    asking: Principal,
    namespace: Namespace,
    kind: Kind,
    item: str,
    body: DocumentPatchIn,
    if_match: int | None,
) -> Response:
    now = datetime.now(UTC)
    changed = documents.patch(runtime.parts, namespace, kind, item, body.patch(), if_match, now, actor_of(asking))
    return _tagged(changed)


def delete(
    runtime: Runtime, asking: Principal, namespace: Namespace, kind: Kind, item: str, if_match: int | None
) -> Response:
    documents.delete(runtime.parts, namespace, kind, item, if_match, datetime.now(UTC), actor_of(asking))
    return Response(status_code=204)


def revive(runtime: Runtime, asking: Principal, namespace: Namespace, kind: Kind, item: str) -> Response:
    now = datetime.now(UTC)
    return _tagged(forget.revive(runtime.parts, namespace, kind, item, now=now, actor=actor_of(asking)))


def metrics_of(request: Request) -> Metrics:
    metrics = request.app.state.metrics
    assert isinstance(metrics, Metrics)
    return metrics


def _tagged(stored: StoredDocument, held: StrengthOut | None = None) -> Response:
    """The document with its version as ETag, so that If-Match can name it."""
    content = DocumentOut.of(stored).model_dump(mode="json", exclude_unset=True)
    if held is not None:
        content["strength"] = held.model_dump(mode="json")
    return JSONResponse(content, headers={"ETag": f'"{stored.version}"'})
