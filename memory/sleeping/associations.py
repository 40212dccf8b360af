"""Which associations that nobody asked for are worth telling: strong ones, to what is far and long unused. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from retrieval.explain import PathStep


@dataclass(frozen=True, slots=True)
class AssociationParams:
    """How strong, how far and how many."""

    least_activation: float = 0.02  # share of the walks that end there; see `python -m bench hints`
    least_days: float = 7.0  # between the two, and since the other was last written or used
    most_a_night: int = 5
    most_of_one: int = 1  # hints that begin, or end, at one item


@dataclass(frozen=True, slots=True)
class Association:
    """What an item of today leads to."""

    source: str
    target: str
    activation: float  # 0 to 1
    days_apart: float  # between what happened here and there
    days_unused: float  # since the target was written or used
    is_elsewhere: bool  # in another document and another session
    path: tuple[PathStep, ...]  # passage, one name or more, passage


RECOMMENDED = AssociationParams()


def worth_telling(
    found: Iterable[Association], told: Collection[frozenset[str]], params: AssociationParams = RECOMMENDED
) -> list[Association]:
    """The strongest first, none between two items that were `told` of already, in either direction."""
    chosen: list[Association] = []
    spoken_of = set(told)
    for one in sorted(found, key=lambda one: (-one.activation, one.source, one.target)):
        pair = frozenset((one.source, one.target))
        if len(chosen) == params.most_a_night:
            break
        is_new = pair not in spoken_of and _times(chosen, one) < params.most_of_one
        if is_new and _crosses(one, params):
            chosen.append(one)
            spoken_of.add(pair)
    return chosen


def why(association: Association) -> str:
    """In a sentence; it says only names that one of the two has, so that it goes with them."""
    names = [step.label for step in association.path[1:-1]]
    days = f"{association.days_apart:.0f} days lie between them"
    if len(names) == 1:
        return f"Both name {names[0]}; {days}."
    joined = "alike" if all(step.edge == "synonym" for step in association.path[2:-1]) else "joined by what is known"
    return f"One names {names[0]}, the other {names[-1]}, which are {joined}; {days}."


def _crosses(one: Association, params: AssociationParams) -> bool:
    is_far = one.is_elsewhere and min(one.days_apart, one.days_unused) >= params.least_days
    return is_far and one.activation >= params.least_activation


def _times(chosen: Sequence[Association], one: Association) -> int:
    """In how many hints one of its items is already."""
    return max(sum(item in (other.source, other.target) for other in chosen) for item in (one.source, one.target))
