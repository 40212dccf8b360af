"""Lays out a question, what was found and by which path, for a terminal of 100 columns."""

import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from demo.corpus import Asked
from zengram.models import PathStep, Result

WIDTH = 100
COLUMN = 46
LABEL = 34
LINES = 5  # of a passage's text
SHOWN = 5  # ranks compared
EXPLAINED = 3  # passages shown with text and path if nobody knows the evidence
MARK = "●"


@dataclass(frozen=True, slots=True)
class Seen:
    """How many of the items that one must have read stood in the first ranks."""

    found: int
    wanted: int


def dense_order(results: Sequence[Result]) -> list[Result]:
    """What plain dense search would have returned: the same passages by the cosine of their vectors alone."""
    ranks = {result.id: rank for result in results if (rank := _dense_rank(result)) is not None}
    return sorted((result for result in results if result.id in ranks), key=lambda result: ranks[result.id])


def question(number: int, asked: Asked) -> str:
    lines = textwrap.wrap(f"{number}  {asked.question}", WIDTH, subsequent_indent="   ")
    known = [f"   the notes say: {asked.answer}"] if asked.answer else []
    return "\n".join(["─" * WIDTH, *(bold(line) for line in lines), *known])


def comparison(ours: Sequence[Result], dense: Sequence[Result], wanted: set[str]) -> str:
    """The first ranks side by side; what one must have read is marked."""
    head = f"   {'Zengram':<{COLUMN}} │ dense search alone"
    rows = [
        f"   {_row(rank, ours, wanted):<{COLUMN}} │ {_row(rank, dense, wanted)}".rstrip()
        for rank in range(min(SHOWN, len(ours)))
    ]
    return "\n".join([head, *rows])


def explanations(ours: Sequence[Result], wanted: set[str]) -> str:
    """Text and path of what one must have read, or of the first few if nobody knows what that is."""
    ranked = list(enumerate(ours[:SHOWN], start=1))
    known = [(rank, result) for rank, result in ranked if result.document_id in wanted]
    names = {result.id: name(result) for result in ours}
    return "\n".join(_explained(rank, result, names) for rank, result in known or ranked[:EXPLAINED])


def bold(text: str) -> str:
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() else text


def name(result: Result) -> str:
    """What a reader would call it: the title, or who said what."""
    said = f"{result.speaker}: “{result.text}”" if result.speaker else f"“{result.text}”"
    return result.title or said


def summary(way: str, seen: Sequence[Seen]) -> str:
    """How much of the evidence one way of searching had in the first ranks, over all questions."""
    found, wanted = sum(each.found for each in seen), sum(each.wanted for each in seen)
    complete = sum(each.found == each.wanted for each in seen)
    return (
        f"{way:<20} {found:>3} of {wanted} pieces of evidence in the first {SHOWN}, "
        f"complete for {complete} of {len(seen)} questions"
    )


def _dense_rank(result: Result) -> int | None:
    arm = result.explanation.arms.get("dense") if result.explanation else None
    return arm.rank if arm else None


def _row(rank: int, results: Sequence[Result], wanted: set[str]) -> str:
    if rank >= len(results):
        return ""
    result = results[rank]
    mark = MARK if result.document_id in wanted else " "
    return f"{rank + 1} {mark} {_cut(name(result), COLUMN - 4)}"


def _explained(rank: int, result: Result, names: Mapping[str, str]) -> str:
    text = textwrap.shorten(result.text, LINES * (WIDTH - 8), placeholder=" …")
    lines = textwrap.wrap(text + "”", WIDTH, initial_indent=f"   {rank}  “", subsequent_indent="      ")
    steps = result.explanation.path if result.explanation else []
    way = textwrap.wrap(_path(steps, names), WIDTH, initial_indent="      ", subsequent_indent="        ")
    return "\n".join(["", *lines, *way])


def _path(steps: Sequence[PathStep], names: Mapping[str, str]) -> str:
    return " ".join(f"─{step.edge}→ {_label(step, names)}" if step.edge else _label(step, names) for step in steps)


def _label(step: PathStep, names: Mapping[str, str]) -> str:
    if step.node == "question":
        return "question"
    shown = _cut(step.label or names.get(step.id or "", "…"), LABEL)
    return f"[{shown}]" if step.node == "passage" else f"({shown})"


def _cut(text: str, width: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"
