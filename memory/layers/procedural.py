"""The procedural layer: steps in a text, the text of steps, what a run teaches, and questions that ask how. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

FEWEST_STEPS = 2  # one line alone is no procedure
# What procedures gain for how-to questions, in units of the fused score. Published is a factor of 1.8 (ZenBrain 1.5),
# which would lower what scores below zero, as it can here. Not measured: no data set at hand has procedures.
BOOST = 0.8
LONGEST_TRIGGER = 200  # characters

_STEP = re.compile(
    r"^\s*(?:(?:step\s+)?\d{1,2}\s*[.):]|step\s+\d{1,2}\s*[:.]?|schritt\s+\d{1,2}\s*[.:]?|[-*•])\s+(.+?)\s*$",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"^\s*(?:how to\b|how do\b|steps?\b.*:|.*\b(?:step[- ]by[- ]step|workflow:|recipe:|procedure:|instructions:|steps:|"
    r"anleitung:|rezept:|vorgehen:|schritte:)|so\s+.*\bman\b.*:|wie man\b)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^\s*(?:step\s+|schritt\s+)?(\d{1,2})\s*[.):]\s+\S", re.IGNORECASE | re.MULTILINE)
_ASKED = (
    r"^\W*(?:(?:please|hey|so|and|ok|okay|bitte)\W+)*(?:(?:can|could) you )?"
    r"(?:(?:tell|show|explain|remind)(?: to)?(?: me| us)? )?"
)
_HOW_TO = re.compile(
    rf"{_ASKED}(?:how (?:do|can|should|would|could|must) (?:i|we|you|one|they)\b|how to\b|"
    r"how (?:is|are) .+ (?:done|made|set up|installed)\b|"
    r"wie (?:kann|muss|soll|mache?|macht|geht|richte|installiere|setze|baue|komme|lade|erstelle) "
    r"(?:ich|wir|man|das|es)\b)|"
    r"\bwhat are the steps\b|\b(?:steps|instructions|procedure|recipe) (?:to|for)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Procedure:
    """How something is done. Its text stands in the memory with the same id."""

    id: str
    trigger: str
    steps: tuple[str, ...]
    tools: tuple[str, ...] = ()
    outcome: str = ""
    success_rate: float = 1.0  # 0 to 1, over all runs
    runs: int = 1  # that it was told counts as one that went well
    last_run: datetime | None = None


def steps_of(text: str) -> tuple[str, ...]:
    """The steps of a text that reads like instructions; empty if it does not.

    It does if it has a heading that says so and a list, or else a list that is numbered from one on.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    steps = tuple(match[1] for line in lines if (match := _STEP.match(line)))
    if len(steps) < FEWEST_STEPS:
        return ()
    says_so = any(_HEADING.match(line) for line in lines if not _STEP.match(line))
    numbers = [int(number) for number in _NUMBERED.findall(text)]
    is_numbered = len(numbers) >= FEWEST_STEPS and numbers == list(range(1, len(numbers) + 1))
    return steps if says_so or is_numbered else ()


def trigger_of(text: str) -> str:
    """What a procedure is for: the line before its steps, else its first step."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first = next((line for line in lines if not _STEP.match(line)), "")
    if not first:
        match = _STEP.match(lines[0]) if lines else None
        first = match[1] if match else ""
    return first.rstrip(": ")[:LONGEST_TRIGGER]


def text_of(trigger: str, steps: Sequence[str], tools: Sequence[str], outcome: str) -> str:
    """A procedure in words, as it is embedded and recalled."""
    lines = [f"{trigger.rstrip(': ')}:", *(f"{number}. {step}" for number, step in enumerate(steps, 1))]
    if tools:
        lines.append(f"Tools: {', '.join(tools)}")
    if outcome:
        lines.append(f"Outcome: {outcome}")
    return "\n".join(lines)


def after_run(procedure: Procedure, success: float, now: datetime) -> Procedure:
    """What a run that went well (1), badly (0) or in between teaches: the rate is the mean of all runs.

    Source: ZenBrain (Apache-2.0), procedural layer, `recordFeedback`.
    """
    rate = procedure.success_rate + (success - procedure.success_rate) / (procedure.runs + 1)
    return replace(procedure, success_rate=min(1.0, max(0.0, rate)), runs=procedure.runs + 1, last_run=now)


def asks_how(question: str) -> bool:
    """Whether a question asks how something is done, English or German. "How many" and "how long" do not."""
    return _HOW_TO.search(question) is not None
