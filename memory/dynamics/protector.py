"""How strongly a memory resists being rewritten: by its use, certainty, age, and whether it is a core fact. Pure.

Source: ZenBrain paper (arXiv 2604.23878v2), StabilityProtector; Nogo-A and HDAC3 as brakes that tighten with age.
What the original got wrong (`COMPAT`): the threshold passes 1, so that an old core fact cannot be corrected even by
its owner, and the base of .5 blocks confirmations and small edits of every protected memory. `RECOMMENDED`, a
proposal of this project, stays below 1, and lets confirmations and the user's own corrections pass (see
`reconsolidation`).
"""

import math
from dataclasses import dataclass

from memory.dynamics.checks import above, clip, require, within


@dataclass(frozen=True, slots=True)
class ProtectorParams:
    """The threshold is base + growth * lock * rigidity / rigidity at `oldest`, at most `ceiling`."""

    base: float = 0.1  # prediction error, 0-1
    growth: float = 0.6
    ceiling: float = 0.95  # a threshold is never higher; infinite: no ceiling
    rigidity: float = 0.1  # a doubling of the age adds this to the rigidity
    oldest: float = 3650.0  # days: the age whose rigidity counts as full; 0: rigidity is not scaled
    is_enabled: bool = True  # False: everything may be updated

    def __post_init__(self) -> None:
        require(
            within("base", self.base, 0, 1),
            within("growth", self.growth, 0, 1),
            None if self.ceiling == math.inf else above("ceiling", self.ceiling, 0),
            within("rigidity", self.rigidity, 0, 1),
            within("oldest", self.oldest, 0),
        )


COMPAT = ProtectorParams(base=0.5, growth=0.3, ceiling=math.inf, oldest=0.0)
RECOMMENDED = ProtectorParams()


@dataclass(frozen=True, slots=True)
class Standing:
    """What protects a memory."""

    accesses: int  # times it was recalled, >= 0
    confidence: float  # 0-1
    age: float  # days, >= 0; a memory from the future has age 0
    is_core: bool = False


def lock(standing: Standing) -> float:
    """0 (new, unused, doubtful) to 1 (a core fact, a year old, certain, recalled ten times or more).

    Raises ParamsInvalid, all problems at once: negative accesses, a confidence outside 0-1, an age that is not finite.
    """
    require(
        within("accesses", standing.accesses, 0),
        within("confidence", standing.confidence, 0, 1),
        within("age", clip(standing.age, 0.0, math.inf), 0),
    )
    use = math.log2(1 + min(standing.accesses, 10)) / math.log2(11)
    old = min(max(0.0, standing.age) / 365, 1.0)
    return clip(0.3 * use + 0.3 * standing.confidence + 0.2 * old + 0.2 * standing.is_core)


def rigidity(age: float, params: ProtectorParams = RECOMMENDED) -> float:
    """1 at birth, growing with the logarithm of the age in days."""
    return 1 + params.rigidity * math.log2(1 + max(0.0, age))


def threshold(standing: Standing, params: ProtectorParams = RECOMMENDED) -> float:
    """The prediction error (0-1) from which this memory may be changed; 0 when disabled."""
    if not params.is_enabled:
        return 0.0
    full = rigidity(params.oldest, params) if params.oldest else 1.0
    return min(params.ceiling, params.base + params.growth * lock(standing) * rigidity(standing.age, params) / full)


def allows(error: float, standing: Standing, params: ProtectorParams = RECOMMENDED) -> bool:
    """Whether a prediction error is large enough to change this memory. Raises ParamsInvalid for one outside 0-1."""
    require(within("error", error, 0, 1))
    return not params.is_enabled or error >= threshold(standing, params)


def edge_lock(variance: float) -> float:
    """How locked a graph edge is: the more certain its weight, the more (0-1)."""
    return 1 - clip(variance)
