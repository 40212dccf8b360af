"""Procedures: how something is done, and how well that went."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from app.schemas.fields import Answer, Body, MetadataField
from memory import procedures
from memory.layers.procedural import LONGEST_TRIGGER, Procedure
from memory.types import Page

Line = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class ProcedureIn(Body):
    """How something is done."""

    trigger: Annotated[
        str,
        Field(min_length=1, max_length=LONGEST_TRIGGER, description="What it is for.", examples=["Bleed a radiator"]),
    ]
    steps: Annotated[
        list[Line], Field(min_length=1, max_length=procedures.MOST_STEPS, examples=[["Turn off the pump.", "Open it."]])
    ]
    tools: Annotated[list[Line], Field(default_factory=list, max_length=50, examples=[["radiator key"]])]
    outcome: Annotated[str, Field(max_length=2_000, examples=["No more gurgling."])] = ""
    metadata: MetadataField

    def new(self) -> procedures.NewProcedure:
        return procedures.NewProcedure(self.trigger, self.steps, self.tools, self.outcome, self.metadata)


class ProcedureOut(Answer):
    """A procedure; its text is the memory with the same id."""

    id: str
    trigger: str
    steps: list[str]
    tools: list[str]
    outcome: str
    success_rate: Annotated[float, Field(description="Mean of all runs, 0 to 1; that it was told counts as one.")]
    runs: int
    last_run: datetime | None

    @classmethod
    def of(cls, procedure: Procedure) -> Self:
        return cls.model_validate(procedure, from_attributes=True)


class ProcedurePage(Answer):
    """Procedures, newest first."""

    items: list[ProcedureOut]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Procedure]) -> Self:
        return cls(items=[ProcedureOut.of(one) for one in page.items], next_cursor=page.next_cursor)


class RunIn(Body):
    """How a run went."""

    success: Annotated[float, Field(ge=0, le=1, description="1: well, 0: badly, or in between.", examples=[1])]
    note: Annotated[str, Field(max_length=2_000, description="Kept in the history of the item.")] = ""
