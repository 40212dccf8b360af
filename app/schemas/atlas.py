"""The graph to look at: entities, facts, neighbourhoods and communities."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from app.schemas.fields import Answer, Body, Name
from memory import atlas as memory
from memory.facts import FactSource
from memory.merges import REASONS, Merge
from memory.types import Page
from retrieval.maps.communities import Communities
from retrieval.maps.entities import Entity, Neighbour
from retrieval.maps.neighbourhood import Neighbourhood
from retrieval.maps.nodes import EdgeKind
from retrieval.types import EntityKind

Format = Literal["json", "graphml", "gexf"]


class EntityOut(Answer):
    """Something that passages name."""

    id: Annotated[str, Field(description="Its normal name.")]
    name: Annotated[str, Field(description="As it is written.")]
    kind: EntityKind
    passages: Annotated[int, Field(description="How many name it.")]

    @classmethod
    def of(cls, entity: Entity) -> Self:
        return cls(id=entity.name, name=entity.display, kind=entity.kind, passages=entity.passages)


class EntityPage(Answer):
    """Entities, the most often named first."""

    items: list[EntityOut]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Entity]) -> Self:
        return cls(items=[EntityOut.of(one) for one in page.items], next_cursor=page.next_cursor)


class FactOut(Answer):
    """What passages, a rule or a user state. `retired_at` says since when it is no longer believed."""

    id: str
    subject: str
    predicate: str
    object: str
    text: str
    confidence: float
    source: FactSource
    valid_from: datetime | None
    valid_to: datetime | None
    recorded_at: datetime
    retired_at: datetime | None
    passages: Annotated[list[str], Field(description="Ids of the passages that state it.")]


class NeighbourOut(Answer):
    """An entity close by; `edge` says how it is joined (mention: the same passages name both)."""

    entity: EntityOut
    edge: EdgeKind
    weight: float

    @classmethod
    def of(cls, neighbour: Neighbour) -> Self:
        return cls(entity=EntityOut.of(neighbour.entity), edge=neighbour.edge, weight=neighbour.weight)


class EntityPassageOut(Answer):
    """A passage that names the entity."""

    id: str
    document_id: str
    title: str
    text: str


class MergeIn(Body):
    into: Annotated[Name, Field(description="The entity whose name stays.", examples=["Mira Lund"])]


class UnmergeIn(Body):
    name: Annotated[Name, Field(description="Which of its names is another entity's.", examples=["M. Lund"])]


class MergedNameOut(Answer):
    """A name that counts as another, why, and who said so when."""

    name: str
    into: str
    why: str
    by: str
    at: datetime

    @classmethod
    def of(cls, merge: Merge) -> Self:
        return cls(name=merge.name, into=merge.into, why=REASONS[merge.why], by=merge.actor, at=merge.at)


class PortraitOut(Answer):
    """An entity with its other names, and its facts, passages and neighbours, of each at most 50."""

    entity: EntityOut
    merged: Annotated[list[MergedNameOut], Field(description="Its other names; POST …/unmerge takes one out.")]
    facts: list[FactOut]
    passages: list[EntityPassageOut]
    neighbours: list[NeighbourOut]

    @classmethod
    def of(cls, portrait: memory.Portrait) -> Self:
        return cls(
            entity=EntityOut.of(portrait.entity),
            merged=[MergedNameOut.of(one) for one in portrait.merges],
            facts=[FactOut.model_validate(fact, from_attributes=True) for fact in portrait.facts],
            passages=[
                EntityPassageOut(id=one.id, document_id=one.document.id, title=one.document.title, text=one.text)
                for one in portrait.passages
            ],
            neighbours=[NeighbourOut.of(one) for one in portrait.neighbours],
        )


class MapNodeOut(Answer):
    """`id` is a passage's id, or an entity's normal name."""

    id: str
    kind: str
    label: str
    distance: int


class MapEdgeOut(Answer):
    source: str
    target: str
    key: str
    kind: EdgeKind
    weight: float


class GraphOut(Answer):
    """Node-link JSON, as `networkx.node_link_graph(data, edges="edges")` reads it."""

    directed: bool
    multigraph: bool
    graph: Annotated[dict[str, bool], Field(description="`is_whole`: nothing within the depth was left out.")]
    nodes: list[MapNodeOut]
    edges: list[MapEdgeOut]

    @classmethod
    def of(cls, part: Neighbourhood) -> Self:
        return cls(
            directed=False,
            multigraph=True,
            graph={"is_whole": part.is_whole},
            nodes=[MapNodeOut.model_validate(node, from_attributes=True) for node in part.nodes],
            edges=[
                MapEdgeOut(source=edge.source, target=edge.target, key=edge.kind, kind=edge.kind, weight=edge.weight)
                for edge in part.edges
            ],
        )


class CommunityOut(Answer):
    """Entities and passages that are joined closely; the most connected ones are shown."""

    entities: int
    passages: int
    central: list[EntityOut]
    examples: Annotated[list[str], Field(description="Ids of passages.")]


class CommunitiesOut(Answer):
    """Communities, the largest first."""

    items: list[CommunityOut]
    total: int
    modularity: Annotated[float, Field(description="Near 0 where there is no structure; at most 1.")]

    @classmethod
    def of(cls, found: Communities) -> Self:
        return cls(
            items=[
                CommunityOut(
                    entities=one.entities,
                    passages=one.passages,
                    central=[EntityOut.of(entity) for entity in one.central],
                    examples=list(one.examples),
                )
                for one in found.items
            ],
            total=found.total,
            modularity=found.modularity,
        )
