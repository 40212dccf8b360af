"""The job behind enrichment: an LLM reads passages, a portion at a time, and what it finds joins the graph.

It takes turns with other jobs, and whatever happens, no passage counts as read unless what was found in it is stored.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from time import perf_counter

from sqlalchemy.orm import Session

from memory import reading
from memory.enrichment import ENRICH, budget, setting_of, unique_key
from memory.errors import LlmMissing, LlmUnavailable
from memory.facts import Enriched, ExtractionStatus, FactDraft, key_of, name_of
from memory.indexing import defer_fold
from memory.leases import Lease, Postponed
from memory.llm.chat import Attempt, ChatModel
from memory.llm.extraction import Extraction, as_json, extractions
from memory.parts import Parts
from memory.reading import Read
from memory.store import changes, documents, extraction, facts, jobs, namespaces, operations, passages, usage
from memory.store.extraction import PassageToRead
from memory.types import Change, ChangeKind, NamespaceId, OperationStatus
from retrieval.extractors import stated
from retrieval.ports import Embedder
from retrieval.quantize import to_bytes
from retrieval.types import ByteVector, DocumentId, EncoderInput, PassageId

PORTION = 128  # passages read before anything is stored
TURN = 5.0  # seconds until other jobs get their turn
ENCODED_AT_ONCE = 512  # facts in one call of the encoder
LOOK_UP = 20.0  # seconds without an answer after which the lease is extended
PURPOSE = "extract"
ACTOR = "enrichment"

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Portion:
    """Passages to read, what was found in them so far, and why some could not be read."""

    passages: Mapping[PassageId, PassageToRead]
    found: dict[PassageId, Extraction] = field(default_factory=dict)
    errors: dict[PassageId, str] = field(default_factory=dict)


def run(parts: Parts, lease: Lease) -> None:
    """Until no passage waits. Raises Postponed, LlmUnavailable, LlmMissing, EmbedderUnavailable, LeaseLost."""
    assert lease.job.namespace is not None
    namespace = lease.job.namespace
    if parts.llm is None:
        raise LlmMissing
    began = perf_counter()
    while waiting := parts.database.read(lambda session: extraction.next_pending(session, namespace, PORTION)):
        _check_budget(parts, lease, namespace)
        _enrich(parts, lease, namespace, parts.llm, waiting)
        if perf_counter() - began > TURN:
            raise Postponed(lease.watch.now)
    lease.write(lambda session: _complete(session, parts, lease, namespace))


def give_up(session: Session, lease: Lease, error: str) -> None:
    """The operations fail; what waits is read when the next one is started."""
    assert lease.job.namespace is not None
    for operation in operations.running(session, lease.job.namespace, ENRICH):
        over = replace(operation, status=OperationStatus.FAILED, error=error, updated_at=lease.watch.now)
        operations.progress(session, lease.job.namespace, over)


def _check_budget(parts: Parts, lease: Lease, namespace: NamespaceId) -> None:
    """Raises Postponed until tomorrow, and says so in the operations."""
    now = lease.watch.now

    def look(session: Session) -> tuple[int, int]:
        return budget(parts, setting_of(session, namespace)), usage.tokens_of_day(session, namespace, now)

    most, spent = parts.database.read(look)
    if spent < most:
        return
    tomorrow = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
    reason = f"The budget of {most} LLM tokens a day is spent ({spent}); it goes on at {tomorrow.isoformat()}."
    lease.write(lambda session: _note(session, namespace, reason, now))
    _log.warning("enrichment has spent its budget", extra={"namespace": namespace, "spent": spent, "budget": most})
    raise Postponed(tomorrow, reason)


def _note(session: Session, namespace: NamespaceId, reason: str, now: datetime) -> None:
    for operation in operations.running(session, namespace, ENRICH):
        operations.progress(session, namespace, replace(operation, error=reason, updated_at=now))


def _enrich(
    parts: Parts, lease: Lease, namespace: NamespaceId, llm: ChatModel, waiting: Sequence[PassageToRead]
) -> None:
    """Reads a portion and stores what is found. What was found before the LLM went away is stored first."""
    portion = Portion({passage.id: passage for passage in waiting})
    keys = {passage.id: reading.cache_key(llm.model, passage) for passage in waiting}
    kept = parts.database.read(lambda session: usage.replies(session, namespace, keys.values()))
    portion.found |= {id_: extractions(kept[key], 1)[1] for id_, key in keys.items() if key in kept}
    away = None
    try:
        _ask(lease, namespace, llm, portion, keys)
    except LlmUnavailable as error:
        away = error
    enriched = _prepared(parts.embedder, portion, lease)
    lease.write(lambda session: _store(session, parts, lease, namespace, portion, enriched))
    if away is not None:
        raise away


def _ask(lease: Lease, namespace: NamespaceId, llm: ChatModel, portion: Portion, keys: Mapping[PassageId, str]) -> None:
    """Several calls at a time; every answer is kept before the next is waited for. Raises LlmUnavailable."""
    unread = [passage for passage in portion.passages.values() if passage.id not in portion.found]
    away: LlmUnavailable | None = None
    with _asking(llm, unread) as running:
        left = set(running)
        while left:
            done, left = wait(left, LOOK_UP, FIRST_COMPLETED)
            lease.keep()
            spent = [attempt for future in done for attempt in running[future]]
            answers: list[Read] = []
            for future in done:
                try:
                    answers.append(future.result())
                except LlmUnavailable as error:
                    away = error
                    for other in left:
                        other.cancel()
            left = {future for future in left if not future.cancelled()}
            _keep(lease, namespace, portion, answers, spent, keys)
    if away is not None:
        raise away


@contextmanager
def _asking(llm: ChatModel, unread: Sequence[PassageToRead]) -> Iterator[dict[Future[Read], list[Attempt]]]:
    """The calls, each with the list in which it counts what it costs."""
    with ThreadPoolExecutor(llm.parallel, "zengram-llm") as pool:
        running: dict[Future[Read], list[Attempt]] = {}
        for together in reading.calls(unread):
            attempts: list[Attempt] = []
            running[pool.submit(reading.read, llm, together, attempts)] = attempts
        try:
            yield running
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _keep(
    lease: Lease,
    namespace: NamespaceId,
    portion: Portion,
    answers: Sequence[Read],
    spent: Sequence[Attempt],
    keys: Mapping[PassageId, str],
) -> None:
    """What was paid for is durable before it is worked on."""
    replies = {}
    for answer in answers:
        portion.found |= answer.found
        portion.errors |= answer.errors
        for id_, found in answer.found.items():
            replies[keys[id_]] = (portion.passages[id_].document_id, as_json(found))

    def write(session: Session) -> None:
        usage.add(session, namespace, PURPOSE, spent, lease.watch.now)
        usage.keep_replies(session, namespace, replies, lease.watch.now)

    if spent or replies:
        lease.write(write, has_progressed=bool(replies))


def _prepared(embedder: Embedder, portion: Portion, lease: Lease) -> list[Enriched]:
    """Facts with their vectors, and the entities that are new. No transaction is open."""
    texts = {triple.text: None for found in portion.found.values() for triple in found.triples}
    vectors: dict[str, ByteVector] = {}
    ordered = list(texts)
    for start in range(0, len(ordered), ENCODED_AT_ONCE):
        lease.keep()
        some = ordered[start : start + ENCODED_AT_ONCE]
        encodings = embedder.encode_passages([EncoderInput("", text, ()) for text in some])
        vectors |= {text: to_bytes(one.vector) for text, one in zip(some, encodings, strict=True)}
    return [_enriched(portion.passages[id_], found, vectors) for id_, found in portion.found.items()]


def _enriched(passage: PassageToRead, found: Extraction, vectors: Mapping[str, ByteVector]) -> Enriched:
    drafts: dict[str, FactDraft] = {}
    for triple in found.triples:
        subject, object_ = name_of(triple.subject), name_of(triple.object)
        if not subject or not object_:
            continue
        key = key_of(subject, triple.predicate, object_)
        drafts[key] = FactDraft(
            key, triple.subject, triple.predicate, triple.object, subject, object_, triple.text, vectors[triple.text]
        )
    named = [name for triple in found.triples for name in (triple.subject, triple.object)]
    mentions = stated.mentions([*named, *found.entities], passage.mentions, passage.sentences)
    return Enriched(passage.id, tuple(drafts.values()), tuple(mentions))


def _store(
    session: Session,
    parts: Parts,
    lease: Lease,
    namespace: NamespaceId,
    portion: Portion,
    enriched: Sequence[Enriched],
) -> None:
    """For those passages that are still there and still wait."""
    last = namespaces.lock(session, namespace)
    there = extraction.still_pending(session, namespace, portion.passages)
    known = [one for one in enriched if one.passage in there]
    facts.withdraw(session, namespace, [one.passage for one in known])
    stated_by = {one.passage: one.facts for one in known}
    facts.add(session, namespace, stated_by, parts.embedder.fingerprint, lease.watch.now)
    extraction.finish(session, known)
    extraction.fail(session, {id_: error for id_, error in portion.errors.items() if id_ in there})
    changed = sorted({there[one.passage] for one in known if one.facts or one.mentions})
    if changed:
        namespaces.advance(session, namespace, len(changed))
    for revision, document in enumerate(changed, last + 1):
        passages.advance(session, namespace, document, revision)
        documents.advance(session, namespace, document, revision)
    log = [Change(last + count, ChangeKind.ENRICHED, DocumentId(one)) for count, one in enumerate(changed, 1)]
    changes.append(session, namespace, log, ACTOR, lease.watch.now)
    _progress(session, lease, namespace, len(known) + len(portion.errors.keys() & there.keys()))


def _progress(session: Session, lease: Lease, namespace: NamespaceId, done: int) -> None:
    running = operations.running(session, namespace, ENRICH)
    if not running:
        return
    left = extraction.counts(session, namespace)[ExtractionStatus.PENDING]
    for operation in running:
        further = replace(
            operation,
            status=OperationStatus.PROCESSING,
            done=operation.done + done,
            total=operation.done + done + left,
            error=None,
            updated_at=lease.watch.now,
        )
        operations.progress(session, namespace, further)


def _complete(session: Session, parts: Parts, lease: Lease, namespace: NamespaceId) -> None:
    """Raises Postponed if a passage has come in since nothing waited."""
    namespaces.lock(session, namespace)
    if extraction.counts(session, namespace)[ExtractionStatus.PENDING]:
        raise Postponed(lease.watch.now)
    jobs.cancel(session, namespace, unique_key(namespace))  # here, so that a write after this one defers a new job
    failed = extraction.counts(session, namespace)[ExtractionStatus.FAILED]
    error = f"{failed} passages could not be read; GET /v1/enrichment says why." if failed else None
    status = OperationStatus.FAILED if failed else OperationStatus.COMPLETED
    for operation in operations.running(session, namespace, ENRICH):
        over = replace(operation, status=status, error=error, total=operation.done, updated_at=lease.watch.now)
        operations.progress(session, namespace, over)
    if parts.indexes.is_fold_due(session, namespace):
        defer_fold(session, namespace)
