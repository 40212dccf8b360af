"""Procedures: remembered with their steps, listed, and judged by how their runs went."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from memory.errors import InvalidInput, NotFound, Problem
from memory.ids import cursor_id, known_form
from memory.layers.procedural import LONGEST_TRIGGER, Procedure, after_run, text_of
from memory.layers.transitions import Happening, Transition
from memory.parts import Parts
from memory.remember import remember
from memory.store import namespaces, procedures, transitions
from memory.types import Draft, Idempotency, Kind, LayerName, Metadata, Namespace, Page, Receipt, Remembered

MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class NewProcedure:
    trigger: str
    steps: Sequence[str]
    tools: Sequence[str] = ()
    outcome: str = ""
    metadata: Metadata = field(default_factory=dict)


def add(
    parts: Parts,
    namespace: Namespace,
    new: NewProcedure,
    *,
    now: datetime,
    actor: str,
    idempotency: Idempotency | None = None,
) -> tuple[Remembered, Procedure]:
    """A memory of the procedural layer, and its steps, in one transaction. Raises what remember raises."""
    _check(new)
    steps, tools = ([" ".join(one.split()) for one in lines if one.strip()] for lines in (new.steps, new.tools))
    trigger = " ".join(new.trigger.split())
    draft = Draft(
        kind=Kind.MEMORY,
        text=text_of(trigger, steps, tools, new.outcome.strip()),
        metadata=new.metadata,
        layer=LayerName.PROCEDURAL.value,
    )

    def made(receipt: Receipt) -> Procedure:
        return Procedure(receipt.id, trigger, tuple(steps), tuple(tools), new.outcome.strip())

    def also(session: Session, remembered: Remembered) -> None:
        known = procedures.find(session, namespace.id, remembered.receipts[0].id)
        if known is None:
            procedures.add(session, namespace.id, [made(remembered.receipts[0])])
        else:  # written from the text, which says less of it
            procedures.replace(session, namespace.id, merged(known, made(remembered.receipts[0])))

    remembered = remember(parts, namespace, [draft], now=now, actor=actor, idempotency=idempotency, also=also)
    return remembered, get(parts, namespace, remembered.receipts[0].id)


def merged(known: Procedure, new: Procedure) -> Procedure:
    """What is new in the words of the caller, with the runs that are known."""
    return Procedure(
        known.id, new.trigger, new.steps, new.tools, new.outcome, known.success_rate, known.runs, known.last_run
    )


def get(parts: Parts, namespace: Namespace, id_: str) -> Procedure:
    """Raises NotFound."""
    return parts.database.read(lambda session: _find(session, namespace, id_))


def list_page(parts: Parts, namespace: Namespace, limit: int, cursor: str | None) -> Page[Procedure]:
    """Newest first. Raises InvalidInput for a cursor that is none."""
    before = cursor_id(cursor)
    return parts.database.read(lambda session: procedures.page(session, namespace.id, limit, before))


def judge(
    parts: Parts, namespace: Namespace, id_: str, success: float, note: str, *, now: datetime, actor: str
) -> Procedure:
    """A run that went well (1), badly (0) or in between; it is in the history of the item. Raises NotFound."""
    if not 0 <= success <= 1:
        raise InvalidInput([Problem("success", "is not between 0 and 1", "send 0 to 1, or true or false")])

    def write(session: Session) -> Procedure:
        namespaces.lock(session, namespace.id)
        before = _find(session, namespace, id_)
        after = after_run(before, success, now)
        procedures.replace(session, namespace.id, after)
        was, is_ = ({"success_rate": one.success_rate, "runs": one.runs} for one in (before, after))
        happened = Transition(id_, Happening.REVIEWED, now, actor, note, was, is_)
        transitions.add(session, namespace.id, [happened])
        return after

    return parts.database.write(write)


def _find(session: Session, namespace: Namespace, id_: str) -> Procedure:
    found = procedures.find(session, namespace.id, known_form(id_))
    if found is None:
        raise NotFound
    return found


def _check(new: NewProcedure) -> None:
    problems = []
    if not new.trigger.strip() or len(new.trigger) > LONGEST_TRIGGER:
        problems.append(Problem("trigger", "is empty or too long", f"use 1 to {LONGEST_TRIGGER} characters"))
    if not any(step.strip() for step in new.steps) or len(new.steps) > MOST_STEPS:
        problems.append(Problem("steps", "are none or too many", f"send 1 to {MOST_STEPS} steps"))
    if problems:
        raise InvalidInput(problems)
