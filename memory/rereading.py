"""Reads the whole of items that a night has chosen, a few at a time; what has changed since it chose is left out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import numpy as np
from sqlalchemy.orm import Session

from memory.dynamics import fsrs
from memory.dynamics.checks import days_between
from memory.holds import held
from memory.layers.semantic import Statement
from memory.layers.traces import Trace, strength_of
from memory.measuring import BATCH
from memory.parts import Parts
from memory.sleeping.episodes import Codes, Edition, Episode, Library, Sentence
from memory.store import derivations, documents, forgetting, passages, statements, surveying, traces
from memory.store.batches import batched
from memory.store.passages import Reading
from memory.store.surveying import Brief
from memory.types import ItemState, LayerName, Namespace, NamespaceId, StoredDocument

USED_LATELY = 7.0  # days for which what was used is left as it is

Facts = frozenset[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Seen:
    """An item in recall, or in the archive, as far as its layer and its strength go; what it says is left out."""

    item: StoredDocument
    trace: Trace
    retrievability: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class _Read:
    """Items with all that makes them episodes, of one moment."""

    items: Mapping[str, StoredDocument]
    traces: Mapping[str, Trace]
    names: Mapping[str, set[str]]
    readings: Mapping[str, Sequence[Reading]]
    stated: Mapping[str, Facts]
    gists: set[str]
    held: frozenset[str]


def seen_again(parts: Parts, namespace: Namespace, editions: Iterable[Edition], now: datetime) -> dict[str, Seen]:
    """These items by id, but for those that have changed since."""
    wanted = {one.id: one.version for one in editions}
    found: dict[str, Seen] = {}
    for some in batched(sorted(wanted), BATCH):
        items = parts.database.read(partial(surveying.without_texts, namespace=namespace.id, ids=some))
        kept = parts.database.read(partial(traces.find_many, namespace=namespace.id, ids=some))
        for item in items:
            if item.version == wanted[item.id] and item.id in kept:
                found[item.id] = seen_now(item, kept[item.id], now)
    return found


def seen_now(item: StoredDocument, trace: Trace, now: datetime) -> Seen:
    """How well an item is remembered as of `now`."""
    return Seen(item, trace, fsrs.retrievability(strength_of(trace), now))


def library(parts: Parts, namespace: Namespace, now: datetime) -> Library:
    return Library(
        partial(_episodes, parts, namespace, now),
        partial(_texts, parts, namespace),
        partial(_vectors, parts, namespace),
    )


def episodes(parts: Parts, namespace: Namespace, ids: Sequence[str], now: datetime) -> Iterator[Episode]:
    """Those of these items that are in recall, hold now and have been read, in this order."""
    model = parts.embedder.fingerprint
    for some in batched(ids, BATCH):
        read = parts.database.read(partial(_read, namespace=namespace.id, model=model, ids=some))
        for id_ in some:
            if id_ in read.items and read.readings.get(id_):
                yield _episode(parts, id_, read, now)


def is_protected(layer: str, trace: Trace | Brief, is_held: bool, now: datetime) -> bool:
    """Pinned, held, used lately, or how something is done."""
    was_used = trace.recalls > 0 and days_between(trace.last_recalled, now) < USED_LATELY
    return trace.pinned or is_held or was_used or layer == LayerName.PROCEDURAL


def stated_by(said: Sequence[Statement]) -> dict[str, Facts]:
    """The functional facts that each document states."""
    found: dict[str, set[tuple[str, str, str]]] = {}
    for one in said:
        if not one.negated:
            found.setdefault(one.document_id, set()).add((one.subject, one.attribute, one.value))
    return {id_: frozenset(some) for id_, some in found.items()}


def holds_now(item: StoredDocument) -> bool:
    """Whether it is in recall, and what it says holds."""
    return item.state is ItemState.ACTIVE and item.valid_to is None and item.status == "ready"


def _episodes(parts: Parts, namespace: Namespace, now: datetime, editions: Sequence[Edition]) -> Iterator[Episode]:
    versions = {one.id: one.version for one in editions}
    for one in episodes(parts, namespace, list(versions), now):
        if one.version == versions[one.id]:
            yield one


def _texts(parts: Parts, namespace: Namespace, editions: Sequence[Edition]) -> Iterator[str]:
    for some in batched(editions, BATCH):
        read = partial(surveying.texts, namespace=namespace.id, ids=[one.id for one in some])
        there = parts.database.read(read)
        for one in some:
            if one.id in there and there[one.id].version == one.version:
                yield there[one.id].text


def _vectors(parts: Parts, namespace: Namespace, editions: Sequence[Edition]) -> dict[str, Codes]:
    model = parts.embedder.fingerprint
    read = partial(forgetting.vectors_of, namespace=namespace.id, model=model, ids=[one.id for one in editions])
    found = parts.database.read(read)
    return {id_: np.frombuffer(b"".join(own), np.int8).reshape(len(own), -1) for id_, own in found.items()}


def _read(session: Session, namespace: NamespaceId, model: str, ids: Sequence[str]) -> _Read:
    there = [one.document for one in documents.find_many(session, namespace, ids)]
    kept = traces.find_many(session, namespace, ids)
    items = {one.id: one for one in there if holds_now(one) and one.id in kept}
    return _Read(
        items,
        kept,
        forgetting.names_of(session, namespace, items),
        passages.readings(session, namespace, model, items, with_sentence_vectors=False),
        stated_by(statements.of_documents(session, namespace, items)),
        derivations.gists(session, namespace, items),
        frozenset(held(session, namespace, list(items.values()))),
    )


def _episode(parts: Parts, id_: str, read: _Read, now: datetime) -> Episode:
    item, trace, own = read.items[id_], read.traces[id_], read.readings[id_]
    spans = ((each.start, span) for each in own for span in each.sentences.tolist())
    return Episode(
        id=item.id,
        version=item.version,
        kind=item.kind,
        layer=item.layer,
        text=item.text,
        title=item.title,
        speaker=item.speaker,
        session_id=item.session_id,
        group=own[0].group,
        position=own[0].position,
        said_at=trace.said_at,
        tokens=parts.tokens.of(item),
        sentences=tuple(Sentence(begin + start, begin + end) for begin, (start, end) in spans),
        vectors=np.stack([each.vector for each in own]),
        names=frozenset(read.names.get(id_, ())),
        essence=trace.essence,
        stated=read.stated.get(id_, frozenset()),
        recalls=trace.recalls,
        is_protected=is_protected(item.layer, trace, id_ in read.held, now),
        is_gist=id_ in read.gists,
    )
