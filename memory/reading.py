"""An LLM reads passages: what it is asked, what is done about a bad answer, and what its answer is worth."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from memory.errors import LlmRefused, MalformedReply
from memory.llm.chat import Attempt, ChatModel
from memory.llm.dialects import Message
from memory.llm.extraction import EXTRACTION, Extraction, extractions, grounded
from memory.llm.prompts import prompt
from memory.llm.salvage import json_in
from memory.store.extraction import PassageToRead
from memory.types import JsonValue
from retrieval.normalize import normal_name
from retrieval.types import PassageId

PROMPT = "extract.v1"
SHORT = 400  # characters; shorter passages share a call
MOST_TOGETHER = 10  # passages of one call
TOKENS_A_CALL, TOKENS_A_PASSAGE = 1024, 512  # bounds of an answer
AGAIN = "That could not be read: {reason} Answer once more, with JSON in the form above and nothing else."


@dataclass(frozen=True, slots=True)
class Read:
    """What became of the passages of one call; those in neither were not answered. `attempts` is what it cost."""

    found: Mapping[PassageId, Extraction]
    errors: Mapping[PassageId, str]
    attempts: tuple[Attempt, ...]


def calls(passages: Sequence[PassageToRead]) -> list[list[PassageToRead]]:
    """Which passages share a call: short ones do."""
    short = [passage for passage in passages if len(passage.text) <= SHORT]
    alone = [[passage] for passage in passages if len(passage.text) > SHORT]
    return alone + [short[start : start + MOST_TOGETHER] for start in range(0, len(short), MOST_TOGETHER)]


def cache_key(model: str, passage: PassageToRead) -> str:
    """SHA-256 of all that an extraction depends on."""
    parts = [model, prompt(PROMPT).version, _as_json(passage)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def read(llm: ChatModel, passages: Sequence[PassageToRead], attempts: list[Attempt]) -> Read:
    """Asks once, and once more if the answer is bad; passages of which a common answer says nothing are asked alone.

    Raises LlmUnavailable; `attempts` then has what was spent.
    """
    try:
        found = _ask(llm, passages, attempts)
        errors: dict[PassageId, str] = {}
    except (MalformedReply, LlmRefused) as error:
        found, errors = {}, {passage.id: str(error) for passage in passages}
    missing = [passage for passage in passages if passage.id not in found]
    if missing and len(passages) > 1:
        errors = {}
        for passage in missing:
            alone = read(llm, [passage], attempts)
            found |= alone.found
            errors |= alone.errors
    return Read(found, errors, tuple(attempts))


def _ask(llm: ChatModel, passages: Sequence[PassageToRead], attempts: list[Attempt]) -> dict[PassageId, Extraction]:
    """Raises LlmUnavailable, LlmRefused, MalformedReply for a second bad answer."""
    asked = json.dumps(
        {"passages": [{"number": number, **_as_json(one)} for number, one in enumerate(passages, 1)]},
        ensure_ascii=False,
    )
    messages = [Message("system", prompt(PROMPT).text), Message("user", asked)]
    most = TOKENS_A_CALL + TOKENS_A_PASSAGE * len(passages)
    try:
        return _understood(llm.ask(messages, attempts, shape=EXTRACTION, most_tokens=most).text, passages)
    except MalformedReply as error:
        remark = Message("user", AGAIN.format(reason=error))
        reply = llm.ask([*messages, remark], attempts, shape=EXTRACTION, most_tokens=2 * most)
        return _understood(reply.text, passages)


def _understood(text: str, passages: Sequence[PassageToRead]) -> dict[PassageId, Extraction]:
    """Raises MalformedReply."""
    found = extractions(json_in(text), len(passages))
    return {passages[number - 1].id: grounded(one, _words(passages[number - 1])) for number, one in found.items()}


def _words(passage: PassageToRead) -> frozenset[str]:
    said = " ".join((passage.title, passage.speaker or "", passage.text))
    dates = (mention.name.replace("-", " ") for mention in passage.mentions)
    return frozenset([*normal_name(said).split(), *" ".join(dates).split()])


def _as_json(passage: PassageToRead) -> dict[str, JsonValue]:
    facts: dict[str, JsonValue] = {
        "title": passage.title or None,
        "speaker": passage.speaker,
        "date": passage.occurred_at.date().isoformat() if passage.occurred_at else None,
        "text": passage.text,
    }
    return {name: value for name, value in facts.items() if value is not None}
