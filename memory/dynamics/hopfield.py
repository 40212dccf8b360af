"""Completes a partial pattern from stored ones: the modern Hopfield network as a short-term memory. Pure.

Source: Ramsauer et al. 2021, "Hopfield Networks is All You Need" (update rule eq. 3, energy eq. 2), as attractor
recall in CA3; ZenBrain repository (Apache-2.0), module `hopfield-stm`. The original cut vectors of unequal length to
the shorter; here they are an error. At its sharpness of 1 the answer is close to the mean of all unit patterns, hence
the sharper `RECOMMENDED`.
"""

import math
from dataclasses import dataclass

import numpy as np

from memory.dynamics.checks import Floats, above, require, within
from memory.errors import ParamsInvalid, Problem


@dataclass(frozen=True, slots=True)
class HopfieldParams:
    """How sharply one pattern is chosen, and how long the state may move."""

    sharpness: float = 20.0  # beta, > 0: towards 0 all patterns blend, towards infinity the nearest one wins
    iterations: int = 8  # updates at most
    tolerance: float = 1e-4  # Euclidean move of the state at which it has converged; only with several iterations

    def __post_init__(self) -> None:
        require(
            above("sharpness", self.sharpness, 0),
            within("iterations", self.iterations, 1),
            within("tolerance", self.tolerance, 0),
        )


COMPAT = HopfieldParams(sharpness=1.0, iterations=1)
RECOMMENDED = HopfieldParams()


@dataclass(frozen=True, slots=True)
class Completion:
    """Where the state came to rest; `weights` and `scores` are those of the last update, one for each pattern."""

    state: Floats  # float64[d]
    weights: Floats  # float64[n], they sum to 1
    scores: Floats  # float64[n], dot products with the state before the last update
    energy: float  # of `state`
    iterations: int
    has_converged: bool


@dataclass(frozen=True, slots=True)
class Match:
    """A stored pattern by its row, with its share of the completion (0-1) and its dot product."""

    row: int
    weight: float
    score: float


def complete(query: Floats, patterns: Floats, params: HopfieldParams = RECOMMENDED) -> Completion:
    """The pattern that a query (float64[d]) is a part of, out of `patterns` (float64[n, d], best of unit length).

    Without patterns the query itself. Raises ParamsInvalid for an empty query, other dimensions, or what is not finite.
    """
    _check(query, patterns)
    state, weights, scores = query, np.empty(0), np.empty(0)
    if not len(patterns):
        return Completion(query, weights, scores, energy(query, patterns, params), 0, True)
    moved, done = math.inf, 0
    while done < params.iterations and (done == 0 or moved > params.tolerance):
        scores = patterns @ state
        weights = _softmax(params.sharpness * scores)
        after = weights @ patterns
        moved = float(np.linalg.norm(after - state))
        state, done = after, done + 1
    has_converged = params.iterations == 1 or moved <= params.tolerance
    return Completion(state, weights, scores, energy(state, patterns, params), done, has_converged)


def energy(state: Floats, patterns: Floats, params: HopfieldParams = RECOMMENDED) -> float:
    """E = -logsumexp(beta Xs) / beta + |s|^2 / 2; an update never raises it. Without patterns only the second term."""
    half = 0.5 * float(state @ state)
    if not len(patterns):
        return half
    raised = params.sharpness * (patterns @ state)
    top = float(raised.max())
    return half - (top + math.log(float(np.exp(raised - top).sum()))) / params.sharpness


def strongest(completion: Completion, count: int, least_weight: float = 0.0) -> list[Match]:
    """At most `count` matches of at least `least_weight`, heaviest first, earlier rows first among equals."""
    rows = np.argsort(-completion.weights, kind="stable")[: max(0, count)]
    return [
        Match(int(row), float(completion.weights[row]), float(completion.scores[row]))
        for row in rows
        if completion.weights[row] >= least_weight
    ]


def _softmax(values: Floats) -> Floats:
    raised = np.exp(values - values.max())
    return np.asarray(raised / raised.sum())


def _check(query: Floats, patterns: Floats) -> None:
    if query.ndim != 1 or not query.size:
        raise ParamsInvalid([Problem("query", f"has shape {query.shape}", "send one row of numbers")])
    if patterns.ndim != 2 or patterns.shape[1] != query.size:
        message = f"have shape {patterns.shape} for a query of {query.size} numbers"
        raise ParamsInvalid([Problem("patterns", message, "use vectors of one model, one a row")])
    require(
        None
        if np.isfinite(query).all()
        else Problem("query", "has a number that is not finite", "send finite numbers"),
        None if np.isfinite(patterns).all() else Problem("patterns", "are not all finite", "send finite numbers"),
    )
