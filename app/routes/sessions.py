"""Conversations: messages come in and are remembered; the window and what is held in mind go into prompts."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import AfterValidator

from app.routes.dependencies import (
    IdempotencyKey,
    InRuntime,
    NamespaceQuery,
    ToRead,
    Writer,
    ensured,
    idempotent,
    json_only,
    problems,
)
from app.routes.items import actor_of
from app.schemas.fields import sound
from app.schemas.sessions import (
    CompletionOut,
    FragmentIn,
    Messages,
    MessagesOut,
    SlotOut,
    WindowOut,
    WorkingIn,
    WorkingOut,
    messages_of,
)
from memory import sessions
from memory.layers.short_term import WINDOW
from memory.layers.working import SLOTS

router = APIRouter(prefix="/v1/sessions/{id:path}", tags=["sessions"], dependencies=[Depends(json_only)])

SessionId = Annotated[
    str, Path(alias="id", min_length=1, max_length=255, description="Any name of yours."), AfterValidator(sound)
]


@router.post(
    "/messages",
    status_code=201,
    response_model=MessagesOut,
    responses=problems(409, 413, 415, 507)
    | {202: {"model": MessagesOut, "description": "Durable; an operation goes on"}},
)
def add_messages(
    request: Request,
    runtime: InRuntime,
    asking: Writer,
    session_id: SessionId,
    body: Messages,
    namespace: NamespaceQuery = "default",
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Add one message, or several as `{"messages": [...]}`; each becomes a memory too, unless it says otherwise."""
    target = ensured(runtime, asking, namespace)
    new = messages_of(body)
    kept = sessions.add(
        runtime.parts,
        target,
        session_id,
        new,
        now=datetime.now(UTC),
        actor=actor_of(asking),
        idempotency=idempotent(idempotency_key, request.url.path, body.model_dump(mode="json")),
    )
    goes_on = kept.remembered is not None and kept.remembered.operation is not None
    return Response(MessagesOut.of(kept).model_dump_json(), 202 if goes_on else 201, media_type="application/json")


@router.get("/messages", responses=problems(404))
def message_window(
    runtime: InRuntime,
    namespace: ToRead,
    session_id: SessionId,
    limit: Annotated[int, Query(ge=1, le=sessions.MOST_MESSAGES, description="Messages at most.")] = WINDOW,
    max_tokens: Annotated[
        int | None, Query(ge=1, le=200_000, description="Tokens of the messages together.", examples=[None])
    ] = None,
) -> WindowOut:
    """The newest messages, oldest first, and the gist of what came before; empty where nobody has spoken."""
    return WindowOut.of(sessions.window(runtime.parts, namespace, session_id, limit, max_tokens))


@router.post("/complete", responses=problems(404, 413, 415))
def complete_fragment(runtime: InRuntime, namespace: ToRead, session_id: SessionId, body: FragmentIn) -> CompletionOut:
    """The messages of the window that a fragment is a part of: pattern completion, as in short-term memory."""
    found = sessions.complete(runtime.parts, namespace, session_id, body.fragment, body.limit)
    return CompletionOut.of(found)


@router.get("/working", responses=problems(404))
def get_working(runtime: InRuntime, namespace: ToRead, session_id: SessionId) -> WorkingOut:
    """What is held in mind now, most relevant first."""
    held = sessions.in_mind(runtime.parts, namespace, session_id, datetime.now(UTC))
    return WorkingOut(items=[SlotOut.of(one) for one in held], evicted=[], capacity=SLOTS)


@router.put("/working", responses=problems(413, 415, 507))
def set_working(
    runtime: InRuntime,
    asking: Writer,
    session_id: SessionId,
    body: WorkingIn,
    namespace: NamespaceQuery = "default",
) -> WorkingOut:
    """Hold these in mind. Of more than seven, the least relevant goes to the messages of the session."""
    target = ensured(runtime, asking, namespace)
    new = [one.slot() for one in body.slots]
    held = sessions.hold(runtime.parts, target, session_id, new, keep=body.keep, now=datetime.now(UTC))
    kept, evicted = ([SlotOut.of(one) for one in some] for some in (held.slots, held.evicted))
    return WorkingOut(items=kept, evicted=evicted, capacity=SLOTS)
