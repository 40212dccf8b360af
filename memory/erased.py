"""What was erased does not come back by itself: writes are held against the tombstones, inside their transaction."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from memory.errors import Erased, Problem
from memory.forgetting.subjects import Subject, SubjectKind, content_digests, digest_of, keys_of
from memory.store import erasures
from memory.types import Draft, NamespaceId

FIELDS = {SubjectKind.USER: "speaker", SubjectKind.SESSION: "session_id"}


def refuse(session: Session, namespace: NamespaceId, drafts: Sequence[Draft], known: Draft | None = None) -> None:
    """Raises Erased if one of these belongs to a subject that was erased, or is content that was.

    Of a draft that changes a `known` one, only what is new in it counts.
    """
    before = set(_digests(namespace, known)) if known is not None else set()
    told = {
        digest: f"[{number}].{field}"
        for number, draft in enumerate(drafts)
        for digest, field in _digests(namespace, draft).items()
        if digest not in before
    }
    found = erasures.erased(session, namespace, told)
    if found:
        raise Erased([_problem(told[digest], erasure) for digest, erasure in sorted(found.items())])


def refuse_session(session: Session, namespace: NamespaceId, session_id: str) -> None:
    """The same for a conversation. Raises Erased."""
    digest = digest_of(namespace, Subject(SubjectKind.SESSION, session_id))
    found = erasures.erased(session, namespace, [digest])
    if found:
        raise Erased([_problem("session_id", found[digest])])


def _digests(namespace: NamespaceId, draft: Draft) -> dict[str, str]:
    """Each with the field that it is of."""
    keys = {digest_of(namespace, key): FIELDS[key.kind] for key in keys_of(draft)}
    return dict.fromkeys(content_digests(namespace, draft), "text") | keys


def _problem(field: str, erasure: str) -> Problem:
    remedy = f"leave it out, or lift what forbids it: DELETE /v1/erasures/{erasure}/tombstones"
    return Problem(field, "was erased on request", remedy)
