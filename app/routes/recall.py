"""Recall and context: questions in plain words, answered by passages."""

import time
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request

from app.routes.dependencies import InRuntime, Reader, ToRead, json_only, problems
from app.routes.items import metrics_of
from app.schemas.recall import ContextIn, ContextOut, RecallIn, RecallOut
from memory import context, links

DEFAULT_CONTEXT_TOKENS = 1500

router = APIRouter(prefix="/v1", tags=["recall"], dependencies=[Depends(json_only)])


@router.post("/recall", responses=problems(404, 409, 413, 415), response_model_exclude_unset=True)
def recall_passages(
    request: Request, runtime: InRuntime, asking: Reader, namespace: ToRead, body: RecallIn
) -> RecallOut:
    """The passages that answer a question, found by vectors, words, names and a walk over the graph."""
    started = time.perf_counter()
    reached = links.reach(runtime.parts, asking, namespace, body.namespaces or [], body.linked)
    recalled = links.recall_across(runtime.parts, reached, body.asked(), datetime.now(UTC))
    metrics_of(request).recalled(time.perf_counter() - started)
    return RecallOut.of(recalled, body.explain)


@router.post("/context", responses=problems(404, 409, 413, 415))
def build_context(
    request: Request, runtime: InRuntime, asking: Reader, namespace: ToRead, body: ContextIn
) -> ContextOut:
    """A block of text for a prompt, within a budget of tokens, with its sources. Core blocks come first."""
    started = time.perf_counter()
    budget = body.max_tokens or DEFAULT_CONTEXT_TOKENS
    reached = links.reach(runtime.parts, asking, namespace, body.namespaces or [], body.linked)
    built = context.context(runtime.parts, namespace, body.asked(), budget, datetime.now(UTC), reached)
    metrics_of(request).recalled(time.perf_counter() - started)
    return ContextOut.of(built)
