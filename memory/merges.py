"""Which names are one entity's: merges of names, and what they come to together. Pure.

Merges form a forest: a name is merged into one other at most, and only names that stand for themselves are merged, so
that there are no cycles and every entity has one name. Taking one away leaves a forest, in whatever order they go.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from retrieval.standing import Standing
from retrieval.types import EntityKind

REASONS: Mapping[str, str] = {  # codes are kept, words of less than eight letters: no erased text has its words here
    "asked": "somebody said so",
    "stated": "a text says so",
    "spelled": "the same but for how words are shortened",
    "stops": "the same but for full stops",
    "joined": "the same but for spaces",
    "article": "the same but for an article",
    "legal": "the same but for a corporate suffix",
    "office": "the same but for an office",
    "initial": "the same but for initials",
    "middle": "the same but for a middle name",
    "letter": "the same but for one letter",
}


class MergeStatus(StrEnum):
    PROPOSED = "planned"  # by a night that has not come to it yet
    MERGED = "merged"
    APART = "apart"  # somebody told them apart: no night merges them again


@dataclass(frozen=True, slots=True)
class Merge:
    """One name that counts as another (normal names), which is written as `display`."""

    id: str
    name: str
    into: str
    display: str
    kind: EntityKind
    status: MergeStatus
    why: str  # one of REASONS
    actor: str
    at: datetime


class Names:
    """What is known of the names of a namespace. Immutable."""

    def __init__(self, merges: Iterable[Merge]) -> None:
        known = sorted(merges, key=lambda one: one.id)
        self.merged: Mapping[str, Merge] = {one.name: one for one in known if one.status is MergeStatus.MERGED}
        self.apart = tuple(one for one in known if one.status is MergeStatus.APART)
        self._below: dict[str, list[str]] = {}
        for one in self.merged.values():
            self._below.setdefault(one.into, []).append(one.name)

    def and_(self, merge: Merge) -> "Names":
        """The same with one more."""
        return Names((*self.merged.values(), *self.apart, merge))

    def stand_in(self, name: str) -> str:
        """The name that stands for this one; itself, if it was merged into none."""
        while name in self.merged:
            name = self.merged[name].into
        return name

    def under(self, name: str) -> frozenset[str]:
        """This name, and all that were merged into it, by way of others too."""
        found, waiting = {name}, [name]
        while waiting:
            new = [one for one in self._below.get(waiting.pop(), ()) if one not in found]
            found.update(new)
            waiting += new
        return frozenset(found)

    def of(self, name: str) -> list[Merge]:
        """The merges that make up the entity of this name, oldest first."""
        names = self.under(self.stand_in(name))
        return sorted((one for one in self.merged.values() if one.name in names), key=lambda one: one.id)

    def told_apart(self, name: str, other: str) -> list[Merge]:
        """Why the entities of two names are not one."""
        ends = {self.stand_in(name), self.stand_in(other)}
        return [
            one for one in self.apart if len(ends) > 1 and {self.stand_in(one.name), self.stand_in(one.into)} == ends
        ]

    def may_merge(self, name: str, into: str) -> bool:
        """Whether both stand for themselves, and nobody told them apart."""
        is_free = name not in self.merged and into not in self.merged and name != into
        return is_free and not self.told_apart(name, into)

    def standing(self) -> dict[str, Standing]:
        """What stands for each name of an entity that has several; its spelling is that of the oldest merge."""
        found: dict[str, Standing] = {}
        for root in dict.fromkeys(self.stand_in(name) for name in self.merged):
            first = next(one for one in self.merged.values() if one.into == root)
            found |= dict.fromkeys(self.under(root), Standing(root, first.display, first.kind))
        return found
