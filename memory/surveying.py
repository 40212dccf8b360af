"""What a night looks at: a little of all items at once, and the whole of those that matter. Reads; decides nothing."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import numpy as np
from sqlalchemy.orm import Session

from memory.dynamics import fsrs
from memory.dynamics.checks import days_between
from memory.forgetting.plan import Candidate
from memory.holds import held, held_of
from memory.layers.semantic import Statement
from memory.layers.traces import Trace, strength_of
from memory.measuring import BATCH, IN_FULL, Depth, Known, batches, measured
from memory.parts import Parts
from memory.sleeping import repeats
from memory.sleeping.comparing import Keyed
from memory.sleeping.episodes import Edition, Episode, Library, Named, Outline, Outlines, Sentence
from memory.sleeping.strengthening import Asleep, Remembered
from memory.store import derivations, documents, forgetting, passages, statements, surveying, traces
from memory.store.batches import batched
from memory.store.passages import Reading
from memory.store.surveying import Brief, Place
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


@dataclass(frozen=True, slots=True)
class _Briefly:
    """Items that are in recall with what is told of all of them."""

    items: Sequence[Brief]
    names: Mapping[str, set[str]]
    gists: set[str]
    held: frozenset[str]


def seen(parts: Parts, namespace: Namespace, now: datetime) -> Iterator[Seen]:
    """All items that have been read, by id."""
    for known in batches(parts, namespace, Depth()):
        for item in known.items:
            if item.id in known.traces:
                yield _seen(item, known.traces[item.id], now)


def seen_again(parts: Parts, namespace: Namespace, editions: Iterable[Edition], now: datetime) -> dict[str, Seen]:
    """These items by id, but for those that have changed since."""
    wanted = {one.id: one.version for one in editions}
    found: dict[str, Seen] = {}
    for some in batched(sorted(wanted), BATCH):
        items = parts.database.read(partial(surveying.without_texts, namespace=namespace.id, ids=some))
        kept = parts.database.read(partial(traces.find_many, namespace=namespace.id, ids=some))
        for item in items:
            if item.version == wanted[item.id] and item.id in kept:
                found[item.id] = _seen(item, kept[item.id], now)
    return found


def asleep(parts: Parts, namespace: Namespace) -> list[Asleep]:
    """The memories in recall, by id."""
    return parts.database.read(partial(surveying.asleep, namespace=namespace.id))


def judged(parts: Parts, namespace: Namespace) -> list[Remembered]:
    """What went otherwise than expected, of what is in recall, by id."""

    def read(session: Session) -> list[Remembered]:
        kept = traces.judged(session, namespace.id)
        names = forgetting.names_of(session, namespace.id, [one.document_id for one in kept])
        return [Remembered(one, frozenset(names.get(one.document_id, ()))) for one in kept]

    return parts.database.read(read)


def names_in_recall(parts: Parts, namespace: Namespace) -> Iterator[tuple[str, ...]]:
    """The normal names of each item."""
    spelled: dict[str, str] = {}
    for known in batches(parts, namespace, Depth(names=True)):
        for item in known.items:
            if item.state is ItemState.ACTIVE:
                yield _once(known.names.get(item.id, ()), spelled)


def recalls(parts: Parts, namespace: Namespace) -> dict[str, int]:
    """How often each item has helped that is in recall and holds now."""
    read = partial(surveying.recalls, namespace=namespace.id, model=parts.embedder.fingerprint)
    return parts.database.read(read)


def keyed(parts: Parts, namespace: Namespace, since: datetime | None, without: Collection[str]) -> list[Keyed]:
    """What is in recall, holds now and is no gist, by what it must share with another one to be compared with it.

    What was recorded later than `since` is new; None: everything is.
    """
    found: list[Keyed] = []
    excepted = frozenset(without)
    for known in _briefly(parts, namespace):
        some = [one for one in known.items if one.id not in known.gists and one.id not in excepted]
        read = partial(statements.of_documents, namespace=namespace.id, ids=[one.id for one in some])
        stated = _stated(parts.database.read(read))
        for one in some:
            keys = repeats.rough_keys(one.kind, one.essence, stated.get(one.id, ()), known.names.get(one.id, ()))
            is_new = since is None or one.recorded_at > since
            found.append(Keyed(Edition(one.id, one.version), keys, is_new))
    return found


def named(parts: Parts, namespace: Namespace, now: datetime) -> Iterator[Named]:
    """What is in recall and holds now, with what may relate it to others."""
    spelled: dict[str, str] = {}
    model = parts.embedder.fingerprint
    for known in _briefly(parts, namespace):
        ids = [one.id for one in known.items]
        vectors = parts.database.read(partial(forgetting.vectors_of, namespace=namespace.id, model=model, ids=ids))
        for one in (one for one in known.items if one.id in vectors):
            is_free = not one.recalls and not _is_protected(one.layer, one, one.id in known.held, now)
            can_relate = is_free and one.id not in known.gists
            own = vectors[one.id] if can_relate else []
            names = _once(known.names.get(one.id, ()), spelled) if can_relate else ()
            edition = Edition(one.id, one.version)
            yield Named(edition, one.kind, one.said_at, names, len(own), b"".join(own), can_relate)


def outlines(parts: Parts, namespace: Namespace, now: datetime) -> Outlines:
    candidates: dict[str, Candidate] = {}
    found: list[Outline] = []
    model = parts.embedder.fingerprint
    for known in batches(parts, namespace, IN_FULL):
        candidates |= {item.id: one for item, one in measured(parts, known, now, counts_tokens=True)}
        some = [item for item in known.items if _is_in_recall(item, known)]
        ids = [item.id for item in some]
        places = parts.database.read(partial(surveying.places, namespace=namespace.id, model=model, ids=ids))
        gists = parts.database.read(partial(derivations.gists, namespace=namespace.id, ids=ids))
        found += [
            _outline(item, known, candidates[item.id], places[item.id], item.id in gists, now)
            for item in some
            if item.id in places
        ]
    return Outlines(candidates, found)


def said(parts: Parts, namespace: Namespace) -> Iterator[str]:
    """What all items say that are in recall and hold now, in the order in which they were said."""
    read = partial(surveying.said, namespace=namespace.id, model=parts.embedder.fingerprint)
    for some in batched(parts.database.read(read), BATCH):
        there = parts.database.read(partial(surveying.texts, namespace=namespace.id, ids=some))
        yield from (there[id_].text for id_ in some if id_ in there)


def library(parts: Parts, namespace: Namespace, now: datetime) -> Library:
    return Library(partial(_episodes, parts, namespace, now), partial(_texts, parts, namespace))


def episodes(parts: Parts, namespace: Namespace, ids: Sequence[str], now: datetime) -> Iterator[Episode]:
    """Those of these items that are in recall, hold now and have been read, in this order."""
    model = parts.embedder.fingerprint
    for some in batched(ids, BATCH):
        read = parts.database.read(partial(_read, namespace=namespace.id, model=model, ids=some))
        for id_ in some:
            if id_ in read.items and read.readings.get(id_):
                yield _episode(parts, id_, read, now)


def _briefly(parts: Parts, namespace: Namespace) -> Iterator[_Briefly]:
    """All that is in recall and holds now, by id, some at a time."""
    after = ""
    while True:
        known = parts.database.read(partial(_read_briefly, namespace=namespace.id, after=after))
        if not known.items:
            return
        after = known.items[-1].id
        yield known


def _read_briefly(session: Session, namespace: NamespaceId, after: str) -> _Briefly:
    items = surveying.briefs(session, namespace, after, BATCH)
    ids = [one.id for one in items]
    names = forgetting.names_of(session, namespace, ids)
    return _Briefly(items, names, derivations.gists(session, namespace, ids), held_of(session, namespace, ids))


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


def _read(session: Session, namespace: NamespaceId, model: str, ids: Sequence[str]) -> _Read:
    there = [one.document for one in documents.find_many(session, namespace, ids)]
    kept = traces.find_many(session, namespace, ids)
    items = {one.id: one for one in there if _holds(one) and one.id in kept}
    return _Read(
        items,
        kept,
        forgetting.names_of(session, namespace, items),
        passages.readings(session, namespace, model, items, with_sentence_vectors=False),
        _stated(statements.of_documents(session, namespace, items)),
        derivations.gists(session, namespace, items),
        frozenset(held(session, namespace, list(items.values()))),
    )


def _seen(item: StoredDocument, trace: Trace, now: datetime) -> Seen:
    return Seen(item, trace, fsrs.retrievability(strength_of(trace), now))


def _holds(item: StoredDocument) -> bool:
    return item.state is ItemState.ACTIVE and item.valid_to is None and item.status == "ready"


def _is_in_recall(item: StoredDocument, known: Known) -> bool:
    return _holds(item) and item.id in known.traces


def _is_protected(layer: str, trace: Trace | Brief, is_held: bool, now: datetime) -> bool:
    was_used = trace.recalls > 0 and days_between(trace.last_recalled, now) < USED_LATELY
    return trace.pinned or is_held or was_used or layer == LayerName.PROCEDURAL


def _once(names: Iterable[str], spelled: dict[str, str]) -> tuple[str, ...]:
    """The names, each kept once however many items have it."""
    return tuple(spelled.setdefault(name, name) for name in names)


def _outline(
    item: StoredDocument, known: Known, candidate: Candidate, place: Place, is_gist: bool, now: datetime
) -> Outline:
    trace = known.traces[item.id]
    return Outline(
        edition=Edition(candidate.id, candidate.version),
        kind=item.kind,
        layer=item.layer,
        speaker=item.speaker,
        session_id=item.session_id,
        group=place.group,
        position=place.position,
        tokens=candidate.tokens,
        asks="?" in item.text,
        is_free=not trace.recalls and not _is_protected(item.layer, trace, candidate.is_held, now),
        is_gist=is_gist,
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
        is_protected=_is_protected(item.layer, trace, id_ in read.held, now),
        is_gist=id_ in read.gists,
    )


def _stated(said: Sequence[Statement]) -> dict[str, Facts]:
    found: dict[str, set[tuple[str, str, str]]] = {}
    for one in said:
        if not one.negated:
            found.setdefault(one.document_id, set()).add((one.subject, one.attribute, one.value))
    return {id_: frozenset(some) for id_, some in found.items()}
