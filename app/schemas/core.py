"""Core blocks: labelled texts that stand in every context."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from app.schemas.fields import Answer, Body, sound
from memory.core import LONGEST_TEXT
from memory.layers.core import BLOCK_TOKENS, Block, BlockVersion

Label = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(sound)]
BlockText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT), AfterValidator(sound)]


class BlockIn(Body):
    """A new block. Its label must be free."""

    label: Annotated[Label, Field(examples=["persona"])]
    text: Annotated[BlockText, Field(description=f"At most {BLOCK_TOKENS} tokens.", examples=["You are a gardener."])]
    pinned: Annotated[bool, Field(description="Comes before blocks that are not.")] = True


class BlockChangeIn(Body):
    """What is sent changes."""

    text: Annotated[BlockText | None, Field(examples=["You are a patient gardener."])] = None
    pinned: bool | None = None
    label: Annotated[Label | None, Field(description="A new label, which must be free.", examples=[None])] = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.text is None and self.pinned is None and self.label is None:
            raise ValueError("names nothing to change")
        return self


class BlockOut(Answer):
    """A block as it is kept."""

    label: str
    text: str
    tokens: int
    pinned: bool
    version: Annotated[int, Field(description="Raised by every change; also the ETag.")]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, block: Block) -> Self:
        return cls.model_validate(block, from_attributes=True)


class BlockList(Answer):
    """All blocks, in the order in which they stand in a context."""

    items: list[BlockOut]

    @classmethod
    def of(cls, blocks: Sequence[Block]) -> Self:
        return cls(items=[BlockOut.of(one) for one in blocks])


class BlockVersionOut(Answer):
    """A block as it once was."""

    version: int
    text: str
    at: datetime
    actor: str


class BlockVersionList(Answer):
    """Newest first."""

    items: list[BlockVersionOut]

    @classmethod
    def of(cls, versions: Sequence[BlockVersion]) -> Self:
        return cls(items=[BlockVersionOut.model_validate(one, from_attributes=True) for one in versions])
