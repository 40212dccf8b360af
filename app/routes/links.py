"""Links between namespaces of one owner: found, listed, confirmed or rejected."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.routes.dependencies import InRuntime, Reader, ToChange, ToRead, Writer, json_only, problems
from app.routes.items import ItemId, actor_of
from app.schemas.links import DecisionIn, LinkList, LinkOut
from memory import links
from memory.layers.cross_context import LinkStatus

router = APIRouter(prefix="/v1/links", tags=["links"], dependencies=[Depends(json_only)])


@router.post("", responses=problems(404, 413, 415, 507))
def find_links(runtime: InRuntime, asking: Writer, namespace: ToChange) -> LinkList:
    """Look for names that this namespace shares with others that are open to it; the answer is all candidates."""
    return LinkList.of(links.find(runtime.parts, asking, namespace, datetime.now(UTC)))


@router.get("", responses=problems(404))
def list_links(
    runtime: InRuntime,
    asking: Reader,
    namespace: ToRead,
    status: Annotated[LinkStatus | None, Query(description="Only those.", examples=[None])] = None,
) -> LinkList:
    """Links of this namespace, nearest names first."""
    return LinkList.of(links.list_all(runtime.parts, asking, namespace, status))


@router.put("/{id}", responses=problems(404, 413, 415, 507))
def decide_link(runtime: InRuntime, asking: Writer, namespace: ToChange, item: ItemId, body: DecisionIn) -> LinkOut:
    """Confirm or reject a link; what was rejected is not suggested again."""
    status = LinkStatus(body.status)
    decided = links.decide(
        runtime.parts, asking, namespace, item, status, now=datetime.now(UTC), actor=actor_of(asking)
    )
    return LinkOut.of(decided)
