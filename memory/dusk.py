"""When namespaces sleep by themselves: a job for each that wants it looks whether a night is due, and begins it."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from memory import ledger, sleep
from memory.errors import NotFound
from memory.leases import Lease, Postponed
from memory.parts import Parts
from memory.sleeping import settings
from memory.sleeping.calendar import Waking, due, next_night
from memory.sleeping.settings import SleepSettings
from memory.store import changes, jobs, namespaces, sleeping
from memory.types import Namespace, NamespaceId

DUSK = "dusk"
LOOKS_EVERY = timedelta(minutes=1)  # where writes or idleness can bring a night on
AFTER_A_FAILURE = timedelta(days=1)


def set_settings(parts: Parts, namespace: Namespace, wanted: SleepSettings, now: datetime) -> SleepSettings:
    """From now on; nights that were due before are not made up for. Raises NotFound."""
    kept = settings.from_json({**settings.to_json(wanted), "since": now.isoformat()})

    def write(session: Session) -> SleepSettings:
        namespaces.change_setting(session, namespace.id, settings.SETTING, settings.to_json(kept))
        jobs.withdraw(session, _key(namespace.id))
        if kept.is_on:
            jobs.defer(session, namespace.id, DUSK, {}, _next_look(kept, now), _key(namespace.id))
        return kept

    return parts.database.write(write)


def run(parts: Parts, lease: Lease) -> None:
    """The job: begins a night if one is due, then waits for the next. Raises Postponed as long as sleep is on."""
    assert lease.job.namespace is not None
    owner, now = lease.job.namespace, lease.watch.now
    try:
        namespace = parts.database.read(lambda session: namespaces.get(session, owner))
    except NotFound:
        return
    wanted = sleep.settings_of(parts, namespace)
    if not wanted.is_on:
        return
    trigger = due(wanted, parts.database.read(lambda session: _waking(session, owner)), now)
    if trigger is not None:
        sleep.begin(parts, namespace, trigger=trigger, now=now, actor=ledger.ACTOR)
    raise Postponed(_next_look(wanted, now))


def give_up(session: Session, lease: Lease) -> None:
    """Today; a namespace that is to sleep by itself does not stop to do so because it could not once."""
    assert lease.job.namespace is not None
    later = lease.watch.now + AFTER_A_FAILURE
    jobs.defer(session, lease.job.namespace, DUSK, {}, later, _key(lease.job.namespace))


def _waking(session: Session, namespace: NamespaceId) -> Waking:
    """What others than sleep have written since the last night."""
    last = sleeping.newest_night(session, namespace)
    writes, written_at = changes.since(session, namespace, last.at if last else None, ledger.ACTOR)
    return Waking(last.at if last else None, writes, written_at)


def _next_look(wanted: SleepSettings, now: datetime) -> datetime:
    night = next_night(now, wanted)
    if wanted.after_writes is None and wanted.idle_minutes is None:
        return night
    return min(night, now + LOOKS_EVERY)


def _key(namespace: NamespaceId) -> str:
    return f"{DUSK}:{namespace}"
