"""Remember documents and memories: durable and recallable on return, or durable with an operation that goes on."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from memory.content import content_hash
from memory.encoding import encode, estimated_passages, places_needed, split_draft
from memory.errors import InvalidInput, Problem
from memory.layers.routing import route
from memory.novelty import novelty_of
from memory.parts import Parts
from memory.receipts import remembered_from_json
from memory.repeating import watch
from memory.store import idempotency as kept_answers
from memory.storing import Also, NotEncoded, Request, sort, store
from memory.types import Draft, EncodedPassage, Idempotency, Namespace, Remembered
from memory.validation import accept, check_expiry
from retrieval.errors import EmbedderUnavailable

__all__ = ["Idempotency", "remember"]

_log = logging.getLogger(__name__)


def remember(
    parts: Parts,
    namespace: Namespace,
    drafts: Sequence[Draft],
    *,
    now: datetime,
    actor: str,
    idempotency: Idempotency | None = None,
    also: Also | None = None,
) -> Remembered:
    """Stores all drafts or none. What is large, or cannot be encoded now, is stored raw and encoded by the worker.

    `also` is written in the same transaction, unless the answer to the same idempotency key is there already.
    Raises InvalidInput, ExternalIdTaken, IdempotencyReuse, StoreUnavailable, StorageFull.
    """
    accepted = accept(drafts, parts.limits)
    if idempotency is not None:
        kept = parts.database.read(lambda session: kept_answers.answer(session, namespace.id, idempotency))
        if kept is not None:
            return remembered_from_json(kept)
    check_expiry([draft.expires_at for draft in accepted], now)
    hashes = [content_hash(draft) for draft in accepted]
    request = Request(
        namespace=namespace.id,
        drafts=accepted,
        hashes=hashes,
        routes=[route(draft) for draft in accepted],
        places=[1] * len(accepted),
        encoded=None,
        model=parts.embedder.fingerprint,
        now=now,
        actor=actor,
        idempotency=idempotency,
        also=also,
        watched=watch(accepted, namespace.id, parts.recalls, parts.dynamics, now),
        has_llm=parts.llm is not None,
        moves_levels=parts.dynamics.neuromodulation,
    )
    remembered = _store(parts, request)
    if remembered.operation is None:
        parts.indexes.follow(namespace.id, remembered.revision)
    return remembered


def _store(parts: Parts, request: Request) -> Remembered:
    new = parts.database.read(lambda session: sort(session, request)).new
    try:
        ready = _encoded(parts, request, new)
        return parts.database.write(lambda session: store(session, ready))
    except NotEncoded:  # what a draft repeated was deleted a moment ago
        ready = _encoded(parts, request, range(len(request.drafts)))
        return parts.database.write(lambda session: store(session, ready))


def _encoded(parts: Parts, request: Request, numbers: Iterable[int]) -> Request:
    """The request with the passages of these drafts, or, if that takes too long now, with their raw texts alone."""
    wanted = list(numbers)
    drafts = [request.drafts[number] for number in wanted]
    if estimated_passages(drafts) > parts.limits.passages_at_once:
        return _raw(parts, request)
    split = [split_draft(parts.embedder, draft) for draft in drafts]
    blank = [number for number, one in zip(wanted, split, strict=True) if not one.pieces]
    if blank:
        raise InvalidInput([Problem(f"[{number}].text", "has no visible character", "send text") for number in blank])
    if sum(len(one.pieces) for one in split) > parts.limits.passages_at_once:
        return _raw(parts, request)
    try:
        passages = encode(parts.embedder, split, request.now)
    except EmbedderUnavailable as error:
        _log.warning("embedder is unavailable, encoding later", extra={"error": str(error)})
        return _raw(parts, request)
    return _with(parts, request, dict(zip(wanted, passages, strict=True)))


def _with(parts: Parts, request: Request, encoded: dict[int, list[EncodedPassage]]) -> Request:
    places = [len(encoded[number]) if number in encoded else 1 for number in range(len(request.drafts))]
    novelty = novelty_of(parts, request.namespace, encoded) if parts.dynamics.novelty else {}
    return replace(request, places=places, encoded=encoded, novelty=novelty)


def _raw(parts: Parts, request: Request) -> Request:
    return replace(request, places=[places_needed(parts.embedder, draft) for draft in request.drafts])
