"""From what speaks for a passage to one score and one probability. Pure."""

from dataclasses import astuple, dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from retrieval import fusion_weights

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EvidenceWeights:
    """How much each kind of evidence counts, standardised over the candidates. What each is, evidence.py says."""

    dense: float = 0.0
    sentence: float = 0.0
    bm25: float = 0.0
    window: float = 0.0
    graph: float = 0.0
    cover: float = 0.0
    named: float = 0.0
    about: float = 0.0
    bridge: float = 0.0
    rest: float = 0.0
    length: float = 0.0
    dated: float = 0.0
    speaker: float = 0.0
    asks: float = 0.0
    before: float = 0.0


EVIDENCE = tuple(field.name for field in fields(EvidenceWeights))
FARTHEST = 3.0  # standard deviations that BM25 counts
SMALLEST = 1e-12  # of all standard deviations: below it, values do not differ
ARMS = ("dense", "sentence", "bm25", "window", "graph")


@dataclass(frozen=True, slots=True)
class FusionParams:
    """Passages that somebody says are weighed otherwise than those that are written (bench/train_fusion.py)."""

    written: EvidenceWeights = EvidenceWeights(**fusion_weights.WRITTEN)
    spoken: EvidenceWeights = EvidenceWeights(**fusion_weights.SPOKEN)

    @classmethod
    def only(cls, arm: str) -> "FusionParams":
        alone = replace(EvidenceWeights(), **{arm: 1.0})
        return cls(alone, alone)

    def uses(self, *names: str) -> bool:
        """Whether any of these kinds of evidence counts."""
        return any(getattr(weights, name) for weights in (self.written, self.spoken) for name in names)


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
    if deviation < SMALLEST:
        return np.zeros_like(values)
    return np.asarray((values - values.mean()) / deviation)


def standing(evidence: Floats) -> Floats:
    """float64[len(EVIDENCE), n]: the rows, standardised.

    BM25 is bounded: its weight is negative, since it also speaks through the seeds of the walk, and a passage that has
    a rare name to itself must not pay for that without limit.
    """
    if not evidence.shape[1]:
        return evidence
    deviation = evidence.std(axis=1, keepdims=True)
    differs = deviation >= SMALLEST
    found = np.where(
        differs, (evidence - evidence.mean(axis=1, keepdims=True)) / np.where(differs, deviation, 1.0), 0.0
    )
    words = EVIDENCE.index("bm25")
    found[words] = np.minimum(found[words], FARTHEST)
    return found


def softmax(values: Floats, temperature: float) -> Floats:
    """Shares that sum to 1."""
    if not len(values):
        return values
    raised = np.exp((values - values.max()) / temperature)
    return np.asarray(raised / raised.sum())


def combine(evidence: Floats, is_spoken: Bools, params: FusionParams) -> Floats:
    """The final scores float64[n], of float64[len(EVIDENCE), n]: weighted sums of its rows, standardised."""
    rows = standing(evidence)
    written, spoken = (np.array(astuple(weights)) for weights in (params.written, params.spoken))
    return np.where(is_spoken, spoken @ rows, written @ rows)


def probability(nearest: Floats, coverage: Floats, log_mass: Floats) -> Floats:
    """Chance that a passage helps to answer, by what it says itself and not by comparison with other candidates."""
    intercept, by_cosine, by_coverage, by_mass = fusion_weights.CALIBRATION
    logit = intercept + by_cosine * nearest + by_coverage * coverage + by_mass * log_mass
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))
