"""Retrieval step by step: an LLM says what is missing, that is recalled, and so on within limits.

Interleaving retrieval with reasoning after IRCoT (Trivedi et al., ACL 2023, section 3), except that a step asks a new
question instead of retrieving by its thought, and that passages of different steps compete by their calibrated
probability, which is comparable across questions; raw scores are not. The facts nearest to the question pass through
recognition memory first (HippoRAG 2, arXiv 2502.14802, section 3.3), where the LLM chooses by number, so that it cannot
make any up.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from memory.context import label
from memory.errors import LlmError, MalformedReply
from memory.links import recall_across
from memory.llm.chat import Attempt, ChatModel
from memory.llm.dialects import Message, Shape
from memory.llm.prompts import prompt
from memory.llm.salvage import json_in
from memory.parts import Parts
from memory.recall import recall
from memory.store import facts as stored_facts
from memory.store import usage
from memory.types import JsonValue, Namespace, Recall, Recalled, Result
from retrieval.types import FactId, PassageId

THINK, RECOGNISE = "think.v1", "recognise.v1"
RECOGNISED_AT_MOST = 4
RECOGNISE_SECONDS, THINK_SECONDS = 8.0, 30.0  # then it goes on without
THINK_TOKENS, RECOGNISE_TOKENS = 300, 60
SHOWN = 12  # passages that a step sees
LONGEST_QUERY = 500  # characters

_NUMBERS: Mapping[str, JsonValue] = {"type": "array", "items": {"type": "integer"}}
RECOGNISED = Shape(
    "recognised",
    {"type": "object", "additionalProperties": False, "required": ["facts"], "properties": {"facts": _NUMBERS}},
)
THOUGHT = Shape(
    "thought",
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["thought", "is_enough", "query"],
        "properties": {"thought": {"type": "string"}, "is_enough": {"type": "boolean"}, "query": {"type": "string"}},
    },
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """One recall: what was asked, and why (empty for the question itself). `facts` were recognised as helpful."""

    query: str
    thought: str = ""
    facts: tuple[str, ...] = ()
    new: int = 0  # passages that it added


@dataclass(frozen=True, slots=True)
class Evidence:
    """Passages to answer with, best first."""

    results: tuple[Result, ...]
    abstained: bool
    revision: int
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Pondering:
    """What thinking needs, and its limits."""

    parts: Parts
    namespace: Namespace
    llm: ChatModel
    question: Recall
    most_steps: int
    most_tokens: int
    attempts: list[Attempt]
    now: datetime
    reached: Sequence[Namespace]

    @property
    def is_too_expensive(self) -> bool:
        return sum(attempt.input_tokens + attempt.output_tokens for attempt in self.attempts) >= self.most_tokens


@dataclass(frozen=True, slots=True)
class _Thought:
    thought: str
    query: str  # empty if there is enough


def ponder(pondering: Pondering) -> Evidence:
    """Never fails for the LLM's sake: what it does not say is not used. Raises what recall raises."""
    question = replace(pondering.question, max_tokens=None)
    found = _recalled(pondering, question)
    kept = _recognised(pondering, found.facts)
    if kept:
        found = _recalled(pondering, question, list(kept))
    results = {result.id: result for result in found.results}
    steps = [Step(question.query, facts=tuple((kept or {}).values()), new=len(results))]
    revision, abstained = found.revision, found.abstained
    asked = {question.query.casefold()}
    while len(steps) < pondering.most_steps and not pondering.is_too_expensive:
        thought = _thought(pondering, _best(results, question.top_k), steps)
        if thought is None or not thought.query or thought.query.casefold() in asked:
            break
        asked.add(thought.query.casefold())
        more = _recalled(pondering, replace(question, query=thought.query))
        before = len(results)
        _merge(results, more.results)
        steps.append(Step(thought.query, thought.thought, (), len(results) - before))
        revision, abstained = max(revision, more.revision), abstained and more.abstained
    best = found.results if len(steps) == 1 else _best(results, question.top_k)  # one recall has its own order
    return Evidence(best, abstained, revision, tuple(steps))


def _recalled(pondering: Pondering, question: Recall, facts: Sequence[FactId] = ()) -> Recalled:
    if not facts:
        return recall_across(pondering.parts, pondering.reached, question, pondering.now)
    return recall(pondering.parts, pondering.namespace, question, now=pondering.now, facts=facts)


def _merge(results: dict[PassageId, Result], more: Sequence[Result]) -> None:
    """A passage counts by the step that made it most probable."""
    for result in more:
        known = results.get(result.id)
        if known is None or known.hit.probability < result.hit.probability:
            results[result.id] = result


def _best(results: Mapping[PassageId, Result], most: int) -> tuple[Result, ...]:
    ordered = sorted(results.values(), key=lambda result: (-result.hit.probability, result.id))
    return tuple(ordered[:most])


def _recognised(pondering: Pondering, near: Sequence[FactId]) -> dict[FactId, str] | None:
    """The facts that the LLM finds helpful, with their texts; None if there are none to choose from, or no answer."""
    parts, namespace = pondering.parts, pondering.namespace
    known = parts.database.read(lambda session: stored_facts.find_many(session, namespace.id, near))
    choice = [(id_, known[id_].text) for id_ in near if id_ in known]
    if not choice:
        return None
    listed: list[JsonValue] = [{"number": number, "fact": text} for number, (_, text) in enumerate(choice, 1)]
    asked: dict[str, JsonValue] = {"question": pondering.question.query, "facts": listed}
    found = _ask(pondering, RECOGNISE, asked, RECOGNISED, RECOGNISE_TOKENS, RECOGNISE_SECONDS)
    numbers = found.get("facts") if isinstance(found, dict) else found
    if not isinstance(numbers, list):
        return None
    chosen = [one for one in numbers if isinstance(one, int) and 1 <= one <= len(choice)]
    return dict(choice[number - 1] for number in dict.fromkeys(chosen[:RECOGNISED_AT_MOST]))


def _thought(pondering: Pondering, results: Sequence[Result], steps: Sequence[Step]) -> _Thought | None:
    """None if the LLM has none that can be used."""
    sources: list[JsonValue] = [
        {"number": number, "from": label(result), "text": result.text}
        for number, result in enumerate(results[:SHOWN], 1)
    ]
    asked: dict[str, JsonValue] = {
        "question": pondering.question.query,
        "thoughts": [f"{step.thought} (searched for: {step.query})" for step in steps[1:]],
        "sources": sources,
    }
    found = _ask(pondering, THINK, asked, THOUGHT, THINK_TOKENS, THINK_SECONDS)
    if not isinstance(found, dict):
        return None
    query, thought = found.get("query"), found.get("thought")
    is_enough = found.get("is_enough") is True or not isinstance(query, str)
    clean = "" if is_enough else " ".join(str(query).replace("\x00", " ").split())[:LONGEST_QUERY]
    return _Thought(thought if isinstance(thought, str) else "", clean)


def _ask(
    pondering: Pondering, name: str, asked: Mapping[str, JsonValue], shape: Shape, most: int, within: float
) -> JsonValue:
    """The JSON of the answer; None if there is none. What it cost is metered."""
    messages = [
        Message("system", prompt(name).text),
        Message("user", json.dumps(asked, ensure_ascii=False)),
    ]
    spent: list[Attempt] = []
    try:
        return json_in(pondering.llm.ask(messages, spent, shape=shape, most_tokens=most, within=within).text)
    except MalformedReply:
        return None
    except LlmError as error:
        _log.warning("the llm does not help to retrieve", extra={"prompt": name, "error": str(error)})
        return None
    finally:
        pondering.attempts.extend(spent)
        purpose = name.partition(".")[0]
        pondering.parts.database.write(
            lambda session: usage.add(session, pondering.namespace.id, purpose, spent, pondering.now)
        )
