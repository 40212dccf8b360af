"""Which chains of steps that worked become a schema at sleep, and how abstract it is: dual-process consolidation. Pure.

Source: the published description of ZenBrain's dual-process consolidation (slow deliberate chains become fast
schemas; Kahneman 2011). The description has no decay, no merging of equal chains and no un-promotion; neither has
this.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from memory.dynamics.checks import aware, require, within


class Abstraction(StrEnum):
    """Up to three steps, four or five, more."""

    CONCRETE = "concrete"
    INTERMEDIATE = "intermediate"
    ABSTRACT = "abstract"


@dataclass(frozen=True, slots=True)
class PromotionParams:
    """When a chain has proved itself."""

    least_success: float = 0.6  # share of runs that succeeded
    least_steps: int = 2
    lifetime: timedelta = timedelta(days=7)  # of a chain that was not promoted

    def __post_init__(self) -> None:
        require(
            within("least_success", self.least_success, 0, 1),
            within("least_steps", self.least_steps, 1),
            within("lifetime", self.lifetime.total_seconds(), 0),
        )


COMPAT = RECOMMENDED = PromotionParams()


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps in their order, with the share of runs that succeeded (0-1)."""

    steps: tuple[str, ...]
    success: float
    domain: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Schema:
    """A procedure made of a chain."""

    pattern: str
    confidence: float  # 0-1
    domain: str
    abstraction: Abstraction


def promoted(chain: Chain, params: PromotionParams = RECOMMENDED) -> Schema | None:
    """The schema of a chain that has proved itself, None for another.

    Raises ParamsInvalid for a success outside 0-1.
    """
    require(within("success", chain.success, 0, 1))
    steps = [step for step in chain.steps if step.strip()]
    if chain.success < params.least_success or len(steps) < params.least_steps:
        return None
    return Schema(" → ".join(steps), chain.success, chain.domain, abstraction(len(steps)))


def abstraction(steps: int) -> Abstraction:
    """How abstract a chain of so many steps is."""
    if steps <= 3:
        return Abstraction.CONCRETE
    return Abstraction.INTERMEDIATE if steps <= 5 else Abstraction.ABSTRACT


def has_expired(chain: Chain, now: datetime, params: PromotionParams = RECOMMENDED) -> bool:
    """Whether a chain that was not promoted is older than its lifetime; one from the future is not."""
    require(aware("recorded_at", chain.recorded_at), aware("now", now))
    return now - chain.recorded_at > params.lifetime
