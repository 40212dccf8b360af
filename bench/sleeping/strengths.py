"""How well the items in recall are remembered, over the nights of a life."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from memory.parts import Parts
from memory.surveying import seen
from memory.types import ItemState, Kind, Namespace

PERCENTILES = (10, 50, 90)


@dataclass(frozen=True, slots=True)
class Strengths:
    """Percentiles 10, 50 and 90 of the memories in recall after a day."""

    day: int
    stability: tuple[float, ...]  # days
    retrievability: tuple[float, ...]  # 0 to 1
    replayed: tuple[float, ...]  # stability of those that were replayed at least once; none: empty


def look(parts: Parts, namespace: Namespace, day: int, now: datetime) -> Strengths:
    """As of `now`; documents are left out, for they are not replayed."""
    mine = [
        one
        for one in seen(parts, namespace, now)
        if one.item.state is ItemState.ACTIVE and one.item.kind is Kind.MEMORY
    ]
    return Strengths(
        day,
        _percentiles([one.trace.stability for one in mine]),
        _percentiles([one.retrievability for one in mine]),
        _percentiles([one.trace.stability for one in mine if one.trace.replays]),
    )


def _percentiles(values: list[float]) -> tuple[float, ...]:
    return tuple(float(one) for one in np.percentile(values, PERCENTILES)) if values else ()
