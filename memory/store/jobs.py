"""Queries about jobs: rows deferred in the transaction that needs them, and claimed by one worker at a time."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from memory.ids import new_id
from memory.store.tables import JobRow
from memory.types import Job, JsonValue, NamespaceId

TODO, DOING, FAILED = "todo", "doing", "failed"


def defer(
    session: Session,
    namespace: NamespaceId | None,
    kind: str,
    payload: Mapping[str, JsonValue],
    run_at: datetime,
    unique_key: str | None = None,
) -> bool:
    """False if a job with this unique key waits or runs already."""
    insert = postgres_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    made = session.execute(
        insert(JobRow)
        .values(
            id=new_id(run_at),
            namespace_id=namespace,
            kind=kind,
            unique_key=unique_key,
            payload=payload,
            status=TODO,
            attempts=0,
            run_at=run_at,
        )
        .on_conflict_do_nothing()
        .returning(JobRow.id)
    )
    return made.first() is not None


def withdraw(session: Session, unique_key: str) -> None:
    """It is not needed any more."""
    session.execute(delete(JobRow).where(JobRow.unique_key == unique_key))


def is_any_due(session: Session, now: datetime) -> bool:
    return bool(session.execute(select(exists().where(_due(now)))).scalar_one())


def claim(session: Session, now: datetime, lease_until: datetime) -> Job | None:
    """The job that has waited longest, or one whose worker was not heard of before its lease ended."""
    oldest = select(JobRow.id).where(_due(now)).order_by(JobRow.run_at, JobRow.id).limit(1)
    row = session.execute(
        update(JobRow)
        .where(JobRow.id == oldest.with_for_update(skip_locked=True).scalar_subquery())
        .values(status=DOING, attempts=JobRow.attempts + 1, lease_until=lease_until)
        .returning(JobRow)
    ).scalar_one_or_none()
    if row is None:
        return None
    namespace = None if row.namespace_id is None else NamespaceId(row.namespace_id)
    return Job(row.id, namespace, row.kind, row.payload, row.attempts, lease_until)


def extend(session: Session, job: Job, lease_until: datetime, attempts: int) -> Job | None:
    """The job under its new lease; None if it is no longer this worker's."""
    kept = session.execute(
        update(JobRow).where(_mine(job)).values(lease_until=lease_until, attempts=attempts).returning(JobRow.id)
    )
    return None if kept.first() is None else replace(job, lease_until=lease_until, attempts=attempts)


def finish(session: Session, job: Job) -> None:
    session.execute(delete(JobRow).where(_mine(job)))


def put_back(session: Session, job: Job, run_at: datetime, error: str, attempts: int | None = None) -> None:
    """The job is tried again, not before `run_at`; `attempts` is how often it counts as tried (None: as it is)."""
    tried = job.attempts if attempts is None else attempts
    session.execute(
        update(JobRow)
        .where(_mine(job))
        .values(status=TODO, run_at=run_at, lease_until=None, error=error, attempts=tried)
    )


def error_of(session: Session, namespace: NamespaceId, unique_key: str) -> str | None:
    """Why the job waits; None if there is no such job, or no reason."""
    query = select(JobRow.error).where(JobRow.namespace_id == namespace, JobRow.unique_key == unique_key)
    return session.execute(query).scalar_one_or_none() or None


def bring_forward(session: Session, namespace: NamespaceId, unique_key: str, run_at: datetime) -> None:
    """A job that waits for a later time is due from `run_at` on."""
    session.execute(
        update(JobRow)
        .where(
            JobRow.namespace_id == namespace,
            JobRow.unique_key == unique_key,
            JobRow.status == TODO,
            JobRow.run_at > run_at,
        )
        .values(run_at=run_at)
    )


def fail(session: Session, job: Job, error: str) -> None:
    """The job is not tried again, and stays for whoever looks into it; its unique key is free."""
    session.execute(
        update(JobRow).where(_mine(job)).values(status=FAILED, lease_until=None, error=error, unique_key=None)
    )


def cancel(session: Session, namespace: NamespaceId, unique_key: str) -> None:
    """Takes a job out of the queue, even from under its worker."""
    session.execute(delete(JobRow).where(JobRow.namespace_id == namespace, JobRow.unique_key == unique_key))


def forget_failed(session: Session, before: datetime) -> None:
    session.execute(delete(JobRow).where(JobRow.status == FAILED, JobRow.run_at < before))


def counts(session: Session) -> dict[str, int]:
    """Jobs of all namespaces, by status."""
    rows = session.execute(select(JobRow.status, func.count()).group_by(JobRow.status))
    found = {status: count for status, count in rows}
    return {status: found.get(status, 0) for status in (TODO, DOING, FAILED)}


def _due(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(JobRow.status == TODO, JobRow.run_at <= now),
        and_(JobRow.status == DOING, JobRow.lease_until < now),
    )


def _mine(job: Job) -> ColumnElement[bool]:
    return and_(JobRow.id == job.id, JobRow.status == DOING, JobRow.lease_until == job.lease_until)
