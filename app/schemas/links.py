"""Links between namespaces."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from app.schemas.fields import Answer, Body
from memory.layers.cross_context import Link, LinkStatus


class LinkOut(Answer):
    """A name that two namespaces share, or seem to share."""

    id: str
    namespace: str
    other: Annotated[str, Field(description="The other namespace.")]
    name: str
    other_name: Annotated[str, Field(description="How the other namespace spells it.")]
    similarity: Annotated[float, Field(description="Of the names, 0 to 1.")]
    status: LinkStatus
    found_at: datetime
    decided_at: datetime | None

    @classmethod
    def of(cls, link: Link) -> Self:
        return cls.model_validate(link, from_attributes=True)


class LinkList(Answer):
    """Nearest first."""

    items: list[LinkOut]

    @classmethod
    def of(cls, links: Sequence[Link]) -> Self:
        return cls(items=[LinkOut.of(one) for one in links])


class DecisionIn(Body):
    """Whether it is the same thing."""

    status: Annotated[Literal["confirmed", "rejected"], Field(examples=["confirmed"])]
