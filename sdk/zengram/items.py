"""The verbs of memories and documents: add, upload, get, list, update, delete, passages."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import Enum
from typing import Literal, TypeVar

from zengram.calls import Call, answer, keyed, nothing, path
from zengram.inputs import File, Item, Json, Moment, documents_of, given, in_utc, memories_of, uploads_of
from zengram.models import Added, Document, Model, Page, Passage, Receipt, Result, Source

T = TypeVar("T")

Stored = str | Receipt | Document | Result | Source  # anything that says which item: its id, or an answer about it
COLLECTIONS = {"memory": "memories", "document": "documents"}


class Unchanged(Enum):
    """Tells a field that is not given from one that is to be emptied (None)."""

    UNCHANGED = "unchanged"


UNCHANGED: Literal[Unchanged.UNCHANGED] = Unchanged.UNCHANGED


class PassageList(Model):
    items: list[Passage]


def add(
    namespace: str,
    what: Item | Iterable[Item],
    *,
    speaker: str | None = None,
    session_id: str | None = None,
    external_id: str | None = None,
    metadata: Json | None = None,
    occurred_at: Moment | None = None,
    layer: str | None = None,
    expires_at: Moment | None = None,
    idempotency_key: str | None = None,
) -> Call[Added]:
    """Remember a text, a chat message, or a list of either (at most 1,000; all of them are kept, or none).

    A message is a mapping: `text`, and optionally `speaker, session_id, external_id, metadata, occurred_at`; the form
    of chat APIs (`role`, `content`) is understood too, and messages without any text are left out. The named
    arguments hold for every item that does not say otherwise. A time without a zone is UTC. `layer` (episodic,
    semantic, procedural) is decided by rules if it is not given; the receipts say why.
    """
    shared = given(
        speaker=speaker,
        session_id=session_id,
        external_id=external_id,
        metadata=metadata,
        occurred_at=occurred_at,
        layer=layer,
        expires_at=expires_at,
    )
    memories = memories_of(what, shared)
    return _write(namespace, "memories", memories, idempotency_key)


def add_document(
    namespace: str,
    text: str | None = None,
    *,
    data: object = None,
    format: str | None = None,
    title: str | None = None,
    source: str | None = None,
    external_id: str | None = None,
    metadata: Json | None = None,
    occurred_at: Moment | None = None,
    idempotency_key: str | None = None,
) -> Call[Added]:
    """Add one document: `text` (format text or markdown), or any JSON value as `data`."""
    document = given(
        text=text,
        data=data,
        format=format,
        title=title,
        source=source,
        external_id=external_id,
        metadata=metadata,
        occurred_at=occurred_at,
    )
    return _write(namespace, "documents", [document], idempotency_key)


def add_documents(namespace: str, documents: Iterable[Item], *, idempotency_key: str | None = None) -> Call[Added]:
    """Add up to 1,000 documents, texts or mappings with the arguments of `add_document`; all are kept, or none."""
    return _write(namespace, "documents", documents_of(documents), idempotency_key)


def upload(
    namespace: str,
    files: File | Sequence[File],
    *,
    title: str | None = None,
    source: str | None = None,
    external_id: str | None = None,
    metadata: Json | None = None,
    occurred_at: Moment | None = None,
    idempotency_key: str | None = None,
) -> Call[Added]:
    """Add files (txt md html pdf docx eml csv json jsonl): paths, open binary files, or (name, bytes)."""
    form = {
        "title": title,
        "source": source,
        "external_id": external_id,
        "metadata": json.dumps(metadata) if metadata is not None else None,
        "occurred_at": in_utc(occurred_at) if occurred_at is not None else None,
    }
    return Call(
        "POST",
        path("documents", "upload"),
        answer(Added),
        params={"namespace": namespace},
        form={name: value for name, value in form.items() if value is not None},
        files=uploads_of(files),
        headers=keyed(idempotency_key),
    )


def get(namespace: str, item: Stored) -> Call[Document]:
    """The memory or document with this id, or that an answer is about."""
    return _item(namespace, item, Call("GET", "", answer(Document)))


def update(
    namespace: str,
    item: Stored,
    *,
    text: str | Unchanged = UNCHANGED,
    title: str | Unchanged | None = UNCHANGED,
    source: str | Unchanged | None = UNCHANGED,
    speaker: str | Unchanged | None = UNCHANGED,
    external_id: str | Unchanged | None = UNCHANGED,
    metadata: Json | Unchanged | None = UNCHANGED,
    occurred_at: Moment | Unchanged | None = UNCHANGED,
    layer: str | Unchanged = UNCHANGED,
    state: str | Unchanged = UNCHANGED,
    expires_at: Moment | Unchanged | None = UNCHANGED,
    if_version: int | None = None,
) -> Call[Document]:
    """Change the fields that are given; None empties a field, and `metadata` is replaced as a whole.

    `state` archived takes an item out of recall, quarantined holds it back, active lets it in.

    With `if_version` only if nobody else has changed it since (else VersionMismatch).
    """
    fields = {
        "text": text,
        "title": title,
        "source": source,
        "speaker": speaker,
        "external_id": external_id,
        "metadata": metadata,
        "occurred_at": occurred_at,
        "layer": layer,
        "state": state,
        "expires_at": expires_at,
    }
    body = {name: value for name, value in fields.items() if value is not UNCHANGED}
    return _item(namespace, item, guarded(Call("PATCH", "", answer(Document), body=body), if_version))


def delete(namespace: str, item: Stored, *, if_version: int | None = None) -> Call[None]:
    """Delete a memory or a document with its passages; it is gone from recall at once."""
    return _item(namespace, item, guarded(Call("DELETE", "", nothing), if_version))


def listing(
    namespace: str,
    kind: str = "memory",
    *,
    session_id: str | None = None,
    layer: str | None = None,
    status: str | None = None,
    page_size: int = 100,
) -> Call[Page[Document]]:
    """All memories (or with kind "document" all documents), newest first; pages are fetched as they are needed.

    `session_id`, `layer` and `status` (ready, pending, failed, quarantined, archived) narrow a list of memories.
    """
    if kind not in COLLECTIONS:
        raise ValueError(f'kind is "memory" or "document", not {kind!r}')
    params = {"namespace": namespace, "limit": str(page_size)}
    narrowed = given(session_id=session_id, layer=layer, status=status)
    params |= {name: str(value) for name, value in narrowed.items()}
    return Call("GET", path(COLLECTIONS[kind]), answer(Page[Document]), params=params)


def passages(namespace: str, document: Stored) -> Call[list[Passage]]:
    """The passages of a document, in order, and what each of them names."""

    def parse(content: bytes) -> list[Passage]:
        return PassageList.model_validate_json(content).items

    where = path("documents", _id(document), "passages")
    return Call("GET", where, parse, params={"namespace": namespace})


def _write(namespace: str, collection: str, items: Sequence[Json], idempotency_key: str | None) -> Call[Added]:
    body = items[0] if len(items) == 1 else {collection: items}
    return Call(
        "POST",
        path(collection),
        answer(Added),
        params={"namespace": namespace},
        body=body,
        headers=keyed(idempotency_key),
    )


def _item(namespace: str, item: Stored, call: Call[T]) -> Call[T]:
    """The call on one item; where only its id is known, memories are asked first, then documents."""
    kind = getattr(item, "kind", None)
    collections = [COLLECTIONS[kind]] if kind in COLLECTIONS else list(COLLECTIONS.values())
    found: Call[T] | None = None
    for collection in reversed(collections):
        where = path(collection, _id(item))
        found = replace(call, path=where, params={"namespace": namespace}, elsewhere=found)
    assert found is not None
    return found


def item_call(namespace: str, item: Stored, call: Call[T], kind: str, *more: str) -> Call[T]:
    """The call on something of one item, whose kind is known."""
    return replace(call, path=path(COLLECTIONS[kind], _id(item), *more), params={"namespace": namespace})


def guarded(call: Call[T], version: int | None) -> Call[T]:
    """Under If-Match a repetition whose first try did succeed would be refused, so it is sent once."""
    if version is None:
        return call  # sets or removes the same thing again: no harm done
    return replace(call, headers={"If-Match": f'"{version}"'}, repeatable=False)


def _id(item: Stored) -> str:
    """A result or a source is a passage: its document is meant."""
    if isinstance(item, str):
        return item
    return item.document_id if isinstance(item, Result | Source) else item.id
