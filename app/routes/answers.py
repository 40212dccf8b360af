"""Answers: an LLM puts into words what is recalled, and cites it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.responses import Response

from app.problems import problem_of
from app.routes.dependencies import InRuntime, Reader, Responses, ToRead, json_only, problems
from app.schemas.answers import AnswerIn, AnswerOut
from memory import answer, links
from memory.answer import Answered, Asked, Prepared
from memory.errors import LlmError
from memory.parts import Parts
from memory.types import Namespace

EVENTS = "text/event-stream"

router = APIRouter(prefix="/v1", tags=["recall"], dependencies=[Depends(json_only)])

STREAM: Responses = {200: {"content": {EVENTS: {"schema": {"type": "string"}}}}}


@router.post("/answer", response_model=AnswerOut, responses={**STREAM, **problems(404, 409, 413, 415, 429, 502)})
def answer_question(runtime: InRuntime, asking: Reader, namespace: ToRead, body: AnswerIn) -> Response:
    """An answer that cites the passages it rests on, or none if they do not contain it. Needs an LLM."""
    reached = links.reach(runtime.parts, asking, namespace, body.namespaces or [], body.linked)
    now, asked = datetime.now(UTC), body.question(reached)
    if not body.stream:
        answered = AnswerOut.of(answer.answer(runtime.parts, namespace, asked, now))
        return JSONResponse(answered.model_dump(mode="json"))
    prepared = answer.prepare(runtime.parts, namespace, asked, now)
    return StreamingResponse(_events(runtime.parts, namespace, asked, prepared, now), media_type=EVENTS)


def _events(parts: Parts, namespace: Namespace, asked: Asked, prepared: Prepared, now: datetime) -> Iterator[str]:
    """`text` for each piece, and at the end `answer`, or `problem` if the LLM fails in between."""
    try:
        for piece in answer.stream(parts, namespace, asked, prepared, now):
            if isinstance(piece, Answered):
                yield _event("answer", AnswerOut.of(piece).model_dump_json())
            else:
                yield _event("text", json.dumps({"text": piece}, ensure_ascii=False))
    except LlmError as error:
        yield _event("problem", bytes(problem_of(error).body).decode())


def _event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"
