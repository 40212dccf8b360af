"""What a night looks at of all items at once: as little as each stage needs. Reads; decides nothing."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from sys import intern

from sqlalchemy.orm import Session

from memory.forgetting.plan import Candidate
from memory.holds import held_of
from memory.measuring import BATCH, IN_FULL, Depth, Known, batches, measured, portions
from memory.parts import Parts
from memory.rereading import Seen, holds_now, is_protected, seen_now, stated_by
from memory.sleeping import repeats
from memory.sleeping.comparing import Keyed
from memory.sleeping.episodes import Edition, Named, Outline, Outlines
from memory.sleeping.strengthening import Asleep, Remembered
from memory.store import derivations, forgetting, statements, surveying, traces
from memory.store.batches import batched
from memory.store.surveying import Brief, Place
from memory.types import ItemState, Namespace, NamespaceId, StoredDocument


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
                yield seen_now(item, known.traces[item.id], now)


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
        stated = stated_by(parts.database.read(read))
        for one in some:
            keys = repeats.rough_keys(one.kind, one.essence, stated.get(one.id, ()), known.names.get(one.id, ()))
            is_new = since is None or one.recorded_at > since
            found.append(Keyed(Edition(one.id, one.version), keys, is_new))
    return found


def named(parts: Parts, namespace: Namespace, now: datetime) -> Iterator[Named]:
    """What is in recall and holds now, with what may relate it to others."""
    spelled: dict[str, str] = {}
    for known in _briefly(parts, namespace):
        for one in known.items:
            is_free = not one.recalls and not is_protected(one.layer, one, one.id in known.held, now)
            can_relate = is_free and one.id not in known.gists
            names = _once(known.names.get(one.id, ()), spelled) if can_relate else ()
            yield Named(Edition(one.id, one.version), one.kind, one.said_at, names, can_relate)


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


def _briefly(parts: Parts, namespace: Namespace) -> Iterator[_Briefly]:
    """All that is in recall and holds now, by id, some at a time."""
    return portions(parts, partial(_read_briefly, namespace=namespace.id, model=parts.embedder.fingerprint))


def _read_briefly(session: Session, namespace: NamespaceId, model: str, after: str) -> _Briefly:
    items = surveying.briefs(session, namespace, model, after, BATCH)
    ids = [one.id for one in items]
    names = forgetting.names_of(session, namespace, ids)
    return _Briefly(items, names, derivations.gists(session, namespace, ids), held_of(session, namespace, ids))


def _is_in_recall(item: StoredDocument, known: Known) -> bool:
    return holds_now(item) and item.id in known.traces


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
        layer=candidate.layer,
        speaker=item.speaker if item.speaker is None else intern(item.speaker),
        session_id=item.session_id if item.session_id is None else intern(item.session_id),
        group="" if item.session_id is None else intern(place.group),
        position=place.position,
        tokens=candidate.tokens,
        asks="?" in item.text,
        is_free=not trace.recalls and not is_protected(item.layer, trace, candidate.is_held, now),
        is_gist=is_gist,
    )
