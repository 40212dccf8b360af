"""Reads conversations in LoCoMo form (arXiv 2402.17753): sessions of turns, and questions with their evidence turns."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypedDict

from bench.errors import DatasetInvalid
from bench.types import Collection, LabelledQuestion
from memory.types import Draft, Kind

CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop", 5: "adversarial"}
SESSION_TIME = "%I:%M %p on %d %B, %Y"  # 1:56 pm on 8 May, 2023


class Turn(TypedDict, total=False):
    speaker: str
    dia_id: str
    text: str
    blip_caption: str


class Answered(TypedDict, total=False):
    question: str
    evidence: Sequence[str] | str
    category: int


class Conversation(TypedDict, total=False):
    sample_id: str
    conversation: Mapping[str, str | Sequence[Turn]]
    qa: Sequence[Answered]


def is_conversation(found: object) -> bool:
    """Whether this is a conversation of LoCoMo."""
    return isinstance(found, dict) and isinstance(found.get("conversation"), dict)


def collection(entry: Conversation, name: str, limit_queries: int | None = None) -> Collection:
    """A conversation with every question that names at least one existing turn."""
    drafts = tuple(_drafts(entry["conversation"]))
    existing = {draft.external_id for draft in drafts if draft.external_id}
    questions = []
    for number, answered in enumerate(entry.get("qa", ())):
        relevant = evidence(answered.get("evidence", ())) & existing
        if relevant and answered["question"].strip():
            category = CATEGORIES.get(answered.get("category", 0), "other")
            questions.append(LabelledQuestion(str(number), answered["question"], frozenset(relevant), category))
    return Collection(entry.get("sample_id") or name, drafts, tuple(questions[:limit_queries]))


def evidence(stated: Sequence[str] | str) -> set[str]:
    """Every turn id in what may be several ids in one string, or malformed: `D8:6; D9:17`, `D30:05`."""
    text = stated if isinstance(stated, str) else " ".join(map(str, stated))
    return {f"D{int(session)}:{int(turn)}" for session, turn in re.findall(r"D(\d+):(\d+)", text)}


def session_time(text: str) -> datetime:
    """When a session began; LoCoMo names no time zone, so UTC. Raises DatasetInvalid."""
    try:
        return datetime.strptime(text.strip(), SESSION_TIME).replace(tzinfo=UTC)
    except ValueError as error:
        raise DatasetInvalid(f"{text!r} is not a time such as '1:56 pm on 8 May, 2023'") from error


def _drafts(conversation: Mapping[str, str | Sequence[Turn]]) -> Iterator[Draft]:
    """Turns as memories, session after session."""
    numbers = sorted(int(found[1]) for key in conversation if (found := re.fullmatch(r"session_(\d+)", key)))
    for number in numbers:
        turns, began = conversation[f"session_{number}"], conversation.get(f"session_{number}_date_time")
        if isinstance(turns, str):
            raise DatasetInvalid(f"session_{number}: is not a list of turns")
        occurred_at = session_time(began) if isinstance(began, str) else None
        for turn in turns:
            text = turn_text(turn)
            if text:
                yield Draft(
                    Kind.MEMORY,
                    text,
                    external_id=turn["dia_id"],
                    occurred_at=occurred_at,
                    speaker=turn.get("speaker"),
                    session_id=f"session_{number}",
                )


def turn_text(turn: Turn) -> str:
    """What was said, and the description of the image that was shown."""
    said, seen = (turn.get("text") or "").strip(), (turn.get("blip_caption") or "").strip()
    return " ".join(part for part in (said, f"[Shared image: {seen}]" if seen else "") if part)
