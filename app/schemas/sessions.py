"""Conversations: messages, their window, and what is held in mind."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag

from app.schemas.fields import LIMITS, Answer, Body, MemoryText, MetadataField, Name, OccurredAt, QueryText
from app.schemas.operations import OperationOut, ReceiptOut
from memory import sessions
from memory.layers.short_term import Message, Role
from memory.layers.working import Slot, SlotKind


class MessageIn(Body):
    """A message of a conversation. It is remembered as a memory too, unless `remember` is false."""

    role: Annotated[Literal["user", "assistant", "system", "tool"], Field(examples=["user"])] = "user"
    text: Annotated[MemoryText, Field(examples=["I moved to Ghent last week."])]
    speaker: Annotated[Name | None, Field(description="Who said it; without one, the role.", examples=["Mira"])] = None
    occurred_at: OccurredAt = None
    metadata: MetadataField
    remember: Annotated[bool, Field(description="Make a memory of it.")] = True

    def message(self) -> sessions.NewMessage:
        return sessions.NewMessage(
            role=Role(self.role),
            text=self.text,
            speaker=self.speaker,
            occurred_at=self.occurred_at,
            metadata=self.metadata,
            remember=self.remember,
        )


class MessageBatch(Body):
    """Several messages in their order; all of them are kept, or none."""

    messages: Annotated[list[MessageIn], Field(min_length=1, max_length=LIMITS.drafts)]


def _shape(value: object) -> str:
    is_batch = "messages" in value if isinstance(value, dict) else isinstance(value, MessageBatch)
    return "(batch)" if is_batch else "(one)"


Messages = Annotated[
    Annotated[MessageIn, Tag("(one)")] | Annotated[MessageBatch, Tag("(batch)")], Discriminator(_shape)
]


def messages_of(body: MessageIn | MessageBatch) -> list[sessions.NewMessage]:
    return [one.message() for one in body.messages] if isinstance(body, MessageBatch) else [body.message()]


class MessageOut(Answer):
    """A message as it is kept."""

    id: str
    role: Annotated[Role, Field(description="`working`: it fell out of working memory.")]
    speaker: str | None
    text: str
    tokens: int
    occurred_at: datetime | None
    recorded_at: datetime
    memory_id: Annotated[str | None, Field(description="The memory that it became.")]

    @classmethod
    def of(cls, message: Message) -> Self:
        fields = {name: getattr(message, name) for name in cls.model_fields if name != "memory_id"}
        return cls.model_validate(fields | {"memory_id": message.document_id})


class MessagesOut(Answer):
    """The messages as they are kept, and a receipt for each that became a memory."""

    items: list[MessageOut]
    receipts: list[ReceiptOut]
    revision: int | None
    operation: OperationOut | None = None

    @classmethod
    def of(cls, kept: sessions.Kept) -> Self:
        remembered = kept.remembered
        operation = remembered.operation if remembered else None
        return cls(
            items=[MessageOut.of(one) for one in kept.messages],
            receipts=[ReceiptOut.of(one) for one in remembered.receipts] if remembered else [],
            revision=remembered.revision if remembered else None,
            operation=OperationOut.of(operation) if operation else None,
        )


class WindowOut(Answer):
    """The newest messages that fit, oldest first, and the gist of what came before."""

    items: list[MessageOut]
    tokens: Annotated[int, Field(description="Of the messages together, counted by the embedder.")]
    total: Annotated[int, Field(description="Messages of the session, those before the window included.")]
    gist: Annotated[str, Field(description="Sentences of what has left the window; empty if nothing has.")]

    @classmethod
    def of(cls, window: sessions.Window) -> Self:
        items = [MessageOut.of(one) for one in window.messages]
        return cls(items=items, tokens=window.tokens, total=window.total, gist=window.gist)


class FragmentIn(Body):
    """A part of something that was said."""

    fragment: Annotated[QueryText, Field(examples=["something about the ferry"])]
    limit: Annotated[int, Field(ge=1, le=50, description="Messages at most.")] = 3


class CompletedOut(Answer):
    """A message that the fragment was completed to."""

    message: MessageOut
    weight: Annotated[float, Field(description="Its share of the completed pattern, 0 to 1.")]
    score: Annotated[float, Field(description="How near it is to the pattern that the fragment led to.")]


class CompletionOut(Answer):
    """Most likely first; empty for a session without memories."""

    items: list[CompletedOut]

    @classmethod
    def of(cls, completed: Sequence[sessions.Completed]) -> Self:
        return cls(
            items=[
                CompletedOut(message=MessageOut.of(one.message), weight=one.weight, score=one.score)
                for one in completed
            ]
        )


class SlotIn(Body):
    """One thing to hold in mind."""

    kind: Annotated[SlotKind, Field(examples=["goal"])]
    content: Annotated[str, Field(min_length=1, max_length=sessions.MOST_SLOT_CHARACTERS, examples=["Plan the move."])]
    relevance: Annotated[float, Field(ge=0, le=1)] = 1.0

    def slot(self) -> sessions.NewSlot:
        return sessions.NewSlot(self.kind, self.content, self.relevance)


class WorkingIn(Body):
    """What is to be held in mind: instead of what is, or with `keep` beside it."""

    slots: Annotated[list[SlotIn], Field(max_length=50)]
    keep: Annotated[bool, Field(description="Keep what is held already.")] = False


class SlotOut(Answer):
    """One thing in mind; its relevance falls with time."""

    id: str
    kind: SlotKind
    content: str
    relevance: Annotated[float, Field(description="Now, 0 to 1.")]
    added_at: datetime

    @classmethod
    def of(cls, slot: Slot) -> Self:
        return cls.model_validate(slot, from_attributes=True)


class WorkingOut(Answer):
    """What is in mind, most relevant first, and what had to make room just now: it is in the messages."""

    items: list[SlotOut]
    evicted: list[SlotOut]
    capacity: int
