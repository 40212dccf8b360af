"""The levels of a person's neuromodulators, between the database and the dynamics."""

from datetime import datetime

from sqlalchemy.orm import Session

from memory.dynamics import neuromodulators
from memory.dynamics.neuromodulators import NeuromodulatorState
from memory.layers.learning import Burst, Levels
from memory.store import learning
from memory.types import NamespaceId

CHANNELS = ("dopamine", "noradrenaline", "serotonin", "acetylcholine")


def read(session: Session, namespace: NamespaceId, person: str, now: datetime) -> NeuromodulatorState:
    """At the baseline for somebody of whom nothing is known."""
    known = learning.levels(session, namespace, person)
    if known is None:
        return neuromodulators.initial(now)
    tonic = neuromodulators.Levels(*(getattr(known, channel) for channel in CHANNELS))
    bursts = tuple(
        neuromodulators.Burst(neuromodulators.Levels(*(one.deltas.get(channel, 0.0) for channel in CHANNELS)), one.at)
        for one in known.bursts
    )
    return NeuromodulatorState(tonic, known.updated_at, bursts)


def write(session: Session, namespace: NamespaceId, person: str, state: NeuromodulatorState) -> None:
    """The namespace is locked. However much happens, what is written stays small."""
    state = neuromodulators.gathered(state)
    tonic = {channel: float(getattr(state.tonic, channel)) for channel in CHANNELS}
    bursts = tuple(
        Burst(one.at, {channel: float(getattr(one.deltas, channel)) for channel in CHANNELS}) for one in state.bursts
    )
    learning.put_levels(session, namespace, Levels(person=person, updated_at=state.updated_at, bursts=bursts, **tonic))
