"""What filters mean: `matches` says it one passage at a time, `mask` for all passages at once.

- A field that is missing matches nothing, except `ne`, `nin` and `NOT`: `ne` and `nin` are `NOT` of `eq` and `in`.
- A list matches if any of its elements does.
- Text compares with text, numbers with numbers, truth values with truth values; anything else is no match, no error.
- `contains` and `icontains` look for text inside text; `icontains` ignores case.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import ge, gt, le, lt

import numpy as np
from numpy.typing import NDArray

from retrieval.columns import EXACT, Columns, Distinct, Value
from retrieval.types import Attributes, Scalar

Mask = NDArray[np.bool_]


class Operator(StrEnum):
    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    IN = "in"
    NIN = "nin"
    CONTAINS = "contains"
    ICONTAINS = "icontains"


NEGATIVE = {Operator.NE: Operator.EQ, Operator.NIN: Operator.IN}
_ORDERS: Mapping[Operator, Callable[..., bool]] = {
    Operator.GT: gt,
    Operator.GTE: ge,
    Operator.LT: lt,
    Operator.LTE: le,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """`field operator operand`; the operand of `in` and `nin` is a tuple."""

    field: str
    operator: Operator
    operand: Value

    def mask(self, columns: Columns) -> Mask:
        negative = self.operator in NEGATIVE
        return columns.where(self.field, lambda distinct: _select(self, distinct) != negative, missing=negative)


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; without parts, always."""

    parts: tuple["Filter", ...]

    def mask(self, columns: Columns) -> Mask:
        mask = np.ones(len(columns), np.bool_)
        for part in self.parts:
            mask &= part.mask(columns)
        return mask


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds."""

    parts: tuple["Filter", ...]

    def mask(self, columns: Columns) -> Mask:
        mask = np.zeros(len(columns), np.bool_)
        for part in self.parts:
            mask |= part.mask(columns)
        return mask


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Filter"

    def mask(self, columns: Columns) -> Mask:
        return ~self.part.mask(columns)


Filter = Condition | All | Some | Not


def matches(filter_: Filter, attributes: Attributes) -> bool:
    """What a filter means, one passage at a time."""
    if isinstance(filter_, All):
        return all(matches(part, attributes) for part in filter_.parts)
    if isinstance(filter_, Some):
        return any(matches(part, attributes) for part in filter_.parts)
    if isinstance(filter_, Not):
        return not matches(filter_.part, attributes)
    value = attributes.get(filter_.field)
    operator = NEGATIVE.get(filter_.operator, filter_.operator)
    found = value is not None and any(_holds(element, operator, filter_.operand) for element in _elements(value))
    return found != (filter_.operator in NEGATIVE)


def _elements(value: Scalar | Sequence[Scalar]) -> Sequence[Scalar]:
    return (value,) if isinstance(value, str | int | float) else value


def _holds(element: Scalar, operator: Operator, operand: Value) -> bool:
    if isinstance(operand, tuple):
        return any(_holds(element, Operator.EQ, wanted) for wanted in operand)
    if _type(element) is not _type(operand):
        return False
    if operator is Operator.EQ:
        return element == operand
    if operator in _ORDERS:
        return _ORDERS[operator](element, operand)
    if not isinstance(element, str) or not isinstance(operand, str):
        return False
    return operand in element if operator is Operator.CONTAINS else operand.casefold() in element.casefold()


def _type(value: Scalar) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


def _select(condition: Condition, distinct: Distinct) -> Mask:
    """Which distinct values the condition wants; `ne` and `nin` as if they were `eq` and `in`."""
    operator, operand = NEGATIVE.get(condition.operator, condition.operator), condition.operand
    if operator in _ORDERS and _is_plain_number(operand):
        wanted = np.asarray(_ORDERS[operator](distinct.numbers, operand), np.bool_)
        doubtful = distinct.irregular
    elif operator in (Operator.EQ, Operator.IN):
        wanted = np.zeros(len(distinct.values), np.bool_)
        sought = np.array([hash(element) for element in _elements(operand)], np.int64)
        doubtful = np.union1d(np.flatnonzero(np.isin(distinct.hashes, sought)), distinct.irregular)
    else:
        wanted = np.zeros(len(distinct.values), np.bool_)
        doubtful = np.arange(len(wanted))
    for code in doubtful.tolist():
        wanted[code] = any(_holds(element, operator, operand) for element in _elements(distinct.values[code]))
    return wanted


def _is_plain_number(operand: Value) -> bool:
    return isinstance(operand, int | float) and not isinstance(operand, bool) and abs(operand) <= EXACT
