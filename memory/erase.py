"""Erasure: all that belongs to a subject leaves every table, index and file, and a search for it proves that.

First one transaction takes out the rows; what is recalled from then on knows nothing of it. Then files and free pages
are cleaned. If the process dies in between, a job finishes the cleaning.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from memory import gists, holds, removing
from memory.errors import NotFound, StoreUnavailable
from memory.forgetting.needles import needles
from memory.forgetting.records import Erasure, ErasureStatus
from memory.forgetting.subjects import Hold, Subject, SubjectKind, content_digests, digest_of
from memory.ids import cursor_id, known_form, new_id
from memory.leases import Lease
from memory.parts import Parts
from memory.settling import Log, restate
from memory.store import (
    changes,
    distillations,
    documents,
    erasing,
    erasures,
    forgetting,
    jobs,
    merges,
    namespaces,
    naming,
    scanning,
    sleeping,
)
from memory.store.erasing import Belongings
from memory.types import Change, ChangeKind, Metadata, Namespace, NamespaceId, Page

SCRUB = "scrub"
PATIENCE = timedelta(minutes=2)  # until a job takes over from a process that may have died
LEAST_QUOTE = 16  # characters in a row that are no coincidence
DERIVED = frozenset({  # what is made from items: nothing here may keep what no item says
    "passages", "statements", "transitions", "sessions", "idempotency_keys", "operations", "jobs", "reviews",
    "reconsolidations", "traces", "llm_cache", "distillations", "merges",
})  # fmt: skip

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _TakenOut:
    erasure: Erasure
    items: tuple[str, ...]  # ids
    strings: tuple[str, ...]  # that nothing which is left holds


def preview(parts: Parts, namespace: Namespace, subject: Subject) -> dict[str, int]:
    """What an erasure would take out now: rows by table. Raises NotFound, OnHold."""

    def read(session: Session) -> dict[str, int]:
        found = _found(session, namespace.id, subject)
        counts = erasing.counts_of(session, found.items)
        return counts | {"messages": len(found.messages), "core_blocks": len(found.blocks)}

    return parts.database.read(read)


def erase(parts: Parts, namespace: Namespace, subject: Subject, *, now: datetime, actor: str) -> Erasure:
    """Takes out everything; the certificate says what, and what was found afterwards. It cannot be undone.

    An item whose new text waits to be read goes with what that names, and stays if only its former text named the
    subject: then what was read of that goes at once, and it is found again when the new text has been read.
    If others keep the database from being cleaned, its status is `scrubbing`, and a job goes on with it.
    Raises NotFound if nothing belongs to the subject, OnHold.
    """
    log = Log(actor, now)
    taken = parts.database.write(lambda session: _take_out(session, namespace.id, subject, log))
    parts.recalls.forget(namespace.id, taken.items)
    try:
        return _scrub(parts, namespace.id, taken.erasure, taken.strings, now)
    except StoreUnavailable:
        _log.warning("cleaning after an erasure goes on later", extra={"erasure": taken.erasure.id})
        return taken.erasure


def get(parts: Parts, namespace: Namespace, id_: str) -> Erasure:
    """Raises NotFound."""
    found = parts.database.read(lambda session: erasures.find(session, namespace.id, known_form(id_)))
    if found is None:
        raise NotFound
    return found


def list_page(parts: Parts, namespace: Namespace, limit: int, cursor: str | None) -> Page[Erasure]:
    """Newest first. Raises InvalidInput for a cursor that is none."""
    before = cursor_id(cursor)
    return parts.database.read(lambda session: erasures.page(session, namespace.id, limit, before))


def lift(parts: Parts, namespace: Namespace, id_: str) -> int:
    """Lets what was erased be sent in again; how many tombstones there were. Raises NotFound."""
    get(parts, namespace, id_)
    return parts.database.write(lambda session: erasures.lift_tombstones(session, namespace.id, id_))


def run(parts: Parts, lease: Lease) -> None:
    """The job: cleans up after an erasure whose process died. What it was to search for died with it."""
    namespace, id_ = lease.job.namespace, str(lease.job.payload["erasure"])
    assert namespace is not None
    found = parts.database.read(lambda session: erasures.find(session, namespace, id_))
    if found is not None and found.status is ErasureStatus.SCRUBBING:
        lease.keep()
        cleaned = _scrub(parts, namespace, found, (), lease.watch.now)
        if cleaned.status is ErasureStatus.SCRUBBING:
            raise StoreUnavailable("Readers keep the database from being cleaned; it is tried again.")


def _found(session: Session, namespace: NamespaceId, subject: Subject) -> Belongings:
    found = erasing.belongings(session, namespace, subject)
    if not (found.items or found.messages or found.blocks or found.sessions or found.named):
        raise NotFound("Nothing here belongs to this subject.")
    _check_holds(session, namespace, subject, found)
    return found


def _check_holds(session: Session, namespace: NamespaceId, subject: Subject, found: Belongings) -> None:
    def stands_against(hold: Hold) -> bool:
        is_session = hold.subject.kind is SubjectKind.SESSION and hold.subject.id in found.sessions
        return hold.subject == subject or is_session

    direct = [hold for hold in forgetting.holds(session, namespace) if stands_against(hold)]
    holds.raise_if(direct)
    holds.check(session, namespace, found.items)


def _take_out(session: Session, namespace: NamespaceId, subject: Subject, log: Log) -> _TakenOut:
    namespaces.lock(session, namespace)
    found = _found(session, namespace, subject)
    ids = [one.id for one in found.items]
    counts = erasing.counts_of(session, found.items)
    told = _told_of(session, namespace, ids)
    sleeping.forget_items(session, namespace, ids)
    if found.items:
        removing.remove(session, namespace, found.items, log)
    restate(session, namespace, found.named.outdated, [], log)
    named = naming.remove(session, namespace, found.named)
    unique = needles((*found.texts, *told), erasing.kept_texts(session, namespace, found.messages))
    quotes = [one for one in unique if len(one) >= LEAST_QUOTE]
    around = erasing.remove_surroundings(session, namespace, subject, found, quotes)
    links = {"links": erasing.remove_links(session, namespace), "merges": merges.forget_unnamed(session, namespace)}
    counts = dict(sorted((Counter(counts) + Counter(named) + Counter(around) + Counter(links)).items()))
    erasure = Erasure(
        id=new_id(log.now),
        kind=subject.kind,
        subject_sha256=digest_of(namespace, subject),
        status=ErasureStatus.SCRUBBING,
        counts=counts,
        proof={},
        actor=log.actor,
        at=log.now,
    )
    erasures.add(session, namespace, erasure)
    digests = [one for item in found.items for one in content_digests(namespace, item)]
    erasures.add_tombstones(session, namespace, erasure.id, [erasure.subject_sha256, *digests])
    _announce(session, namespace, erasure, log)
    return _TakenOut(erasure, tuple(ids), tuple(_nowhere_else(session, namespace, unique)))


def _told_of(session: Session, namespace: NamespaceId, ids: Sequence[str]) -> list[str]:
    """What sleep made of them, which may be in words of its own."""
    made = documents.find_many(session, namespace, gists.gone_with(session, namespace, ids))
    return [
        *(one.document.text for one in made),
        *(one.text for one in distillations.of_items(session, namespace, ids)),
    ]


def _announce(session: Session, namespace: NamespaceId, erasure: Erasure, log: Log) -> None:
    """Every process derives its index anew, and a job will clean up should this one die."""
    sequence = namespaces.advance(session, namespace, 1)
    changes.append(session, namespace, [Change(sequence, ChangeKind.REBUILT, None)], log.actor, log.now)
    jobs.defer(session, namespace, SCRUB, {"erasure": erasure.id}, log.now + PATIENCE, _job_of(erasure))


def _nowhere_else(session: Session, namespace: NamespaceId, strings: Sequence[str]) -> list[str]:
    """Those that stand in nothing that somebody wrote and that is kept, such as core blocks and names."""
    found = scanning.in_rows(session, strings, namespace)
    kept = {one for table, some in found.items() if table not in DERIVED for one in some}
    return [one for one in strings if one not in kept]


def _scrub(parts: Parts, namespace: NamespaceId, erasure: Erasure, strings: Sequence[str], now: datetime) -> Erasure:
    """Cleans files and free pages, then looks for what must be gone."""
    parts.indexes.rewrite(namespace, now)
    if not parts.database.scrub():
        return erasure
    proof = _search(parts, namespace, strings)
    status = ErasureStatus.PROVED if strings else ErasureStatus.SCRUBBED
    done = replace(
        erasure,
        status=ErasureStatus.INCOMPLETE if proof["found"] else status,
        proof=proof,
        scrubbed_at=now,
    )

    def write(session: Session) -> None:
        erasures.replace(session, namespace, done)
        jobs.withdraw(session, _job_of(done))

    parts.database.write(write)
    if done.status is ErasureStatus.INCOMPLETE:
        _log.error("an erasure left something behind", extra={"erasure": done.id})
    return done


def _search(parts: Parts, namespace: NamespaceId, strings: Sequence[str]) -> Metadata:
    """Where any of these strings is found: tables and files, with counts."""
    rows = parts.database.read(lambda session: scanning.in_rows(session, strings, namespace))
    files = [*parts.database.files(), *parts.indexes.files(namespace)]
    hits = scanning.in_files(files, strings)
    suspects = sorted({one for some in hits.values() for one in some})
    others = parts.database.read(lambda session: scanning.in_rows(session, suspects, None)) if suspects else {}
    innocent = {one for table, some in others.items() for one in some} | scanning.structural(suspects)
    found = {table: len(some) for table, some in rows.items()}
    found |= {name: count for name, some in hits.items() if (count := len(some - innocent))}
    return {
        "strings": len(strings),
        "files": len(files),
        "bytes": sum(file.stat().st_size for file in files),
        "found": found,
    }


def _job_of(erasure: Erasure) -> str:
    return f"{SCRUB}:{erasure.id}"
