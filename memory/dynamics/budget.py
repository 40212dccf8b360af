"""Whether a memory earns the room it takes: an information-bottleneck budget. Pure.

Source: ZenBrain repository (Apache-2.0), module `ib-budget`, after MemFly 2026. The original's contexts were fixed in
the code under names that its own coordinator does not use, and an unknown context compared against NaN, so that
nothing was ever kept; here the contexts are a parameter, and an unknown one is an error.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from memory.dynamics.checks import Floats, above, require, within
from memory.errors import ParamsInvalid, Problem

Bools = NDArray[np.bool_]
COMPAT_VALUES = MappingProxyType({"finance": 0.8, "people": 0.6, "operations": 0.4, "strategy": 0.3})


@dataclass(frozen=True, slots=True)
class BudgetParams:
    """What counts as a full cost or a full gain, and how much a context values gain over cost."""

    values: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({"default": 0.6}))  # beta by context
    full_chars: float = 5000.0  # characters
    full_entities: float = 20.0  # entities named
    full_retrievals: float = 10.0  # times it was retrieved
    horizon: float = 90.0  # days without retrieval after which recency adds nothing

    def __post_init__(self) -> None:
        require(
            above("full_chars", self.full_chars, 0),
            above("full_entities", self.full_entities, 0),
            above("full_retrievals", self.full_retrievals, 0),
            above("horizon", self.horizon, 0),
            *(within(f"values.{context}", value, 0) for context, value in self.values.items()),
        )


COMPAT = BudgetParams(values=COMPAT_VALUES)
RECOMMENDED = BudgetParams()


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is known of n memories, an array of n each."""

    chars: Floats  # length of the text, >= 0
    entities: Floats  # named in it, >= 0
    variance: Floats  # of its embedding against its neighbours', >= 0
    retrievals: Floats  # >= 0
    confidence: Floats  # 0-1
    days: Floats  # since it was last retrieved or written; negative (a clock went backwards) counts as 0


def cost(chars: float, entities: float, variance: float, params: BudgetParams = RECOMMENDED) -> float:
    """Room that a memory takes, 0-1."""
    size, names = min(1.0, chars / params.full_chars), min(1.0, entities / params.full_entities)
    return 0.4 * size + 0.3 * names + 0.3 * min(1.0, variance)


def gain(retrievals: float, confidence: float, days: float, params: BudgetParams = RECOMMENDED) -> float:
    """What a memory gives, 0-1 for a confidence of 0-1."""
    recency = min(1.0, max(0.0, 1 - days / params.horizon))
    return 0.4 * min(1.0, retrievals / params.full_retrievals) + 0.3 * confidence + 0.3 * recency


def retains(memory_cost: float, memory_gain: float, context: str, params: BudgetParams = RECOMMENDED) -> bool:
    """Whether the gain, valued as this context does, is above the cost. Raises ParamsInvalid: unknown context, NaN."""
    require(within("memory_cost", memory_cost, -math.inf), within("memory_gain", memory_gain, -math.inf))
    return value_of(context, params) * memory_gain > memory_cost


def retained(holdings: Holdings, context: str, params: BudgetParams = RECOMMENDED) -> Bools:
    """`retains` for n memories:

    bool[n]. Raises ParamsInvalid for an unknown context, unequal lengths, and what is not finite.
    """
    _check(holdings)
    costs = (
        0.4 * np.minimum(1.0, holdings.chars / params.full_chars)
        + 0.3 * np.minimum(1.0, holdings.entities / params.full_entities)
        + 0.3 * np.minimum(1.0, holdings.variance)
    )
    gains = (
        0.4 * np.minimum(1.0, holdings.retrievals / params.full_retrievals)
        + 0.3 * holdings.confidence
        + 0.3 * np.clip(1 - holdings.days / params.horizon, 0.0, 1.0)
    )
    return np.asarray(value_of(context, params) * gains > costs)


def value_of(context: str, params: BudgetParams = RECOMMENDED) -> float:
    """How much a context values gain over cost. Raises ParamsInvalid for an unknown one."""
    found = params.values.get(context)
    if found is None:
        raise ParamsInvalid([Problem("context", f"{context!r} is unknown", f"use one of {', '.join(params.values)}")])
    return found


def _check(holdings: Holdings) -> None:
    columns = {
        "chars": holdings.chars,
        "entities": holdings.entities,
        "variance": holdings.variance,
        "retrievals": holdings.retrievals,
        "confidence": holdings.confidence,
        "days": holdings.days,
    }
    count = len(holdings.chars)
    require(
        *(
            Problem(name, "is not finite, or not one number a memory", "send an array of finite numbers for each")
            for name, column in columns.items()
            if len(column) != count or not np.isfinite(column).all()
        )
    )
