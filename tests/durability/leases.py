"""Time that passes for the leases of killed workers, and for nothing else."""

from datetime import UTC, datetime

from sqlalchemy import update

from memory.store.database import Database
from memory.store.tables import JobRow

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def end_all(database: Database) -> None:
    """As if so much time had passed that the jobs of killed workers are taken up by others."""
    ended = update(JobRow).where(JobRow.status == "doing").values(lease_until=LONG_AGO)
    database.write(lambda session: session.execute(ended) and None)
