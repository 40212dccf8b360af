"""Feedback on results, taking back what it changed, and what it says of the answers as a whole."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from app.routes.dependencies import InRuntime, Reader, ToChange, ToRead, Writer, json_only, problems
from app.routes.items import ItemId, actor_of
from app.schemas.feedback import ChangeOut, FeedbackIn, FeedbackOut, InsightOut, StrengthOut
from app.schemas.fields import Name
from memory import feedback, insight, reconsolidating, strength
from memory.types import Kind

router = APIRouter(prefix="/v1", tags=["feedback"], dependencies=[Depends(json_only)])

Days = Annotated[float, Query(ge=0, le=3650, description="How far the forecast goes.")]
Step = Annotated[float, Query(ge=0.5, le=365, description="Days between its points.")]


@router.post("/feedback", responses=problems(404, 409, 413, 415, 507))
def give_feedback(runtime: InRuntime, asking: Writer, namespace: ToChange, body: FeedbackIn) -> FeedbackOut:
    """Say what became of results: they are remembered better or worse, found sooner or later, or corrected."""
    now = datetime.now(UTC)
    return FeedbackOut.of(feedback.give(runtime.parts, namespace, body.given(), now=now, actor=actor_of(asking)))


@router.post("/feedback/{id}/undo", responses=problems(404))
def undo_change(
    runtime: InRuntime,
    asking: Writer,
    namespace: ToChange,
    change: Annotated[str, Path(alias="id", max_length=100, description="`change.id` of the feedback.")],
) -> ChangeOut:
    """Take back a change that feedback made: what it ended holds again. Doing so twice is doing so once."""
    now = datetime.now(UTC)
    return ChangeOut.of(reconsolidating.undo(runtime.parts, namespace, change, now=now, actor=actor_of(asking)))


@router.get("/memories/{id}/strength", responses=problems(404))
def memory_strength(
    runtime: InRuntime, namespace: ToRead, item: ItemId, days: Days = 90.0, step: Step = 7.5
) -> StrengthOut:
    """How well a memory is remembered now, and its forecast as points of a curve."""
    now = datetime.now(UTC)
    return StrengthOut.of(strength.of(runtime.parts, namespace, Kind.MEMORY, item, now=now, days=days, step=step))


@router.get("/metacognition", responses=problems(404))
def metacognition(
    runtime: InRuntime,
    asking: Reader,
    namespace: ToRead,
    person: Annotated[
        Name | None, Query(description="Whose judgements; else those of the key.", examples=[None])
    ] = None,
) -> InsightOut:
    """How well the probabilities of answers are calibrated, and what bias shows, by the feedback of 30 days."""
    return InsightOut.of(insight.of(runtime.parts, namespace, person or actor_of(asking), datetime.now(UTC)))
