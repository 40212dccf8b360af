"""Which items stand in recall at a point in time, as a filter of the index. Pure.

Two clocks: valid time (`as_of`: what held then) and transaction time (`known_at`: as it was known then). A document or
memory without an end holds on; what was superseded is out from its `valid_to` on, as soon as that is known.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from memory.attributes import EXPIRES_AT, RETIRED_AT, STATE, VALID_TO
from memory.types import ItemState, Kind, Recall
from retrieval.predicates import All, Condition, Filter, Not, Operator, Some

LONG_AGO = -1e15  # seconds; earlier than any time
END_OF_TIME = 1e15


def standing(question: Recall, now: datetime | None, fields: Collection[str]) -> list[Filter]:
    """The conditions that a question puts on time and state. `fields` are those that any item of the index has at all,
    so that what nobody has costs nothing. Without `now`, all that is known counts as past, and nothing expires.
    """
    conditions: list[Filter] = []
    if STATE in fields:
        hidden = (ItemState.QUARANTINED.value,) if question.archived else (
            ItemState.QUARANTINED.value, ItemState.ARCHIVED.value,
        )  # fmt: skip
        conditions.append(Condition(STATE, Operator.NIN, hidden))
    if question.as_of is not None:
        conditions.append(_began(question.as_of))
    if question.known_at is not None:
        conditions.append(Condition("recorded_at", Operator.LTE, question.known_at.timestamp()))
    if VALID_TO in fields and not question.superseded and question.document_ids is None:
        conditions.append(Not(_superseded(question, now)))
    expired_at = question.as_of or now
    if EXPIRES_AT in fields and expired_at is not None:
        conditions.append(Not(Condition(EXPIRES_AT, Operator.LTE, expired_at.timestamp())))
    return conditions


def _began(moment: datetime) -> Filter:
    """It happened by then; where that is unknown, a memory was told by then, and a document speaks of any time."""
    is_dated = Condition("occurred_at", Operator.GTE, LONG_AGO)
    by_then = Condition("occurred_at", Operator.LTE, moment.timestamp())
    told = Condition("recorded_at", Operator.LTE, moment.timestamp())
    undated = All((Not(is_dated), Some((Condition("kind", Operator.EQ, Kind.DOCUMENT.value), told))))
    return Some((by_then, undated))


def _superseded(question: Recall, now: datetime | None) -> Filter:
    ended = Condition(VALID_TO, Operator.LTE, _moment(question, now))
    if question.known_at is None:
        return ended
    return All((ended, Condition(RETIRED_AT, Operator.LTE, question.known_at.timestamp())))


def _moment(question: Recall, now: datetime | None) -> float:
    """The time as of which an item must hold: a question about a time range is asked as of its end."""
    if question.as_of is not None:
        return question.as_of.timestamp()
    ends: Sequence[datetime | None] = (now, question.known_at, question.time_range.end if question.time_range else None)
    return min((end.timestamp() for end in ends if end is not None), default=END_OF_TIME)
