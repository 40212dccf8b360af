"""Nights: when they are, what they would change, what they came to, and their undoing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, JsonValue

from app.schemas.fields import Answer, Body
from memory import types as memory
from memory.merges import REASONS
from memory.sleeping import records
from memory.sleeping.settings import (
    MOST_CLUSTERS,
    MOST_IDLE_MINUTES,
    MOST_LLM_SECONDS,
    MOST_LLM_TOKENS,
    MOST_WRITES,
    SleepSettings,
    stages_named,
)

Stages = Annotated[
    list[Annotated[str, Field(max_length=50)]] | None,
    Field(max_length=20, description="Which stages; without it, those of the settings.", examples=[None]),
]


class SleepIn(Body):
    stages: Stages = None
    dry_run: Annotated[bool, Field(description="Only show what would change.")] = False

    def wanted(self) -> frozenset[records.StageName] | None:
        return None if self.stages is None else stages_named(self.stages)


class SleepSettingsIn(Body):
    """A night begins at the local time `at` of every date and, if they are set, after writes or in idleness."""

    is_on: bool
    at: Annotated[str, Field(max_length=20, description="HH:MM, local.", examples=["03:00"])] = "03:00"
    time_zone: Annotated[str, Field(max_length=100, examples=["Europe/Lisbon"])] = "UTC"
    after_writes: Annotated[int | None, Field(ge=1, le=MOST_WRITES, description="Since the last night.")] = None
    idle_minutes: Annotated[int | None, Field(ge=1, le=MOST_IDLE_MINUTES, description="Without a write.")] = None
    stages: Stages = None
    merge_names: Annotated[bool, Field(description="Merge names that are one entity's, in stage reconcile.")] = False
    hints: Annotated[bool, Field(description="Tell of associations too: GET /v1/hints.")] = False
    distil: Annotated[
        bool, Field(description="An LLM words gists of related items, where one is configured and enrichment is on.")
    ] = True
    distil_clusters: Annotated[
        int, Field(ge=0, le=MOST_CLUSTERS, description="Groups of items that a night asks the LLM about at most.")
    ] = 50
    distil_tokens: Annotated[
        int, Field(ge=0, le=MOST_LLM_TOKENS, description="Of the LLM, after which a night asks no more.")
    ] = 200_000
    distil_seconds: Annotated[int, Field(ge=1, le=MOST_LLM_SECONDS, description="For an answer of the LLM.")] = 60

    def settings(self) -> SleepSettings:
        values = self.model_dump(exclude={"stages"})
        return (
            SleepSettings(**values)
            if self.stages is None
            else SleepSettings(**values, stages=stages_named(self.stages))
        )


class SleepSettingsOut(Answer):
    is_on: bool
    at: str
    time_zone: str
    after_writes: int | None
    idle_minutes: int | None
    stages: list[records.StageName]
    merge_names: bool
    hints: bool
    distil: bool
    distil_clusters: int
    distil_tokens: int
    distil_seconds: int

    @classmethod
    def of(cls, settings: SleepSettings) -> Self:
        in_order = [name for name in records.StageName if name in settings.stages]
        return cls(
            is_on=settings.is_on,
            at=settings.at,
            time_zone=settings.time_zone,
            after_writes=settings.after_writes,
            idle_minutes=settings.idle_minutes,
            stages=in_order,
            merge_names=settings.merge_names,
            hints=settings.hints,
            distil=settings.distil,
            distil_clusters=settings.distil_clusters,
            distil_tokens=settings.distil_tokens,
            distil_seconds=settings.distil_seconds,
        )


class ProbeScoreOut(Answer):
    """How questions made from the memories themselves were answered."""

    probes: int
    recall: Annotated[float, Field(description="Share found among the first ten.")]
    reciprocal_rank: float


class StageOut(Answer):
    name: records.StageName
    status: records.StageStatus
    counts: Annotated[dict[str, float], Field(description="merged, archived, tokens_saved, llm_tokens and so on.")]
    sentences: list[str]
    milliseconds: float
    probes_before: ProbeScoreOut | None
    probes_after: ProbeScoreOut | None


class NightOut(Answer):
    """One sleep of a namespace."""

    id: str
    number: int
    status: records.NightStatus
    trigger: records.Trigger
    actor: str
    at: datetime
    finished_at: datetime | None
    undone_at: datetime | None
    counts: Annotated[dict[str, float], Field(description="Of all stages together; none of what was rolled back.")]
    stages: list[StageOut]

    @classmethod
    def of(cls, night: records.Night) -> Self:
        stages = [StageOut.model_validate(one, from_attributes=True) for one in night.stages]
        total: dict[str, float] = {}
        for one in night.stages:
            for name, count in one.counts.items():
                if one.status is records.StageStatus.DONE and name not in {"gain", "candidates"}:
                    total[name] = total.get(name, 0.0) + count
        return cls(
            id=night.id, number=night.number, status=night.status, trigger=night.trigger, actor=night.actor,
            at=night.at, finished_at=night.finished_at, undone_at=night.undone_at, counts=total, stages=stages,
        )  # fmt: skip


class NightPage(Answer):
    items: list[NightOut]
    next_cursor: str | None

    @classmethod
    def of(cls, page: memory.Page[records.Night]) -> Self:
        return cls(items=[NightOut.of(one) for one in page.items], next_cursor=page.next_cursor)


class NightChangeOut(Answer):
    """One change, with what was before and after it; null: it was not there, or is gone."""

    stage: records.StageName
    of: records.ChangeOf
    id: Annotated[str, Field(description="The item; of an association, where it begins; of names, their merge.")]
    other: Annotated[str | None, Field(description="Where an association ends.")]
    status: records.ChangeStatus
    why: str
    before: dict[str, JsonValue] | None
    after: dict[str, JsonValue] | None

    @classmethod
    def of_change(cls, one: records.NightChange) -> Self:
        before = None if one.before is None else dict(one.before)
        after = None if one.after is None else dict(one.after)
        if one.merge is not None:
            after = {"name": one.merge.name, "into": one.merge.into}
        why = REASONS[one.why] if one.of is records.ChangeOf.NAMES else one.why
        return cls.model_validate(
            {
                "stage": one.stage, "of": one.of, "id": one.document, "other": one.other or None,
                "status": one.status, "why": why, "before": before, "after": after,
            }
        )  # fmt: skip


class NightChangePage(Answer):
    items: list[NightChangeOut]
    next_cursor: str | None

    @classmethod
    def of_page(cls, page: memory.Page[records.NightChange]) -> Self:
        return cls(items=[NightChangeOut.of_change(one) for one in page.items], next_cursor=page.next_cursor)


class SleepOut(Answer):
    """The night that has begun, or that runs already; of a dry run, what it would change."""

    night: NightOut | None
    plan: list[NightChangeOut] | None

    @classmethod
    def begun(cls, night: records.Night) -> Self:
        return cls(night=NightOut.of(night), plan=None)

    @classmethod
    def planned(cls, changes: Sequence[records.NightChange]) -> Self:
        return cls(night=None, plan=[NightChangeOut.of_change(one) for one in changes])
