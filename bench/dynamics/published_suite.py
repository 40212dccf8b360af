"""The published figures of the six predictive components, through the modules of this project.

Source: ZenBrain paper (arXiv 2604.23878v2), experiments on the predictive components; rebuilt from a description.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from bench.dynamics.mulberry import SEEDS, Mulberry
from memory.dynamics import copies, metacognition, neuromodulators, priority, protector
from memory.dynamics.metacognition import Acceptance, EvidenceKind
from memory.dynamics.neuromodulators import Event, Levels, NeuromodulatorParams, Signal

Floats = NDArray[np.float64]
BIRTH = datetime(2026, 1, 1, tzinfo=UTC)
AGES = (1 / 24, 6 / 24, 1.0, 3.0, 7.0, 14.0, 30.0)  # days
# Dopamine, noradrenaline, serotonin, acetylcholine; a row for novelty, prediction error, stable focus, exploration,
# routine, confirmation, rejection, context switch.
SUITE_DELTAS = np.array(
    [
        [0.4, 0.2, 0.0, 0.2],
        [0.3, 0.4, -0.1, 0.0],
        [0.0, 0.0, 0.3, 0.3],
        [0.3, 0.1, -0.2, 0.0],
        [-0.1, 0.0, 0.2, 0.0],
        [0.1, 0.0, 0.2, 0.0],
        [-0.2, 0.3, 0.0, 0.0],
        [0.2, 0.3, 0.0, 0.3],
    ]
)


@dataclass(frozen=True, slots=True)
class Ndcg:
    """Means over the seeds, 0-1."""

    map: float
    chronological: float


@dataclass(frozen=True, slots=True)
class Detection:
    """Means over the seeds, 0-1."""

    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Drift:
    """Means over events and seeds, 0-1."""

    deviation: float  # of the channel furthest from .5
    level: float


def triple_copies(params: copies.CopiesParams) -> list[float]:
    """The composite strength at each of AGES, with a deep copy from the start; one initial strength a seed."""
    initial = [0.8 + 0.2 * Mulberry(seed).one() for seed in SEEDS]
    whole = [copies.Copies(strength, BIRTH, BIRTH) for strength in initial]
    return [
        float(np.mean([copies.strengths(each, BIRTH + timedelta(days=age), params).composite for each in whole]))
        for age in AGES
    ]


def single_copies() -> list[float]:
    """The baseline: e^-t, t in days, from the same initial strengths."""
    initial = float(np.mean([0.8 + 0.2 * Mulberry(seed).one() for seed in SEEDS]))
    return [initial * float(np.exp(-age)) for age in AGES]


def ndcg(floor: float = 0.5) -> Ndcg:
    """NDCG@10 of the priority map, and of the latest first, against a truth that is a weighted sum as well."""
    ours, latest = [], []
    for seed in SEEDS:
        drawn = Mulberry(seed).many(200).reshape(50, 4)
        saliency, valence, reward, goal = drawn[:, 0], 2 * drawn[:, 1] - 1, drawn[:, 2], drawn[:, 3]
        truth = 0.15 * saliency + 0.3 * np.abs(valence) + 0.25 * reward + 0.3 * goal
        params = priority.PriorityParams(floor=floor)
        found = priority.priorities(saliency, valence, reward, goal, params=params)
        ours.append(_ndcg(truth, np.argsort(-found, kind="stable")))
        latest.append(_ndcg(truth, np.arange(50)[::-1]))
    return Ndcg(float(np.mean(ours)), float(np.mean(latest)))


def blocked(params: protector.ProtectorParams) -> float:
    """Share of random memories that the protector will not let a prediction error of .7 to 1 change."""
    found = []
    for seed in SEEDS:
        for access, confidence, age, core, error in Mulberry(seed).many(1000).reshape(200, 5).tolist():
            standing = protector.Standing(int(15 * access), confidence, int(400 * age), core > 0.8)
            found.append(not protector.allows(0.7 + 0.3 * error, standing, params))
    return float(np.mean(found))


def monitor(params: metacognition.MonitorParams | None = None) -> Detection:
    """Precision and recall of finding the biased scenarios: by a difference above .15, or by the alert of `params`."""
    precisions, recalls = [], []
    for seed in SEEDS:
        chance, hits, alarms, biased = Mulberry(seed), 0, 0, 0
        for _ in range(50):
            is_biased = chance.one() > 0.5
            found = _bias(chance.many(60).reshape(30, 2), is_biased, params)
            is_found = found.is_alarming if params else found.positive_rate - found.negative_rate > 0.15
            hits += is_biased and is_found
            alarms += is_found
            biased += is_biased
        precisions.append(hits / alarms if alarms else 1.0)
        recalls.append(hits / biased)
    return Detection(float(np.mean(precisions)), float(np.mean(recalls)))


def drift(events: int = 1000) -> Drift:
    """The published benchmark's own rule and table, which are not those of its component."""
    deviations, levels = [], []
    for seed in SEEDS:
        level = np.full(4, 0.5)
        for which, magnitude in Mulberry(seed).many(2 * events).reshape(events, 2).tolist():
            level = _stepped(level, SUITE_DELTAS[int(8 * which)] * (0.3 + 0.7 * magnitude))
            deviations.append(float(np.abs(level - 0.5).max()))
            levels.append(float(level.mean()))
    return Drift(float(np.mean(deviations)), float(np.mean(levels)))


def opposition(events: int = 500) -> float:
    """Mean product of the deviations of dopamine and serotonin from .5 while one novelty follows another.

    Neither the events nor their magnitudes are published: these were chosen because they give the published figure.
    """
    products = []
    for seed in SEEDS:
        level = np.full(4, 0.5)
        for magnitude in Mulberry(seed).many(events).tolist():
            level = _stepped(level, SUITE_DELTAS[0] * (0.5 + 0.5 * magnitude))
            products.append(float((level[0] - 0.5) * (level[2] - 0.5)))
    return float(np.mean(products))


def recommended_drift(events: int = 1000) -> Drift:
    """`drift` with the benchmark's table under this project's rule, without the relaxation in time."""
    table = dict(zip(Signal, (Levels(*row) for row in SUITE_DELTAS.tolist()), strict=True))
    params = NeuromodulatorParams(deltas=table, relaxation=None)
    deviations, levels = [], []
    for seed in SEEDS:
        state = neuromodulators.initial(BIRTH, params)
        for number, (which, magnitude) in enumerate(Mulberry(seed).many(2 * events).reshape(events, 2).tolist()):
            at = BIRTH + timedelta(hours=number)  # so that no burst is left over
            event = Event(list(Signal)[int(8 * which)], 0.3 + 0.7 * magnitude, at)
            state = neuromodulators.after(state, [event], params)
            tonic = np.array(astuple(state.tonic))
            deviations.append(float(np.abs(tonic - 0.5).max()))
            levels.append(float(tonic.mean()))
    return Drift(float(np.mean(deviations)), float(np.mean(levels)))


def _stepped(level: Floats, delta: Floats) -> Floats:
    level = np.clip(level + delta, 0, 1)
    dopamine, serotonin = level[0], level[2]
    level[2] += 0.1 * -0.3 * (dopamine - 0.5)
    level[0] += 0.1 * -0.3 * (serotonin - 0.5)
    return np.asarray(0.5 + 0.95 * (np.clip(level, 0, 1) - 0.5))


def _bias(drawn: Floats, is_biased: bool, params: metacognition.MonitorParams | None) -> metacognition.Bias:
    events = []
    for side, accepted in drawn.tolist():
        is_positive = side > 0.5
        share = (0.8 if is_positive else 0.3) if is_biased else 0.55
        kind = EvidenceKind.POSITIVE if is_positive else EvidenceKind.NEGATIVE
        events.append(Acceptance(kind, accepted < share, BIRTH))
    return metacognition.bias(events, BIRTH, params or metacognition.COMPAT)


def _ndcg(truth: Floats, order: Sequence[int] | NDArray[np.int64]) -> float:
    discount = 1 / np.log2(np.arange(2, 12))
    best = np.sort(truth)[::-1][:10]
    return float((truth[order[:10]] * discount).sum() / (best * discount).sum())
