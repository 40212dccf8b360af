"""Runs background work: claims one job, does it, and keeps what became of it."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from memory import dusk, enriching, erase, ingest, sleep
from memory.deferring import INGEST
from memory.enrichment import ENRICH
from memory.errors import LlmUnavailable, NotFound, StoreUnavailable
from memory.indexing import FOLD
from memory.leases import LEASE, Lease, LeaseLost, Postponed
from memory.parts import Parts
from memory.stopwatch import Stopwatch
from memory.store import idempotency, jobs
from retrieval.errors import EmbedderUnavailable

CLEAN = "clean"
CLEAN_EVERY = timedelta(hours=1)
ANSWERS_KEPT = timedelta(hours=24)
FAILED_KEPT = timedelta(days=7)
MOST_ATTEMPTS = 5
MOST_ATTEMPTS_WHILE_UNAVAILABLE = 100  # what is out of reach comes back, within hours
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=5)

_log = logging.getLogger(__name__)


def run_one(parts: Parts, now: datetime, worker: str) -> bool:
    """Claims and runs one job; False if none is due."""
    if not parts.database.read(lambda session: jobs.is_any_due(session, now)):
        return False  # without the cost of a write
    job = parts.database.write(lambda session: jobs.claim(session, now, now + LEASE))
    if job is None:
        return False
    lease = Lease(parts.database, job, Stopwatch(now))
    if job.attempts > MOST_ATTEMPTS_WHILE_UNAVAILABLE:
        _fail(parts, lease, "Its worker died every time.")
        return True
    try:
        HANDLERS[job.kind](parts, lease)
        parts.database.write(lambda session: jobs.finish(session, lease.job))
    except Postponed as later:
        until, reason = later.until, str(later)
        parts.database.write(lambda session: jobs.put_back(session, lease.job, until, reason, attempts=0))
    except LeaseLost:
        _log.warning("job was taken away", extra={"job": job.id, "kind": job.kind, "worker": worker})
    except Exception as error:  # noqa: BLE001  # kept with the job, and tried again
        is_away = isinstance(error, EmbedderUnavailable | StoreUnavailable | LlmUnavailable)
        facts = {"job": job.id, "kind": job.kind, "worker": worker, "error": repr(error)}
        _log.warning("job failed", exc_info=not is_away, extra=facts)
        _try_again(parts, lease, error, is_away)
    return True


def counts(parts: Parts) -> dict[str, int]:
    """Jobs that wait (todo), run (doing) or were given up (failed)."""
    return parts.database.read(jobs.counts)


def defer_cleaning(session: Session, now: datetime) -> None:
    jobs.defer(session, None, CLEAN, {}, now, CLEAN)


def _try_again(parts: Parts, lease: Lease, error: Exception, is_away: bool) -> None:
    message = f"{type(error).__name__}: {error}"
    attempts = lease.job.attempts
    if attempts >= (MOST_ATTEMPTS_WHILE_UNAVAILABLE if is_away else MOST_ATTEMPTS):
        _fail(parts, lease, message)
        return
    wait = min(FIRST_WAIT * 2 ** min(attempts, 10), LONGEST_WAIT)
    parts.database.write(lambda session: jobs.put_back(session, lease.job, lease.watch.now + wait, message))


def _fail(parts: Parts, lease: Lease, error: str) -> None:
    def fail(session: Session) -> None:
        if lease.job.kind == INGEST:
            ingest.give_up(session, lease.job, error, lease)
        if lease.job.kind == ENRICH:
            enriching.give_up(session, lease, error)
        jobs.fail(session, lease.job, error)
        if lease.job.kind == dusk.DUSK:
            dusk.give_up(session, lease)

    _log.error("job is given up", extra={"job": lease.job.id, "kind": lease.job.kind, "error": error})
    parts.database.write(fail)


def _fold(parts: Parts, lease: Lease) -> None:
    assert lease.job.namespace is not None
    try:
        segment = parts.indexes.fold(lease.job.namespace, lease.watch.now)
    except NotFound:
        return  # the namespace was deleted meanwhile
    if segment is not None:
        _log.info("segment published", extra={"segment": segment.id, "passages": segment.passages})


def _clean(parts: Parts, lease: Lease) -> None:
    now = lease.watch.now

    def clean(session: Session) -> int:
        jobs.forget_failed(session, now - FAILED_KEPT)
        return idempotency.forget(session, now - ANSWERS_KEPT)

    _log.info("old answers forgotten", extra={"answers": parts.database.write(clean)})

    def again(session: Session) -> None:
        jobs.finish(session, lease.job)  # frees the unique key
        defer_cleaning(session, now + CLEAN_EVERY)

    parts.database.write(again)


HANDLERS: Mapping[str, Callable[[Parts, Lease], None]] = {
    INGEST: ingest.run,
    ENRICH: enriching.run,
    FOLD: _fold,
    CLEAN: _clean,
    erase.SCRUB: erase.run,
    sleep.SLEEP: sleep.run,
    dusk.DUSK: dusk.run,
}
