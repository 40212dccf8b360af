"""What an arm is to a measurement: something that is readied on a filled namespace, and then asked."""

from dataclasses import dataclass
from typing import Protocol

from bench.service import Filled, Service
from bench.types import Collection, Ingestion, LabelledQuestion, Stages


@dataclass(frozen=True, slots=True)
class Ground:
    """A collection that the service has taken in. `prefix` stands before its ids where there are several."""

    service: Service
    filled: Filled
    collection: Collection
    ingestion: Ingestion
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """Distinct documents (the service's ids), best first, and what the answer cost."""

    documents: tuple[str, ...]
    ms: float
    stages: Stages


class Ready(Protocol):
    """An arm that can be asked."""

    @property
    def ingest_seconds(self) -> float:
        """What it took from the first passage until the first question could be asked."""
        ...

    def answer(self, question: LabelledQuestion) -> Answered: ...


class System(Protocol):
    """An arm before it knows the data."""

    @property
    def name(self) -> str: ...

    def ready(self, ground: Ground) -> Ready:
        """Raises BenchError where the arm cannot be had on this data."""
        ...
