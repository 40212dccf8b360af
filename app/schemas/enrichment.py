"""Enrichment by an LLM: how far it is, and what a namespace allows."""

from typing import Annotated, Self

from pydantic import Field

from app.schemas.fields import Answer, Body
from memory import enrichment as memory
from memory.facts import ExtractionStatus


class EnrichmentIn(Body):
    """What this namespace allows from now on. `daily_tokens` null: the service's own budget."""

    is_on: bool = True
    daily_tokens: Annotated[
        int | None, Field(ge=0, le=memory.MOST_TOKENS, description="LLM tokens a day (UTC).", examples=[100_000])
    ] = None

    def setting(self) -> memory.Enrichment:
        return memory.Enrichment(self.is_on, self.daily_tokens)


class EnrichmentOut(Answer):
    """How far a namespace is."""

    model: Annotated[str | None, Field(description="The LLM; null: none is configured.")]
    is_on: bool
    daily_tokens: int
    spent_today: Annotated[int, Field(description="LLM tokens, input and output, failed requests included.")]
    passages: Annotated[
        dict[ExtractionStatus, int], Field(description="By what was extracted from them, and how far that is.")
    ]
    facts: int
    errors: Annotated[dict[str, str], Field(description="Why the first failed passages failed, by passage.")]
    waits_for: Annotated[str | None, Field(description="Why nothing goes on at the moment, if so.")]

    @classmethod
    def of(cls, status: memory.EnrichmentStatus) -> Self:
        return cls.model_validate(status, from_attributes=True)
