"""Every arm against every other, question by question. Pure: the same outcomes always give the same intervals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np

from bench.metrics import all_at, recall_at
from bench.statistics import Comparison, compare
from bench.types import Json, Outcome

SEED = 20241
ORACLES = ("hipporag2-oracle",)  # see the answers
METRICS: Mapping[str, Callable[[Outcome], float]] = {
    "recall@2": partial(recall_at, 2),
    "recall@5": partial(recall_at, 5),
    "recall@10": partial(recall_at, 10),
    "all@5": partial(all_at, 5),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """The first arm minus the second by one metric."""

    first: str
    second: str
    metric: str
    found: Comparison


@dataclass(frozen=True, slots=True)
class Loss:
    """A question that another arm answers better than the first does. `values` are by arm."""

    question: str
    category: str
    values: Mapping[str, float]


def pairs(outcomes: Mapping[str, Sequence[Outcome]]) -> list[Pair]:
    """All pairs of arms in the order of the run, for every metric. Arms have the same questions in the same order."""
    values = {
        metric: {arm: [measure(each) for each in found] for arm, found in outcomes.items()}
        for metric, measure in METRICS.items()
    }
    return [
        Pair(first, second, metric, compare(by_arm[first], by_arm[second], np.random.default_rng(SEED)))
        for first, second in combinations(outcomes, 2)
        for metric, by_arm in values.items()
    ]


def losses(outcomes: Mapping[str, Sequence[Outcome]], metric: str, most: int) -> list[Loss]:
    """Questions where the first arm is furthest behind the best of the others, at most `most`, the worst first.

    Arms that see the answers do not count among the others.
    """
    names = [name for name in outcomes if name not in ORACLES]
    found = []
    for asked in zip(*(outcomes[name] for name in names), strict=True):
        values = {name: METRICS[metric](outcome) for name, outcome in zip(names, asked, strict=True)}
        if max(values.values()) > values[names[0]]:
            found.append(Loss(asked[0].question, asked[0].category, values))
    return sorted(found, key=lambda loss: loss.values[names[0]] - max(loss.values.values()))[:most]


def as_json(found: Sequence[Pair]) -> list[Json]:
    return [
        {
            "first": pair.first,
            "second": pair.second,
            "metric": pair.metric,
            "difference": round(pair.found.difference, 4),
            "low": round(pair.found.low, 4),
            "high": round(pair.found.high, 4),
            "wins": pair.found.wins,
            "losses": pair.found.losses,
            "ties": pair.found.ties,
            "p": round(pair.found.p, 6),
        }
        for pair in found
    ]
