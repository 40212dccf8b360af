"""The one write transaction of remember: what is new, what is a duplicate, and all rows of what is new."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from memory import enrichment, novelty, repeating
from memory.content import may_repeat, new_document
from memory.deferring import start_operation
from memory.dynamics import neuromodulators
from memory.dynamics.neuromodulators import NeuromodulatorState
from memory.erased import refuse
from memory.errors import ExternalIdTaken
from memory.ids import new_id
from memory.layers.procedural import Procedure, trigger_of
from memory.layers.routing import Route
from memory.layers.traces import first_trace
from memory.receipts import duplicate_receipt, remembered_from_json, remembered_to_json
from memory.repeating import NOTHING, Repeat, Watch
from memory.settling import Log, restate, stated_by
from memory.store import changes, documents, idempotency, namespaces, passages, procedures, traces
from memory.store.documents import Known, Placed
from memory.store.passages import PassageToAdd
from memory.types import (
    Change,
    ChangeKind,
    Draft,
    EncodedPassage,
    Idempotency,
    ItemState,
    Kind,
    NamespaceId,
    Operation,
    Receipt,
    ReceiptStatus,
    Remembered,
)
from retrieval.types import DocumentId

Also = Callable[[Session, Remembered], None]
"""What is written in the same transaction, for the layer that the drafts came through."""

STATUS_CODES = {True: 202, False: 201}  # by whether an operation goes on


class NotEncoded(Exception):
    """A document that was a duplicate is one no more: it must be encoded after all."""


@dataclass(frozen=True, slots=True)
class Request:
    """Drafts to store, with hashes and routes. `encoded` has passages by number of the draft; None: encode later."""

    namespace: NamespaceId
    drafts: Sequence[Draft]
    hashes: Sequence[str]
    routes: Sequence[Route]
    places: Sequence[int]  # how many passages each draft has, or keeps free in its session
    encoded: Mapping[int, Sequence[EncodedPassage]] | None
    model: str
    now: datetime
    actor: str
    idempotency: Idempotency | None
    also: Also | None = None
    watched: Watch = NOTHING
    novelty: Mapping[int, float] = field(default_factory=dict)  # 0 to 1, by number; none where it is not known
    moves_levels: bool = False  # of whoever sends it in
    has_llm: bool = False  # one will read what is stored, unless the namespace does not want it


@dataclass(frozen=True, slots=True)
class Sorting:
    """Which drafts are new (by number), what the others repeat, and which failed documents the new ones replace."""

    new: dict[int, str]  # number -> id
    repeated: dict[int, Known | int]  # number -> what is there, or the number of the same draft in this request
    replaced: list[str] = field(default_factory=list)
    held: Mapping[int, Repeat] = field(default_factory=dict)  # by number: what repeats something that is there


def store(session: Session, request: Request) -> Remembered:
    """Runs in the write transaction. Raises ExternalIdTaken, IdempotencyReuse, Erased, NotFound, NotEncoded."""
    revision = namespaces.lock(session, request.namespace)
    if request.idempotency:
        kept = idempotency.answer(session, request.namespace, request.idempotency)
        if kept is not None:
            return remembered_from_json(kept)
    refuse(session, request.namespace, request.drafts)
    sorting = sort(session, request)
    for id_ in sorting.replaced:
        documents.remove(session, request.namespace, id_)
    held = repeating.find(session, request.namespace, request.watched, sorting.new.keys())
    sorting = replace(sorting, held=held)
    if request.encoded is None:
        operation = _store_raw(session, request, sorting)
        remembered = Remembered(_receipts(request, sorting, revision), revision, operation)
    else:
        first = revision + 1
        revision = _store_encoded(session, request, request.encoded, sorting, revision)
        remembered = Remembered(_receipts(request, sorting, first), revision)
    if request.also:
        request.also(session, remembered)
    if request.idempotency:
        status = STATUS_CODES[remembered.operation is not None]
        answer = remembered_to_json(remembered)
        idempotency.keep(session, request.namespace, request.idempotency, status, answer, request.now)
    return remembered


def sort(session: Session, request: Request) -> Sorting:
    """Raises ExternalIdTaken."""
    by_hash = documents.with_hashes(session, request.namespace, request.hashes)
    external = {(draft.kind, draft.external_id) for draft in request.drafts if draft.external_id is not None}
    by_external_id = documents.with_external_ids(session, request.namespace, external)
    sorting = Sorting({}, {})
    first: dict[str, int] = {}  # numbers in this request, by hash
    taken: set[tuple[Kind, str]] = set()
    for number, (draft, hash_) in enumerate(zip(request.drafts, request.hashes, strict=True)):
        key = (draft.kind, draft.external_id) if draft.external_id is not None else None
        known = by_hash.get(hash_) if key is None else by_external_id.get(key)
        if known is not None and not may_repeat(draft) and not _was_never_read(known):
            if known.content_hash != hash_:
                raise ExternalIdTaken
            sorting.repeated[number] = known
        elif hash_ in first and not may_repeat(draft):
            sorting.repeated[number] = first[hash_]
        elif key in taken:
            raise ExternalIdTaken
        else:
            sorting.new[number] = new_id(request.now)
            first[hash_] = number
            if key is not None:
                taken.add(key)
            if known is not None and not may_repeat(draft):
                sorting.replaced.append(known.id)
    return sorting


def _was_never_read(known: Known) -> bool:
    """It failed before it had any passage: sending it again is another try."""
    return known.status == "failed" and known.revision == 0


def _store_encoded(
    session: Session,
    request: Request,
    encoded: Mapping[int, Sequence[EncodedPassage]],
    sorting: Sorting,
    revision: int,
) -> int:
    """The revision after it."""
    if not sorting.new:
        return revision
    if not sorting.new.keys() <= encoded.keys():
        raise NotEncoded
    last = namespaces.advance(session, request.namespace, len(sorting.new))
    placed = _placed(session, request, sorting, "ready", revision + 1)
    known = [request.novelty[number] for number in sorting.new if number in request.novelty]
    state = None
    if request.moves_levels:
        state = novelty.moved(session, request.namespace, request.actor, known, request.now)
    _add(session, request, sorting, placed, state)
    rows = [
        row
        for number, document in zip(sorting.new, placed, strict=True)
        for row in passages_of(document, encoded[number], document.revision)
    ]
    extraction = enrichment.expected(session, request.namespace, request.has_llm, request.now)
    passages.add(session, request.namespace, request.model, rows, extraction)
    log = [Change(one.revision, ChangeKind.ADDED, DocumentId(one.document.id)) for one in placed]
    changes.append(session, request.namespace, log, request.actor, request.now)
    stated = [
        one
        for number, id_ in sorting.new.items()
        if number not in sorting.held
        for one in stated_by(id_, request.drafts[number], request.routes[number].reading, request.now)
    ]
    settled = restate(session, request.namespace, [], stated, Log(request.actor, request.now))
    if state is not None:
        novelty.keep(session, request.namespace, request.actor, state, settled is not None, request.now)
    return settled or last


def _store_raw(session: Session, request: Request, sorting: Sorting) -> Operation | None:
    """The raw texts and the job that will encode them; None if nothing is new."""
    if not sorting.new:
        return None
    _add(session, request, sorting, _placed(session, request, sorting, "pending", None))
    return start_operation(session, request.namespace, list(sorting.new.values()), request.actor, request.now)


def _add(
    session: Session,
    request: Request,
    sorting: Sorting,
    placed: Sequence[Placed],
    state: NeuromodulatorState | None = None,
) -> None:
    documents.add(session, request.namespace, placed)
    levels = None if state is None else neuromodulators.levels(state, request.now)
    made = [
        first_trace(id_, request.drafts[number], request.now, request.novelty.get(number, novelty.UNKNOWN), levels)
        for number, id_ in sorting.new.items()
    ]
    traces.add(session, request.namespace, made)
    held = {sorting.new[number]: repeat for number, repeat in sorting.held.items()}
    repeating.note(session, request.namespace, held, made, request.now, request.actor)
    procedures.add(
        session,
        request.namespace,
        [
            Procedure(id_, trigger_of(request.drafts[number].text), request.routes[number].steps)
            for number, id_ in sorting.new.items()
            if request.routes[number].steps
        ],
    )


def _placed(
    session: Session, request: Request, sorting: Sorting, status: str, first_revision: int | None
) -> list[Placed]:
    """New documents, each after the one before it in its session. Without a first revision they have none yet."""
    free: dict[str, int] = {}
    placed = []
    for count, (number, id_) in enumerate(sorting.new.items()):
        draft, needed = request.drafts[number], request.places[number]
        position = 0
        if draft.session_id is not None:
            if draft.session_id not in free:
                free[draft.session_id] = documents.next_position(session, request.namespace, draft.session_id)
            position = free[draft.session_id]
            free[draft.session_id] += needed
        revision = 0 if first_revision is None else first_revision + count
        document = new_document(draft, id_, needed, status, request.routes[number], request.now)
        document = replace(document, state=ItemState.QUARANTINED) if number in sorting.held else document
        placed.append(Placed(document, position, needed, revision))
    return placed


def passages_of(placed: Placed, encoded: Sequence[EncodedPassage], revision: int) -> list[PassageToAdd]:
    """Passages with their places; those of a memory stand in its session, as far as it has places there.

    A memory that has grown does not take the places of the next one: what is too much forms a group of its own.
    """
    document = placed.document
    in_session = placed.places if document.session_id is not None and document.kind is Kind.MEMORY else 0
    return [
        PassageToAdd(
            document_id=document.id,
            ordinal=ordinal,
            group=f"session:{document.session_id}" if ordinal < in_session else document.id,
            position=placed.position + ordinal if ordinal < in_session else ordinal,
            revision=revision,
            encoded=passage,
        )
        for ordinal, passage in enumerate(encoded)
    ]


def _receipts(request: Request, sorting: Sorting, revision: int) -> tuple[Receipt, ...]:
    """In the order of the drafts. New documents have the revisions from `revision` on; raw ones all have `revision`."""
    is_raw = request.encoded is None
    numbers = {number: count for count, number in enumerate(sorting.new)}
    receipts: dict[int, Receipt] = {}
    for number, draft in enumerate(request.drafts):
        repeated = sorting.repeated.get(number)
        if isinstance(repeated, Known):
            receipts[number] = duplicate_receipt(repeated)
        elif repeated is not None:
            first = receipts[repeated]
            receipts[number] = replace(first, status=ReceiptStatus.DUPLICATE)
        else:
            receipts[number] = Receipt(
                id=sorting.new[number],
                kind=draft.kind,
                status=ReceiptStatus.ACCEPTED if is_raw else ReceiptStatus.STORED,
                content_hash=request.hashes[number],
                passages=0 if is_raw else request.places[number],
                layer=request.routes[number].layer,
                revision=revision if is_raw else revision + numbers[number],
                reason=request.routes[number].reason,
            )
    return tuple(receipts[number] for number in range(len(request.drafts)))
