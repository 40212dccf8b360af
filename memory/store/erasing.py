"""Queries that find all that belongs to a subject, and take it out of every table."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from memory.forgetting.subjects import Subject, SubjectKind, concerns, is_named, strings_in
from memory.ids import is_id
from memory.layers.short_term import Role
from memory.layers.transitions import Happening
from memory.store import forgetting, naming, sessions
from memory.store.batches import MOST_PARAMETERS, batched
from memory.store.documents import stored
from memory.store.layer_tables import CoreBlockRow, LinkRow, MessageRow, SessionRow, TransitionRow
from memory.store.tables import DocumentRow, IdempotencyRow, OperationRow, PassageRow, Row
from memory.types import NamespaceId, StoredDocument

BATCH = 500
QUOTING = (  # tables that may quote what was erased
    "idempotency_keys", "jobs", "transitions", "reviews", "reconsolidations", "messages", "working_slots",
    "core_blocks", "core_versions", "facts", "usage", "llm_cache",
)  # fmt: skip
NAMING = frozenset({"idempotency_keys", "transitions", "reconsolidations"})  # rows that only name it by its id go too
QUOTED = (Happening.SUPERSEDED, Happening.OUTDATED, Happening.REINSTATED, Happening.QUARANTINED)  # what others said


@dataclass(frozen=True, slots=True)
class Belongings:
    """What belongs to a subject: items, messages, and rows that only name it."""

    items: tuple[StoredDocument, ...]
    messages: tuple[str, ...]  # ids
    requests: tuple[str, ...]  # idempotency keys with which these messages came
    sessions: tuple[str, ...]  # conversations in which it took part
    blocks: tuple[str, ...]  # ids of core blocks that name it
    named: naming.Named
    texts: tuple[str, ...]  # all that it consists of, to be searched for afterwards


def belongings(session: Session, namespace: NamespaceId, subject: Subject) -> Belongings:
    items = list(_items(session, namespace, subject))
    ids = {one.id for one in items}
    every = _messages(session, namespace)
    messages = [one for one in every if _is_message_of(one, subject, ids)]
    talks = {one.session_id for one in messages} | {one.session_id for one in items if one.session_id is not None}
    if subject.kind is SubjectKind.SESSION:
        talks |= _session_of(session, namespace, subject.id)
    known = {one.id for one in messages}
    messages += [one for one in every if one.id not in known and _was_in_mind(one, talks)]
    blocks = _blocks(session, namespace, subject)
    said = [text for one in items for text in (one.text, one.title, one.source, one.external_id or "")]
    said += [one.text for one in messages]
    said += [text for one in items for text in strings_in(one.metadata)]
    if subject.kind not in {SubjectKind.DOCUMENT, SubjectKind.MEMORY}:
        said.append(subject.id)
    return Belongings(
        tuple(items),
        tuple(one.id for one in messages),
        tuple(sorted({one.request for one in messages if one.request is not None})),
        tuple(sorted(talks)),
        tuple(one.id for one in blocks),
        naming.find(session, namespace, subject, ids),
        tuple(text for text in [*said, *(one.text for one in blocks)] if text and not is_id(text)),
    )


def _session_of(session: Session, namespace: NamespaceId, session_id: str) -> set[str]:
    """The conversation of this name, if it is known in any way."""
    queries = [
        select(table.c.session_id).where(table.c.namespace_id == namespace, table.c.session_id == session_id)
        for table in (Row.metadata.tables["sessions"], Row.metadata.tables["working_slots"])
    ]
    return {str(one) for query in queries for one in session.execute(query).scalars()}


def _blocks(session: Session, namespace: NamespaceId, subject: Subject) -> list[CoreBlockRow]:
    """Core blocks that name a user or an entity."""
    if subject.kind not in {SubjectKind.USER, SubjectKind.ENTITY}:
        return []
    rows = session.execute(select(CoreBlockRow).where(CoreBlockRow.namespace_id == namespace)).scalars()
    return [row for row in rows if is_named(subject.id, (row.label, row.text))]


def _items(session: Session, namespace: NamespaceId, subject: Subject) -> Iterator[StoredDocument]:
    query = select(DocumentRow).where(DocumentRow.namespace_id == namespace)
    match subject.kind:
        case SubjectKind.DOCUMENT | SubjectKind.MEMORY:
            query = query.where(DocumentRow.id == subject.id)
        case SubjectKind.SESSION:
            query = query.where(DocumentRow.session_id == subject.id)
        case _:
            pass  # whose it is may stand in metadata or in texts
    after = ""
    while True:
        rows = session.execute(query.where(DocumentRow.id > after).order_by(DocumentRow.id).limit(BATCH)).scalars()
        batch = [stored(row) for row in rows]
        session.expunge_all()
        if not batch:
            return
        after = batch[-1].id
        is_entity = subject.kind is SubjectKind.ENTITY
        read = [one.id for one in batch if one.status == "ready"]  # passages of the others may be of a former text
        names = forgetting.names_of(session, namespace, read) if is_entity else {}
        yield from (one for one in batch if concerns(subject, one, names.get(one.id, ())))


def _is_message_of(message: MessageRow, subject: Subject, items: set[str]) -> bool:
    if message.document_id in items:
        return True
    match subject.kind:
        case SubjectKind.USER:
            is_nobodys = message.speaker is None
            return message.speaker == subject.id or (is_nobodys and is_named(subject.id, (message.text,)))
        case SubjectKind.SESSION:
            return message.session_id == subject.id
        case SubjectKind.ENTITY:
            return is_named(subject.id, (message.text, message.speaker or "", message.session_id))
        case _:
            return False


def _was_in_mind(message: MessageRow, talks: Collection[str]) -> bool:
    """What left the working memory of one of these conversations goes as what is in it does: it is nobody's own."""
    return message.role == Role.WORKING.value and message.session_id in talks


def kept_texts(session: Session, namespace: NamespaceId, without: Collection[str]) -> Iterator[str]:
    """What people sent in and said, now or before it was changed, but for these messages."""
    fields = (DocumentRow.text, DocumentRow.title, DocumentRow.source, DocumentRow.speaker, DocumentRow.metadata_)
    query = select(*fields).where(DocumentRow.namespace_id == namespace).execution_options(yield_per=BATCH)
    with closing(session.execute(query)) as rows:  # who asks may have heard enough before the end
        for text, title, source, speaker, metadata in rows:
            yield from (text, title, source, speaker or "", json.dumps(metadata, ensure_ascii=False))
    changed = select(TransitionRow.before).where(
        TransitionRow.namespace_id == namespace, TransitionRow.kind == Happening.CHANGED.value
    )
    for before in session.execute(changed).scalars():
        yield from strings_in(before)
    for message in _messages(session, namespace):
        if message.id in without:
            continue
        if message.speaker is not None or message.document_id is not None:
            yield from (message.text, message.speaker or "", message.session_id)


def remove_surroundings(
    session: Session, namespace: NamespaceId, subject: Subject, found: Belongings, quotes: Sequence[str]
) -> dict[str, int]:
    """All but the items themselves: rows removed or blanked, by table. `quotes` stand in nothing that is kept."""
    named: dict[str, tuple[str, Sequence[str]]] = {
        "messages": ("id", found.messages),
        "core_blocks": ("id", found.blocks),
        "working_slots": ("session_id", found.sessions),
        "segments": ("namespace_id", [namespace]),
        "idempotency_keys": ("key", found.requests),
    }
    if subject.kind is SubjectKind.SESSION:
        named["sessions"] = ("session_id", [subject.id])
    counts = {name: _delete(session, namespace, name, column, wanted) for name, (column, wanted) in named.items()}
    _forget_gists(session, namespace, found.sessions, quotes)
    counts["operations"] = _clear_operations(session, namespace, {one.id for one in found.items}, quotes)
    by_id = [*(one.id for one in found.items), *found.messages]
    for name in QUOTING:
        marks = [*by_id, *quotes] if name in NAMING else quotes
        counts[name] = counts.get(name, 0) + _delete_quoting(session, namespace, name, marks)
    orphans = _orphaned_answers(session, namespace)
    counts["idempotency_keys"] += _delete(session, namespace, "idempotency_keys", "key", orphans)
    _forget_requests(session, namespace, [*found.requests, *orphans])
    counts["transitions"] += naming.remove_rows(session, "transitions", _orphaned_history(session, namespace))
    return counts


def counts_of(session: Session, items: Sequence[StoredDocument]) -> dict[str, int]:
    """How many rows go with these items, by table."""
    ids = [one.id for one in items]
    counts = {"documents": len(ids)}
    for name, table in Row.metadata.tables.items():
        column = next((each.parent for each in table.foreign_keys if each.column.table.name == "documents"), None)
        if column is not None and name != "messages":
            some = batched(ids, MOST_PARAMETERS)
            counts[name] = sum(len(session.execute(select(column).where(column.in_(part))).all()) for part in some)
    return counts


def remove_links(session: Session, namespace: NamespaceId) -> int:
    """Links by names of this namespace that no passage which is left mentions; how many."""
    mentioned: set[str] = set()
    query = select(PassageRow.mentions, PassageRow.llm_mentions).where(PassageRow.namespace_id == namespace)
    for columns in session.execute(query.execution_options(yield_per=BATCH)):
        mentioned |= {str(one[0]) for mentions in columns for one in mentions or () if isinstance(one, list)}
    either = or_(LinkRow.namespace_id == namespace, LinkRow.other_id == namespace)
    gone = [
        row.id
        for row in session.execute(select(LinkRow).where(either)).scalars()
        if (row.name if row.namespace_id == namespace else row.other_name) not in mentioned
    ]
    for some in batched(gone, MOST_PARAMETERS):
        session.execute(delete(LinkRow).where(LinkRow.id.in_(some)))
    return len(gone)


def _messages(session: Session, namespace: NamespaceId) -> list[MessageRow]:
    return list(session.execute(select(MessageRow).where(MessageRow.namespace_id == namespace)).scalars())


def _delete(session: Session, namespace: NamespaceId, name: str, column: str, wanted: Sequence[str]) -> int:
    """Rows of this table in which the column is one of these; how many."""
    table = Row.metadata.tables[name]
    count = 0
    for some in batched(wanted, MOST_PARAMETERS):
        where = (table.c.namespace_id == namespace) & table.c[column].in_(some)
        count += len(session.execute(delete(table).where(where).returning(table.c.namespace_id)).all())
    return count


def _delete_quoting(session: Session, namespace: NamespaceId, name: str, marks: Sequence[str]) -> int:
    """Rows of this table that hold one of these strings in any text; how many."""
    keys = naming.matching(session, namespace, name, None, lambda texts: holds_any(texts, marks))
    return naming.remove_rows(session, name, keys)


def _orphaned_answers(session: Session, namespace: NamespaceId) -> list[str]:
    """Keys of answers about items that are gone: nobody can tell any more whose they were, and keys are free texts."""
    query = select(IdempotencyRow.key, IdempotencyRow.response).where(IdempotencyRow.namespace_id == namespace)
    return _naming_what_is_gone(session, {key: strings_in(answer) for key, answer in session.execute(query)})


def _orphaned_history(session: Session, namespace: NamespaceId) -> list[naming.Key]:
    """Keys of what happened to items because of others that are gone: it quotes what these said."""
    query = select(TransitionRow.id, TransitionRow.before, TransitionRow.after).where(
        TransitionRow.namespace_id == namespace, TransitionRow.kind.in_([one.value for one in QUOTED])
    )
    history = {id_: naming.texts_of(states) for id_, *states in session.execute(query)}
    return [[id_] for id_ in _naming_what_is_gone(session, history)]


def _naming_what_is_gone(session: Session, texts: Mapping[str, Sequence[str]]) -> list[str]:
    """Those that have an id among their texts which is of no item and no operation."""
    named = {key: {text for text in some if is_id(text)} for key, some in texts.items()}
    known: set[str] = set()
    for some in batched({id_ for ids in named.values() for id_ in ids}, MOST_PARAMETERS):
        for column in (DocumentRow.id, OperationRow.id):
            known |= set(session.execute(select(column).where(column.in_(some))).scalars())
    return [key for key, ids in named.items() if ids - known]


def _forget_requests(session: Session, namespace: NamespaceId, keys: Sequence[str]) -> None:
    """Messages that are left forget that they came with these idempotency keys."""
    for some in batched(keys, MOST_PARAMETERS):
        where = (MessageRow.namespace_id == namespace) & MessageRow.request.in_(some)
        session.execute(update(MessageRow).where(where).values(request=None))


def holds_any(values: Iterable[object], marks: Sequence[str]) -> bool:
    """Whether one of these strings stands in a value of a row, in JSON too, however it is cased."""
    text = "\n".join(naming.texts_of(values)).casefold()
    return any(mark.casefold() in text for mark in marks)


def _forget_gists(session: Session, namespace: NamespaceId, ids: Sequence[str], quotes: Sequence[str]) -> None:
    rows = session.execute(select(SessionRow).where(SessionRow.namespace_id == namespace)).scalars()
    for session_id in {*ids, *(row.session_id for row in rows if holds_any([row.gist], quotes))}:
        sessions.forget_gist(session, namespace, session_id)


def _clear_operations(session: Session, namespace: NamespaceId, ids: set[str], quotes: Sequence[str]) -> int:
    """Takes items out of the operations that read them; one without any left goes."""
    count = 0
    for row in session.execute(select(OperationRow).where(OperationRow.namespace_id == namespace)).scalars().all():
        listed = row.payload.get("documents")
        named = [str(one) for one in listed] if isinstance(listed, list) else []
        is_quoting = holds_any([row.error], quotes)
        if not is_quoting and not ids & set(named):
            continue
        count += 1
        left = [one for one in named if one not in ids]
        where = OperationRow.id == row.id
        if not left:
            session.execute(delete(OperationRow).where(where))
            continue
        session.execute(
            update(OperationRow)
            .where(where)
            .values(
                payload={**row.payload, "documents": left},
                items=[one for one in row.items if not (isinstance(one, dict) and one.get("id") in ids)],
                total=len(left),
                done=min(row.done, len(left)),
                error=None if is_quoting else row.error,
            )
        )
    return count
