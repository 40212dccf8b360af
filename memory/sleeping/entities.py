"""Which names are one entity's, as far as names and their surroundings say so. Pure.

Every rule says how alike two names are (likenesses.py); what their passages share adds to that, and only what reaches
`least` is merged. Two names are never merged if numbers or generations in them differ, if one sentence has both as
different things, if somebody told them apart, or if more than one name could be meant.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from memory.sleeping.likenesses import RECOMMENDED, STATED, Likeness, MergeParams, Named, Pair, may_be_one


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the passages of two names say: names that stand with both, whether one sentence has both as two things, and
    whether all passages of one have the other.
    """

    companions: int
    is_contrasted: bool
    is_within: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """The name is to count as the other."""

    name: str
    into: Named
    likeness: float
    why: str


def propose(
    names: Mapping[str, Named],
    likenesses: Sequence[Likeness],
    surroundings: Mapping[Pair, Surroundings],
    apart: Collection[Pair] = (),
    params: MergeParams = RECOMMENDED,
) -> list[Proposal]:
    """What to merge: of each group of names, all into one; the surest likenesses first."""
    forbidden = set(apart)
    scored: list[tuple[float, Likeness]] = []
    for one in likenesses:
        around = surroundings[one.pair]
        if around.is_contrasted and one.rule != STATED:
            forbidden.add(one.pair)
            continue
        shared = params.companion * min(around.companions, params.most_companions)
        likeness = min(1.0, one.weight + shared + params.within * around.is_within)
        if likeness >= params.least - 1e-9:
            scored.append((likeness, one))
    groups: dict[str, set[str]] = {}
    reasons: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for likeness, one in sorted(scored, key=lambda each: (-each[0], each[1].name, each[1].other)):
        left, right = groups.get(one.name, {one.name}), groups.get(one.other, {one.other})
        if left is right or not _fit(names, left, right, forbidden):
            continue
        together = left | right
        groups.update(dict.fromkeys(together, together))
        for name in one.pair:
            reasons[name].append((likeness, one.rule))
    return _proposals(names, groups, reasons)


def _proposals(
    names: Mapping[str, Named], groups: Mapping[str, set[str]], reasons: Mapping[str, list[tuple[float, str]]]
) -> list[Proposal]:
    found = []
    for name, group in sorted(groups.items()):
        into = names[max(group, key=lambda one: _standing(names[one], group))]
        if name != into.name:
            likeness, why = max(reasons[name])
            found.append(Proposal(name, into, likeness, why))
    return found


def _standing(one: Named, group: Collection[str]) -> tuple[bool, int, int, int, str]:
    """What makes a name the one that an entity goes by: no acronym of another, used most, the core of most."""
    is_short = " " not in one.name and any(" " in other for other in group)
    core = sum(f" {one.name} " in f" {other} " for other in group)
    return (not is_short, one.passages, core, len(one.name), one.name)


def _fit(names: Mapping[str, Named], left: Collection[str], right: Collection[str], forbidden: set[Pair]) -> bool:
    return all(
        frozenset((one, other)) not in forbidden and may_be_one(names[one], names[other])
        for one, other in product(left, right)
    )
