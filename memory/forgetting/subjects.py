"""Whom or what something is about (a user, a document, a session, an entity), and what belongs to it. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from memory.types import Draft, JsonValue, NamespaceId, StoredDocument
from retrieval.normalize import normal_name, words

LEAST_TEXT = 24  # characters; a shorter text is nobody's own
USER_ID = "user_id"  # the key of metadata that names whose it is


class SubjectKind(StrEnum):
    USER = "user"  # a speaker, or `user_id` in metadata
    DOCUMENT = "document"
    MEMORY = "memory"
    SESSION = "session"
    ENTITY = "entity"  # a name, wherever it stands


@dataclass(frozen=True, slots=True)
class Subject:
    kind: SubjectKind
    id: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing of this subject may be deleted until somebody lifts the hold."""

    id: str
    subject: Subject
    reason: str
    at: datetime
    actor: str


def concerns(subject: Subject, document: StoredDocument, names: Iterable[str] = ()) -> bool:
    """Whether an item belongs to a subject; `names` are those that its passages mention and its statements are of."""
    match subject.kind:
        case SubjectKind.USER:
            return subject.id in {document.speaker, document.metadata.get(USER_ID)}
        case SubjectKind.SESSION:
            return document.session_id == subject.id
        case SubjectKind.ENTITY:
            return is_named(subject.id, _texts(document)) or normal_name(subject.id) in set(names)
        case SubjectKind.DOCUMENT | SubjectKind.MEMORY:
            return document.id == subject.id and document.kind.value == subject.kind.value


def is_named(name: str, texts: Iterable[str]) -> bool:
    """Whether the words of a name stand in one of these texts, one after the other, however they are written."""
    wanted = words(name)
    mark = f" {' '.join(wanted)} "
    return bool(wanted) and any(mark in f" {' '.join(words(text))} " for text in texts)


def keys_of(draft: Draft) -> list[Subject]:
    """The subjects that something sent in would belong to by what it says of itself."""
    found = [Subject(SubjectKind.USER, draft.speaker)] if draft.speaker else []
    owner = draft.metadata.get(USER_ID)
    if isinstance(owner, str) and owner != draft.speaker:
        found.append(Subject(SubjectKind.USER, owner))
    if draft.session_id:
        found.append(Subject(SubjectKind.SESSION, draft.session_id))
    return found


def digest_of(namespace: NamespaceId, subject: Subject) -> str:
    """SHA-256 (hex), which says nothing of the subject and is another one in each namespace."""
    return _digest(namespace, f"subject:{subject.kind.value}", subject.id)


def content_digests(namespace: NamespaceId, content: Draft | StoredDocument) -> list[str]:
    """By which the same content is told when it comes back: its text, and its external id."""
    found = []
    text = " ".join(words(content.text))
    if len(text) >= LEAST_TEXT:
        found.append(_digest(namespace, "text", text))
    if content.external_id is not None:
        found.append(_digest(namespace, f"external:{content.kind.value}", content.external_id))
    return found


def strings_in(value: JsonValue) -> list[str]:
    """All texts inside a JSON value, keys included."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [*value, *(text for inner in value.values() for text in strings_in(inner))]
    if isinstance(value, Sequence):
        return [text for inner in value for text in strings_in(inner)]
    return []


def _texts(document: StoredDocument) -> list[str]:
    said = [document.text, document.title, document.source, document.speaker or "", document.session_id or ""]
    return [*said, document.external_id or "", *strings_in(document.metadata)]


def _digest(namespace: NamespaceId, kind: str, key: str) -> str:
    return hashlib.sha256(f"{namespace}\0{kind}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()
