"""What became of results, what feedback made of them, and how well something is remembered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from app.schemas.fields import Answer, Body, Name
from memory import feedback as memory
from memory.insight import Insight
from memory.reconsolidating import Changed
from memory.strength import StrengthNow


class JudgedIn(Body):
    """What became of one result."""

    id: Annotated[Name, Field(description="Of the result, or of its document or memory.")]
    verdict: Annotated[
        memory.Verdict, Field(description="used, useful (it answered), wrong, or corrected (with `text`)")
    ]
    text: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=32_000,
            description="corrected: what is right. Else what was said about it since, which may change it.",
            examples=[None],
        ),
    ] = None


class FeedbackIn(Body):
    """Results in the order in which they were used."""

    recall_id: Annotated[Name | None, Field(description="`id` of the recall, if it is recent.", examples=[None])] = None
    person: Annotated[Name | None, Field(description="Who judges; else the key.", examples=[None])] = None
    results: Annotated[list[JudgedIn], Field(min_length=1, max_length=memory.MOST)]

    @model_validator(mode="after")
    def _corrections_say_what_is_right(self) -> Self:
        if any(one.verdict is memory.Verdict.CORRECTED and not (one.text or "").strip() for one in self.results):
            raise ValueError("a result that is `corrected` needs `text`: say what is right")
        if len({one.id for one in self.results}) < len(self.results):
            raise ValueError("a result is there twice; judge each once")
        return self

    def given(self) -> memory.Feedback:
        judged = [memory.Judged(one.id, one.verdict, one.text) for one in self.results]
        return memory.Feedback(judged, self.recall_id, self.person)


class ChangeOut(Answer):
    """An entry of the audit; `POST /v1/feedback/{id}/undo` takes it back."""

    id: str
    document_id: str
    mode: Annotated[str, Field(description="confirmed, selective_edit, integration or new_episode")]
    stopped_by: Annotated[str | None, Field(description="Why nothing was changed: protected, not_open, ...")]
    prediction_error: Annotated[float, Field(description="0 (as expected) to 1.")]
    successor: Annotated[str | None, Field(description="The memory that has the new text.")]
    undone_at: datetime | None

    @classmethod
    def of(cls, changed: Changed) -> Self:
        return cls(
            id=changed.id,
            document_id=changed.document,
            mode=changed.mode,
            stopped_by=changed.stopped_by,
            prediction_error=changed.prediction_error,
            successor=changed.successor,
            undone_at=changed.undone_at,
        )


class LearnedOut(Answer):
    """What feedback made of one item."""

    document_id: str
    verdict: memory.Verdict
    retrievability: Annotated[float, Field(description="Before, 0 to 1.")]
    stability: Annotated[float, Field(description="After: days until retrievability falls to 0.9.")]
    change: ChangeOut | None


class FeedbackOut(Answer):
    """In the order given."""

    items: list[LearnedOut]

    @classmethod
    def of(cls, learned: Sequence[memory.Learned]) -> Self:
        return cls(
            items=[
                LearnedOut(
                    document_id=one.document,
                    verdict=one.verdict,
                    retrievability=one.retrievability,
                    stability=one.stability,
                    change=ChangeOut.of(one.changed) if one.changed else None,
                )
                for one in learned
            ]
        )


class PointOut(Answer):
    day: Annotated[float, Field(description="From now.")]
    retrievability: float


class CopiesOut(Answer):
    """Strength of each copy, 0 to 1."""

    verbatim: float
    episodic: float
    gist: float


class StrengthOut(Answer):
    """How well an item is remembered now, and the curve on which that falls."""

    retrievability: Annotated[float, Field(description="Chance of recalling it now, 0 to 1.")]
    stability: Annotated[float, Field(description="Days until that falls to 0.9.")]
    difficulty: Annotated[float, Field(description="1 (easy) to 10 (hard).")]
    last_recalled: datetime
    due: Annotated[datetime, Field(description="When it falls to 0.9.")]
    recalls: int
    salience: float
    surprise: Annotated[float, Field(description="-1 (it misled) to 1 (it helped).")]
    trust: float
    confidence: float
    copies: CopiesOut
    forecast: list[PointOut]

    @classmethod
    def of(cls, now: StrengthNow) -> Self:
        trace = now.trace
        return cls(
            retrievability=now.retrievability,
            stability=trace.stability,
            difficulty=trace.difficulty,
            last_recalled=trace.last_recalled,
            due=now.due,
            recalls=trace.recalls,
            salience=trace.salience,
            surprise=trace.surprise,
            trust=trace.trust,
            confidence=trace.confidence,
            copies=CopiesOut(verbatim=now.copies.fast, episodic=now.copies.medium, gist=now.copies.deep),
            forecast=[PointOut(day=one.day, retrievability=one.retrievability) for one in now.forecast],
        )


class BiasOut(Answer):
    """How judgements were accepted in the last 30 days."""

    positive_rate: float
    negative_rate: float
    asymmetry: float
    confirmation: float
    recency: float
    p_value: float
    is_alarming: bool


class InsightOut(Answer):
    """How well the probabilities of answers are calibrated, by what became of them."""

    events: int
    rated: Annotated[int, Field(description="Events of which the probability is known.")]
    brier: Annotated[float | None, Field(description="Mean squared error, 0 (best) to 1.")]
    calibration_error: Annotated[float | None, Field(description="Over ten bins, 0 (best) to 1.")]
    bias: BiasOut

    @classmethod
    def of(cls, insight: Insight) -> Self:
        return cls(
            events=insight.events,
            rated=insight.rated,
            brier=insight.brier,
            calibration_error=insight.calibration_error,
            bias=BiasOut.model_validate(insight.bias, from_attributes=True),
        )
