"""Short words for what many tests do."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from memory import jobs
from memory.parts import Parts
from memory.recall import recall
from memory.remember import remember
from memory.types import Draft, Kind, Namespace, Recall, Remembered, Result

LATER = timedelta(days=1)


def note(text: str, title: str = "", external_id: str | None = None, source: str = "") -> Draft:
    return Draft(Kind.DOCUMENT, text, title=title, external_id=external_id, source=source)


def said(text: str, speaker: str | None = None, session: str | None = None, at: datetime | None = None) -> Draft:
    return Draft(Kind.MEMORY, text, speaker=speaker, session_id=session, occurred_at=at)


def keep(parts: Parts, namespace: Namespace, now: datetime, *drafts: Draft) -> Remembered:
    return remember(parts, namespace, drafts, now=now, actor="test")


def found(parts: Parts, namespace: Namespace, query: str, top_k: int = 10) -> list[str]:
    """The texts of the results, best first."""
    return [result.text for result in results(parts, namespace, Recall(query, top_k))]


def results(parts: Parts, namespace: Namespace, question: Recall) -> Sequence[Result]:
    return recall(parts, namespace, question).results


def work_off(parts: Parts, now: datetime) -> int:
    """Runs all jobs that are due; how many there were."""
    count = 0
    while jobs.run_one(parts, now, "worker"):
        count += 1
    return count
