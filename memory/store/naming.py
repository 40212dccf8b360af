"""Queries about rows that only name a subject: they are nobody's own, and go with it, however short its name is."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from memory.forgetting.subjects import Subject, SubjectKind, is_named, strings_in
from memory.store import passages
from memory.store.layer_tables import LinkRow, TraceRow
from memory.store.tables import DocumentRow, OperationRow, PassageRow, Row
from memory.types import NamespaceId

Key = Sequence[object]  # the values of a primary key
Told = Callable[[Sequence[str]], bool]  # whether these texts are about the subject

NOBODYS = {  # what names a user or an entity here goes with it; by table, the columns that are looked at
    "working_slots": ("content",),
    "core_versions": ("text",),
    "idempotency_keys": ("key", "response"),
    "usage": ("error",),
    "llm_cache": ("reply",),
    "probes": ("question",),
}
OF_ENTITIES = {  # of a user, others may go on speaking here
    "working_slots": ("content", "session_id"),
    "sessions": ("session_id",),
    "judgements": ("person",),
    "neuromodulators": ("person",),
    "transitions": ("why", "before", "after"),
    "reconsolidations": ("before", "after"),
    "facts": ("subject_name", "object_name", "text"),
    "hints": ("path", "why"),
}
OF_USERS = {  # where a text is the id of a user, and not only names it
    "judgements": ("person",),
    "neuromodulators": ("person",),
    "transitions": ("before", "after"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """Rows to delete, by table; documents that stay, but whose passages, contexts or reasons name the subject."""

    rows: Mapping[str, Sequence[Key]] = field(default_factory=dict)
    outdated: Sequence[str] = ()  # whose text was replaced, while passages of the old one still serve
    contexts: Sequence[str] = ()
    reasons: Sequence[str] = ()
    operations: Sequence[str] = ()  # with receipts that say such a reason

    def __bool__(self) -> bool:
        return any((self.rows, self.outdated, self.contexts, self.reasons, self.operations))


def find(session: Session, namespace: NamespaceId, subject: Subject, items: Collection[str]) -> Named:
    """What names a user or an entity beside these items, which are its own."""
    if subject.kind not in {SubjectKind.USER, SubjectKind.ENTITY}:
        return Named()

    def names(texts: Sequence[str]) -> bool:
        return is_named(subject.id, texts)

    is_entity = subject.kind is SubjectKind.ENTITY
    wanted = NOBODYS | OF_ENTITIES if is_entity else NOBODYS
    rows = {name: matching(session, namespace, name, columns, names) for name, columns in wanted.items()}
    contexts: Sequence[Key] = ()
    if is_entity:
        rows["links"] = _links(session, namespace, names)
        contexts = matching(session, namespace, "traces", ("context",), names)
    else:
        ids = {subject.id}
        rows |= {
            name: matching(session, namespace, name, columns, lambda texts: not ids.isdisjoint(texts))
            for name, columns in OF_USERS.items()
        }
    return Named(
        {name: keys for name, keys in rows.items() if keys},
        _outdated(session, namespace, items, names),
        [str(key[0]) for key in contexts if key[0] not in items],
        _reasons(session, namespace, items, names),
        [str(key[0]) for key in matching(session, namespace, "operations", ("items",), names)],
    )


def remove(session: Session, namespace: NamespaceId, named: Named) -> dict[str, int]:
    """Rows removed, by table."""
    counts = {name: remove_rows(session, name, keys) for name, keys in named.rows.items()}
    for id_ in named.outdated:
        passages.remove(session, namespace, id_)
    for id_ in named.contexts:
        session.execute(update(TraceRow).where(TraceRow.document_id == id_).values(context=None))
    for id_ in named.reasons:
        session.execute(update(DocumentRow).where(DocumentRow.id == id_).values(reason=""))
    for id_ in named.operations:
        _forget_reasons(session, id_)
    return counts


def matching(
    session: Session, namespace: NamespaceId, name: str, columns: Collection[str] | None, is_meant: Told
) -> list[Key]:
    """The keys of the rows of this table with such texts in these columns, or in any (None); in JSON too."""
    table = Row.metadata.tables[name]
    keys = list(table.primary_key.columns)
    rows = session.execute(select(table).where(table.c.namespace_id == namespace)).mappings()
    return [
        [row[key.name] for key in keys]
        for row in rows
        if is_meant(texts_of(value for column, value in row.items() if columns is None or column in columns))
    ]


def remove_rows(session: Session, name: str, keys: Iterable[Key]) -> int:
    """Those that are still there; how many."""
    table = Row.metadata.tables[name]
    columns = list(table.primary_key.columns)
    count = 0
    for values in keys:
        where = [column == value for column, value in zip(columns, values, strict=True)]
        count += len(session.execute(delete(table).where(*where).returning(columns[0])).all())
    return count


def texts_of(values: Iterable[object]) -> list[str]:
    """All texts in the values of a row."""
    return [text for value in values if isinstance(value, str | dict | list) for text in strings_in(value)]


def _reasons(session: Session, namespace: NamespaceId, items: Collection[str], names: Told) -> list[str]:
    """Of documents that said something of the subject when they came in, and do not any more."""
    rows = session.execute(
        select(DocumentRow.id, DocumentRow.reason, DocumentRow.text, DocumentRow.speaker).where(
            DocumentRow.namespace_id == namespace, DocumentRow.reason != ""
        )
    )
    return [
        id_
        for id_, reason, text, speaker in rows
        if id_ not in items and names((reason,)) and not names((text, speaker or ""))
    ]


def _links(session: Session, namespace: NamespaceId, names: Told) -> list[Key]:
    """By the name that this namespace has for it."""
    either = or_(LinkRow.namespace_id == namespace, LinkRow.other_id == namespace)
    rows = session.execute(select(LinkRow).where(either)).scalars()
    return [[row.id] for row in rows if names((row.name if row.namespace_id == namespace else row.other_name,))]


def _outdated(session: Session, namespace: NamespaceId, items: Collection[str], names: Told) -> list[str]:
    rows = session.execute(
        select(DocumentRow.id, DocumentRow.text, DocumentRow.title, PassageRow)
        .join(PassageRow, PassageRow.document_id == DocumentRow.id)
        .where(DocumentRow.namespace_id == namespace, DocumentRow.status != "ready")
    ).all()
    found = {
        id_: None
        for id_, text, title, passage in rows
        if id_ not in items
        and not names((text, title))
        and names(texts_of((passage.text, passage.mentions, passage.llm_mentions)))
    }
    session.expunge_all()
    return list(found)


def _forget_reasons(session: Session, operation: str) -> None:
    where = OperationRow.id == operation
    listed = session.execute(select(OperationRow.items).where(where)).scalar_one_or_none()
    left = [{**one, "reason": ""} if isinstance(one, Mapping) else one for one in listed or ()]
    session.execute(update(OperationRow).where(where).values(items=left))
