"""The semantic layer: of all that was said about one attribute of one subject, what held when. Pure.

The end of a statement follows from the others alone, whatever the order in which they came: taking one away again
gives the answer without it. That is what makes an update reversible.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from retrieval.normalize import normal_name

_ARTICLES = frozenset(["the", "a", "an", "der", "die", "das", "ein", "eine"])


@dataclass(frozen=True, slots=True)
class Statement:
    """A functional fact as a memory states it. It held from `valid_from` (inclusive) to `valid_to` (exclusive)."""

    id: str
    document_id: str
    subject: str
    attribute: str
    value: str
    negated: bool
    text: str
    is_whole: bool
    valid_from: datetime
    recorded_at: datetime
    counts: bool = True  # its memory stands in recall, so that it may end others
    valid_to: datetime | None = None
    retired_at: datetime | None = None  # when the end became known
    superseded_by: str | None = None  # the statement that ended it

    @property
    def key(self) -> "Key":
        return Key(self.subject, self.attribute)


@dataclass(frozen=True, slots=True)
class Key:
    """What one value at a time belongs to: the collateral guard compares nothing across keys."""

    subject: str
    attribute: str


@dataclass(frozen=True, slots=True)
class Step:
    """Of a statement, what leads from it to the one that ended it."""

    id: str
    document_id: str
    superseded_by: str | None


@dataclass(frozen=True, slots=True)
class Ending:
    """When what a document says stopped holding, since when that is known, and by which document."""

    valid_to: datetime
    retired_at: datetime
    superseded_by: str


def settle(statements: Sequence[Statement], now: datetime) -> list[Statement]:
    """The statements of one key with their ends, oldest first.

    A statement ends where the next one with another value begins; a negated one only ends, and is ended by, its own
    value; what does not count ends nothing. Of two of the same time the one recorded later wins, then the one with the
    greater id. What is known of an end keeps the time at which it became known; what is new is known since `now`.
    """
    ordered = sorted(statements, key=lambda one: (one.valid_from, one.recorded_at, one.id))
    return [_ended(one, _successor(one, ordered[place + 1 :]), now) for place, one in enumerate(ordered)]


def may_matter(one: Statement, since: datetime) -> bool:
    """Whether a settled statement may change, or end another, when something that began at `since` or later comes or
    goes: what ended before neither changes nor ends anything that still holds. Queries read no more than these.
    """
    return one.valid_to is None or one.valid_to >= since or one.valid_from >= since


def endings(statements: Iterable[Statement], owners: Mapping[str, str]) -> Mapping[str, Ending | None]:
    """The end of each document: it ended if it says nothing but statements, and the last of them has ended.

    `owners` names the document of each statement that ended another.
    """
    grouped: dict[str, list[Statement]] = defaultdict(list)
    for one in statements:
        grouped[one.document_id].append(one)
    return {document: _ending(some, owners) for document, some in grouped.items()}


def successions(steps: Iterable[Step], known: Mapping[str, Step]) -> Mapping[str, Sequence[str]]:
    """Of each document all of whose statements have ended: the documents that say what held instead, in their order.

    `steps` has all statements of these documents, `known` those that ended them, those that ended these, and so on.
    """
    grouped: dict[str, list[Step]] = defaultdict(list)
    for one in steps:
        grouped[one.document_id].append(one)
    return {
        document: list(_chain(some, known))
        for document, some in grouped.items()
        if all(one.superseded_by is not None for one in some)
    }


def _chain(steps: Sequence[Step], known: Mapping[str, Step]) -> Iterator[str]:
    """Each statement was followed by at most one, and by none that came before it."""
    for one in steps:
        later = known.get(one.superseded_by or "")
        while later is not None:
            yield later.document_id
            later = known.get(later.superseded_by or "")


def changed(before: Iterable[Statement], after: Iterable[Statement]) -> list[Statement]:
    """Those of `after` whose end is not as it was."""
    ends = {one.id: (one.valid_to, one.superseded_by) for one in before}
    return [one for one in after if ends.get(one.id) != (one.valid_to, one.superseded_by)]


def is_same_value(left: str, right: str) -> bool:
    """Equal but for spelling, or one refines the other: "Ghent" and "Ghent, Belgium"."""
    first, second = (set(normal_name(value).split()) - _ARTICLES for value in (left, right))
    return first <= second or second <= first


def _successor(one: Statement, later: Iterable[Statement]) -> Statement | None:
    """The first later statement that contradicts this one."""
    for other in later:
        is_same = is_same_value(one.value, other.value)
        contradicts = is_same and not other.negated if one.negated else is_same == other.negated
        if contradicts and other.counts and other.document_id != one.document_id:
            return other
    return None


def _ended(one: Statement, by: Statement | None, now: datetime) -> Statement:
    if by is None:
        return replace(one, valid_to=None, retired_at=None, superseded_by=None)
    if (one.valid_to, one.superseded_by) == (by.valid_from, by.id):
        return one
    return replace(one, valid_to=by.valid_from, retired_at=now, superseded_by=by.id)


def _ending(statements: Sequence[Statement], owners: Mapping[str, str]) -> Ending | None:
    last: Ending | None = None
    for one in statements:
        if not one.is_whole or one.valid_to is None or one.retired_at is None or one.superseded_by is None:
            return None
        if last is None or one.valid_to >= last.valid_to:
            last = Ending(one.valid_to, one.retired_at, owners.get(one.superseded_by, one.superseded_by))
    return last
