"""What says again, in the same words, what is remembered already: kept, but held back; and what it repeats is stronger.

What recall itself returned a moment ago and is said again is its echo: held back as well, and no evidence at all.
Threshold: the same words in the same order from the same speaker, whatever introduces them ("As I said before: ...").
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from memory.dynamics import fsrs
from memory.dynamics.fsrs import Rating
from memory.dynamics.substance import essence
from memory.dynamics.switches import Dynamics
from memory.layers.traces import Trace, strength_of
from memory.layers.transitions import Happening, Transition
from memory.recall_log import RecallLog
from memory.store import traces, transitions
from memory.types import Draft, Kind, NamespaceId

DOUBT_REMOVED = 0.2  # share of the doubt that saying something again takes


@dataclass(frozen=True, slots=True)
class Watch:
    """What is looked for: `essences` by number of the draft, and which of these are echoes."""

    essences: Mapping[int, str]
    echoes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Repeat:
    of: str | None  # the memory that says it already; None: recall said it, from a document
    is_echo: bool


NOTHING = Watch({}, frozenset())


def watch(drafts: Sequence[Draft], namespace: NamespaceId, log: RecallLog, dynamics: Dynamics, now: datetime) -> Watch:
    """Turns of a conversation are never held back: people say "ok" twice, and what follows needs it."""
    found = {
        number: essence(draft.text, draft.speaker)
        for number, draft in enumerate(drafts)
        if draft.kind is Kind.MEMORY and draft.session_id is None and draft.layer is None and draft.expires_at is None
    }
    echoes = [
        number
        for number, one in found.items()
        if dynamics.echo and (log.is_echo(namespace, one, now) or _is_quoted(drafts[number], namespace, log, now))
    ]
    if not dynamics.reinforcement:
        found = {number: found[number] for number in echoes}
    return Watch({number: one for number, one in found.items() if one}, frozenset(echoes))


def find(session: Session, namespace: NamespaceId, watched: Watch, numbers: Collection[int]) -> dict[int, Repeat]:
    """Which of the drafts repeat something, by number. One read by index; none where nothing is watched."""
    wanted = {number: one for number, one in watched.essences.items() if number in numbers}
    if not wanted:
        return {}
    known = traces.with_essences(session, namespace, set(wanted.values()))
    return {
        number: Repeat(known.get(one), number in watched.echoes)
        for number, one in wanted.items()
        if one in known or number in watched.echoes
    }


def note(
    session: Session,
    namespace: NamespaceId,
    repeats: Mapping[str, Repeat],
    made: Sequence[Trace],
    now: datetime,
    actor: str,
) -> None:
    """Writes why these new items (by id, of those `made`) are held back, and strengthens what they repeat.

    Echoes strengthen nothing.
    """
    if not repeats:
        return
    held = [
        Transition(id_, Happening.QUARANTINED, now, actor, _why(one), None, {"repeats": one.of})
        for id_, one in repeats.items()
    ]
    transitions.add(session, namespace, held)
    said_at = {one.document_id: one.said_at for one in made}
    strengthened: dict[str, Trace] = {}
    known = traces.find_many(session, namespace, {one.of for one in repeats.values() if one.of and not one.is_echo})
    for id_, one in repeats.items():
        if one.of in known and not one.is_echo:
            strengthened[one.of] = _reinforced(strengthened.get(one.of, known[one.of]), said_at[id_], now)
    traces.replace(session, namespace, list(strengthened.values()))


def _reinforced(trace: Trace, said_at: datetime, now: datetime) -> Trace:
    strength = fsrs.review(strength_of(trace), Rating.GOOD, now)
    return replace(
        trace,
        stability=strength.stability,
        difficulty=strength.difficulty,
        last_recalled=strength.last_recalled,
        said_at=max(trace.said_at, said_at),
        confidence=trace.confidence + DOUBT_REMOVED * (1 - trace.confidence),
    )


def _is_quoted(draft: Draft, namespace: NamespaceId, log: RecallLog, now: datetime) -> bool:
    """An assistant that repeats what it recalled has another speaker, or none."""
    return bool(draft.speaker) and log.is_echo(namespace, essence(draft.text), now)


def _why(one: Repeat) -> str:
    source = f"what {one.of} says" if one.of else "what recall returned"
    return f"echo of {source}" if one.is_echo else f"repeats {source}"
