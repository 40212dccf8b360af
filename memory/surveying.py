"""What a night looks at: every item in recall with its trace, sentences and vectors. Reads; decides nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import numpy as np

from memory.content import draft_of
from memory.dynamics import fsrs
from memory.dynamics.checks import days_between
from memory.forgetting.plan import Candidate
from memory.layers.semantic import Statement
from memory.layers.traces import Trace, first_trace, strength_of
from memory.measuring import Known, batches, measured
from memory.parts import Parts
from memory.sleeping.episodes import Episode, Sentence, Vectors
from memory.store import derivations, statements
from memory.store.passages import Reading, readings
from memory.types import ItemState, LayerName, Namespace, StoredDocument
from retrieval.quantize import to_floats

USED_LATELY = 7.0  # days for which what was used is left as it is


@dataclass(frozen=True, slots=True)
class Seen:
    """An item in recall, or in the archive, as far as its layer and its strength go."""

    item: StoredDocument
    trace: Trace
    retrievability: float  # 0 to 1
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Survey:
    """All items that have been read, by id, and what decides whether they are kept, their tokens counted; and those of
    them that are in recall and hold now, in the order in which they were said.
    """

    seen: Mapping[str, Seen]
    candidates: Mapping[str, Candidate]
    episodes: Sequence[Episode]


def seen(parts: Parts, namespace: Namespace, now: datetime) -> Iterator[Seen]:
    """All items that have been read, by id."""
    for known in batches(parts, namespace, in_full=False):
        yield from _seen(known, now)


def survey(parts: Parts, namespace: Namespace, now: datetime) -> Survey:
    by_id: dict[str, Seen] = {}
    candidates: dict[str, Candidate] = {}
    found: list[Episode] = []
    for known in batches(parts, namespace):
        there = {one.item.id: one for one in _seen(known, now)}
        kept = {item.id: candidate for item, candidate in measured(parts, known, now, counts_tokens=True)}
        some = [one for one in there.values() if _is_episode(one, known)]
        found += _episodes(parts, namespace, some, kept, now)
        by_id |= there
        candidates |= kept
    found.sort(key=lambda one: (one.said_at, one.id))
    return Survey(by_id, candidates, found)


def _seen(known: Known, now: datetime) -> Iterator[Seen]:
    for item in known.items:
        trace = known.traces.get(item.id) or first_trace(item.id, draft_of(item), item.recorded_at)
        strength = fsrs.retrievability(strength_of(trace), now)
        yield Seen(item, trace, strength, frozenset(known.names.get(item.id, ())))


def _is_episode(one: Seen, known: Known) -> bool:
    return one.item.state is ItemState.ACTIVE and one.item.valid_to is None and one.item.id in known.traces


def _episodes(
    parts: Parts, namespace: Namespace, some: Sequence[Seen], candidates: Mapping[str, Candidate], now: datetime
) -> Iterator[Episode]:
    ids = [one.item.id for one in some]
    model = parts.embedder.fingerprint
    read = parts.database.read(partial(readings, namespace=namespace.id, model=model, ids=ids))
    said = parts.database.read(partial(statements.of_documents, namespace=namespace.id, ids=ids))
    made = parts.database.read(partial(derivations.find, namespace=namespace.id, ids=ids))
    stated = _stated(said)
    gists = {one.derived for one in made if one.kind == derivations.GIST}
    for one in some:
        if own := read.get(one.item.id):
            facts = stated.get(one.item.id, frozenset())
            yield _episode(one, candidates[one.item.id], own, facts, one.item.id in gists, now)


def _episode(
    one: Seen,
    candidate: Candidate,
    read: Sequence[Reading],
    stated: frozenset[tuple[str, str, str]],
    is_gist: bool,
    now: datetime,
) -> Episode:
    item, trace = one.item, one.trace
    vectors = to_floats(np.stack([each.vector for each in read]))
    sentences = [
        Sentence(each.start + start, each.start + end) for each in read for start, end in each.sentences.tolist()
    ]
    was_used = trace.recalls > 0 and days_between(trace.last_recalled, now) < USED_LATELY
    return Episode(
        id=item.id,
        kind=item.kind,
        layer=item.layer,
        text=item.text,
        title=item.title,
        speaker=item.speaker,
        session_id=item.session_id,
        group=read[0].group,
        position=read[0].position,
        said_at=trace.said_at,
        tokens=candidate.tokens,
        sentences=tuple(sentences),
        vector=_mean(vectors),
        sentence_vectors=np.concatenate([each.sentence_vectors for each in read]),
        names=one.names,
        essence=trace.essence,
        stated=stated,
        substance=trace.substance,
        value=candidate.value,
        recalls=trace.recalls,
        is_protected=candidate.is_pinned or candidate.is_held or was_used or item.layer == LayerName.PROCEDURAL,
        is_gist=is_gist,
    )


def _mean(vectors: Vectors) -> Vectors:
    if len(vectors) == 1:
        return np.asarray(vectors[0])
    mean = vectors.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), dtype=np.float32)


def _stated(said: Sequence[Statement]) -> Mapping[str, frozenset[tuple[str, str, str]]]:
    found: dict[str, set[tuple[str, str, str]]] = {}
    for one in said:
        if not one.negated:
            found.setdefault(one.document_id, set()).add((one.subject, one.attribute, one.value))
    return {id_: frozenset(some) for id_, some in found.items()}
