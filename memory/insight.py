"""What feedback says of the answers as a whole: how well their probabilities are calibrated, and what bias shows."""

from dataclasses import dataclass
from datetime import datetime

from memory.dynamics.metacognition import (
    RECOMMENDED,
    Acceptance,
    Bias,
    EvidenceKind,
    bias,
    brier,
    calibration_error,
)
from memory.parts import Parts
from memory.store import learning
from memory.types import Namespace


@dataclass(frozen=True, slots=True)
class Insight:
    """Of one person's judgements in the last 30 days."""

    events: int
    rated: int  # of them, those of which it is known how probable the answer was thought to be
    brier: float | None  # mean squared error of the probabilities, 0 (best) to 1; None: nothing is rated
    calibration_error: float | None  # expected calibration error over ten bins, 0 (best) to 1
    bias: Bias


def of(parts: Parts, namespace: Namespace, person: str, now: datetime) -> Insight:
    """Raises nothing: somebody who never judged has no events."""
    start = now - RECOMMENDED.window
    known = parts.database.read(lambda session: learning.judgements_since(session, namespace.id, person, start))
    rated = [(one.confidence, one.accepted) for one in known if one.confidence is not None]
    stated, happened = [one for one, _ in rated], [one for _, one in rated]
    events = [Acceptance(EvidenceKind(one.kind), one.accepted, one.at) for one in known]
    return Insight(
        len(known),
        len(rated),
        brier(stated, happened) if rated else None,
        calibration_error(stated, happened) if rated else None,
        bias(events, now),
    )
