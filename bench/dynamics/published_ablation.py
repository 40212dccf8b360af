"""The published ablation and cascade, which are simulations: one multiplier a mechanism, no mechanism runs in them.

Source: ZenBrain paper (arXiv 2604.23878v2), ablation tables and cascade; rebuilt from a description of draws and rules.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from bench.dynamics.mulberry import SEEDS, Mulberry

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
DIMENSIONS = 32
FLOOR = 0.01


class Switch(StrEnum):
    """What the simulation can switch off."""

    VMPFC = "vmPFC-FSRS"
    TRIPLE = "TripleCopy"
    DUAL = "Dual-process"
    TWO_FACTOR = "Two-factor"
    BUDGET = "IB budget"
    SLEEP = "Sleep"
    NEURO = "Neuromodulator"
    STABILITY = "StabilityProtector"
    RECONSOLIDATION = "Reconsolidation"
    PRIORITY = "PriorityMap"
    DEBATE = "iMAD"
    SPECTRAL = "Spectral"
    COMPOSITIONAL = "Compositional"
    HYPERAGENT = "HyperAgent"
    METACOGNITION = "Metacognitive"


ALL = frozenset(Switch)
PREDICTIVE = frozenset(
    {
        Switch.TRIPLE,
        Switch.NEURO,
        Switch.STABILITY,
        Switch.RECONSOLIDATION,
        Switch.PRIORITY,
        Switch.METACOGNITION,
    }
)


@dataclass(frozen=True, slots=True)
class Level:
    """How hard the simulation is."""

    facts: int
    questions: int
    days: int
    rate: float  # of decay, per day


LEVELS = {
    "moderate": Level(300, 100, 45, 0.15),
    "challenging": Level(400, 120, 50, 0.20),
    "stress": Level(500, 150, 60, 0.25),
}
CASCADE = Level(200, 0, 60, 0.30)
# How the cascade draws its facts is not published. So many numbers before each fact's five give the published share of
# emotional facts (373 of 2000), on which all its figures rest.
CASCADE_DRAWS = 64


@dataclass(frozen=True, slots=True)
class Simulated:
    """Means over the seeds."""

    strength: float
    precision: float  # P@5
    quality: float  # strength times precision, seed by seed


@dataclass(frozen=True, slots=True)
class Cascade:
    """Mean strengths after the cascade's sixty days."""

    all: float
    emotional: float
    neutral: float


@dataclass(frozen=True, slots=True)
class World:
    """Unit vectors of facts and questions, and the facts that answer each question."""

    facts: Floats  # float64[n, 32]
    questions: Floats  # float64[q, 32]
    answers: tuple[frozenset[int], ...]


def ablation(level: Level, on: Collection[Switch], seeds: Collection[int] = SEEDS) -> Simulated:
    """Mean strength and P@5 after the level's days with the given switches on."""
    runs = [_run(level, on, Mulberry(seed)) for seed in seeds]
    return Simulated(
        float(np.mean([run.strength for run in runs])),
        float(np.mean([run.precision for run in runs])),
        float(np.mean([run.quality for run in runs])),
    )


def cascade(on: Collection[Switch], seeds: Collection[int] = SEEDS) -> Cascade:
    """Mean strengths of all, of emotional and of other facts; a mean over seeds each."""
    rows = [_cascade(on, Mulberry(seed)) for seed in seeds]
    return Cascade(*(float(np.mean(column)) for column in zip(*rows, strict=True)))


def _run(level: Level, on: Collection[Switch], chance: Mulberry) -> Simulated:
    world = _world(level, chance)
    width = 5 if Switch.NEURO in on else 4
    drawn = chance.many(width * level.facts).reshape(level.facts, width)
    arousal = _arousal(drawn)
    strength = 0.8 + 0.2 * drawn[:, 0]
    if Switch.TRIPLE in on:
        strength = strength * 1.15
    if Switch.NEURO in on:
        strength = strength * (1 + np.where(arousal > 0.6, 0.15, 0.05) * drawn[:, 4])
    strength = np.minimum(1.0, strength)
    for day in range(1, level.days + 1):
        lock = 0.2 * min(day / 365, 1)  # nothing is retrieved before the last day
        strength = _day(strength, arousal, day, level.rate, lock, on, chance)
    mean, precision = float(strength.mean()), _precision(world, strength, arousal, on)
    return Simulated(mean, precision, mean * precision)


def _cascade(on: Collection[Switch], chance: Mulberry) -> tuple[float, float, float]:
    level = CASCADE
    chance.many(CASCADE_DRAWS * level.facts)
    emotional, aroused, _valence, important, strong = chance.many(5 * level.facts).reshape(level.facts, 5).T
    is_emotional = emotional < 0.2
    arousal, importance = np.where(is_emotional, 0.6 + 0.4 * aroused, 0.3 * aroused), 0.3 + 0.7 * important
    strength = 0.8 + 0.2 * strong
    if Switch.TRIPLE in on:
        strength = strength * 1.15
    if Switch.NEURO in on:
        strength = strength * (1 + np.where(arousal > 0.6, 0.12, 0.03) + 0.08 * importance)
    strength = np.minimum(1.0, strength)
    for day in range(1, level.days + 1):
        strength = _day(strength, arousal, day, level.rate, 0.4 * min(1, day / 60), on, chance)
    return float(strength.mean()), float(strength[is_emotional].mean()), float(strength[~is_emotional].mean())


def _world(level: Level, chance: Mulberry) -> World:
    facts = _unit(2 * chance.many(DIMENSIONS * level.facts).reshape(level.facts, DIMENSIONS) - 1)
    answers, questions = [], []
    for _ in range(level.questions):
        wanted = 1 + int(3 * chance.one())
        chosen: list[int] = []
        while len(chosen) < wanted:
            fact = int(chance.one() * level.facts)
            if fact not in chosen:
                chosen.append(fact)
        answers.append(frozenset(chosen))
        questions.append(facts[chosen].mean(axis=0) + (chance.many(DIMENSIONS) - 0.5) * 0.2)
    return World(facts, _unit(np.array(questions)), tuple(answers))


def _day(
    strength: Floats, arousal: Floats, day: int, base: float, lock: float, on: Collection[Switch], chance: Mulberry
) -> Floats:
    """One day of every fact: decay, then what raises it, each capped at 1."""
    strength = np.maximum(FLOOR, strength * np.exp(-_rate(strength, arousal, base, lock, on)))
    if Switch.SLEEP in on:
        strength = _raised(strength, strength > 0.3, 1.05)
    if Switch.DUAL in on and day > 7:
        strength = _raised(strength, strength > 0.4, 1.03)
    if Switch.RECONSOLIDATION in on:
        drawn = chance.many(len(strength))
        rigid = 0.4 * min(1, day / 60)
        if Switch.STABILITY in on and day < 5:
            strength = _raised(strength, drawn > 0.5 * (1 + rigid**1.5), 1.08)
    if Switch.TRIPLE in on:
        strength = np.minimum(1.0, strength + 0.02 * np.tanh(day / 7))
    return strength


def _rate(strength: Floats, arousal: Floats, base: float, lock: float, on: Collection[Switch]) -> Floats:
    rate = np.full(len(strength), base)
    if Switch.NEURO in on:
        rate = np.where(arousal > 0.6, 0.75, 1.0) * rate
    if Switch.VMPFC in on:
        rate = rate * 0.7
    if Switch.TWO_FACTOR in on and Switch.NEURO in on:
        rate = rate / (1.3 * np.where(arousal > 0.5, 1.1, 1.0))
    if Switch.BUDGET in on:
        rate = np.where(strength > 0.6, 0.8, 1.0) * rate
    if Switch.STABILITY in on:
        rate = rate * (1 - 0.3 * lock)
    return np.asarray(rate)


def _precision(world: World, strength: Floats, arousal: Floats, on: Collection[Switch]) -> float:
    """P@5; the switches that multiply every fact alike are left out, as they cannot change an order."""
    found = []
    for number, (question, answers) in enumerate(zip(world.questions, world.answers, strict=True)):
        score = world.facts @ question * strength
        if Switch.PRIORITY in on:
            emotional = 0.08 * (arousal > 0.6) if Switch.NEURO in on else 0.0
            score = score * (1 + 0.1 * min(1, number / 5) + emotional)
        best = np.argsort(-score, kind="stable")[:5]
        found.append(len(answers & set(best.tolist())) / min(5, len(answers)))
    return float(np.mean(found))


def _arousal(drawn: Floats) -> Floats:
    return np.where(drawn[:, 1] < 0.2, 0.6 + 0.4 * drawn[:, 2], 0.3 * drawn[:, 2])


def _raised(strength: Floats, where: Bools, factor: float) -> Floats:
    return np.minimum(1.0, np.where(where, strength * factor, strength))


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
