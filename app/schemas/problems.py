"""The shape of every error (RFC 9457), for the API's description."""

from typing import Annotated

from pydantic import Field

from app.schemas.fields import Answer


class FieldProblemOut(Answer):
    field: Annotated[str, Field(description="JSON path of what is wrong.", examples=["documents[0].text"])]
    message: str
    remedy: str


class ProblemOut(Answer):
    """A problem: `code` is stable and meant for programs, `detail` for people."""

    type: Annotated[str, Field(examples=["urn:zengram:problem:not_found"])]
    title: str
    status: int
    detail: str
    code: Annotated[str, Field(examples=["not_found"])]
    request_id: str
    errors: list[FieldProblemOut]
