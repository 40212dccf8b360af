"""Hints: associations that nobody asked for, told by nights where that is wanted."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path

from app.routes.dependencies import Cursor, InRuntime, Limit, ToChange, ToRead, Writer, problems
from app.schemas.hints import HintPage
from memory import hints

router = APIRouter(prefix="/v1/hints", tags=["sleep"])


@router.get("", responses=problems(404))
def list_hints(runtime: InRuntime, namespace: ToRead, limit: Limit = 50, cursor: Cursor = None) -> HintPage:
    """What nights found that items of the day lead to, newest first, without what was dismissed."""
    return HintPage.of(hints.list_page(runtime.parts, namespace, limit, cursor, datetime.now(UTC)))


@router.delete("/{id}", status_code=204, responses=problems(404, 507))
def dismiss_hint(
    runtime: InRuntime, _asking: Writer, namespace: ToChange, item: Annotated[str, Path(alias="id", max_length=100)]
) -> None:
    """It does not come back, nor does any other between the same two."""
    hints.dismiss(runtime.parts, namespace, item, datetime.now(UTC))
