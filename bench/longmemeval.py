"""Reads questions in LongMemEval form (arXiv 2410.10813): each has a history of its own, its evidence turns marked."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TypedDict

from bench.errors import DatasetInvalid
from bench.types import Collection, LabelledQuestion
from memory.types import Draft, Kind

SESSION_TIME = "%Y/%m/%d %H:%M"  # 2023/05/20 02:21, after the day of the week is taken out
ABSTENTION = "_abs"  # ends the id of a question that the history does not answer


class Turn(TypedDict, total=False):
    role: str
    content: str
    has_answer: bool


class Entry(TypedDict, total=False):
    question_id: str
    question_type: str
    question: str
    haystack_session_ids: Sequence[str]
    haystack_dates: Sequence[str]
    haystack_sessions: Sequence[Sequence[Turn]]


def is_entry(found: object) -> bool:
    """Whether this is a question of LongMemEval."""
    return isinstance(found, dict) and "haystack_sessions" in found


def collections(entries: Sequence[Entry]) -> list[Collection]:
    """One collection a question, but none for those without an evidence turn, as the authors leave them out.

    Raises DatasetInvalid.
    """
    found = []
    for number, entry in enumerate(entries):
        try:
            collection = _collection(entry)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise DatasetInvalid(f"question {number} is not in the form of LongMemEval ({error!r})") from error
        if collection.questions:
            found.append(collection)
    return found


def session_time(text: str) -> datetime:
    """When a session began, such as `2023/05/20 (Sat) 02:21`; no time zone is named, so UTC. Raises DatasetInvalid."""
    try:
        return datetime.strptime(re.sub(r"\s*\([^)]*\)\s*", " ", text.strip()), SESSION_TIME).replace(tzinfo=UTC)
    except ValueError as error:
        raise DatasetInvalid(f"{text!r} is not a time such as '2023/05/20 (Sat) 02:21'") from error


def _collection(entry: Entry) -> Collection:
    name = entry["question_id"]
    turns = list(_turns(entry))
    relevant = frozenset(draft.external_id or "" for draft, is_evidence in turns if is_evidence)
    is_answerable = bool(relevant) and not name.endswith(ABSTENTION)
    asked = LabelledQuestion(name, entry["question"], relevant, entry.get("question_type", ""))
    return Collection(name, tuple(draft for draft, _ in turns), (asked,) if is_answerable else ())


def _turns(entry: Entry) -> Iterator[tuple[Draft, bool]]:
    """Each turn with words in it, and whether it is evidence. Its id is `<session>:<turn>`, counted from 1."""
    dates = entry["haystack_dates"]
    for session, (turns, began) in enumerate(zip(entry["haystack_sessions"], dates, strict=True), start=1):
        occurred_at = session_time(began)
        for number, turn in enumerate(turns, start=1):
            text = turn["content"].strip()
            if text:
                draft = Draft(
                    Kind.MEMORY,
                    text,
                    external_id=f"{session}:{number}",
                    occurred_at=occurred_at,
                    speaker=turn["role"],
                    session_id=f"session_{session}",
                )
                yield draft, bool(turn.get("has_answer"))
