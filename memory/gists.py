"""Gists as items: written from sentences of their sources, and taken out again when a source changes or goes.

A gist is found by what its sources were found by, as far as that takes no room: everything that they name, and of a
single source its vectors and its place among its neighbours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate

import numpy as np
from sqlalchemy.orm import Session

from memory import history
from memory.content import new_document
from memory.encoding import SplitDraft, encode, encoded_passage, split_draft
from memory.layers.routing import Route
from memory.layers.traces import Trace, first_trace
from memory.layers.transitions import Happening, Move
from memory.parts import Parts
from memory.settling import Log
from memory.sleeping.distilled import Statement
from memory.sleeping.episodes import Part
from memory.sleeping.origins import traced
from memory.store import changes, derivations, documents, namespaces, passages, traces
from memory.store.derivations import GIST, REPEAT, Derivation
from memory.store.documents import Placed
from memory.store.passages import PassageToAdd, Reading
from memory.types import (
    Change,
    ChangeKind,
    Draft,
    EncodedPassage,
    ItemState,
    JsonValue,
    Kind,
    LayerName,
    NamespaceId,
    StoredDocument,
)
from retrieval.types import DocumentId, Mention, Span

SHOWN_AGAIN = Move(Happening.RESTORED, "what stood for it is gone", state=ItemState.ACTIVE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a gist is made of; of some sources it may quote nothing. A distilled one has `statements` and no parts."""

    parts: tuple[Part, ...]
    sources: tuple[str, ...]
    statements: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A gist with its passages, ready to be stored."""

    id: str
    draft: Draft
    made_of: Wanted
    encoded: tuple[EncodedPassage, ...]


def write(
    parts: Parts, namespace: NamespaceId, wanted: Mapping[str, Wanted], sources: Mapping[str, StoredDocument],
    now: datetime,
) -> dict[str, Written]:  # fmt: skip
    """Gists by id, but for those of which a source is gone. No transaction is open. Raises EmbedderError."""
    known = {id_: one for id_, one in wanted.items() if all(source in sources for source in one.sources)}
    split = {id_: split_draft(parts.embedder, _draft(one, sources)) for id_, one in known.items()}
    alone = [one.sources[0] for one in known.values() if len(one.sources) == 1]
    model = parts.embedder.fingerprint
    read = parts.database.read(lambda session: passages.readings(session, namespace, model, alone))
    cut = {id_: _cut(one, known[id_], read, now) for id_, one in split.items()}
    left = [id_ for id_, one in cut.items() if one is None]
    encoded = dict(zip(left, encode(parts.embedder, [split[id_] for id_ in left], now), strict=True))
    return {id_: Written(id_, one.draft, known[id_], tuple(cut[id_] or encoded[id_])) for id_, one in split.items()}


def _cut(
    split: SplitDraft, made_of: Wanted, read: Mapping[str, Sequence[Reading]], now: datetime
) -> list[EncodedPassage] | None:
    """The passage of a gist with the vectors of its source's, of which it is a part; None if it is not that simple."""
    own = read.get(made_of.sources[0], ()) if len(made_of.sources) == 1 else ()
    if len(own) != 1 or len(split.pieces) != 1 or split.pieces[0].text != split.draft.text:
        return None
    source = own[0]
    quoted = [_sentence_of(source, part) for part in made_of.parts]
    kept = [number for number in dict.fromkeys(quoted) if number is not None]
    is_whole = sum(part.end - part.start + 1 for part in made_of.parts) == len(split.draft.text) + 1
    if not kept or None in quoted or not is_whole:
        return None
    ends = list(accumulate(part.end - part.start + 1 for part in made_of.parts))  # a space after each
    spans = [Span(begin, end - 1) for begin, end in zip([0, *ends], ends, strict=False)]
    sentences = tuple(_span([span for span, of in zip(spans, quoted, strict=True) if of == number]) for number in kept)
    piece = replace(split.pieces[0], sentences=sentences)
    return [encoded_passage(split.draft, piece, source.vector, source.sentence_vectors[kept], now)]


def _sentence_of(source: Reading, part: Part) -> int | None:
    """The number of the sentence of a passage that a part of its document stands in; None if it is in none alone."""
    begins, ends = source.sentences[:, 0] + source.start, source.sentences[:, 1] + source.start
    there = np.flatnonzero((begins <= part.start) & (part.end <= ends))
    return int(there[0]) if len(there) else None


def _span(parts: Sequence[Span]) -> Span:
    return Span(parts[0].start, parts[-1].end)


def add(session: Session, namespace: NamespaceId, written: Sequence[Written], model: str, log: Log) -> int:
    """The revision after it. The namespace is locked, and the sources are there."""
    last = namespaces.advance(session, namespace, len(written))
    placed, rows, made, sentences = [], [], [], []
    for revision, one in enumerate(written, last - len(written) + 1):
        sources = [found.document for found in documents.find_many(session, namespace, one.made_of.sources)]
        known = traces.find_many(session, namespace, one.made_of.sources)
        document = _document(one, sources, log.now)
        placed.append(Placed(document, 0, len(one.encoded), revision))
        rows += _passages(session, namespace, _with_cues(session, namespace, one), revision)
        made.append(_trace(one, list(known.values()), log.now))
        sentences += _derivations(one, _made_of(session, namespace, one.made_of.sources))
    documents.add(session, namespace, placed)
    traces.add(session, namespace, made)
    passages.add(session, namespace, model, rows)
    derivations.add(session, namespace, sentences)
    log_of_changes = [Change(one.revision, ChangeKind.ADDED, DocumentId(one.document.id)) for one in placed]
    changes.append(session, namespace, log_of_changes, log.actor, log.now)
    return last


def of_sources(session: Session, namespace: NamespaceId, ids: Sequence[str], log: Log) -> list[StoredDocument]:
    """The gists of these sources, and gists of those, which are to go with them. What those and these stood for is
    shown again.

    The namespace is locked.
    """
    found = gone_with(session, namespace, ids)
    gone = dict.fromkeys([*ids, *found])
    stood_for = derivations.find(session, namespace, gone)
    for one in stood_for:
        if one.kind == REPEAT:  # it will not say that any more
            derivations.remove(session, namespace, one.derived, [one.source])
    others = {one.source for one in stood_for} - gone.keys()
    history.move(session, namespace, dict.fromkeys(sorted(others), SHOWN_AGAIN), log.now, log.actor)
    return [one.document for one in documents.find_many(session, namespace, sorted(found))]


def gone_with(session: Session, namespace: NamespaceId, ids: Sequence[str]) -> list[str]:
    """Ids of the gists of these items, and of gists of those."""
    gone = dict.fromkeys(ids)
    found: dict[str, None] = {}
    left = list(ids)
    while left:
        some = derivations.find(session, namespace, left, by_source=True)
        left = [one for one in dict.fromkeys(one.derived for one in some if one.kind == GIST) if one not in gone]
        found |= dict.fromkeys(left)
        gone |= dict.fromkeys(left)
    return list(found)


def _derivations(one: Written, inner: Mapping[str, Sequence[Part]]) -> list[Derivation]:
    """A row for each sentence, of where it was said, or for each source that it cites, and one for each source that did
    not say any."""
    parts = traced(one.made_of.parts, inner)
    found = [Derivation(one.id, part.source, ordinal, GIST, part.start, part.end) for ordinal, part in enumerate(parts)]
    for ordinal, statement in enumerate(one.made_of.statements, len(found)):
        found += [Derivation(one.id, source, ordinal, GIST) for source in statement.sources]
    said = {each.source for each in found}
    last = len(parts) + len(one.made_of.statements)
    rest = [source for source in one.made_of.sources if source not in said]
    return found + [Derivation(one.id, source, last + place, GIST) for place, source in enumerate(rest)]


def _made_of(session: Session, namespace: NamespaceId, ids: Sequence[str]) -> dict[str, list[Part]]:
    """The parts of those of these items that are gists themselves."""
    found: dict[str, list[Part]] = {}
    for one in derivations.find(session, namespace, ids):
        if one.kind == GIST and one.start is not None and one.end is not None:
            found.setdefault(one.derived, []).append(Part(one.source, one.start, one.end))
    return found


def _with_cues(session: Session, namespace: NamespaceId, one: Written) -> Written:
    """The gist with everything that its sources name, so that it is found by what it does not say any more."""
    known = {mention.name for passage in one.encoded for mention in passage.mentions}
    cues: dict[str, Mention] = {}
    for source in one.made_of.sources:
        for passage in passages.of_document(session, namespace, source):
            for mention in passage.mentions:
                if mention.name not in known:
                    cues.setdefault(mention.name, replace(mention, sentences=()))
    first, *others = one.encoded
    return replace(one, encoded=(replace(first, mentions=(*first.mentions, *cues.values())), *others))


def _draft(wanted: Wanted, sources: Mapping[str, StoredDocument]) -> Draft:
    """The sentences in their order; of several speakers each is named, of several sources what they have in common."""
    told = wanted.sources if wanted.statements else dict.fromkeys(part.source for part in wanted.parts)
    items = [sources[id_] for id_ in told]
    speakers = {one.speaker for one in items}
    names_speakers = len(speakers) > 1
    said = [statement.text for statement in wanted.statements]
    last = None
    for part in wanted.parts:
        sentence = sources[part.source].text[part.start : part.end].strip()
        speaker = sources[part.source].speaker
        is_new = names_speakers and speaker is not None and speaker != last
        said.append(f"{speaker}: {sentence}" if is_new else sentence)
        last = speaker
    first, latest = items[0], max((one.occurred_at for one in items if one.occurred_at), default=None)
    return Draft(
        kind=first.kind if len(items) == 1 else Kind.MEMORY,
        text=" ".join(said),
        title=first.title if len(items) == 1 else "",
        source=first.source if len(items) == 1 else "",
        metadata=_common(items),
        occurred_at=latest,
        speaker=first.speaker if not names_speakers else None,
        session_id=first.session_id if len({one.session_id for one in items}) == 1 else None,
    )


def _common(items: Sequence[StoredDocument]) -> dict[str, JsonValue]:
    first = dict(items[0].metadata)
    return {name: value for name, value in first.items() if all(one.metadata.get(name) == value for one in items)}


def _document(one: Written, sources: Sequence[StoredDocument], now: datetime) -> StoredDocument:
    count = len(sources)
    what = "distilled from" if one.made_of.statements else "gist of"
    reason = f"{what} {count} {'item' if count == 1 else 'items'}"
    layer = LayerName.SEMANTIC.value if one.draft.kind is Kind.MEMORY else sources[0].layer
    made = new_document(one.draft, one.id, len(one.encoded), "ready", Route(layer, reason), now)
    return replace(made, valid_from=min((source.valid_from for source in sources if source.valid_from), default=None))


def _passages(session: Session, namespace: NamespaceId, one: Written, revision: int) -> list[PassageToAdd]:
    """A gist of one source of one passage stands in its place among its neighbours, else by itself."""
    is_alone = len(one.encoded) == len(one.made_of.sources) == 1
    place = passages.place_of(session, namespace, one.made_of.sources[0]) if is_alone else None
    group, position = place or (one.id, 0)
    return [
        PassageToAdd(one.id, ordinal, group, position + ordinal, revision, encoded)
        for ordinal, encoded in enumerate(one.encoded)
    ]


def _trace(one: Written, sources: Sequence[Trace], now: datetime) -> Trace:
    """As strong and as salient as the strongest of its sources, as certain as the least certain."""
    made = first_trace(one.id, one.draft, now)
    if not sources:
        return made
    if len(sources) == 1:  # a story stays one, however little of it is left
        made = replace(made, substance=sources[0].substance)
    return replace(
        made,
        stability=max(one.stability for one in sources),
        last_recalled=max(one.last_recalled for one in sources),
        said_at=max(one.said_at for one in sources),
        salience=max(one.salience for one in sources),
        confidence=min(one.confidence for one in sources),
        essence="",
    )
