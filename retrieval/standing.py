"""Names that stand for others: what a passage mentions, under the one name that its entity goes by. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from retrieval.types import EntityKind, IndexedFact, Mention


@dataclass(frozen=True, slots=True)
class Standing:
    """The name that an entity goes by where several are its own, as it is written and what kind it is."""

    name: str  # normal
    display: str
    kind: EntityKind


def mentions_under(mentions: Sequence[Mention], standing: Mapping[str, Standing]) -> tuple[Mention, ...]:
    """The same mentions, each under the name that stands for its own; those of one entity become one.

    Counts add up, sentences are united, and the place of the first stays.
    """
    found: dict[str, Mention] = {}
    for one in mentions:
        known = standing.get(one.name)
        if known is not None:
            one = replace(one, name=known.name, display=known.display, kind=known.kind)  # noqa: PLW2901
        before = found.get(one.name)
        found[one.name] = one if before is None else _together(before, one)
    return tuple(found.values())


def facts_under(facts: Sequence[IndexedFact], standing: Mapping[str, Standing]) -> tuple[IndexedFact, ...]:
    """The same facts, about the entities by the names that stand for theirs; none that only joins two of its names."""

    def name(one: str) -> str:
        return standing[one].name if one in standing else one

    apart = (one for one in facts if one.subject == one.object or name(one.subject) != name(one.object))
    return tuple(replace(one, subject=name(one.subject), object=name(one.object)) for one in apart)


def _together(one: Mention, other: Mention) -> Mention:
    sentences = tuple(sorted({*one.sentences, *other.sentences}))
    count, in_title = one.count + other.count, one.in_title or other.in_title
    return replace(one, count=count, in_title=in_title, sentences=sentences)
