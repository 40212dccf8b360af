"""Legal holds: what nobody may delete until somebody lifts the hold. Archiving is allowed: it keeps everything."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from memory.errors import InvalidInput, NotFound, OnHold, Problem
from memory.forgetting.subjects import Hold, Subject, SubjectKind, concerns
from memory.ids import new_id
from memory.parts import Parts
from memory.store import documents, forgetting, namespaces
from memory.types import Namespace, NamespaceId, StoredDocument

LONGEST_REASON = 500  # characters


def holds(parts: Parts, namespace: Namespace) -> list[Hold]:
    """Oldest first."""
    return parts.database.read(lambda session: forgetting.holds(session, namespace.id))


def put(parts: Parts, namespace: Namespace, subject: Subject, reason: str, *, now: datetime, actor: str) -> Hold:
    """Holds a subject, which need not be known yet. Raises InvalidInput, NotFound for an item that is not there."""
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise InvalidInput([Problem("reason", "is no reason", f"say why, in 1 to {LONGEST_REASON} characters")])
    hold = Hold(new_id(now), subject, reason, now, actor)

    def write(session: Session) -> Hold:
        namespaces.lock(session, namespace.id)
        if subject.kind in {SubjectKind.DOCUMENT, SubjectKind.MEMORY}:
            found = documents.find(session, namespace.id, subject.id)
            if found is None or not concerns(subject, found.document):
                raise NotFound
        forgetting.put_hold(session, namespace.id, hold)
        return hold

    return parts.database.write(write)


def lift(parts: Parts, namespace: Namespace, subject: Subject) -> None:
    """Raises NotFound."""
    if not parts.database.write(lambda session: forgetting.remove_hold(session, namespace.id, subject)):
        raise NotFound("There is no hold on this.")


def held(session: Session, namespace: NamespaceId, items: Sequence[StoredDocument]) -> dict[str, Hold]:
    """Those of these items that are held, each with one hold that does it."""
    known = forgetting.holds(session, namespace)
    if not known or not items:
        return {}
    has_entities = any(hold.subject.kind is SubjectKind.ENTITY for hold in known)
    names = forgetting.names_of(session, namespace, [one.id for one in items]) if has_entities else {}
    found = {}
    for one in items:
        hold = next((hold for hold in known if concerns(hold.subject, one, names.get(one.id, ()))), None)
        if hold is not None:
            found[one.id] = hold
    return found


def held_of(session: Session, namespace: NamespaceId, ids: Sequence[str]) -> frozenset[str]:
    """Those of these items that are held; where nothing is, they are not read."""
    if not forgetting.holds(session, namespace):
        return frozenset()
    return frozenset(held(session, namespace, [one.document for one in documents.find_many(session, namespace, ids)]))


def check(session: Session, namespace: NamespaceId, items: Sequence[StoredDocument]) -> None:
    """Raises OnHold if any of these items is held."""
    raise_if(list({hold.id: hold for hold in held(session, namespace, items).values()}.values()))


def raise_if(known: Sequence[Hold]) -> None:
    """Raises OnHold, which names the holds, if there are any."""
    if known:
        raise OnHold([_problem(hold) for hold in known])


def _problem(hold: Hold) -> Problem:
    where = f"{hold.subject.kind.value} `{hold.subject.id}`"
    return Problem("hold", f"{where} is held since {hold.at.date()}: {hold.reason}", "lift this hold first")
