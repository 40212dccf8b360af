"""A worker's hold on a job: extended while it works, and lost if it was away for too long."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from memory.stopwatch import Stopwatch
from memory.store import jobs
from memory.store.database import Database
from memory.types import Job

T = TypeVar("T")

LEASE = timedelta(minutes=5)


class Write(Protocol):
    """Runs a function in a transaction: that of the database, or one in which a job must be its worker's still."""

    def __call__(self, function: Callable[[Session], T], /) -> T: ...


class LeaseLost(Exception):
    """The job was given to another worker, or taken out of the queue."""


class Postponed(Exception):
    """Nothing is wrong: the job goes on later."""

    def __init__(self, until: datetime, reason: str = "") -> None:
        super().__init__(reason)
        self.until = until


class Lease:
    """Of one job, by one worker, in one thread."""

    def __init__(self, database: Database, job: Job, watch: Stopwatch) -> None:
        self._database = database
        self.job = job
        self.watch = watch

    def keep(self) -> None:
        """Extends the lease if half of it is over. Raises LeaseLost."""
        if self.job.lease_until - self.watch.now < LEASE / 2:
            self.write(lambda _session: None, has_progressed=False)

    def write(self, function: Callable[[Session], T], has_progressed: bool = True) -> T:
        """A write that happens only if the job is still ours; extends the lease. Raises LeaseLost."""
        until = self.watch.now + LEASE
        attempts = 0 if has_progressed else self.job.attempts

        def guarded(session: Session) -> tuple[Job, T]:
            job = jobs.extend(session, self.job, until, attempts)
            if job is None:
                raise LeaseLost
            return job, function(session)

        self.job, value = self._database.write(guarded)
        return value
