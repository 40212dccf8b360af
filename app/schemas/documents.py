"""Documents and memories as they are kept, and changes to them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, model_validator

from app.schemas.feedback import StrengthOut
from app.schemas.fields import Answer, Body, DocumentText, Instant, Metadata, Name, Source, Title
from memory import types as memory
from memory.documents import Wanted
from retrieval.types import EntityKind

OF_A_DOCUMENT = frozenset({"format", "title", "source"})
OF_A_MEMORY = frozenset({"speaker", "session_id"})
VALIDITY = frozenset({"reason", "valid_from", "valid_to", "retired_at", "superseded_by", "expires_at"})


MemoryLayer = Literal["episodic", "semantic", "procedural"]
ItemStatus = Literal["ready", "pending", "failed", "quarantined", "archived"]


def wanted_of(session_id: str | None, layer: MemoryLayer | None, status: ItemStatus | None) -> Wanted:
    """What a list is narrowed to: what is ready is also neither held back nor archived."""
    if status in {"quarantined", "archived"}:
        return Wanted(session_id, layer, memory.ItemState(status))
    return Wanted(session_id, layer, memory.ItemState.ACTIVE if status == "ready" else None, status)


class DocumentOut(Answer):
    """A document or memory as it is kept; fields that do not apply to its kind are left out."""

    id: str
    kind: memory.Kind
    text: str
    format: str | None = None
    title: str | None = None
    source: str | None = None
    speaker: str | None = None
    session_id: str | None = None
    external_id: str | None
    metadata: dict[str, JsonValue]
    occurred_at: datetime | None
    recorded_at: datetime
    updated_at: datetime
    content_hash: Annotated[str, Field(description="SHA-256 of the content, hex.")]
    status: Annotated[str, Field(description="ready, pending, failed, quarantined or archived", examples=["ready"])]
    error: str | None
    passages: int
    layer: str
    reason: Annotated[str | None, Field(description="Why it is in this layer.")] = None
    valid_from: Annotated[datetime | None, Field(description="From when on it holds.")] = None
    valid_to: Annotated[datetime | None, Field(description="From then on something else holds.")] = None
    retired_at: Annotated[datetime | None, Field(description="When its end became known.")] = None
    superseded_by: Annotated[str | None, Field(description="The memory that ended it.")] = None
    expires_at: Annotated[datetime | None, Field(description="Out of recall from then on.")] = None
    version: Annotated[int, Field(description="Raised by every change; also the ETag.")]
    strength: Annotated[StrengthOut | None, Field(description="Of one memory that is asked for.")] = None

    @classmethod
    def of(cls, stored: memory.StoredDocument) -> Self:
        fields = {name: getattr(stored, name) for name in cls.model_fields if name != "strength"}
        if stored.state is not memory.ItemState.ACTIVE:
            fields["status"] = stored.state.value
        unsaid = (OF_A_DOCUMENT if stored.kind is memory.Kind.MEMORY else OF_A_MEMORY) | VALIDITY
        return cls.model_validate({name: value for name, value in fields.items() if value or name not in unsaid})


class DocumentPage(Answer):
    """Documents or memories, newest first."""

    items: list[DocumentOut]
    next_cursor: Annotated[str | None, Field(description="Send it as `cursor` to get the next page.")]

    @classmethod
    def of(cls, page: memory.Page[memory.StoredDocument]) -> Self:
        return cls(items=[DocumentOut.of(one) for one in page.items], next_cursor=page.next_cursor)


class MentionOut(Answer):
    """A thing that a passage names."""

    name: Annotated[str, Field(description="As the text spells it.")]
    kind: EntityKind
    count: Annotated[int, Field(description="How often the passage names it; 0 if only the title does.")]


class PassageOut(Answer):
    """One piece of a document, as it is embedded and returned by recall."""

    id: str
    ordinal: int
    text: str
    mentions: list[MentionOut]


class PassageList(Answer):
    """The passages of one document, in their order."""

    items: list[PassageOut]

    @classmethod
    def of(cls, passages: Sequence[memory.StoredPassage]) -> Self:
        return cls(items=[_passage(one) for one in passages])


def _passage(stored: memory.StoredPassage) -> PassageOut:
    mentions = [MentionOut(name=one.display, kind=one.kind, count=one.count) for one in stored.mentions]
    return PassageOut(id=stored.id, ordinal=stored.ordinal, text=stored.text, mentions=mentions)


class DocumentPatchIn(Body):
    """Only the fields that are sent change; `null` empties a field. `metadata` is replaced as a whole."""

    text: DocumentText | None = None
    title: Title | None = None
    source: Source | None = None
    metadata: Metadata | None = None
    occurred_at: Instant | None = None
    external_id: Name | None = None
    speaker: Name | None = None
    layer: Annotated[MemoryLayer | None, Field(description="Moves a memory to this layer.", examples=[None])] = None
    state: Annotated[
        memory.ItemState | None,
        Field(
            description="archived takes it out of recall, quarantined holds it back, active lets it in.",
            examples=[None],
        ),
    ] = None
    expires_at: Annotated[Instant | None, Field(description="Out of recall from then on.", examples=[None])] = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("names no field to change")
        if "text" in self.model_fields_set and self.text is None:
            raise ValueError("`text` cannot be emptied; DELETE the document instead")
        if any(name in self.model_fields_set and getattr(self, name) is None for name in ("layer", "state")):
            raise ValueError("`layer` and `state` cannot be emptied; leave them out")
        return self

    def patch(self) -> memory.DocumentPatch:
        sent = self.model_fields_set
        return memory.DocumentPatch(
            text=self.text or memory.UNSET,
            title=self.title or "" if "title" in sent else memory.UNSET,
            source=self.source or "" if "source" in sent else memory.UNSET,
            metadata=self.metadata or {} if "metadata" in sent else memory.UNSET,
            occurred_at=self.occurred_at if "occurred_at" in sent else memory.UNSET,
            external_id=self.external_id if "external_id" in sent else memory.UNSET,
            speaker=self.speaker if "speaker" in sent else memory.UNSET,
            layer=self.layer or memory.UNSET,
            state=self.state or memory.UNSET,
            expires_at=self.expires_at if "expires_at" in sent else memory.UNSET,
        )
