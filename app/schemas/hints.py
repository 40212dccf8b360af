"""Hints: what an item of the day leads to, why, and by which path."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from app.schemas.fields import Answer
from app.schemas.recall import StepOut
from memory import hints
from memory import types as memory


class HintEndOut(Answer):
    """An item at an end of the path, with its passage there."""

    id: str
    kind: memory.Kind
    title: str
    speaker: str | None
    session_id: str | None
    text: str

    @classmethod
    def of(cls, item: memory.StoredDocument, text: str) -> Self:
        return cls(
            id=item.id, kind=item.kind, title=item.title, speaker=item.speaker, session_id=item.session_id, text=text
        )


class HintOut(Answer):
    """An association that nobody asked for."""

    id: str
    at: Annotated[datetime, Field(description="When the night that found it began.")]
    source: Annotated[HintEndOut, Field(description="Written or used on the day before.")]
    target: Annotated[HintEndOut, Field(description="Far from it in time, elsewhere, and not used lately.")]
    score: Annotated[float, Field(description="Activation: the share of walks from the source that end there.")]
    why: str
    path: list[StepOut]

    @classmethod
    def of(cls, told: hints.Told) -> Self:
        one = told.hint
        return cls(
            id=one.id,
            at=one.at,
            source=HintEndOut.of(told.source.document, told.source.text),
            target=HintEndOut.of(told.target.document, told.target.text),
            score=one.score,
            why=one.why,
            path=[StepOut.model_validate(step, from_attributes=True) for step in one.path],
        )


class HintPage(Answer):
    items: list[HintOut]
    next_cursor: str | None

    @classmethod
    def of(cls, page: memory.Page[hints.Told]) -> Self:
        return cls(items=[HintOut.of(one) for one in page.items], next_cursor=page.next_cursor)
