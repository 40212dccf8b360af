"""How much attention a memory deserves, from four signals, with a floor for what moves strongly. Pure.

Source: ZenBrain paper (arXiv 2604.23878v2), PriorityMap; priority maps after Chelazzi et al. 2014, the fast route
after LeDoux. What the original got wrong: nothing defines saliency, reward and goal for a text, and its NDCG of .997
compares the sum with nearly the same sum. The definitions of the three here are a proposal of this project.
"""

from dataclasses import dataclass

import numpy as np

from memory.dynamics.checks import Floats, above, clip, require, within
from memory.dynamics.neuromodulators import Levels
from memory.errors import ParamsInvalid, Problem

LEAST_WEIGHT = 1e-6


@dataclass(frozen=True, slots=True)
class PriorityParams:
    """Weights of the signals (they need not sum to 1 once modulated), and the fast route."""

    saliency: float = 0.2
    emotion: float = 0.25
    reward: float = 0.25
    goal: float = 0.3
    moving_above: float = 0.6  # intensity of emotion, strictly
    floor: float = 0.5  # priority of what moves, at least
    neutral: float = 0.5  # priority when disabled
    novelty_share: float = 0.7  # of saliency; arousal has the rest
    reward_rate: float = 0.2  # share of the way towards the latest usefulness
    is_enabled: bool = True

    def __post_init__(self) -> None:
        require(
            within("saliency", self.saliency, 0, 1),
            within("emotion", self.emotion, 0, 1),
            within("reward", self.reward, 0, 1),
            within("goal", self.goal, 0, 1),
            above("saliency + emotion + reward + goal", self.saliency + self.emotion + self.reward + self.goal, 0),
            within("moving_above", self.moving_above, 0, 1),
            within("floor", self.floor, 0, 1),
            within("neutral", self.neutral, 0, 1),
            within("novelty_share", self.novelty_share, 0, 1),
            within("reward_rate", self.reward_rate, 0, 1),
        )


COMPAT = RECOMMENDED = PriorityParams()


@dataclass(frozen=True, slots=True)
class PriorityWeights:
    """Weights that sum to 1."""

    saliency: float
    emotion: float
    reward: float
    goal: float


@dataclass(frozen=True, slots=True)
class Priority:
    """0-1, and whether the emotion alone was enough."""

    value: float
    is_moving: bool


def weights(levels: Levels | None = None, params: PriorityParams = RECOMMENDED) -> PriorityWeights:
    """The weights as neuromodulators shift them; levels of .5, or None, leave them as they are."""
    now = levels or Levels(0.5, 0.5, 0.5, 0.5)
    dopamine, noradrenaline = now.dopamine - 0.5, now.noradrenaline - 0.5
    serotonin, acetylcholine = now.serotonin - 0.5, now.acetylcholine - 0.5
    raised = [
        max(LEAST_WEIGHT, weight)
        for weight in (
            params.saliency * (1 + 0.3 * dopamine + 0.2 * acetylcholine),
            params.emotion * (1 + 0.3 * noradrenaline),
            params.reward * (1 + 0.2 * acetylcholine),
            params.goal * (1 + 0.3 * serotonin),
        )
    ]
    total = sum(raised)
    return PriorityWeights(*(weight / total for weight in raised))


def priority(
    saliency: float,
    valence: float,
    reward: float,
    goal: float,
    levels: Levels | None = None,
    params: PriorityParams = RECOMMENDED,
) -> Priority:
    """Saliency, reward, goal of 0-1 and valence of -1 to 1, clipped.

    Raises ParamsInvalid, all problems at once, for NaN.
    """
    s, v, r, g = clip(saliency), abs(clip(valence, -1.0, 1.0)), clip(reward), clip(goal)
    require(within("saliency", s, 0, 1), within("valence", v, 0, 1), within("reward", r, 0, 1), within("goal", g, 0, 1))
    if not params.is_enabled:
        return Priority(params.neutral, False)
    share = weights(levels, params)
    value = clip(share.saliency * s + share.emotion * v + share.reward * r + share.goal * g)
    is_moving = v > params.moving_above
    return Priority(max(value, params.floor) if is_moving else value, is_moving)


def priorities(
    saliency: Floats,
    valence: Floats,
    reward: Floats,
    goal: Floats,
    *,
    levels: Levels | None = None,
    params: PriorityParams = RECOMMENDED,
) -> Floats:
    """`priority(...).value` of n memories: float64[n]; NaN stays NaN."""
    intensity = np.minimum(1.0, np.abs(valence))
    if not params.is_enabled:
        return np.full(len(intensity), params.neutral)
    share = weights(levels, params)
    value = np.clip(
        share.saliency * np.clip(saliency, 0.0, 1.0)
        + share.emotion * intensity
        + share.reward * np.clip(reward, 0.0, 1.0)
        + share.goal * np.clip(goal, 0.0, 1.0),
        0.0,
        1.0,
    )
    return np.where(intensity > params.moving_above, np.maximum(value, params.floor), value)


def tagged_intensity(valence: float, arousal: float) -> float:
    """Intensity, 0-1, of an emotional tag whose valence runs from 0 to 1 with .5 as neutral."""
    return abs(2 * (clip(valence) - 0.5)) * clip(arousal)


def novelty(nearest: float | None) -> float:
    """1 - the highest cosine to what is remembered, 0-1; 1 where nothing is."""
    return 1.0 if nearest is None else clip(1 - nearest)


def saliency_of(new: float, arousal: float, params: PriorityParams = RECOMMENDED) -> float:
    """Novelty and arousal (0-1 each) in one."""
    return params.novelty_share * clip(new) + (1 - params.novelty_share) * clip(arousal)


def updated_reward(reward: float, usefulness: float, params: PriorityParams = RECOMMENDED) -> float:
    """The running mean of how useful a memory was, after one more feedback; all 0-1."""
    return clip(reward + params.reward_rate * (clip(usefulness) - reward))


def goal_relevance(vector: Floats, goals: Floats) -> float:
    """The highest cosine, 0-1, to an active goal (unit rows, float64[n, d]); 0 without goals or for a zero vector.

    Raises ParamsInvalid for other dimensions or what is not finite.
    """
    if not len(goals):
        return 0.0
    if goals.ndim != 2 or goals.shape[1:] != vector.shape:
        raise ParamsInvalid([Problem("goals", f"have shape {goals.shape}", f"use rows of {vector.size} numbers")])
    if not (np.isfinite(vector).all() and np.isfinite(goals).all()):
        raise ParamsInvalid([Problem("vector, goals", "are not all finite", "send finite numbers")])
    length = float(np.linalg.norm(vector))
    return clip(float((goals @ vector).max()) / length) if length else 0.0
