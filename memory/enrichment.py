"""Enrichment by an LLM: whether a namespace has it, how far it is, and how it is started (enriching.py works)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from memory.errors import Conflict, InvalidInput, LlmMissing, Problem
from memory.facts import ExtractionStatus
from memory.ids import new_id
from memory.parts import Parts
from memory.store import extraction, facts, jobs, namespaces, operations, usage
from memory.types import JsonValue, Namespace, NamespaceId, Operation, OperationId, OperationStatus
from retrieval.types import PassageId

ENRICH = "enrich"
SETTING = "enrichment"
MOST_ERRORS = 20  # shown in the status
MOST_TOKENS = 10**12


@dataclass(frozen=True, slots=True)
class Enrichment:
    """What is set for a namespace. `daily_tokens` None: the service's own budget."""

    is_on: bool = True
    daily_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class EnrichmentStatus:
    """How far a namespace is. `waits_for` says why nothing goes on, if so."""

    model: str | None  # None: no LLM is configured
    is_on: bool
    daily_tokens: int
    spent_today: int  # tokens
    passages: Mapping[ExtractionStatus, int]
    facts: int
    errors: Mapping[PassageId, str]
    waits_for: str | None


def status(parts: Parts, namespace: Namespace, now: datetime) -> EnrichmentStatus:
    """Raises NotFound."""

    def read(session: Session) -> EnrichmentStatus:
        setting = setting_of(session, namespace.id)
        return EnrichmentStatus(
            model=parts.llm.model if parts.llm else None,
            is_on=setting.is_on,
            daily_tokens=budget(parts, setting),
            spent_today=usage.tokens_of_day(session, namespace.id, now),
            passages=extraction.counts(session, namespace.id),
            facts=facts.count(session, namespace.id),
            errors=extraction.errors(session, namespace.id, MOST_ERRORS),
            waits_for=jobs.error_of(session, namespace.id, unique_key(namespace.id)),
        )

    return parts.database.read(read)


def change(parts: Parts, namespace: Namespace, setting: Enrichment, now: datetime) -> None:
    """Sets what this namespace may do; a larger budget lets waiting work go on at once. Raises InvalidInput."""
    if setting.daily_tokens is not None and not 0 <= setting.daily_tokens <= MOST_TOKENS:
        remedy = f"use 0 to {MOST_TOKENS}, or null for the service's own budget"
        raise InvalidInput([Problem("daily_tokens", "is out of range", remedy)])
    value: JsonValue = {"is_on": setting.is_on, "daily_tokens": setting.daily_tokens}

    def write(session: Session) -> None:
        namespaces.change_setting(session, namespace.id, SETTING, value)
        if setting.is_on:
            jobs.bring_forward(session, namespace.id, unique_key(namespace.id), now)
        else:
            stop(session, namespace.id, now)

    parts.database.write(write)


def start(parts: Parts, namespace: Namespace, now: datetime) -> Operation:
    """An LLM reads every passage that it has not read, or in vain; the operation that runs already, if one does.

    Raises LlmMissing, Conflict if enrichment is off here.
    """
    if parts.llm is None:
        raise LlmMissing

    def begin(session: Session) -> Operation:
        namespaces.lock(session, namespace.id)
        if not setting_of(session, namespace.id).is_on:
            raise Conflict("Enrichment is off in this namespace: switch it on first (PUT /v1/enrichment).")
        waiting = extraction.ask_for(session, namespace.id)
        defer(session, namespace.id, now)
        running = operations.running(session, namespace.id, ENRICH)
        if running:
            joined = replace(running[-1], total=running[-1].done + waiting, updated_at=now)
            operations.progress(session, namespace.id, joined)
            return joined
        operation = _operation(waiting, now)
        operations.add(session, namespace.id, operation, {})
        return operation

    return parts.database.write(begin)


def expected(session: Session, namespace: NamespaceId, is_configured: bool, now: datetime) -> ExtractionStatus:
    """What becomes of new passages, whose write this is part of; the work is deferred if there will be any."""
    if not is_configured or not setting_of(session, namespace).is_on:
        return ExtractionStatus.RULES
    defer(session, namespace, now)
    return ExtractionStatus.PENDING


def stop(session: Session, namespace: NamespaceId, now: datetime) -> None:
    """What waits is given up, and operations are cancelled; what is done stays."""
    jobs.cancel(session, namespace, unique_key(namespace))
    extraction.give_up(session, namespace)
    for operation in operations.running(session, namespace, ENRICH):
        over = replace(operation, status=OperationStatus.CANCELLED, updated_at=now)
        operations.progress(session, namespace, over)


def again(session: Session, namespace: NamespaceId, operation: Operation, now: datetime) -> Operation:
    """The operation as it is when everything that failed or was given up is tried again."""
    waiting = extraction.ask_for(session, namespace)
    defer(session, namespace, now)
    renewed = replace(operation, status=OperationStatus.PENDING, done=0, total=waiting, error=None, updated_at=now)
    operations.progress(session, namespace, renewed)
    return renewed


def defer(session: Session, namespace: NamespaceId, now: datetime) -> None:
    """Once a namespace, however much there is to do."""
    jobs.defer(session, namespace, ENRICH, {}, now, unique_key(namespace))


def unique_key(namespace: NamespaceId) -> str:
    return f"{ENRICH}:{namespace}"


def setting_of(session: Session, namespace: NamespaceId) -> Enrichment:
    kept = namespaces.settings_of(session, [namespace]).get(namespace, {}).get(SETTING)
    if not isinstance(kept, Mapping):
        return Enrichment()
    tokens = kept.get("daily_tokens")
    return Enrichment(bool(kept.get("is_on", True)), tokens if isinstance(tokens, int) else None)


def budget(parts: Parts, setting: Enrichment) -> int:
    """Tokens a day (UTC)."""
    return parts.limits.llm_tokens_a_day if setting.daily_tokens is None else setting.daily_tokens


def _operation(total: int, now: datetime) -> Operation:
    return Operation(
        id=OperationId(new_id(now)),
        kind=ENRICH,
        status=OperationStatus.PENDING,
        done=0,
        total=total,
        items=(),
        error=None,
        created_at=now,
        updated_at=now,
    )
