"""Sleep: a night stage by stage, each decided, written down, carried out, asked whether it hurt, and undone on request.

A night that is interrupted goes on where it was: what is planned is in the database before any of it is done.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from memory import hints, ledger, merging, taking_back
from memory.errors import Conflict, InvalidInput, NotFound, NotUndone, Problem
from memory.ids import cursor_id, known_form, new_id
from memory.leases import Lease, Postponed, Write
from memory.night import counting, step
from memory.night_states import Numbered
from memory.parts import Parts
from memory.settling import Log
from memory.sleeping.records import (
    ChangeOf,
    ChangeStatus,
    Night,
    NightChange,
    NightStatus,
    StageName,
    StageReport,
    StageStatus,
    Trigger,
)
from memory.sleeping.settings import SleepSettings
from memory.sleeping.together import together
from memory.stages import Tonight, decided
from memory.store import jobs, merges, namespaces, sleeping
from memory.types import Namespace, NamespaceId, Page

SLEEP = "sleep"


def settings_of(parts: Parts, namespace: Namespace) -> SleepSettings:
    return parts.database.read(lambda session: sleeping.settings(session, namespace.id))


def begin(
    parts: Parts,
    namespace: Namespace,
    *,
    trigger: Trigger = Trigger.ASKED,
    stages: Collection[StageName] | None = None,
    now: datetime,
    actor: str,
) -> Night:
    """A night that the worker sleeps through, or the one that runs already. Raises NotFound."""

    def write(session: Session) -> Night:
        namespaces.lock(session, namespace.id)
        night = _begun(session, namespace.id, trigger, stages, now, actor)
        jobs.defer(session, namespace.id, SLEEP, {"night": night.id}, now, f"{SLEEP}:{night.id}")
        return night

    return parts.database.write(write)


def sleep_through(
    parts: Parts,
    namespace: Namespace,
    *,
    now: datetime,
    actor: str,
    trigger: Trigger = Trigger.ASKED,
    stages: Collection[StageName] | None = None,
) -> Night:
    """The same, all of it in this process and before it returns."""

    def write(session: Session) -> Night:
        namespaces.lock(session, namespace.id)
        return _begun(session, namespace.id, trigger, stages, now, actor)

    night = parts.database.write(write)
    while night.status is NightStatus.RUNNING:
        night = step(parts, namespace, night, parts.database.write)
    _find_hints(parts, namespace, night, parts.database.write)
    return night


def run(parts: Parts, lease: Lease) -> None:
    """The job: one step a turn, so that others have theirs. Raises Postponed until the night is over."""
    assert lease.job.namespace is not None
    owner, id_ = lease.job.namespace, str(lease.job.payload["night"])
    try:
        namespace = parts.database.read(lambda session: namespaces.get(session, owner))
        night = parts.database.read(lambda session: _find(session, namespace.id, id_))
        if night.status is NightStatus.RUNNING:
            night = step(parts, namespace, night, lease.write)
        _find_hints(parts, namespace, night, lease.write)
    except NotFound:
        return  # the namespace was deleted during its night
    if night.status is NightStatus.RUNNING:
        raise Postponed(lease.watch.now)


def plan(
    parts: Parts, namespace: Namespace, now: datetime, stages: Collection[StageName] | None = None
) -> tuple[NightChange, ...]:
    """What each stage would change as things are now; later stages would see what earlier ones did. Writes nothing."""
    wanted = settings_of(parts, namespace).stages if stages is None else stages
    last = parts.database.read(lambda session: sleeping.newest_night(session, namespace.id))
    night = _new(wanted, Trigger.ASKED, 1 + (last.number if last else 0), now, "")
    tonight = Tonight(parts, namespace, night, counting(last))
    return tuple(one for name in StageName if name in wanted for one in decided(tonight, name).changes)


def get(parts: Parts, namespace: Namespace, id_: str) -> Night:
    """Raises NotFound."""
    return parts.database.read(lambda session: _find(session, namespace.id, id_))


def list_page(parts: Parts, namespace: Namespace, limit: int, cursor: str | None) -> Page[Night]:
    """Newest first. Raises InvalidInput for a cursor that is none."""
    before = cursor_id(cursor)
    return parts.database.read(lambda session: sleeping.page(session, namespace.id, limit, before))


def changes_page(parts: Parts, namespace: Namespace, id_: str, limit: int, cursor: str | None) -> Page[NightChange]:
    """What a night changed, in its order. Raises NotFound, InvalidInput for a cursor that is none."""
    if cursor is not None and not cursor.isdecimal():
        raise InvalidInput([Problem("cursor", "is not a cursor of this list", "send next_cursor as it was received")])
    after = -1 if cursor is None else int(cursor)

    def read(session: Session) -> Page[NightChange]:
        _find(session, namespace.id, id_)
        found = sleeping.changes(session, namespace.id, id_, after=after, limit=limit + 1)
        following = str(found[limit - 1][0]) if len(found) > limit else None
        return Page(tuple(_with_merges(session, namespace.id, [one for _, one in found[:limit]])), following)

    return parts.database.read(read)


def undo(
    parts: Parts, namespace: Namespace, id_: str, excepted: Collection[str] = (), *, now: datetime, actor: str
) -> Night:
    """Everything is as it was before the night, but for the items `excepted`; or, if something else came after it,
    nothing is. What was erased or purged stays gone.

    What hangs together is left alone as one: with a gist all its sources, with a survivor its repeats, and either way
    round. So no content is in recall twice, or nowhere, because a part of it was excepted.

    Raises NotFound, NotUndone with all conflicts, Conflict if it is running, or undone already.
    """

    holders = merging.holders_of_night(parts, namespace, known_form(id_))

    def write(session: Session) -> tuple[Night, int]:
        namespaces.lock(session, namespace.id)
        night = _find(session, namespace.id, id_)
        if night.status is not NightStatus.DONE:
            raise Conflict(f"This night is {night.status.value}; only one that is over can be undone, and once.")
        applied = sleeping.changes(session, namespace.id, night.id, status=ChangeStatus.APPLIED, newest_first=True)
        left_alone = together((one for _, one in applied), excepted)
        wanted = [(number, one) for number, one in applied if one.document not in left_alone]
        against = taking_back.conflicts(session, namespace.id, _last_of_each(wanted))
        if against:
            raise NotUndone(list(against.values()))
        revision = 0
        for batch in ledger.runs(wanted):
            revision = taking_back.take_back(session, namespace.id, night, batch, (), Log(actor, now), holders)
        undone = replace(night, status=NightStatus.UNDONE, undone_at=now)
        sleeping.replace_night(session, namespace.id, undone)
        return undone, revision

    undone, revision = parts.database.write(write)
    parts.indexes.follow(namespace.id, revision)
    return undone


def _with_merges(session: Session, namespace: NamespaceId, changes: Sequence[NightChange]) -> list[NightChange]:
    """The same changes with the names that were merged, as far as they are still known."""
    ids = [one.document for one in changes if one.of is ChangeOf.NAMES]
    known = merges.find_many(session, namespace, ids)
    return [replace(one, merge=known.get(one.document)) for one in changes]


def _find_hints(parts: Parts, namespace: Namespace, night: Night, write: Write) -> None:
    """Where they are wanted, as the last thing of a night."""
    if night.status is NightStatus.DONE and settings_of(parts, namespace).hints:
        hints.find(parts, namespace, night, write)


def _last_of_each(newest_first: Sequence[Numbered]) -> list[Numbered]:
    """The last change of each thing: what it left is what must still be there."""
    found: dict[tuple[str, str, str, str, tuple[str, ...]], Numbered] = {}
    for number, one in newest_first:
        fields = tuple(sorted(one.after or {})) if one.of is ChangeOf.TRACE else ()
        kind = "item" if one.of in {ChangeOf.PLACE, ChangeOf.GIST} else one.of.value
        found.setdefault((kind, one.kind, one.document, one.other, fields), (number, one))
    return list(found.values())


def _begun(
    session: Session,
    namespace: NamespaceId,
    trigger: Trigger,
    stages: Collection[StageName] | None,
    now: datetime,
    actor: str,
) -> Night:
    last = sleeping.newest_night(session, namespace)
    if last is not None and last.status is NightStatus.RUNNING:
        return last
    wanted = sleeping.settings(session, namespace).stages if stages is None else stages
    night = _new(wanted, trigger, 1 + (last.number if last else 0), now, actor)
    sleeping.add_night(session, namespace, night)
    return night


def _new(stages: Collection[StageName], trigger: Trigger, number: int, now: datetime, actor: str) -> Night:
    reports = tuple(
        StageReport(name, StageStatus.TODO if name in stages else StageStatus.SKIPPED) for name in StageName
    )
    return Night(new_id(now), NightStatus.RUNNING, trigger, actor, now, number, reports)


def _find(session: Session, namespace: NamespaceId, id_: str) -> Night:
    found = sleeping.find_night(session, namespace, known_form(id_))
    if found is None:
        raise NotFound
    return found
