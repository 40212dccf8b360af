"""Fits the weights of fusion and the calibration of probabilities. Pure.

Ranking: the chance that a relevant candidate beats all irrelevant ones is a softmax over their scores (ListNet with one
position, Cao et al., ICML 2007, section 4); weights are standard normal a priori, and mostly not negative: more of a
kind of evidence should not speak against a passage.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from retrieval.fusion import EVIDENCE, standing

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

RIDGE = 0.02
HARDEST = 120  # irrelevant candidates of a question that are kept, the best of a first look
# Length may speak either way, a question rarely answers one, and BM25 speaks through the seeds of the walk already.
FREE = frozenset(["length", "asks", "bm25"])
FIRST_LOOK = {"graph": 1.0, "dense": 0.1, "sentence": 0.1, "bm25": 0.1, "window": 0.1}


@dataclass(frozen=True, slots=True)
class Judged:
    """Candidates of one question: standardised evidence float64[candidates, len(EVIDENCE)], and which answer it."""

    evidence: Floats
    is_relevant: Bools


def judged(evidence: Floats, is_relevant: Bools) -> Judged:
    """From raw evidence float64[len(EVIDENCE), candidates]."""
    rows = standing(evidence).T
    first = rows @ np.array([FIRST_LOOK.get(name, 0.0) for name in EVIDENCE])
    kept = is_relevant.copy()
    kept[np.argsort(-first, kind="stable")[:HARDEST]] = True
    return Judged(rows[kept], is_relevant[kept])


def weights(sets: Sequence[Sequence[Judged]], without: Sequence[str] = ()) -> Floats:
    """float64[len(EVIDENCE)]; every set counts the same, however many questions it has."""
    used = [[one for one in judged_ if one.is_relevant.any()] for judged_ in sets]

    def loss(values: Floats) -> tuple[float, Floats]:
        total, slope = RIDGE * float(values @ values) / 2, RIDGE * values
        for questions in used:
            for one in questions:
                own, own_slope = _loss(one, values)
                total += own / len(questions) / len(used)
                slope = slope + own_slope / len(questions) / len(used)
        return total, slope

    bounds = [(0.0, 0.0) if name in without else (None if name in FREE else 0.0, None) for name in EVIDENCE]
    start = np.array([0.0 if name in without else 0.1 for name in EVIDENCE])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 200})
    return np.asarray(found.x)


def _loss(one: Judged, values: Floats) -> tuple[float, Floats]:
    """Mean over the relevant of -log(share among itself and the irrelevant), and its gradient."""
    scores = one.evidence @ values
    top = float(scores.max())
    raised = np.exp(scores - top)
    against = ~one.is_relevant
    others, pull = raised[against].sum(), raised[against] @ one.evidence[against]
    total, slope = 0.0, np.zeros(len(values))
    relevant = np.flatnonzero(one.is_relevant)
    for at in relevant:
        whole = raised[at] + others
        total += float(np.log(whole) - (scores[at] - top))
        slope += (raised[at] * one.evidence[at] + pull) / whole - one.evidence[at]
    return total / len(relevant), slope / len(relevant)


def calibration(features: Floats, helps: Bools) -> Floats:
    """Logistic regression of float64[n, f]: the intercept and a weight each."""
    with_one = np.column_stack([np.ones(len(features)), features])
    sign = np.where(helps, 1.0, -1.0)

    def loss(values: Floats) -> tuple[float, Floats]:
        margin = sign * (with_one @ values)
        share = 1.0 / (1.0 + np.exp(np.clip(margin, -500, 500)))
        slope = -(sign * share) @ with_one / len(sign)
        return float(np.logaddexp(0.0, -margin).mean()), slope

    found = minimize(loss, np.zeros(with_one.shape[1]), jac=True, method="L-BFGS-B")
    return np.asarray(found.x)
