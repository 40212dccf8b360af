"""Questions, and the passages and contexts that answer them."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, field_validator, model_validator

from app.schemas.fields import Answer, Body, Instant, Name, NamespaceName, QueryText, check_json
from memory import types as memory

MAX_FILTER_DEPTH = 32
VALIDITY = frozenset({"valid_from", "valid_to", "superseded_by"})  # said only if there is something to say


class TimeRangeIn(Body):
    """When it happened: from (inclusive) to (exclusive)."""

    from_: Annotated[Instant | None, Field(alias="from")] = None
    to: Instant | None = None

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.from_ and self.to and self.from_ >= self.to:
            raise ValueError("`from` must be earlier than `to`")
        return self


class RecallIn(Body):
    """A question in plain words, and what its answers must satisfy."""

    query: Annotated[QueryText, Field(examples=["Where does Mira's sister work?"])]
    top_k: Annotated[int, Field(ge=1, le=200, description="How many passages at most.")] = 10
    threshold: Annotated[
        float | None, Field(ge=0, le=1, description="Least probability that a result answers the question.")
    ] = None
    filters: Annotated[
        dict[str, JsonValue] | None,
        Field(
            description="`AND OR NOT` over fields with `eq ne gt gte lt lte in nin contains icontains`.",
            examples=[{"metadata.project": {"eq": "heron"}}],
        ),
    ] = None
    time_range: TimeRangeIn | None = None
    document_ids: Annotated[list[Name] | None, Field(min_length=1, max_length=1000, examples=[None])] = None
    speakers: Annotated[list[Name] | None, Field(min_length=1, max_length=100, examples=[None])] = None
    layers: Annotated[
        list[memory.LayerName | Literal["base"]] | None,
        Field(min_length=1, description="Only these; documents stand in `base`.", examples=[None]),
    ] = None
    as_of: Annotated[Instant | None, Field(description="What held then.", examples=[None])] = None
    known_at: Annotated[Instant | None, Field(description="As it was known then.", examples=[None])] = None
    superseded: Annotated[bool, Field(description="Also what newer statements have superseded.")] = False
    archived: Annotated[bool, Field(description="Also what was archived.")] = False
    namespaces: Annotated[
        list[NamespaceName] | None,
        Field(min_length=1, max_length=20, description="Also these, which are open to it.", examples=[None]),
    ] = None
    linked: Annotated[bool, Field(description="Also the namespaces that share a confirmed link with it.")] = False
    mode: Annotated[memory.Mode, Field(description="thorough looks further, and takes longer.")] = memory.Mode.FAST
    explain: Annotated[bool, Field(description="Also say by which path each result was found.")] = False
    max_tokens: Annotated[int | None, Field(ge=1, le=200_000, description="Cut the results to this budget.")] = None
    min_revision: Annotated[
        int | None, Field(ge=0, description="Answer only once this revision can be seen.", examples=[None])
    ] = None

    @field_validator("filters")
    @classmethod
    def _filters_are_sound(cls, filters: dict[str, JsonValue] | None) -> dict[str, JsonValue] | None:
        check_json(filters, MAX_FILTER_DEPTH)
        return filters

    def asked(self) -> memory.Recall:
        return memory.Recall(
            query=self.query,
            top_k=self.top_k,
            threshold=self.threshold,
            filters=self.filters,
            time_range=memory.TimeRange(self.time_range.from_, self.time_range.to) if self.time_range else None,
            document_ids=self.document_ids,
            speakers=self.speakers,
            mode=self.mode,
            explain=self.explain,
            max_tokens=self.max_tokens,
            min_revision=self.min_revision,
            layers=self.layers,
            as_of=self.as_of,
            known_at=self.known_at,
            superseded=self.superseded,
            archived=self.archived,
        )


class ContextIn(RecallIn):
    """A question, and how long the context for it may be."""

    max_tokens: Annotated[int | None, Field(ge=1, le=200_000, description="Length of the context at most.")] = 1500
    session_id: Annotated[
        Name | None,
        Field(description="What is held in mind in this session comes before what is recalled.", examples=[None]),
    ] = None

    def asked(self) -> memory.Recall:
        return replace(super().asked(), session_id=self.session_id)


class ArmOut(Answer):
    score: float
    rank: Annotated[int, Field(description="Among the candidates; 1 is best.")]


class StepOut(Answer):
    """A node on the way from the question to the passage, and the edge that leads to it."""

    node: Annotated[str, Field(description="question, entity or passage")]
    id: str
    label: str
    edge: Annotated[str, Field(description="seed, mention, contiguity, synonym or fact; empty for the question")]
    weight: float


class ExplanationOut(Answer):
    """What each arm said of the passage, and the path on which the walk reached it."""

    arms: dict[str, ArmOut]
    path: list[StepOut]
    effects: Annotated[dict[str, float], Field(description="What each mechanism of memory added to the score.")]


class ResultOut(Answer):
    """A passage that was recalled, and what its document says about it."""

    id: str
    document_id: str
    kind: memory.Kind
    text: str
    title: str
    source: str
    speaker: str | None
    session_id: str | None
    layer: str
    namespace: Annotated[str | None, Field(description="Where several were asked.")] = None
    occurred_at: datetime | None
    recorded_at: datetime
    valid_from: Annotated[datetime | None, Field(description="From when on it holds.")] = None
    valid_to: Annotated[datetime | None, Field(description="From then on something else holds.")] = None
    superseded_by: Annotated[str | None, Field(description="The memory that ended it.")] = None
    sources: Annotated[
        list[str] | None, Field(description="Items that it stands for since a night: in short, or by saying the same.")
    ] = None
    metadata: dict[str, JsonValue]
    score: Annotated[float, Field(description="Higher is better; comparable within one answer.")]
    probability: Annotated[float, Field(description="Chance that it helps; comparable across questions.")]
    explanation: Annotated[ExplanationOut | None, Field(description="With `explain` only.")] = None

    @classmethod
    def of(cls, result: memory.Result, explain: bool) -> Self:
        kept = result.document
        shown = {name: getattr(kept, name) for name in cls.model_fields if hasattr(kept, name)}
        shown = {name: value for name, value in shown.items() if value is not None or name not in VALIDITY}
        shown |= {"id": result.id, "document_id": kept.id, "text": result.text}
        if result.sources:
            shown["sources"] = list(result.sources)
        if result.namespace is not None:
            shown["namespace"] = result.namespace
        shown |= {"score": result.hit.score, "probability": result.hit.probability}
        if explain:
            shown["explanation"] = ExplanationOut(
                arms={name: ArmOut.model_validate(arm, from_attributes=True) for name, arm in result.hit.arms.items()},
                path=[StepOut.model_validate(step, from_attributes=True) for step in result.hit.path],
                effects=dict(result.effects),
            )
        return cls.model_validate(shown)


class SeedOut(Answer):
    """Where the walk began."""

    kind: Annotated[str, Field(description="entity or passage")]
    label: str
    mass: float


class TookOut(Answer):
    """Milliseconds."""

    encode: float
    search: float
    total: float


class RecallOut(Answer):
    """Passages, best first; `abstained` says that nothing is good enough to answer with."""

    id: Annotated[str, Field(description="For feedback, as `recall_id`; known for some time.")]
    results: list[ResultOut]
    abstained: bool
    revision: int
    seeds: Annotated[list[SeedOut] | None, Field(description="With `explain` only.")] = None
    took_ms: TookOut

    @classmethod
    def of(cls, recalled: memory.Recalled, explain: bool) -> Self:
        sent = (
            {"seeds": [SeedOut.model_validate(one, from_attributes=True) for one in recalled.seeds]} if explain else {}
        )
        return cls(
            id=recalled.id,
            results=[ResultOut.of(one, explain) for one in recalled.results],
            abstained=recalled.abstained,
            revision=recalled.revision,
            took_ms=TookOut.model_validate(recalled.took, from_attributes=True),
            **sent,
        )


class SourceOut(Answer):
    """What a number in the context refers to."""

    ref: int
    id: str
    document_id: str
    title: str
    source: str
    speaker: str | None
    occurred_at: datetime | None
    score: float

    @classmethod
    def of(cls, source: memory.Source) -> Self:
        kept = source.result.document
        return cls(
            ref=source.ref,
            id=source.result.id,
            document_id=kept.id,
            title=kept.title,
            source=kept.source,
            speaker=kept.speaker,
            occurred_at=kept.occurred_at,
            score=source.result.hit.score,
        )


class ContextOut(Answer):
    """A block of text for a prompt, with numbered sources."""

    context: str
    tokens: Annotated[int, Field(description="Its length, counted by the embedder.")]
    sources: list[SourceOut]
    core: Annotated[list[str], Field(description="Labels of the core blocks that it begins with.")]
    abstained: bool
    revision: int

    @classmethod
    def of(cls, context: memory.Context) -> Self:
        return cls(
            context=context.text,
            tokens=context.tokens,
            sources=[SourceOut.of(one) for one in context.sources],
            core=list(context.core),
            abstained=context.abstained,
            revision=context.revision,
        )
