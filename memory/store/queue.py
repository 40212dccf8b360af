"""How deep the queue is, for whoever watches it."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from memory.store.jobs import DOING, FAILED, TODO
from memory.store.tables import JobRow


def depth(session: Session) -> dict[str, int]:
    """Jobs of all namespaces by status; every status is there, if only with 0."""
    counted = session.execute(select(JobRow.status, func.count()).group_by(JobRow.status)).all()
    return dict.fromkeys((TODO, DOING, FAILED), 0) | {status: count for status, count in counted}
