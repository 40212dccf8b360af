"""Answers: what was recalled, put into words by an LLM that cites it, or the honest statement that nothing answers.

The only verb that asks an LLM while somebody waits. `mode: thorough` retrieves step by step (thinking.py) first.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from memory.context import assembled
from memory.enrichment import budget, setting_of
from memory.errors import BudgetSpent, LlmMissing
from memory.links import recall_across
from memory.llm.chat import Attempt, ChatModel
from memory.llm.citations import checked, cited, is_abstention, streamed
from memory.llm.dialects import Message
from memory.llm.prompts import prompt
from memory.llm.salvage import without_thoughts
from memory.parts import Parts
from memory.store import usage
from memory.thinking import Evidence, Pondering, Step, ponder
from memory.types import Mode, Namespace, Recall, Source

PROMPT = "answer.v1"
PURPOSE = "answer"
ANSWER_SECONDS = 90.0  # somebody waits: one try
NOTHING_RECALLED = "Nothing in this memory answers the question."
NOT_IN_SOURCES = "The sources that were recalled do not contain the answer."
UNCITED = "The answer cited none of the sources, so it is withheld."


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and how much its answer may cost."""

    recall: Recall
    context_tokens: int = 3000  # of the sources, as the embedder counts them
    answer_tokens: int = 800
    most_steps: int = 3  # of thinking, in mode thorough
    most_llm_tokens: int = 30_000  # of one question, thinking included
    reached: Sequence[Namespace] = ()  # all namespaces that are asked, the first one first; empty: that one alone


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer with the sources that it cites, or `abstained` with the `reason`."""

    text: str
    abstained: bool
    reason: str | None
    sources: tuple[Source, ...]
    steps: tuple[Step, ...]
    revision: int
    tokens: int  # of the LLM, input and output
    ms: float


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that the answer will be made of. `messages` is empty if there is nothing to answer with."""

    messages: tuple[Message, ...]
    sources: tuple[Source, ...]
    evidence: Evidence
    attempts: list[Attempt] = field(default_factory=list)
    began: float = 0.0


def answer(parts: Parts, namespace: Namespace, asked: Asked, now: datetime) -> Answered:
    """Raises LlmMissing, BudgetSpent, LlmUnavailable, LlmRefused, MalformedReply, and what recall raises."""
    prepared = prepare(parts, namespace, asked, now)
    if not prepared.messages:
        return finished(prepared, "")
    llm, spent = _llm(parts), list[Attempt]()
    try:
        said = llm.ask(prepared.messages, spent, most_tokens=asked.answer_tokens, within=ANSWER_SECONDS).text
    finally:
        _meter(parts, namespace, spent, now)
        prepared.attempts.extend(spent)
    return finished(prepared, without_thoughts(said))


def prepare(parts: Parts, namespace: Namespace, asked: Asked, now: datetime) -> Prepared:
    """Recalls, step by step if it is asked for. Raises what `answer` raises."""
    began = time.perf_counter()
    llm = _llm(parts)
    _check_budget(parts, namespace, now)
    attempts: list[Attempt] = []
    if asked.recall.mode is Mode.THOROUGH:
        evidence = ponder(
            Pondering(
                parts,
                namespace,
                llm,
                asked.recall,
                asked.most_steps,
                asked.most_llm_tokens,
                attempts,
                now,
                asked.reached or [namespace],
            )
        )
    else:
        recalled = recall_across(parts, asked.reached or [namespace], replace(asked.recall, max_tokens=None), now)
        evidence = Evidence(recalled.results, recalled.abstained, recalled.revision)
    text, sources = assembled(evidence.results, asked.context_tokens, parts.embedder.count_tokens)
    messages: tuple[Message, ...] = ()
    if sources and not evidence.abstained:
        question = f"{text}\n\nQuestion: {asked.recall.query}"
        messages = (Message("system", prompt(PROMPT).text), Message("user", question))
    return Prepared(messages, sources, evidence, attempts, began)


def stream(
    parts: Parts, namespace: Namespace, asked: Asked, prepared: Prepared, now: datetime
) -> Iterator[str | Answered]:
    """The text in pieces, and at the end the whole answer. Raises LlmUnavailable, LlmRefused."""
    said: list[str] = []
    if prepared.messages:
        known = {source.ref for source in prepared.sources}
        spent = list[Attempt]()
        pieces = _llm(parts).stream(prepared.messages, spent, most_tokens=asked.answer_tokens)
        try:
            for piece in streamed(pieces, known):
                said.append(piece)
                yield piece
        finally:
            pieces.close()
            _meter(parts, namespace, spent, now)
            prepared.attempts.extend(spent)
    yield finished(prepared, "".join(said))


def finished(prepared: Prepared, said: str) -> Answered:
    """What is said, if it rests on sources."""
    by_ref = {source.ref: source for source in prepared.sources}
    text = checked(said, by_ref.keys()).strip()
    refs = cited(text)
    reason = None
    if not prepared.messages:
        reason = NOTHING_RECALLED
    elif is_abstention(text):
        reason = NOT_IN_SOURCES
    elif not refs:
        reason = UNCITED
    return Answered(
        text="" if reason else text,
        abstained=reason is not None,
        reason=reason,
        sources=() if reason else tuple(by_ref[ref] for ref in sorted(refs)),
        steps=prepared.evidence.steps,
        revision=prepared.evidence.revision,
        tokens=sum(attempt.input_tokens + attempt.output_tokens for attempt in prepared.attempts),
        ms=1e3 * (time.perf_counter() - prepared.began),
    )


def _llm(parts: Parts) -> ChatModel:
    """Raises LlmMissing."""
    if parts.llm is None:
        raise LlmMissing
    return parts.llm


def _check_budget(parts: Parts, namespace: Namespace, now: datetime) -> None:
    """Raises BudgetSpent."""
    most, spent = parts.database.read(
        lambda session: (
            budget(parts, setting_of(session, namespace.id)),
            usage.tokens_of_day(session, namespace.id, now),
        )
    )
    if spent >= most:
        raise BudgetSpent


def _meter(parts: Parts, namespace: Namespace, attempts: Sequence[Attempt], now: datetime) -> None:
    parts.database.write(lambda session: usage.add(session, namespace.id, PURPOSE, attempts, now))
