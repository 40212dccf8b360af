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
    candidate: Candidate
    names: frozenset[str]


def seen(parts: Parts, namespace: Namespace, now: datetime, counts_tokens: bool = False) -> Iterator[Seen]:
    """All items that have been read, by id."""
    for known in batches(parts, namespace):
        yield from _seen(parts, known, now, counts_tokens)


def survey(parts: Parts, namespace: Namespace, now: datetime) -> tuple[dict[str, Seen], list[Episode]]:
    """All items that have been read, by id, with their tokens; and those of them that are in recall and hold now, in
    the order in which they were said.
    """
    by_id: dict[str, Seen] = {}
    found: list[Episode] = []
    for known in batches(parts, namespace):
        batch = list(_seen(parts, known, now, counts_tokens=True))
        by_id |= {one.item.id: one for one in batch}
        found += _episodes(parts, namespace, [one for one in batch if _is_episode(one, known)], now)
    found.sort(key=lambda one: (one.said_at, one.id))
    return by_id, found


def episodes(parts: Parts, namespace: Namespace, now: datetime) -> list[Episode]:
    """The second of these."""
    return survey(parts, namespace, now)[1]


def _seen(parts: Parts, known: Known, now: datetime, counts_tokens: bool) -> Iterator[Seen]:
    for item, candidate in measured(parts, known, now, counts_tokens):
        trace = known.traces.get(item.id) or first_trace(item.id, draft_of(item), item.recorded_at)
        strength = fsrs.retrievability(strength_of(trace), now)
        yield Seen(item, trace, strength, candidate, frozenset(known.names.get(item.id, ())))


def _is_episode(one: Seen, known: Known) -> bool:
    return one.item.state is ItemState.ACTIVE and one.item.valid_to is None and one.item.id in known.traces


def _episodes(parts: Parts, namespace: Namespace, some: Sequence[Seen], now: datetime) -> Iterator[Episode]:
    ids = [one.item.id for one in some]
    model = parts.embedder.fingerprint
    read = parts.database.read(partial(readings, namespace=namespace.id, model=model, ids=ids))
    said = parts.database.read(partial(statements.of_documents, namespace=namespace.id, ids=ids))
    made = parts.database.read(partial(derivations.find, namespace=namespace.id, ids=ids))
    stated = _stated(said)
    gists = {one.derived for one in made if one.kind == derivations.GIST}
    for one in some:
        if own := read.get(one.item.id):
            yield _episode(one, own, stated.get(one.item.id, frozenset()), one.item.id in gists, now)


def _episode(
    one: Seen, read: Sequence[Reading], stated: frozenset[tuple[str, str, str]], is_gist: bool, now: datetime
) -> Episode:
    item, candidate, trace = one.item, one.candidate, one.trace
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
        sentence_vectors=_sentence_vectors(read),
        names=one.names,
        essence=trace.essence,
        stated=stated,
        substance=trace.substance,
        value=candidate.value,
        recalls=trace.recalls,
        is_protected=candidate.is_pinned or candidate.is_held or was_used or item.layer == LayerName.PROCEDURAL,
        is_gist=is_gist,
    )


def _sentence_vectors(read: Sequence[Reading]) -> Vectors:
    codes = np.concatenate([one.sentence_vectors for one in read])
    return to_floats(codes) if len(codes) else codes.astype(np.float32)


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
