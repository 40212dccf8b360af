"""Enrichment: an LLM reads what is remembered, in the background."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends

from app.routes.dependencies import InRuntime, ToChange, ToRead, Writer, json_only, problems
from app.schemas.enrichment import EnrichmentIn, EnrichmentOut
from app.schemas.operations import OperationOut
from memory import enrichment

router = APIRouter(prefix="/v1/enrichment", tags=["enrichment"], dependencies=[Depends(json_only)])


@router.get("", responses=problems(404))
def get_enrichment(runtime: InRuntime, namespace: ToRead) -> EnrichmentOut:
    """How far it is, what it has cost today, and what it waits for."""
    return EnrichmentOut.of(enrichment.status(runtime.parts, namespace, datetime.now(UTC)))


@router.post("", status_code=202, responses=problems(404, 409, 415))
def start_enrichment(runtime: InRuntime, _asking: Writer, namespace: ToChange) -> OperationOut:
    """Let the LLM read what it has not read, or in vain. New writes are read without being asked for. Needs an LLM."""
    return OperationOut.of(enrichment.start(runtime.parts, namespace, datetime.now(UTC)))


@router.put("", responses=problems(404, 413, 415))
def change_enrichment(runtime: InRuntime, _asking: Writer, namespace: ToChange, body: EnrichmentIn) -> EnrichmentOut:
    """Switch it on or off for this namespace, and set what it may spend a day."""
    now = datetime.now(UTC)
    enrichment.change(runtime.parts, namespace, body.setting(), now)
    return EnrichmentOut.of(enrichment.status(runtime.parts, namespace, now))
