"""Takes items out of the rows for good, inside a transaction of the caller: deleted by hand, purged, or erased."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from memory import gists
from memory.settling import Log, restate
from memory.store import changes, distillations, documents, namespaces, sessions
from memory.types import Change, ChangeKind, Kind, NamespaceId, StoredDocument
from retrieval.types import DocumentId


def remove(session: Session, namespace: NamespaceId, items: Sequence[StoredDocument], log: Log) -> int:
    """With all that is kept of them, and the gists that sleep made of them; the revision after it.

    The namespace is locked, and none of them is held.
    """
    items = [*items, *gists.of_sources(session, namespace, [one.id for one in items], log)]
    distillations.forget_items(session, namespace, [one.id for one in items])
    memories = [one.id for one in items if one.kind is Kind.MEMORY]
    if memories:
        restate(session, namespace, memories, [], log)
    for session_id in sorted({one.session_id for one in items if one.session_id is not None}):
        sessions.forget_gist(session, namespace, session_id)  # it may quote what is gone
    documents.remove_many(session, namespace, [one.id for one in items])
    last = namespaces.advance(session, namespace, len(items))
    gone = [
        Change(sequence, ChangeKind.REMOVED, DocumentId(one.id))
        for sequence, one in enumerate(items, last - len(items) + 1)
    ]
    changes.append(session, namespace, gone, log.actor, log.now)
    return last
