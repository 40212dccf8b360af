"""Policies, plans of what is forgotten, legal holds, and certificates of erasure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, JsonValue, field_validator, model_validator

from app.schemas.fields import Answer, Body, Name, check_json
from app.schemas.recall import MAX_FILTER_DEPTH
from memory import forget
from memory import types as memory
from memory.forgetting import records, subjects
from memory.forgetting.plan import Verdict
from memory.forgetting.policies import Action, Policy

Count = Annotated[int | None, Field(ge=0, le=10**12, examples=[None])]


class PolicyIn(Body):
    """Rules for one layer, or for all. What is left out does not apply; pinned items are exempt from all but expiry."""

    layer: Annotated[
        str | None,
        Field(max_length=50, description="episodic, semantic, procedural or base (documents).", examples=["episodic"]),
    ] = None
    least_retrievability: Annotated[
        float | None, Field(ge=0, le=1, description="What is remembered worse is archived.", examples=[0.1])
    ] = None
    most_items: Annotated[Count, Field(description="Above it, the least valuable are archived.")] = None
    most_tokens: Count = None
    most_bytes: Annotated[Count, Field(description="Of text, as UTF-8.")] = None
    expired: Annotated[Action, Field(description="What becomes of an item after its `expires_at`.")] = Action.ARCHIVE
    purge_after_days: Annotated[
        float | None, Field(ge=0, le=36_500, description="In the archive; then gone for good.", examples=[365])
    ] = None

    def policy(self) -> Policy:
        return Policy(**self.model_dump())


class PolicyOut(Answer):
    layer: str | None
    least_retrievability: float | None
    most_items: int | None
    most_tokens: int | None
    most_bytes: int | None
    expired: Action
    purge_after_days: float | None


class PoliciesIn(Body):
    policies: Annotated[list[PolicyIn], Field(max_length=10)]


class PoliciesOut(Answer):
    """One policy a layer."""

    policies: list[PolicyOut]

    @classmethod
    def of(cls, policies: Sequence[Policy]) -> Self:
        return cls(policies=[PolicyOut.model_validate(one, from_attributes=True) for one in policies])


class ForgetIn(Body):
    """What to forget: by these policies, or what a filter chooses; with neither, by the policies of the namespace."""

    policies: Annotated[list[PolicyIn] | None, Field(min_length=1, max_length=10, examples=[None])] = None
    filter: Annotated[
        dict[str, JsonValue] | None,
        Field(min_length=1, description="As in recall.", examples=[{"metadata.project": {"eq": "heron"}}]),
    ] = None
    action: Annotated[Action | None, Field(description="What a filter chooses is archived, or purged for good.")] = None
    dry_run: Annotated[bool, Field(description="Only show the plan.")] = False

    @field_validator("filter")
    @classmethod
    def _filter_is_sound(cls, filter_: dict[str, JsonValue] | None) -> dict[str, JsonValue] | None:
        check_json(filter_, MAX_FILTER_DEPTH)
        return filter_

    @model_validator(mode="after")
    def _has_one_rule(self) -> Self:
        if self.policies is not None and self.filter is not None:
            raise ValueError("takes `policies` or a `filter`, not both")
        if self.action is not None and self.filter is None:
            raise ValueError("`action` belongs to a `filter`; policies say themselves what they do")
        return self

    def wanted(self) -> forget.Wanted:
        rules = None if self.policies is None else tuple(one.policy() for one in self.policies)
        return forget.Wanted(rules, self.filter, self.action or Action.ARCHIVE)


class VerdictOut(Answer):
    """One item that is to be forgotten."""

    id: str
    kind: memory.Kind
    action: Action
    rule: Annotated[str, Field(description="retrievability, budget_items, expired, archived, filter and so on.")]
    why: str

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        return cls.model_validate(verdict, from_attributes=True)


class ForgettingOut(Answer):
    """One time that items were forgotten."""

    id: str
    status: records.ForgettingStatus
    archived: int
    purged: int
    skipped: Annotated[int, Field(description="Changed between the plan and its turn.")]
    actor: str
    at: datetime
    undone_at: datetime | None

    @classmethod
    def of(cls, found: records.Forgetting) -> Self:
        return cls.model_validate(found, from_attributes=True)


class ForgotOut(Answer):
    """The plan, and what became of it; a dry run has no `forgetting`."""

    plan: list[VerdictOut]
    forgetting: ForgettingOut | None

    @classmethod
    def of(cls, forgot: forget.Forgot) -> Self:
        done = None if forgot.forgetting is None else ForgettingOut.of(forgot.forgetting)
        return cls(plan=[VerdictOut.of(one) for one in forgot.plan], forgetting=done)


class ForgettingPage(Answer):
    items: list[ForgettingOut]
    next_cursor: str | None

    @classmethod
    def of(cls, page: memory.Page[records.Forgetting]) -> Self:
        return cls(items=[ForgettingOut.of(one) for one in page.items], next_cursor=page.next_cursor)


class UndoIn(Body):
    except_: Annotated[
        list[str],
        Field(
            alias="except", default_factory=list, max_length=10_000, description="Ids that are left as they are now."
        ),
    ]


class UndoneOut(Answer):
    """What was purged, deleted or erased stays gone."""

    revived: int
    forgetting: ForgettingOut

    @classmethod
    def of(cls, undone: forget.Undone) -> Self:
        return cls(revived=undone.revived, forgetting=ForgettingOut.of(undone.forgetting))


class HoldIn(Body):
    reason: Annotated[Name, Field(description="Why nothing of it may be deleted.", examples=["case 4711"])]


class HoldOut(Answer):
    """Nothing of this subject may be deleted."""

    kind: subjects.SubjectKind
    subject: str
    reason: str
    actor: str
    at: datetime

    @classmethod
    def of(cls, hold: subjects.Hold) -> Self:
        return cls(kind=hold.subject.kind, subject=hold.subject.id, reason=hold.reason, actor=hold.actor, at=hold.at)


class HoldList(Answer):
    items: list[HoldOut]


class ErasureOut(Answer):
    """A certificate: what was removed, and what a search for it found afterwards. It holds no content."""

    id: Annotated[str | None, Field(description="None: nothing was erased, this is what would be.")]
    kind: subjects.SubjectKind
    subject_sha256: Annotated[str | None, Field(description="Of the namespace, the kind and the id.")]
    status: Annotated[
        records.ErasureStatus | None,
        Field(
            description="proved: a search found nothing; scrubbing: files are still being cleaned; scrubbed: cleaned,"
            " but not searched; incomplete: `proof.found` says what is left and where."
        ),
    ]
    counts: Annotated[dict[str, int], Field(description="Rows by table.")]
    proof: Annotated[dict[str, JsonValue], Field(description="Strings searched for, files, bytes, and what was found.")]
    actor: str | None
    at: datetime | None
    scrubbed_at: datetime | None

    @classmethod
    def of(cls, erasure: records.Erasure) -> Self:
        return cls.model_validate(erasure, from_attributes=True)

    @classmethod
    def preview(cls, kind: subjects.SubjectKind, counts: dict[str, int]) -> Self:
        unknown = dict.fromkeys(("id", "subject_sha256", "status", "actor", "at", "scrubbed_at"))
        there = {name: count for name, count in counts.items() if count}
        return cls.model_validate({"kind": kind, "counts": there, "proof": {}, **unknown})


class ErasurePage(Answer):
    items: list[ErasureOut]
    next_cursor: str | None

    @classmethod
    def of(cls, page: memory.Page[records.Erasure]) -> Self:
        return cls(items=[ErasureOut.of(one) for one in page.items], next_cursor=page.next_cursor)
