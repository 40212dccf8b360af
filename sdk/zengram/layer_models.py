"""The answers about the layers, typed: history, conversations, core blocks, procedures and links."""

from datetime import datetime

from pydantic import Field, JsonValue

from zengram.models import Model, Operation, Receipt


class Entry(Model):
    """One thing that happened to an item."""

    kind: str
    at: datetime
    actor: str = ""
    why: str = ""
    before: dict[str, JsonValue] | None = None
    after: dict[str, JsonValue] | None = None


class Statement(Model):
    """A functional fact that a memory states: of each subject and attribute, one value holds at a time."""

    subject: str
    attribute: str
    value: str
    negated: bool = False
    text: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    retired_at: datetime | None = None


class Origin(Model):
    """An item that another stands for, and the sentence there that was taken over or distilled from it."""

    id: str
    sentence: int = 0
    start: int | None = None
    end: int | None = None


class History(Model):
    """What happened to an item, oldest first, what it states, and what it stands for if sleep made or kept it."""

    id: str
    layer: str = ""
    reason: str = ""
    items: list[Entry] = Field(default_factory=list)
    statements: list[Statement] = Field(default_factory=list)
    sources: list[Origin] = Field(default_factory=list)


class Message(Model):
    """A message of a conversation."""

    id: str
    role: str
    text: str
    speaker: str | None = None
    tokens: int = 0
    occurred_at: datetime | None = None
    recorded_at: datetime | None = None
    memory_id: str | None = None  # the memory that it became


class Said(Model):
    """Messages as they are kept, and a receipt for each that became a memory."""

    items: list[Message]
    receipts: list[Receipt] = Field(default_factory=list)
    revision: int | None = None
    operation: Operation | None = None


class Window(Model):
    """The newest messages of a conversation, oldest first, and the gist of what came before."""

    items: list[Message]
    tokens: int = 0
    total: int = 0
    gist: str = ""


class Completed(Model):
    """A message that a fragment was completed to, with its share of the completed pattern, 0 to 1."""

    message: Message
    weight: float = 0.0
    score: float = 0.0


class Slot(Model):
    """One thing in mind."""

    id: str = ""
    kind: str
    content: str
    relevance: float = 1.0
    added_at: datetime | None = None


class Working(Model):
    """What is in mind, most relevant first, and what had to make room just now."""

    items: list[Slot]
    evicted: list[Slot] = Field(default_factory=list)
    capacity: int = 7


class Block(Model):
    """A core block."""

    label: str
    text: str
    tokens: int = 0
    pinned: bool = True
    version: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None


class BlockVersion(Model):
    version: int
    text: str
    at: datetime | None = None
    actor: str = ""


class Procedure(Model):
    """How something is done, and how well that went; its text is the memory with the same id."""

    id: str
    trigger: str
    steps: list[str] = Field(default_factory=list)
    tools: list[str] = Field(default_factory=list)
    outcome: str = ""
    success_rate: float = 1.0
    runs: int = 1
    last_run: datetime | None = None


class Link(Model):
    """A name that two namespaces share, or seem to share."""

    id: str
    namespace: str
    other: str
    name: str
    other_name: str
    similarity: float = 0.0
    status: str = ""  # candidate, confirmed or rejected
    found_at: datetime | None = None
    decided_at: datetime | None = None
