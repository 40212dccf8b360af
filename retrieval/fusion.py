"""From the scores of the arms to one score and one probability. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FusionParams:
    """Weights of the standardised arms in the final score; an arm of weight 0 in every role is not computed."""

    graph: float = 1.0
    dense: float = 0.1
    sentence: float = 0.1
    bm25: float = 0.1
    window: float = 0.1


@dataclass(frozen=True, slots=True)
class Features:
    """What the arms say about the candidates: float64[n] each."""

    dense: Floats  # cosine of the passage vector, -1 to 1
    sentence: Floats  # the best cosine of its sentences, -1 to 1
    bm25: Floats  # BM25, 0 and up
    window: Floats  # BM25 of the passage with its neighbours, 0 and up


def standardised(values: Floats) -> Floats:
    """z-scores; all 0 where the values do not differ."""
    deviation = float(values.std()) if len(values) else 0.0
    if deviation < 1e-12:
        return np.zeros_like(values)
    return np.asarray((values - values.mean()) / deviation)


def softmax(values: Floats, temperature: float) -> Floats:
    """Shares that sum to 1."""
    if not len(values):
        return values
    raised = np.exp((values - values.max()) / temperature)
    return np.asarray(raised / raised.sum())


def combine(features: Features, graph: Floats | None, weights: FusionParams) -> Floats:
    """The final score: a weighted sum of standardised arms. `graph` is the log of PageRank, None without a walk."""
    total = (
        weights.dense * standardised(features.dense)
        + weights.sentence * standardised(features.sentence)
        + weights.bm25 * standardised(features.bm25)
        + weights.window * standardised(features.window)
    )
    return total if graph is None else total + weights.graph * standardised(graph)


# Logistic regression on MuSiQue, HotpotQA, LoCoMo and small excerpts of them, asked what they answer and what they do
# not. Intercept; best cosine; share of the highest window BM25; log of the PageRank.
CALIBRATION = (-1.56, 3.06, 4.97, 0.67)


def probability(nearest: Floats, coverage: Floats, log_mass: Floats) -> Floats:
    """Chance that a passage helps to answer, by what it says itself and not by comparison with other candidates."""
    intercept, by_cosine, by_coverage, by_mass = CALIBRATION
    logit = intercept + by_cosine * nearest + by_coverage * coverage + by_mass * log_mass
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))
