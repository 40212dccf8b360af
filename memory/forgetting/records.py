"""What is kept of a forgetting and of an erasure: counts and times, never content."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from memory.forgetting.subjects import SubjectKind
from memory.types import Metadata


class ForgettingStatus(StrEnum):
    APPLYING = "applying"  # or its process died; what it did stands, and can be undone
    DONE = "done"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Forgetting:
    """One time that items were forgotten."""

    id: str
    status: ForgettingStatus
    archived: int
    purged: int
    skipped: int  # were changed between the plan and its turn
    actor: str
    at: datetime
    undone_at: datetime | None = None


class ErasureStatus(StrEnum):
    SCRUBBING = "scrubbing"  # the rows are gone; files and free pages are still being cleaned
    PROVED = "proved"  # a search of database and files found nothing
    SCRUBBED = "scrubbed"  # cleaned, but the process that knew what to search for had died
    INCOMPLETE = "incomplete"  # a search found something; the proof says where


@dataclass(frozen=True, slots=True)
class Erasure:
    """A certificate: what was removed, by table, and what a search for it found afterwards."""

    id: str
    kind: SubjectKind
    subject_sha256: str
    status: ErasureStatus
    counts: Mapping[str, int]
    proof: Metadata
    actor: str
    at: datetime
    scrubbed_at: datetime | None = None
