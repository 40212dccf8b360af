"""Questions that an LLM answers from what is recalled."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field

from app.schemas.fields import Answer
from app.schemas.recall import RecallIn, SourceOut
from memory import answer as memory
from memory.types import Namespace


class AnswerIn(RecallIn):
    """A question, and how much its answer may cost. The fields of recall choose what it may rest on."""

    max_tokens: Annotated[
        int | None, Field(ge=50, le=100_000, description="Length of the sources that the LLM reads, at most.")
    ] = 3000
    max_steps: Annotated[
        int, Field(ge=1, le=8, description="Recalls at most; more than one only with `mode: thorough`.")
    ] = 3
    max_llm_tokens: Annotated[
        int, Field(ge=1000, le=1_000_000, description="LLM tokens after which no further step is taken.")
    ] = 30_000
    stream: Annotated[bool, Field(description="Answer with server-sent events: `text` pieces, then `answer`.")] = False

    def question(self, reached: Sequence[Namespace]) -> memory.Asked:
        return memory.Asked(
            self.asked(),
            context_tokens=self.max_tokens or 3000,
            most_steps=self.max_steps,
            most_llm_tokens=self.max_llm_tokens,
            reached=reached,
        )


class StepTakenOut(Answer):
    """One recall on the way to the answer."""

    query: str
    thought: Annotated[str, Field(description="Why it was asked; empty for the question itself.")]
    facts: Annotated[list[str], Field(description="Facts that the LLM recognised as helpful.")]
    new: Annotated[int, Field(description="Passages that it added.")]


class AnswerOut(Answer):
    """An answer with numbers of its sources in square brackets, or `abstained` with the `reason`."""

    answer: str
    abstained: bool
    reason: str | None
    sources: Annotated[list[SourceOut], Field(description="Those that the answer cites.")]
    steps: list[StepTakenOut]
    revision: int
    llm_tokens: int
    took_ms: float

    @classmethod
    def of(cls, answered: memory.Answered) -> Self:
        return cls(
            answer=answered.text,
            abstained=answered.abstained,
            reason=answered.reason,
            sources=[SourceOut.of(source) for source in answered.sources],
            steps=[StepTakenOut.model_validate(step, from_attributes=True) for step in answered.steps],
            revision=answered.revision,
            llm_tokens=answered.tokens,
            took_ms=answered.ms,
        )
