"""Queries about passages: written once, in bulk, and read back for the index and for answers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, bindparam, delete, func, insert, select, true, update
from sqlalchemy.orm import Session

from memory.attributes import attributes_of
from memory.facts import ExtractionStatus
from memory.store import facts
from memory.store.batches import MOST_PARAMETERS, batched
from memory.store.documents import WITHOUT_TEXT, stored, without_text
from memory.store.tables import DocumentRow, PassageRow
from memory.types import EncodedPassage, ItemState, JsonValue, NamespaceId, StoredDocument, StoredPassage
from retrieval.standing import Standing, facts_under, mentions_under
from retrieval.types import (
    Attributes,
    ByteVector,
    DocumentId,
    EntityKind,
    IndexedFact,
    IndexedPassage,
    Mention,
    PassageId,
)


@dataclass(frozen=True, slots=True)
class PassageToAdd:
    """A passage and its place: `position` in its group of neighbours, `ordinal` in its document."""

    document_id: str
    ordinal: int
    group: str
    position: int
    revision: int
    encoded: EncodedPassage


@dataclass(frozen=True, slots=True)
class Revised:
    """A passage for the index, and the sequence number of the change that made it."""

    revision: int
    passage: IndexedPassage


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A passage as sleep reads it: its place, its sentences int32[s, 2] in characters of the passage, its vectors."""

    start: int  # of the passage in its document, in characters
    group: str
    position: int
    sentences: NDArray[np.int32]
    vector: ByteVector  # int8[d]
    sentence_vectors: ByteVector  # int8[s, d]


@dataclass(frozen=True, slots=True)
class Recollected:
    """A passage for an answer."""

    id: PassageId
    text: str
    document: StoredDocument


def add(
    session: Session,
    namespace: NamespaceId,
    model: str,
    passages: Sequence[PassageToAdd],
    extraction: ExtractionStatus = ExtractionStatus.RULES,
) -> None:
    if passages:
        session.execute(insert(PassageRow), [_values(namespace, model, passage, extraction) for passage in passages])


def remove(session: Session, namespace: NamespaceId, document_id: str) -> None:
    facts.withdraw_document(session, namespace, document_id)
    session.execute(
        delete(PassageRow).where(PassageRow.namespace_id == namespace, PassageRow.document_id == document_id)
    )


def renew(session: Session, namespace: NamespaceId, document_id: str, revision: int) -> None:
    """The passages of a document count as made by this change: indexes take them in once more."""
    session.execute(
        update(PassageRow)
        .where(PassageRow.namespace_id == namespace, PassageRow.document_id == document_id)
        .values(revision=revision)
    )


def place_of(session: Session, namespace: NamespaceId, document_id: str) -> tuple[str, int] | None:
    """The group and position of the only passage of a document; None if it has more, or none."""
    rows = session.execute(
        select(PassageRow.group_key, PassageRow.position)
        .where(PassageRow.namespace_id == namespace, PassageRow.document_id == document_id)
        .limit(2)
    ).all()
    return (rows[0][0], rows[0][1]) if len(rows) == 1 else None


def of_document(session: Session, namespace: NamespaceId, document_id: str) -> list[StoredPassage]:
    rows = session.execute(
        select(PassageRow.id, PassageRow.ordinal, PassageRow.text, PassageRow.mentions, PassageRow.llm_mentions)
        .where(PassageRow.namespace_id == namespace, PassageRow.document_id == document_id)
        .order_by(PassageRow.ordinal)
    )
    return [
        StoredPassage(PassageId(id_), ordinal, text, unpacked([*mentions, *(by_llm or ())]))
        for id_, ordinal, text, mentions, by_llm in rows
    ]


def readings(
    session: Session, namespace: NamespaceId, model: str, ids: Iterable[str], with_sentence_vectors: bool = True
) -> dict[str, list[Reading]]:
    """The passages of each of these documents, in their order. Without vectors of sentences there are none of them."""
    sentence_vectors = (PassageRow.sentence_vectors,) if with_sentence_vectors else ()
    found: dict[str, list[Reading]] = {}
    for some in batched(ids, MOST_PARAMETERS):
        rows = session.execute(
            select(
                PassageRow.document_id,
                PassageRow.start,
                PassageRow.group_key,
                PassageRow.position,
                PassageRow.sentences,
                PassageRow.vector,
                *sentence_vectors,
            )
            .where(PassageRow.namespace_id == namespace, PassageRow.document_id.in_(some), PassageRow.model == model)
            .order_by(PassageRow.document_id, PassageRow.ordinal)
        )
        for id_, start, group, position, spans, vector, *sentences in rows:
            whole = np.frombuffer(vector, np.int8)
            own = np.frombuffer(b"".join(sentences), np.int8).reshape(-1, len(whole))
            spans_of = np.frombuffer(spans, "<i4").reshape(-1, 2)
            found.setdefault(id_, []).append(Reading(start, group, position, spans_of, whole, own))
    return found


def for_index(
    session: Session,
    namespace: NamespaceId,
    model: str,
    after: int,
    to: int,
    standing: Mapping[str, Standing],
    whole: bool = False,
    batch: int = 1000,
) -> Iterator[list[Revised]]:
    """Passages that the changes later than `after` and up to `to` made, in the order in which they were written.

    Those of hidden documents only if `whole`. Names that were merged are the one that stands for them.
    """
    rows = session.execute(
        select(*_OF_PASSAGE, *WITHOUT_TEXT)  # columns, not objects: a session would keep those, and slowly
        .join(DocumentRow, DocumentRow.id == PassageRow.document_id)
        .where(
            PassageRow.namespace_id == namespace,
            PassageRow.revision.between(after + 1, to),
            PassageRow.model == model,
            true() if whole else DocumentRow.state == ItemState.ACTIVE.value,
        )
        .order_by(PassageRow.revision, PassageRow.ordinal)
        .execution_options(yield_per=batch)
    )
    for partition in rows.partitions():
        said = facts.for_index(session, namespace, model, [row.passage_id for row in partition if row.extracted])
        yield [_revised(row, said.get(PassageId(row.passage_id), ()), standing) for row in partition]


def advance(session: Session, namespace: NamespaceId, document_id: str, revision: int) -> None:
    """The index reads all passages of the document again, with what has been found in them."""
    session.execute(
        update(PassageRow)
        .where(PassageRow.namespace_id == namespace, PassageRow.document_id == document_id)
        .values(revision=revision)
    )


def attributes(
    session: Session, namespace: NamespaceId, documents: Iterable[str]
) -> dict[DocumentId, dict[PassageId, Attributes]]:
    """What filters see of the passages of these documents now."""
    found: dict[DocumentId, dict[PassageId, Attributes]] = {}
    for some in batched(documents, MOST_PARAMETERS):
        rows = session.execute(
            select(PassageRow.id, DocumentRow)
            .join(DocumentRow, DocumentRow.id == PassageRow.document_id)
            .where(PassageRow.namespace_id == namespace, PassageRow.document_id.in_(some))
            .options(without_text())
        )
        for id_, document in rows:
            passage = PassageId(id_)
            seen = attributes_of(stored(document, with_text=False), passage)
            found.setdefault(DocumentId(document.id), {})[passage] = seen
    return found


# Every recall asks this: it is put together once.
_RECOLLECTED = (
    select(PassageRow.id.label("passage"), PassageRow.text.label("said"), *WITHOUT_TEXT)
    .join(DocumentRow, DocumentRow.id == PassageRow.document_id)
    .where(PassageRow.namespace_id == bindparam("namespace"), PassageRow.id.in_(bindparam("ids", expanding=True)))
)


def recollect(session: Session, namespace: NamespaceId, ids: Sequence[PassageId]) -> dict[PassageId, Recollected]:
    """Texts and documents of those passages that are still there."""
    found: dict[PassageId, Recollected] = {}
    for some in batched(ids, MOST_PARAMETERS):
        for row in session.execute(_RECOLLECTED, {"namespace": namespace, "ids": list(some)}):
            found[PassageId(row.passage)] = Recollected(PassageId(row.passage), row.said, stored(row, with_text=False))
    return found


def vectors(
    session: Session, namespace: NamespaceId, model: str, documents: Iterable[str]
) -> dict[DocumentId, ByteVector]:
    """The vector int8[d] of the first passage of each of these documents that this model has encoded."""
    found: dict[DocumentId, ByteVector] = {}
    for some in batched(documents, MOST_PARAMETERS):
        rows = session.execute(
            select(PassageRow.document_id, PassageRow.vector).where(
                PassageRow.namespace_id == namespace,
                PassageRow.document_id.in_(some),
                PassageRow.ordinal == 0,
                PassageRow.model == model,
            )
        )
        found.update({DocumentId(id_): np.frombuffer(vector, np.int8) for id_, vector in rows})
    return found


def owners(session: Session, namespace: NamespaceId, ids: Iterable[str]) -> dict[str, str]:
    """The id of the document of each of these passages that are there."""
    found: dict[str, str] = {}
    for some in batched(ids, MOST_PARAMETERS):
        where = (PassageRow.namespace_id == namespace) & PassageRow.id.in_(some)
        rows = session.execute(select(PassageRow.id, PassageRow.document_id).where(where))
        found.update({id_: document for id_, document in rows})
    return found


def count_after(session: Session, namespace: NamespaceId, revision: int) -> int:
    """How many passages later changes made."""
    return session.execute(
        select(func.count()).where(PassageRow.namespace_id == namespace, PassageRow.revision > revision)
    ).scalar_one()


# What the index needs of a passage, and of its document.
_OF_PASSAGE = (
    PassageRow.id.label("passage_id"), PassageRow.text.label("passage_text"), PassageRow.group_key,
    PassageRow.position.label("place"), PassageRow.mentions, PassageRow.vector, PassageRow.sentence_vectors,
    PassageRow.revision.label("made_by"), PassageRow.extracted, PassageRow.llm_mentions,
)  # fmt: skip


def _revised(row: Row[*tuple[object, ...]], said: Sequence[IndexedFact], standing: Mapping[str, Standing]) -> Revised:
    document = stored(row, with_text=False)
    id_ = PassageId(row.passage_id)
    vector = np.frombuffer(row.vector, np.int8)
    mentions = unpacked([*row.mentions, *(row.llm_mentions or ())])
    passage = IndexedPassage(
        id=id_,
        document_id=DocumentId(document.id),
        title=document.title,
        text=row.passage_text,
        group=row.group_key,
        position=row.place,
        mentions=mentions_under(mentions, standing) if standing else mentions,
        vector=vector,
        sentence_vectors=np.frombuffer(row.sentence_vectors, np.int8).reshape(-1, len(vector)),
        attributes=attributes_of(document, id_),
        facts=facts_under(said, standing) if standing else tuple(said),
    )
    return Revised(row.made_by, passage)


def _values(
    namespace: NamespaceId, model: str, passage: PassageToAdd, extraction: ExtractionStatus
) -> dict[str, str | int | bytes | list[JsonValue]]:
    encoded = passage.encoded
    spans = [(span.start, span.end) for span in encoded.piece.sentences]
    return {
        "id": encoded.id,
        "namespace_id": namespace,
        "document_id": passage.document_id,
        "ordinal": passage.ordinal,
        "group_key": passage.group,
        "position": passage.position,
        "text": encoded.piece.text,
        "start": encoded.piece.span.start,
        "end": encoded.piece.span.end,
        "sentences": np.array(spans, "<i4").tobytes(),
        "mentions": packed(encoded.mentions),
        "vector": encoded.vector.tobytes(),
        "sentence_vectors": encoded.sentence_vectors.tobytes(),
        "model": model,
        "extraction": extraction.value,
        "revision": passage.revision,
    }


def packed(mentions: Sequence[Mention]) -> list[JsonValue]:
    return [_packed(mention) for mention in mentions]


def _packed(mention: Mention) -> list[JsonValue]:
    """Lists, not objects: there are many of them, and the names of their fields would outweigh them."""
    return [
        mention.name,
        mention.display,
        mention.kind.value,
        mention.count,
        mention.in_title,
        list(mention.sentences),
    ]


def unpacked(row: Sequence[JsonValue]) -> tuple[Mention, ...]:
    return tuple(_mention(*one) for one in row)  # type: ignore[misc]  # written by _packed


def _mention(name: str, display: str, kind: str, count: int, in_title: bool, sentences: list[int]) -> Mention:
    return Mention(name, display, EntityKind(kind), count, in_title, tuple(sentences))
