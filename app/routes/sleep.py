"""Sleep: nights begun, planned, watched and undone, and when a namespace sleeps by itself."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from app.routes.dependencies import (
    Cursor,
    InRuntime,
    Limit,
    ToChange,
    ToRead,
    Writer,
    json_only,
    problems,
)
from app.routes.items import actor_of
from app.schemas.forgetting import UndoIn
from app.schemas.sleep import (
    NightChangePage,
    NightOut,
    NightPage,
    SleepIn,
    SleepOut,
    SleepSettingsIn,
    SleepSettingsOut,
)
from memory import dusk, sleep

router = APIRouter(prefix="/v1/sleep", tags=["sleep"], dependencies=[Depends(json_only)])

NightId = Annotated[str, Path(alias="id", max_length=100)]


@router.post("", status_code=202, responses={200: {"model": SleepOut}, **problems(404, 413, 415, 507)})
def begin_night(
    runtime: InRuntime, asking: Writer, namespace: ToChange, response: Response, body: SleepIn | None = None
) -> SleepOut:
    """Let the namespace sleep now. If a night runs already, it is the answer; `dry_run` shows what would change."""
    wanted = body or SleepIn()
    stages, now = wanted.wanted(), datetime.now(UTC)
    if wanted.dry_run:
        response.status_code = 200
        return SleepOut.planned(sleep.plan(runtime.parts, namespace, now, stages))
    return SleepOut.begun(sleep.begin(runtime.parts, namespace, stages=stages, now=now, actor=actor_of(asking)))


@router.get("/runs", responses=problems(404))
def list_nights(runtime: InRuntime, namespace: ToRead, limit: Limit = 50, cursor: Cursor = None) -> NightPage:
    """The nights of the namespace, newest first."""
    return NightPage.of(sleep.list_page(runtime.parts, namespace, limit, cursor))


@router.get("/runs/{id}", responses=problems(404))
def get_night(runtime: InRuntime, namespace: ToRead, item: NightId) -> NightOut:
    """What a night came to, stage by stage: numbers, sentences, and its probes before and after."""
    return NightOut.of(sleep.get(runtime.parts, namespace, item))


@router.get("/runs/{id}/changes", responses=problems(404))
def list_changes(
    runtime: InRuntime, namespace: ToRead, item: NightId, limit: Limit = 50, cursor: Cursor = None
) -> NightChangePage:
    """All that a night changed, in its order, with what was before and after."""
    return NightChangePage.of_page(sleep.changes_page(runtime.parts, namespace, item, limit, cursor))


@router.post("/runs/{id}/undo", responses=problems(404, 409, 413, 415, 507))
def undo_night(
    runtime: InRuntime, asking: Writer, namespace: ToChange, item: NightId, body: UndoIn | None = None
) -> NightOut:
    """Everything is as it was before the night, or nothing is if anything was changed since; `except` leaves out items.

    What hangs together is left out as one: with a gist all its sources, with a survivor its repeats, and either way
    round, so that no content is recalled twice, or not at all. What was purged or erased stays gone.
    """
    excepted = body.except_ if body else ()
    now = datetime.now(UTC)
    return NightOut.of(sleep.undo(runtime.parts, namespace, item, excepted, now=now, actor=actor_of(asking)))


@router.get("/settings", responses=problems(404))
def get_settings(runtime: InRuntime, namespace: ToRead) -> SleepSettingsOut:
    """When the namespace sleeps by itself."""
    return SleepSettingsOut.of(sleep.settings_of(runtime.parts, namespace))


@router.put("/settings", responses=problems(404, 413, 415, 507))
def put_settings(
    runtime: InRuntime,
    _asking: Writer,
    namespace: ToChange,
    body: SleepSettingsIn,
) -> SleepSettingsOut:
    """Let the namespace sleep by itself, or not. A policy with `most_tokens` is what its nights keep to."""
    return SleepSettingsOut.of(dusk.set_settings(runtime.parts, namespace, body.settings(), datetime.now(UTC)))
