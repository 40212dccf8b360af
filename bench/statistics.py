"""Whether one arm beats another on the same questions, or was lucky. Pure: chance is an argument."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
MOST_DRAWS = 2_000_000  # indexes drawn at a time: bounds memory at 16 MB


@dataclass(frozen=True, slots=True)
class Comparison:
    """`difference` is mean(ours) - mean(theirs) with its 95 % interval; wins, losses and ties count questions."""

    difference: float
    low: float
    high: float
    wins: int
    losses: int
    ties: int
    p: float  # two-sided sign test over wins and losses

    @property
    def is_clear(self) -> bool:
        """The interval does not hold 0."""
        return self.low > 0 or self.high < 0


def compare(ours: Sequence[float], theirs: Sequence[float], rng: np.random.Generator) -> Comparison:
    """Compares two arms question by question: both sequences are in the order of the same questions, at least one."""
    differences = np.asarray(ours, np.float64) - np.asarray(theirs, np.float64)
    low, high = interval(differences, rng)
    wins, losses = int((differences > 0).sum()), int((differences < 0).sum())
    ties = len(differences) - wins - losses
    return Comparison(float(differences.mean()), low, high, wins, losses, ties, sign_test(wins, losses))


def interval(
    values: NDArray[np.float64], rng: np.random.Generator, resamples: int = RESAMPLES, level: float = 0.95
) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean (Efron 1979)."""
    at_once = max(1, MOST_DRAWS // len(values))
    means: list[NDArray[np.float64]] = []
    for start in range(0, resamples, at_once):
        size = (min(at_once, resamples - start), len(values))
        means.append(values[rng.integers(0, len(values), size)].mean(axis=1))
    tail = (1 - level) / 2
    low, high = np.quantile(np.concatenate(means), [tail, 1 - tail])
    return float(low), float(high)


def sign_test(wins: int, losses: int) -> float:
    """Chance of a split at least as uneven if both arms were equally good."""
    n, fewer = wins + losses, min(wins, losses)
    outcomes: int = 2**n
    return min(1.0, 2 * sum(comb(n, k) for k in range(fewer + 1)) / outcomes)
