"""The random numbers of the published simulations: mulberry32, whose n-th number needs no earlier one."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SEEDS = (42, 123, 456, 789, 1024, 2048, 3072, 4096, 5120, 6144)
STEP = 0x6D2B79F5
MASK = np.uint64(0xFFFFFFFF)


class Mulberry:
    """A stream of numbers in [0, 1)."""

    def __init__(self, seed: int) -> None:
        self._state = seed & 0xFFFFFFFF

    def one(self) -> float:
        """The next number."""
        return float(self.many(1)[0])

    def many(self, count: int) -> Floats:
        """The next `count` numbers: float64[count]."""
        steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(STEP)
        s = (np.uint64(self._state) + steps) & MASK
        self._state = (self._state + count * STEP) & 0xFFFFFFFF
        t = _imul(s ^ (s >> np.uint64(15)), s | np.uint64(1))
        t ^= (t + _imul(t ^ (t >> np.uint64(7)), t | np.uint64(61))) & MASK
        return np.asarray((t ^ (t >> np.uint64(14))) / 2.0**32)


def _imul(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return np.asarray((first * second) & MASK)  # both below 2^32: the product fits
