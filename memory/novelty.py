"""How new something is to a namespace, and what that does to whoever says it: one look in the index, no model."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from memory import levels
from memory.dynamics import neuromodulators, priority
from memory.dynamics.neuromodulators import Event, NeuromodulatorState, Signal
from memory.parts import Parts
from memory.types import EncodedPassage, NamespaceId
from retrieval.quantize import to_floats

UNKNOWN = 0.5  # of what was not looked at


def novelty_of(
    parts: Parts, namespace: NamespaceId, encoded: Mapping[int, Sequence[EncodedPassage]]
) -> dict[int, float]:
    """1 - the highest cosine to what is remembered, 0 to 1, by number of the draft; the mean over its passages.

    None is there without an open index: a write does not wait for one. What comes in one request is not compared
    with itself.
    """
    found: dict[int, float] = {}
    with parts.indexes.peeking(namespace) as index:
        if index is None:
            return found
        for number, passages in encoded.items():
            nearest = index.vectors.nearest(to_floats(np.stack([one.vector for one in passages])))
            found[number] = float(np.mean([priority.novelty(float(one)) for one in nearest]))
    return found


def moved(
    session: Session, namespace: NamespaceId, person: str, novelty: Sequence[float], now: datetime
) -> NeuromodulatorState:
    """The state of a person who has said what is this new, in one request: one event, as new as that is on average."""
    state = levels.read(session, namespace, person, now)
    events = [Event(Signal.NOVELTY, float(np.mean(novelty)), now)] if novelty else []
    return neuromodulators.after(state, events)


def keep(
    session: Session, namespace: NamespaceId, person: str, state: NeuromodulatorState, was_wrong: bool, now: datetime
) -> None:
    """Writes the state down; if what was said ended what held till then, that was a prediction error."""
    events = [Event(Signal.PREDICTION_ERROR, 1.0, now)] if was_wrong else []
    levels.write(session, namespace, person, neuromodulators.after(state, events))
