"""Files as documents: text, Markdown, HTML, PDF, Word, mail, CSV and JSON."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from pydantic import TypeAdapter, ValidationError

from app.files import read_file
from app.files.types import FileText, clean
from app.problems import field_path
from app.routes import items
from app.routes.dependencies import IdempotencyKey, InRuntime, NamespaceQuery, Writer, form_only, problems
from app.schemas.fields import LIMITS, Instant, Metadata, Name, Source, Title
from app.schemas.writing import WriteOut
from memory.errors import InvalidInput, Problem
from memory.types import Draft, Kind

router = APIRouter(prefix="/v1/documents", tags=["documents"])

MAX_FILES = 100
_metadata = TypeAdapter(Metadata)


@router.post(
    "/upload",
    status_code=201,
    dependencies=[Depends(form_only)],
    response_model=WriteOut,
    responses=problems(409, 413, 415, 507) | {202: {"model": WriteOut, "description": "Durable; an operation goes on"}},
)
def upload_documents(  # noqa: PLR0917 - one parameter a field of the form
    request: Request,
    runtime: InRuntime,
    asking: Writer,
    file: Annotated[
        list[UploadFile], File(description="txt md html pdf docx eml csv json jsonl", max_length=MAX_FILES)
    ],
    title: Annotated[Title, Form(description="Instead of the title in the file.")] = "",
    source: Annotated[Source, Form(description="Instead of the file's name.")] = "",
    external_id: Annotated[Name | None, Form(description="For a file that is one document.")] = None,
    metadata: Annotated[str, Form(description="A JSON object.", examples=['{"project": "heron"}'])] = "{}",
    occurred_at: Annotated[Instant | None, Form(description="Instead of the date in the file.")] = None,
    namespace: NamespaceQuery = "default",
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Add files; all of them are kept, or none. A `.jsonl` is one document a line, any other file one document."""
    shared = parse_metadata(metadata)
    drafts = []
    for number, upload in enumerate(file):
        for found in read_upload(number, upload):
            drafts.append(
                Draft(
                    kind=Kind.DOCUMENT,
                    text=found.text,
                    format=found.format,
                    title=title or found.title[: LIMITS.title],
                    source=(source or found.source or clean(upload.filename or ""))[: LIMITS.source],
                    external_id=external_id,
                    metadata=shared,
                    occurred_at=occurred_at or found.occurred_at,
                )
            )
    check_external_id(drafts, external_id)
    return items.write(request, runtime, asking, namespace, drafts, idempotency_key)


def read_upload(number: int, upload: UploadFile) -> list[FileText]:
    """The documents in one file. Raises InvalidInput, which names the file, or UnsupportedMedia."""
    name = f"file[{number}]"
    try:
        texts = read_file(clean(upload.filename or ""), upload.file.read())
    except InvalidInput as error:
        found = [Problem(name, f"{upload.filename}: {one.message}", one.remedy) for one in error.problems]
        raise InvalidInput(found) from error
    return texts


def parse_metadata(text: str) -> Metadata:
    """Raises InvalidInput."""
    try:
        return _metadata.validate_python(json.loads(text))
    except ValidationError as error:
        found = [
            Problem(field_path(("metadata", *one["loc"])), one["msg"], "Send a JSON object.") for one in error.errors()
        ]
        raise InvalidInput(found) from error
    except (ValueError, RecursionError) as error:
        raise InvalidInput([Problem("metadata", "is not JSON", 'Send a JSON object: {"key": "value"}.')]) from error


def check_external_id(drafts: list[Draft], external_id: str | None) -> None:
    """Raises InvalidInput."""
    if external_id is not None and len(drafts) > 1:
        message = f"names one document, but the files hold {len(drafts)}"
        raise InvalidInput([Problem("external_id", message, "Leave it out, or send one document.")])
