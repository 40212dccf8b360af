"""Documents and memories on their way in, and the receipts that answer them."""

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, JsonValue, Tag, field_validator, model_validator

from app.files.json_file import readable_lines
from app.schemas.fields import (
    LIMITS,
    Answer,
    Body,
    DocumentText,
    ExternalId,
    Instant,
    MemoryText,
    MetadataField,
    Name,
    OccurredAt,
    Source,
    Title,
    check_json,
)
from app.schemas.operations import OperationOut, ReceiptOut
from memory import types as memory

MAX_DATA_DEPTH = 32


class DocumentIn(Body):
    """A document: `text`, or any JSON as `data`."""

    text: Annotated[
        DocumentText | None,
        Field(description="The text; either this or `data`.", examples=["Mira moved to Ghent in March."]),
    ] = None
    data: Annotated[JsonValue, Field(description="Any JSON value, kept as readable lines.", examples=[None])] = None
    format: Annotated[
        Literal["text", "markdown", "json"] | None,
        Field(description="How the text is split; `json` is for `data`.", examples=["text"]),
    ] = None
    title: Annotated[Title, Field(examples=["Moving"])] = ""
    source: Annotated[Source, Field(description="Where it comes from: a URL, a file name, a person.")] = ""
    external_id: ExternalId = None
    metadata: MetadataField
    occurred_at: OccurredAt = None
    expires_at: Annotated[Instant | None, Field(description="Out of recall from then on.", examples=[None])] = None

    @field_validator("data")
    @classmethod
    def _data_can_be_kept(cls, data: JsonValue) -> JsonValue:
        check_json(data, MAX_DATA_DEPTH)
        return data

    @model_validator(mode="after")
    def _has_one_content(self) -> Self:
        if (self.text is None) == (self.data is None):
            raise ValueError("needs either `text` or `data`")
        if self.text is None and self.format not in {None, "json"}:
            raise ValueError("`data` has the format json")
        if self.text is None and not readable_lines(self.data):
            raise ValueError("`data` has no text in it")
        return self

    def draft(self) -> memory.Draft:
        return memory.Draft(
            kind=memory.Kind.DOCUMENT,
            text=readable_lines(self.data) if self.text is None else self.text,
            format="json" if self.text is None else self.format or "text",
            title=self.title,
            source=self.source,
            external_id=self.external_id,
            metadata=self.metadata,
            occurred_at=self.occurred_at,
            expires_at=self.expires_at,
        )


class MemoryIn(Body):
    """A short text or a chat message, kept whole."""

    text: Annotated[MemoryText, Field(examples=["I am allergic to walnuts."])]
    speaker: Annotated[
        Name | None,
        Field(
            description="Who said it. It is found much better than a name in the text (`Mira: ...`).", examples=["Mira"]
        ),
    ] = None
    session_id: Annotated[
        Name | None,
        Field(
            description="The conversation. Its messages are neighbours and lead to each other.",
            examples=["chat-2026-03-01"],
        ),
    ] = None
    external_id: ExternalId = None
    metadata: MetadataField
    occurred_at: OccurredAt = None
    layer: Annotated[
        str | None,
        Field(max_length=50, description="episodic, semantic or procedural; left out: by rules.", examples=[None]),
    ] = None
    expires_at: Annotated[Instant | None, Field(description="Out of recall from then on.", examples=[None])] = None

    def draft(self) -> memory.Draft:
        return memory.Draft(
            kind=memory.Kind.MEMORY,
            text=self.text,
            external_id=self.external_id,
            metadata=self.metadata,
            occurred_at=self.occurred_at,
            speaker=self.speaker,
            session_id=self.session_id,
            layer=self.layer,
            expires_at=self.expires_at,
        )


class DocumentBatch(Body):
    """Several documents at once; all of them are kept, or none."""

    documents: Annotated[list[DocumentIn], Field(min_length=1, max_length=LIMITS.drafts)]


class MemoryBatch(Body):
    """Several memories at once, in their order; all of them are kept, or none."""

    memories: Annotated[list[MemoryIn], Field(min_length=1, max_length=LIMITS.drafts)]


def _shape(value: object) -> str:
    if isinstance(value, dict):
        return "(batch)" if {"documents", "memories"} & value.keys() else "(one)"
    return "(batch)" if isinstance(value, DocumentBatch | MemoryBatch) else "(one)"


Documents = Annotated[
    Annotated[DocumentIn, Tag("(one)")] | Annotated[DocumentBatch, Tag("(batch)")], Discriminator(_shape)
]
Memories = Annotated[Annotated[MemoryIn, Tag("(one)")] | Annotated[MemoryBatch, Tag("(batch)")], Discriminator(_shape)]


def drafts_of(body: DocumentIn | DocumentBatch | MemoryIn | MemoryBatch) -> list[memory.Draft]:
    """What a body asks to remember, in its order."""
    if isinstance(body, DocumentBatch):
        return [one.draft() for one in body.documents]
    if isinstance(body, MemoryBatch):
        return [one.draft() for one in body.memories]
    return [body.draft()]


class WriteOut(Answer):
    """A receipt for each thing sent, in the same order; `operation` is there if part of the work goes on."""

    items: list[ReceiptOut]
    revision: Annotated[int, Field(description="Send it as `min_revision` to another replica to recall this write.")]
    operation: OperationOut | None = None

    @classmethod
    def of(cls, remembered: memory.Remembered) -> Self:
        return cls(
            items=[ReceiptOut.of(receipt) for receipt in remembered.receipts],
            revision=remembered.revision,
            operation=OperationOut.of(remembered.operation) if remembered.operation else None,
        )
