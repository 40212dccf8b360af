"""Recall of labelled questions. Pure."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from bench.types import Outcome

CUTOFFS = (1, 2, 5, 8, 10, 20)
ALL_CUTOFFS = (5, 8)
DEPTH = max(CUTOFFS)


@dataclass(frozen=True, slots=True)
class Summary:
    """Means over questions, 0 to 1: recall at k, and the share of questions `complete` in the top k."""

    questions: int
    recall: Mapping[int, float]
    complete: Mapping[int, float]
    ms_p50: float
    ms_p95: float


def best_ranks(documents: Sequence[str], ids_of: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """1-based rank of every id.

    A document that several passages found counts once, at its best rank; ids of equal documents share a rank.
    """
    ranks: dict[str, int] = {}
    for rank, document in enumerate(dict.fromkeys(documents), start=1):
        for name in ids_of.get(document, ()):
            ranks.setdefault(name, rank)
    return ranks


def relevant_ranks(ranks: Mapping[str, int], relevant: Set[str], depth: int = DEPTH) -> tuple[int, ...]:
    """Ranks of the relevant ids that are among the first `depth`, ascending."""
    return tuple(sorted(ranks[name] for name in relevant if name in ranks and ranks[name] <= depth))


def recall_at(k: int, outcome: Outcome) -> float:
    """|relevant in the top k| / |relevant|."""
    return sum(rank <= k for rank in outcome.ranks) / outcome.relevant


def all_at(k: int, outcome: Outcome) -> float:
    """1 if everything relevant is in the top k, else 0."""
    return float(sum(rank <= k for rank in outcome.ranks) == outcome.relevant)


def summary(outcomes: Sequence[Outcome]) -> Summary:
    """Means over at least one question."""
    times = [outcome.ms for outcome in outcomes]
    return Summary(
        questions=len(outcomes),
        recall={k: float(np.mean([recall_at(k, outcome) for outcome in outcomes])) for k in CUTOFFS},
        complete={k: float(np.mean([all_at(k, outcome) for outcome in outcomes])) for k in ALL_CUTOFFS},
        ms_p50=float(np.percentile(times, 50)),
        ms_p95=float(np.percentile(times, 95)),
    )


def by_category(outcomes: Sequence[Outcome]) -> dict[str, Summary]:
    """A summary of each category, in the order of their names; none if the data has no categories."""
    names = sorted({outcome.category for outcome in outcomes} - {""})
    return {name: summary([outcome for outcome in outcomes if outcome.category == name]) for name in names}
