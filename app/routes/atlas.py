"""The graph to look at: entities, facts, neighbourhoods and communities."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from app.routes.dependencies import (
    Cursor,
    InRuntime,
    Limit,
    Responses,
    ToChange,
    ToRead,
    Writer,
    json_only,
    problems,
)
from app.routes.items import actor_of
from app.schemas.atlas import CommunitiesOut, EntityPage, Format, GraphOut, MergeIn, PortraitOut, UnmergeIn
from app.schemas.fields import Name
from memory import atlas, merging
from retrieval.maps.formats import as_gexf, as_graphml

GRAPHML, GEXF = "application/graphml+xml", "application/gexf+xml"
FILES: Responses = {200: {"content": {GRAPHML: {"schema": {"type": "string"}}, GEXF: {"schema": {"type": "string"}}}}}

router = APIRouter(prefix="/v1", tags=["graph"])

EntityId = Annotated[str, Path(alias="id", max_length=400)]
Starts = Annotated[list[Name], Query(max_length=50)]


@router.get("/entities", responses=problems(404))
def list_entities(
    runtime: InRuntime,
    namespace: ToRead,
    query: Annotated[str, Query(max_length=400, description="Text in their names; empty: all.")] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> EntityPage:
    """What passages name, the most often named first, a page at a time."""
    return EntityPage.of(atlas.list_entities(runtime.parts, namespace, query, limit, cursor))


@router.get("/entities/{id}", responses=problems(404))
def get_entity(runtime: InRuntime, namespace: ToRead, name: EntityId) -> PortraitOut:
    """One entity, by any of its names however it is spelled, with its facts, passages and neighbours."""
    return PortraitOut.of(atlas.portrait(runtime.parts, namespace, name))


@router.post("/entities/{id}/merge", responses=problems(404, 413, 415, 507), dependencies=[Depends(json_only)])
def merge_entity(runtime: InRuntime, asking: Writer, namespace: ToChange, name: EntityId, body: MergeIn) -> PortraitOut:
    """Let it count as another entity. No text is changed, and it can be taken back at any time, exactly."""
    now = datetime.now(UTC)
    kept = merging.merge(runtime.parts, namespace, name, body.into, now=now, actor=actor_of(asking))
    return PortraitOut.of(atlas.portrait(runtime.parts, namespace, kept))


@router.post(
    "/entities/{id}/unmerge",
    status_code=204,
    responses=problems(404, 413, 415, 507),
    dependencies=[Depends(json_only)],
)
def unmerge_entity(runtime: InRuntime, asking: Writer, namespace: ToChange, name: EntityId, body: UnmergeIn) -> None:
    """Tell one of its names apart from it, with what was merged into that name; no night merges them again."""
    merging.unmerge(runtime.parts, namespace, name, body.name, now=datetime.now(UTC), actor=actor_of(asking))


@router.get("/graph", response_model=GraphOut, responses={**FILES, **problems(404)})
def get_graph(
    runtime: InRuntime,
    namespace: ToRead,
    entity: Annotated[Starts, Query(description="Names of entities to start from.")] = [],  # noqa: B006 - FastAPI copies
    passage: Annotated[Starts, Query(description="Ids of passages to start from.")] = [],  # noqa: B006
    depth: Annotated[int, Query(ge=0, le=6, description="Edges from the start at most.")] = 2,
    limit: Annotated[int, Query(ge=1, le=2000, description="Nodes at most, the most strongly joined first.")] = 100,
    format: Annotated[Format, Query(description="json (node-link), graphml or gexf.")] = "json",
) -> Response:
    """A part of the graph around entities and passages."""
    part = atlas.around(runtime.parts, namespace, entity, passage, depth, limit)
    match format:
        case "graphml":
            return Response(as_graphml(part), media_type=GRAPHML)
        case "gexf":
            return Response(as_gexf(part), media_type=GEXF)
    return Response(GraphOut.of(part).model_dump_json(), media_type="application/json")


@router.get("/graph/communities", responses=problems(404))
def get_communities(
    runtime: InRuntime,
    namespace: ToRead,
    limit: Annotated[int, Query(ge=1, le=200, description="Communities at most.")] = 20,
) -> CommunitiesOut:
    """What belongs together, by the Leiden algorithm over the whole graph. Takes seconds where that is large."""
    return CommunitiesOut.of(atlas.communities(runtime.parts, namespace, limit))
