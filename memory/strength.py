"""How well an item is remembered now, and how that will go on if nobody needs it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from memory.dynamics import copies, fsrs
from memory.dynamics.copies import CopyStrengths
from memory.dynamics.curves import CurvePoint, forecast
from memory.errors import NotFound
from memory.ids import known_form
from memory.layers.traces import Trace, copies_of, strength_of
from memory.parts import Parts
from memory.store import documents, traces
from memory.types import Kind, Namespace


@dataclass(frozen=True, slots=True)
class StrengthNow:
    """Of one item."""

    trace: Trace
    retrievability: float  # 0 to 1
    due: datetime  # when it falls to 0.9
    copies: CopyStrengths
    forecast: tuple[CurvePoint, ...]


def of(
    parts: Parts, namespace: Namespace, kind: Kind, id_: str, *, now: datetime, days: float = 90.0, step: float = 7.5
) -> StrengthNow:
    """A point of the forecast every `step` days for `days`. Raises NotFound, ParamsInvalid."""

    def read(session: Session) -> Trace:
        found = documents.find(session, namespace.id, known_form(id_))
        trace = traces.find_many(session, namespace.id, [id_]).get(id_)
        if found is None or found.document.kind is not kind or trace is None:
            raise NotFound
        return trace

    trace = parts.database.read(read)
    strength = strength_of(trace)
    return StrengthNow(
        trace,
        fsrs.retrievability(strength, now),
        fsrs.due(strength),
        copies.strengths(copies_of(trace), now),
        tuple(forecast(strength, now, days, step)),
    )
