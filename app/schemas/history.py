"""What happened to an item, and what it states."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, JsonValue

from app.schemas.fields import Answer
from memory.history import History
from memory.layers.transitions import Happening


class EntryOut(Answer):
    """One thing that happened."""

    kind: Happening
    at: datetime
    actor: Annotated[str, Field(description="Who did it; empty for the first entry.")]
    why: str
    before: dict[str, JsonValue] | None
    after: dict[str, JsonValue] | None


class StatementOut(Answer):
    """A functional fact that the memory states: of each subject and attribute, one value holds at a time."""

    subject: str
    attribute: str
    value: str
    negated: Annotated[bool, Field(description="It says that this does not hold any more.")]
    text: Annotated[str, Field(description="The sentence that states it.")]
    valid_from: datetime
    valid_to: datetime | None
    retired_at: Annotated[datetime | None, Field(description="When its end became known.")]


class OriginOut(Answer):
    """An item that this one stands for, and the sentence that was taken over or distilled from it."""

    id: str
    sentence: Annotated[int, Field(description="Number of the sentence here, from 0; more than there are: of none.")]
    start: Annotated[int | None, Field(description="Of what was taken over, in its text; null: all of it is cited.")]
    end: int | None


class HistoryOut(Answer):
    """Oldest first."""

    id: str
    layer: str
    reason: Annotated[str, Field(description="Why it is in this layer.")]
    items: list[EntryOut]
    statements: list[StatementOut]
    sources: Annotated[list[OriginOut], Field(description="What it stands for, if sleep made or kept it.")]

    @classmethod
    def of(cls, history: History) -> Self:
        return cls(
            id=history.document.id,
            layer=history.document.layer,
            reason=history.document.reason,
            items=[EntryOut.model_validate(one, from_attributes=True) for one in history.entries],
            statements=[StatementOut.model_validate(one, from_attributes=True) for one in history.statements],
            sources=[
                OriginOut(id=one.source, sentence=one.ordinal, start=one.start, end=one.end) for one in history.sources
            ],
        )
