"""Answers as text for people and as JSON for programs. Stored text is data: it never steers a terminal."""

import json
import unicodedata
from collections.abc import Mapping
from datetime import datetime

from zengram.errors import FieldProblem, ZengramError
from zengram.inputs import Json
from zengram.models import (
    Added,
    Answered,
    Context,
    Document,
    Enrichment,
    Entity,
    EntityPortrait,
    Explanation,
    Graph,
    Model,
    PathStep,
    Recalled,
    Receipt,
    Result,
    Source,
)

SHORT = 100  # characters of a text in one line
SHORT_ID = 13  # characters of an id that tell it from its neighbours
HIDDEN = {"Cc", "Cf", "Cs"}  # control, format (they turn the direction of text), lone surrogates


def plain(text: str) -> str:
    """The text without what could steer a terminal."""
    kept = (
        one if one in "\n\t" or one == "\u200d" or unicodedata.category(one) not in HIDDEN else "\ufffd" for one in text
    )
    return "".join(kept)


def as_json(answer: Model) -> str:
    return json.dumps(answer.model_dump(mode="json", exclude_unset=True), ensure_ascii=False, indent=2)


def as_line(answer: Model) -> str:
    return line(answer.model_dump(mode="json", exclude_unset=True))


def line(fields: Json) -> str:
    return json.dumps(fields, ensure_ascii=False)


def error(failed: ZengramError) -> str:
    """What went wrong, field by field, and what to do about it."""
    lines = [f"zengram: {plain(str(failed))}", *(_field_problem(one) for one in failed.errors)]
    return "\n".join(lines) + "\n"


def added(answer: Added) -> str:
    lines = [_receipt(one) for one in answer.items]
    if answer.operation is not None and not answer.operation.is_done:
        lines.append(f"operation {answer.operation.id} goes on; --wait waits for it")
    return "\n".join(lines)


def recalled(answer: Recalled) -> str:
    note = ["Nothing that is stored answers this well."] if answer.abstained or not answer.results else []
    found = [_result(number, one, answer) for number, one in enumerate(answer.results, 1)]
    return "\n\n".join([*note, *found])


def context(answer: Context) -> str:
    """The block of text alone: it is meant for a prompt."""
    return plain(answer.context) if answer.context else "Nothing that is stored answers this well."


def answered(found: Answered) -> str:
    if found.abstained:
        return found.reason or "Nothing that is stored answers this."
    return plain("\n".join([found.answer, "", *(_source(one) for one in found.sources)]))


def entity(found: Entity) -> str:
    return plain(f"{found.passages:>6}  {found.kind:<8}{found.name}")


def portrait(found: EntityPortrait) -> str:
    """Facts, neighbours and passages, one a line."""
    lines = [f"{found.entity.name} ({found.entity.kind}, in {found.entity.passages} passages)"]
    lines += [f"  name     {one.name} ({one.why})" for one in found.merged]
    lines += [f"  fact     {one.subject} | {one.predicate} | {one.object}" for one in found.facts]
    lines += [f"  {one.edge:<8} {one.entity.name}" for one in found.neighbours]
    lines += [f"  passage  {_short(one.text)}" for one in found.passages]
    return plain("\n".join(lines))


def graph(found: Graph) -> str:
    """One edge a line."""
    names = {node.id: node.label or node.id for node in found.nodes}
    edges = [f"{names[one.source]} -({one.kind})- {names[one.target]}" for one in found.edges]
    return plain("\n".join(edges or list(names.values())))


def enrichment(found: Enrichment) -> str:
    if found.model is None:
        return "No LLM is configured; names and dates are found by rules."
    states = ", ".join(f"{count} {state}" for state, count in found.passages.items() if count)
    lines = [
        f"{found.model}: {'on' if found.is_on else 'off'}; passages: {states or 'none'}; facts: {found.facts}",
        f"{found.spent_today} of {found.daily_tokens} tokens spent today",
        *([f"waits: {found.waits_for}"] if found.waits_for else []),
        *(f"{passage}: {reason}" for passage, reason in found.errors.items()),
    ]
    return plain("\n".join(lines))


def item(found: Document) -> str:
    title = f"{found.title}: " if found.title else f"{found.speaker}: " if found.speaker else ""
    return plain(f"{found.id}  {_day(found.occurred_at or found.recorded_at)}  {_short(title + found.text)}")


def whole(found: Document) -> str:
    fields: Mapping[str, object] = found.model_dump(mode="json", exclude_unset=True, exclude={"text"})
    shown = [f"{name}: {_value(value)}" for name, value in fields.items() if value not in (None, "", {}, [])]
    return plain("\n".join([*shown, "", found.text]))


def path(explanation: Explanation, texts: Mapping[str, str]) -> str:
    """`question -(seed .42)-> Mira -(mention)-> passage "..."`; `texts` has what is known of passages by their id."""
    steps: list[str] = []
    for step in explanation.path:
        if step.edge:
            steps.append(f"-({step.edge} {_number(step.weight)})->" if step.weight is not None else f"-({step.edge})->")
        steps.append(_node(step, texts))
    return " ".join(steps)


def _result(number: int, result: Result, answer: Recalled) -> str:
    sure = _number(result.score if result.probability is None else result.probability)
    lines = [f"{number}. [{sure}] {result.text}", f"   {_origin(result)}"]
    if result.explanation is not None:
        texts = {one.id: one.text for one in answer.results}
        arms = (f"{name} {_number(arm.score)} (#{arm.rank})" for name, arm in result.explanation.arms.items())
        lines.append(f"   path: {path(result.explanation, texts) or 'found by text alone'}")
        lines.append(f"   arms: {', '.join(arms)}")
    return plain("\n".join(lines))


def _origin(result: Result) -> str:
    known = (result.title, result.speaker, result.session_id, result.source, _day(result.occurred_at))
    return " · ".join([*(one for one in known if one), f"{result.kind} {result.document_id}"])


def _node(step: PathStep, texts: Mapping[str, str]) -> str:
    if step.node == "question":
        return "question"
    if step.node == "entity":
        return step.label or "?"
    text = texts.get(step.id or "")
    return f'passage "{_short(text, 60)}"' if text else f"passage {(step.id or '?')[:SHORT_ID]}"


def _receipt(receipt: Receipt) -> str:
    size = f", {receipt.passages} passages" if receipt.passages > 1 else ""
    return f"{plain(receipt.status)} {receipt.kind} {receipt.id}{size}"


def _field_problem(problem: FieldProblem) -> str:
    return plain(f"  {problem.field}: {problem.message}" + (f" -> {problem.remedy}" if problem.remedy else ""))


def _short(text: str, length: int = SHORT) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= length else one_line[: length - 1] + "…"


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _source(one: Source) -> str:
    facts = [one.title or "", one.speaker or "", one.source or "", _day(one.occurred_at)]
    return f"[{one.ref}] {' · '.join(fact for fact in facts if fact) or one.document_id}"
