"""The FSRS variant that ZenBrain publishes, number for number: for reproduction, not for use. Pure.

Source: zensation-ai/zenbrain, module fsrs (b8d3adc). Stability is here the time in days until retrievability falls to
1/e. Known defects, kept: a lapse always leaves a tenth of the stability, a recall on time adds 2.5 %, and a grade below
3 still strengthens if it is given to `after_recall`. The last recall is stored, not derived from the next review.
"""

import math
from datetime import datetime

from memory.dynamics.checks import above, clip, days_between, require, within
from memory.dynamics.fsrs import CLASSES, EASIEST, HARDEST, DecayClass, Strength

SHORTEST = 0.5  # days of stability
TARGET = 0.9  # retrievability at which a review is due
GROWTH, SATURATION, SPACING = 0.2, 0.2, 0.3  # of a recall
STEP, LAPSE_STEP = 0.15, 0.2  # of difficulty, per grade and per lapse


def interval(stability: float, target: float = TARGET) -> float:
    """Days until retrievability falls to `target` in (0, 1). Raises ParamsInvalid."""
    require(above("stability", stability, 0), above("target", target, 0, 1))
    return -stability * math.log(target)


def retrievability(strength: Strength, now: datetime) -> float:
    """The chance of recalling it now, in [0, 1]; 1 if it was last recalled later than `now`."""
    return math.exp(-days_between(strength.last_recalled, now) / strength.stability)


def retention(days: float, stability: float, multiplier: float = 1.0) -> float:
    """The exponential curve that the original's decay module uses for a single item."""
    return clip(math.exp(-max(0.0, days) / max(SHORTEST, stability * max(1.0, multiplier))))


def strength_of(decay: DecayClass, now: datetime, boost: float = 1.0) -> Strength:
    """The strength of knowledge of a class that was learned now; `boost` is clipped to [1, 2]."""
    difficulty, stability = CLASSES[decay]
    return Strength(stability * clip(boost, 1, 2), difficulty, now)


def strength_from_sm2(stability: float | None, now: datetime) -> Strength:
    """The strength for an SM-2 stability in days, or for none."""
    if stability is None:
        return Strength(1.0, 5.0, now)
    difficulty = 7.5 if stability < 3 else 5.0 if stability < 10 else 3.5 if stability <= 30 else 2.0
    return Strength(max(SHORTEST, stability), difficulty, now)


def recall_growth(difficulty: float, stability: float, chance: float) -> float:
    """By what a recall at retrievability `chance` multiplies stability."""
    return 1 + GROWTH * (11 - difficulty) * math.pow(stability, -SATURATION) * (math.exp(SPACING * (1 - chance)) - 1)


def lapse_factor(difficulty: float, stability: float, chance: float) -> float:
    """By what a lapse multiplies stability: 0.1 for every stability that can occur."""
    raw = 0.2 * math.pow(difficulty, -0.4) * math.pow(stability + 1, 0.2) * (math.exp(0.02 * (1 - chance)) - 1)
    return max(0.1, raw)


def after_recall(strength: Strength, grade: int, now: datetime) -> Strength:
    """The strength after a recall with `grade` 1 to 5."""
    require(within("grade", grade, 1, 5))
    growth = max(1.0, recall_growth(strength.difficulty, strength.stability, retrievability(strength, now)))
    difficulty = clip(strength.difficulty - STEP * (grade - 3), EASIEST, HARDEST)
    return Strength(max(SHORTEST, strength.stability * growth), difficulty, max(strength.last_recalled, now))


def after_lapse(strength: Strength, now: datetime) -> Strength:
    """The strength after a failed recall."""
    factor = lapse_factor(strength.difficulty, strength.stability, retrievability(strength, now))
    difficulty = clip(strength.difficulty + LAPSE_STEP, EASIEST, HARDEST)
    return Strength(max(SHORTEST, strength.stability * factor), difficulty, max(strength.last_recalled, now))


def updated_stability(stability: float, is_recalled: bool, multiplier: float = 1.0) -> float:
    """The original's shortcut without a state: difficulty 5 and retrievability 0.9 are assumed."""
    if not is_recalled:
        return max(SHORTEST, stability * lapse_factor(5, stability, TARGET))
    growth = max(1.0, recall_growth(5, stability, TARGET))
    return max(SHORTEST, stability * growth) * max(1.0, multiplier)
