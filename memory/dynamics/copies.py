"""Three copies of one memory, verbatim, episodic and gist, that fade and ripen at their own pace. Pure.

Source: ZenBrain paper (arXiv 2604.23878v2), TripleCopyMemory; parallel engrams after Kveim et al. 2024, complementary
learning systems after McClelland et al. 1995. What the original got wrong: the equation of the paper (logarithm,
unbounded), the running code (exponential) and the benchmark (tanh) are three different deep copies, and none of them
ever fades: nothing is forgotten. `RECOMMENDED`, a proposal of this project, has a deep copy that exists only once
promoted, ripens, and then fades by importance.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import numpy as np

from memory.dynamics.checks import Floats, above, days_between, require, within
from memory.errors import ParamsInvalid, Problem


class Copy(StrEnum):
    """In the order in which recall tries them."""

    FAST = "fast"  # verbatim
    MEDIUM = "medium"  # episodic
    DEEP = "deep"  # gist


class Ripening(StrEnum):
    """How the deep copy grows with the time t since its promotion."""

    LOGARITHM = "logarithm"  # the equation of the paper: ln(1 + t/7d), unbounded
    EXPONENTIAL = "exponential"  # 1 - e^(-t/7d)
    TANH = "tanh"  # the published benchmark
    FADING = "fading"  # (1 - e^(-t/7d)) e^(-t/tau), tau = 383.4 d (.5 + importance)


@dataclass(frozen=True, slots=True)
class CopiesParams:
    """Time constants in days, and what counts as recallable."""

    fast: float = 4 / 24  # days
    medium: float = 14.0  # days
    deep: float = 7.0  # days until the gist is about ripe
    fading: float = 383.4  # days, times .5 + importance
    medium_share: float = 0.8  # of the initial strength
    recallable_from: float = 0.3  # strength
    ripening: Ripening = Ripening.FADING
    is_enabled: bool = True  # False: the medium copy alone

    def __post_init__(self) -> None:
        require(
            above("fast", self.fast, 0),
            above("medium", self.medium, 0),
            above("deep", self.deep, 0),
            above("fading", self.fading, 0),
            within("medium_share", self.medium_share, 0, 1),
            within("recallable_from", self.recallable_from, 0, 1),
        )


COMPAT = CopiesParams(ripening=Ripening.EXPONENTIAL)
PUBLISHED = CopiesParams(ripening=Ripening.LOGARITHM)
BENCHMARK = CopiesParams(ripening=Ripening.TANH)
RECOMMENDED = CopiesParams()


@dataclass(frozen=True, slots=True)
class Copies:
    """Which copies a memory has. Strengths, importance and quality are 0-1."""

    initial: float  # strength when it was recorded
    recorded_at: datetime
    promoted_at: datetime | None = None  # None: no deep copy yet
    importance: float = 0.5
    gist_quality: float = 1.0
    has_medium: bool = True

    def __post_init__(self) -> None:
        require(
            within("initial", self.initial, 0, 1),
            within("importance", self.importance, 0, 1),
            within("gist_quality", self.gist_quality, 0, 1),
        )


@dataclass(frozen=True, slots=True)
class CopyStrengths:
    """How strong each copy is, 0-1 (the deep one of `PUBLISHED` may be more)."""

    fast: float
    medium: float
    deep: float

    @property
    def composite(self) -> float:
        """The strength of the memory: that of its strongest copy."""
        return max(self.fast, self.medium, self.deep)


def strengths(copies: Copies, now: datetime, params: CopiesParams = RECOMMENDED) -> CopyStrengths:
    """How strong the copies are now; a memory from the future is as strong as at its birth. Raises for naive times."""
    age = days_between(copies.recorded_at, now)
    medium = copies.initial * params.medium_share * math.exp(-age / params.medium) if copies.has_medium else 0.0
    if not params.is_enabled:
        return CopyStrengths(0.0, medium, 0.0)
    deep = 0.0
    if copies.promoted_at is not None:
        deep = _deep(copies, days_between(copies.promoted_at, now), params)
    return CopyStrengths(copies.initial * math.exp(-age / params.fast), medium, deep)


def composites(
    initial: Floats,
    ages: Floats,
    since_promotion: Floats,
    importance: Floats,
    gist_quality: Floats,
    *,
    params: CopiesParams = RECOMMENDED,
) -> Floats:
    """The composite of n memories, float64[n]. Ages in days; `since_promotion` is NaN without a deep copy.

    Only for the ripenings that stay within 0-1 by themselves: FADING and EXPONENTIAL. Raises ParamsInvalid otherwise.
    """
    if params.ripening not in {Ripening.FADING, Ripening.EXPONENTIAL}:
        raise ParamsInvalid([Problem("ripening", f"is {params.ripening}", "use fading or exponential")])
    age = np.maximum(0.0, ages)
    medium = initial * params.medium_share * np.exp(-age / params.medium)
    if not params.is_enabled:
        return np.asarray(medium)
    promoted_for = np.maximum(0.0, np.nan_to_num(since_promotion, nan=0.0))  # a deep copy of age 0 has strength 0
    deep = -np.expm1(-promoted_for / params.deep)
    if params.ripening is Ripening.FADING:
        deep *= gist_quality * np.exp(-promoted_for / (params.fading * (0.5 + importance)))
    else:
        deep *= initial
    return np.asarray(np.maximum(np.maximum(initial * np.exp(-age / params.fast), medium), deep))


def promoted(copies: Copies, now: datetime, gist_quality: float = 1.0) -> Copies:
    """The memory with a deep copy from now on; one that has it stays as it is.

    Raises ParamsInvalid without a medium copy to distil, or for a quality outside 0-1.
    """
    if not copies.has_medium:
        raise ParamsInvalid([Problem("copies", "have no medium copy to distil", "promote before it is archived")])
    if copies.promoted_at is not None:
        return copies
    return replace(copies, promoted_at=now, gist_quality=gist_quality)


def recalled_copy(found: CopyStrengths, params: CopiesParams = RECOMMENDED) -> Copy | None:
    """The first copy that is strong enough: verbatim, else episodic, else gist; None if all have faded."""
    for copy, strength in ((Copy.FAST, found.fast), (Copy.MEDIUM, found.medium), (Copy.DEEP, found.deep)):
        if strength >= params.recallable_from:
            return copy
    return None


def is_sudden(found: CopyStrengths, params: CopiesParams = RECOMMENDED) -> bool:
    """Whether only the gist comes to mind: the other copies have faded and it has not."""
    return recalled_copy(found, params) is Copy.DEEP


def _deep(copies: Copies, age: float, params: CopiesParams) -> float:
    ratio = age / params.deep
    match params.ripening:
        case Ripening.LOGARITHM:
            return copies.initial * math.log1p(ratio)
        case Ripening.EXPONENTIAL:
            return copies.initial * -math.expm1(-ratio)
        case Ripening.TANH:
            return min(1.0, copies.initial * math.tanh(ratio))
        case Ripening.FADING:
            lasting = params.fading * (0.5 + copies.importance)
            return copies.gist_quality * -math.expm1(-ratio) * math.exp(-age / lasting)
