"""The cross-context layer: names that two namespaces of one owner seem to share. Pure.

Names are compared as the graph compares near names, so that two letters ("EU") and other scripts count too; a name is
never compared within its own namespace, where it would only find itself. Source of the idea and of the bounds:
ZenBrain (Apache-2.0), cross-context layer.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from retrieval.synonyms import keys, similarity

LEAST_SIMILAR = 0.7
MOST_NAMES = 500  # of one namespace, the most frequent first
MOST_CANDIDATES = 20  # of one search


class LinkStatus(StrEnum):
    CANDIDATE = "candidate"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name of each namespace, and how near they are, 0 to 1."""

    name: str
    other_name: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Link:
    """What two namespaces share, or may share, seen from one of them."""

    id: str
    namespace: str  # names of the two
    other: str
    name: str
    other_name: str
    similarity: float
    status: LinkStatus
    found_at: datetime
    decided_at: datetime | None


def candidates(names: Mapping[str, int], others: Mapping[str, int]) -> list[Candidate]:
    """Pairs of near names, nearest first; both come with how often they are named."""
    mine, theirs = _frequent(names), _frequent(others)
    meeting: dict[str, list[str]] = defaultdict(list)
    for name in theirs:
        for key in keys(name):
            meeting[key].append(name)
    found: dict[tuple[str, str], float] = {}
    for name in mine:
        for other in {other for key in keys(name) for other in meeting.get(key, ())}:
            found[name, other] = similarity(name, other)
    near = [Candidate(*pair, value) for pair, value in found.items() if value >= LEAST_SIMILAR]
    near.sort(key=lambda one: (-one.similarity, -names[one.name] * others[one.other_name], one.name, one.other_name))
    return near[:MOST_CANDIDATES]


def _frequent(names: Mapping[str, int]) -> list[str]:
    return sorted(names, key=lambda name: (-names[name], name))[:MOST_NAMES]


def may_link(settings: Iterable[Mapping[str, object]]) -> bool:
    """Whether namespaces with these settings may be linked: all of them agree, and have the same owner."""
    known = list(settings)
    owners = {one.get("owner") for one in known}
    return len(owners) == 1 and all(one.get("linkable") is True for one in known)
