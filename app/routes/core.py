"""Core blocks: read, made, changed and deleted by label."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from fastapi.responses import JSONResponse

from app.routes.dependencies import (
    IfMatch,
    InRuntime,
    NamespaceQuery,
    ToChange,
    ToRead,
    Writer,
    ensured,
    json_only,
    problems,
)
from app.routes.items import actor_of
from app.schemas.core import BlockChangeIn, BlockIn, BlockList, BlockOut, BlockVersionList
from memory import core
from memory.layers.core import Block

router = APIRouter(prefix="/v1/core", tags=["core"], dependencies=[Depends(json_only)])

LabelInPath = Annotated[str, Path(max_length=64, examples=["persona"])]


@router.get("", responses=problems(404))
def list_core(runtime: InRuntime, namespace: ToRead) -> BlockList:
    """All blocks, in the order in which they stand in a context."""
    return BlockList.of(core.blocks(runtime.parts, namespace))


@router.post("", status_code=201, response_model=BlockOut, responses=problems(409, 413, 415, 507))
def add_block(
    runtime: InRuntime,
    asking: Writer,
    body: BlockIn,
    namespace: NamespaceQuery = "default",
) -> Response:
    """Make a block. A label that is taken is a conflict."""
    target = ensured(runtime, asking, namespace)
    made = core.add(
        runtime.parts, target, body.label, body.text, body.pinned, now=datetime.now(UTC), actor=actor_of(asking)
    )
    return _tagged(made, 201)


@router.get("/{label}", response_model=BlockOut, responses=problems(404))
def get_block(runtime: InRuntime, namespace: ToRead, label: LabelInPath) -> Response:
    """One block; its version is the ETag."""
    return _tagged(core.get(runtime.parts, namespace, label))


@router.put("/{label}", response_model=BlockOut, responses=problems(404, 409, 412, 413, 415, 507))
def change_block(
    runtime: InRuntime, asking: Writer, namespace: ToChange, label: LabelInPath, body: BlockChangeIn, if_match: IfMatch
) -> Response:
    """Change a block; with If-Match only if nobody else has changed it."""
    changed = core.change(
        runtime.parts,
        namespace,
        label,
        body.text,
        body.pinned,
        body.label,
        if_match=if_match,
        now=datetime.now(UTC),
        actor=actor_of(asking),
    )
    return _tagged(changed)


@router.delete("/{label}", status_code=204, responses=problems(404, 412))
def delete_block(
    runtime: InRuntime, _asking: Writer, namespace: ToChange, label: LabelInPath, if_match: IfMatch
) -> Response:
    """Delete a block with its versions."""
    core.delete(runtime.parts, namespace, label, if_match=if_match)
    return Response(status_code=204)


@router.get("/{label}/versions", responses=problems(404))
def block_versions(runtime: InRuntime, namespace: ToRead, label: LabelInPath) -> BlockVersionList:
    """What a block said before, newest first."""
    return BlockVersionList.of(core.versions(runtime.parts, namespace, label))


def _tagged(block: Block, status: int = 200) -> Response:
    content = BlockOut.of(block).model_dump(mode="json")
    return JSONResponse(content, status, headers={"ETag": f'"{block.version}"'})
