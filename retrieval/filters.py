"""The filter language: a mapping becomes a Filter, or an error that names the place and the remedy.

The entries of a mapping must all hold. An entry is `AND` or `OR` with a list of filters, `NOT` with a filter or with a
list of filters of which none may hold, or a field with a value (it equals it) or with operators (all hold):

    {"AND": [{"metadata.topic": "travel"}, {"occurred_at": {"gte": "2024-01-01"}}]}

`occurred_at` and `recorded_at` take RFC 3339 text: a date is its first moment, a time without a zone is UTC.
What the operators mean is written in predicates.py.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from typing_extensions import TypeIs

from retrieval.errors import FilterInvalid
from retrieval.predicates import All, Condition, Filter, Not, Operator, Some, matches
from retrieval.types import Scalar

__all__ = ["FIELDS", "Filter", "matches", "parse"]

TIMES = ("occurred_at", "recorded_at")
FIELDS = ("id", "document_id", "external_id", "kind", "title", "source", "speaker", "session_id", "layer", *TIMES)
METADATA = "metadata."
DEEPEST = 10  # filters inside filters
MOST_CONDITIONS = 200
MOST_ELEMENTS = 10_000  # of a list for `in` or `nin`

_TEXT_OPERATORS = (Operator.CONTAINS, Operator.ICONTAINS)
_LIST_OPERATORS = (Operator.IN, Operator.NIN)
_ORDER_OPERATORS = (Operator.GT, Operator.GTE, Operator.LT, Operator.LTE)


def parse(dsl: Mapping[str, object], path: str = "filters") -> Filter:
    """The filter that `dsl` describes; `path` is what errors call it. Raises FilterInvalid."""
    filter_ = _filter(dsl, path, 1)
    if _conditions(filter_) > MOST_CONDITIONS:
        raise FilterInvalid(
            f"more than {MOST_CONDITIONS} conditions",
            path,
            "Replace conditions on one field by a single `in` with a list.",
        )
    return filter_


def _filter(dsl: object, path: str, depth: int) -> Filter:
    if not isinstance(dsl, Mapping):
        raise FilterInvalid(
            f"{_a(dsl)} is not a filter", path, 'Give an object, for example {"metadata.topic": "travel"}.'
        )
    if depth > DEEPEST:
        raise FilterInvalid(
            f"filters stand more than {DEEPEST} deep", path, "Join nested AND and OR into fewer levels."
        )
    parts = tuple(_entry(str(key), value, f"{path}.{key}", depth) for key, value in dsl.items())
    return parts[0] if len(parts) == 1 else All(parts)


def _entry(key: str, value: object, path: str, depth: int) -> Filter:
    if key == "AND":
        return All(_filters(value, path, depth))
    if key == "OR":
        return Some(_filters(value, path, depth))
    if key == "NOT":
        inner = _filter(value, path, depth + 1) if isinstance(value, Mapping) else Some(_filters(value, path, depth))
        return Not(inner)
    _check_field(key, path)
    if not isinstance(value, Mapping):
        return _condition(key, Operator.EQ, value, path)
    if not value:
        raise FilterInvalid("there is no operator", path, 'Give an operator, for example {"eq": "travel"}.')
    parts = tuple(
        _condition(key, _operator(str(name), f"{path}.{name}"), operand, f"{path}.{name}")
        for name, operand in value.items()
    )
    return parts[0] if len(parts) == 1 else All(parts)


def _filters(value: object, path: str, depth: int) -> tuple[Filter, ...]:
    if not _is_list(value) or not value:
        raise FilterInvalid(
            f"{_a(value)} is not a list of filters", path, 'Give a list, for example [{"kind": "memory"}].'
        )
    return tuple(_filter(part, f"{path}[{number}]", depth + 1) for number, part in enumerate(value))


def _check_field(key: str, path: str) -> None:
    if key in FIELDS or (key.startswith(METADATA) and all(key.split("."))):
        return
    if key.upper() in ("AND", "OR", "NOT"):
        raise FilterInvalid(f"`{key}` is not a field", path, f"Write {key.upper()} in capitals.")
    known = ", ".join(FIELDS)
    raise FilterInvalid(f"`{key}` is not a field", path, f"Use one of {known}, or metadata.<key> for your own fields.")


def _operator(name: str, path: str) -> Operator:
    try:
        return Operator(name)
    except ValueError:
        known = ", ".join(Operator)
        remedy = f"Use one of {known}. A field inside metadata is spelled with dots: metadata.outer.inner."
        raise FilterInvalid(f"`{name}` is not an operator", path, remedy) from None


def _condition(field: str, operator: Operator, operand: object, path: str) -> Condition:
    if operator in _TEXT_OPERATORS and (field in TIMES or not isinstance(operand, str)):
        remedy = "Use gte and lt with a time." if field in TIMES else "Give text; to find an element of a list use eq."
        raise FilterInvalid(f"`{operator}` looks for text in text", path, remedy)
    if operator not in _LIST_OPERATORS:
        return Condition(field, operator, _scalar(field, operator, operand, path))
    if not _is_list(operand) or len(operand) > MOST_ELEMENTS:
        remedy = f"Give a list of at most {MOST_ELEMENTS} values."
        raise FilterInvalid(f"`{operator}` takes a list, not {_a(operand)}", path, remedy)
    elements = tuple(_scalar(field, operator, element, f"{path}[{number}]") for number, element in enumerate(operand))
    return Condition(field, operator, elements)


def _scalar(field: str, operator: Operator, operand: object, path: str) -> Scalar:
    if _is_list(operand):
        raise FilterInvalid(
            f"`{operator}` takes one value, not a list", path, 'Use {"in": [...]} to allow several values.'
        )
    if not isinstance(operand, str | int | float):
        remedy = "Use NOT to find what lacks a field." if operand is None else "Give text, a number, true or false."
        raise FilterInvalid(f"{_a(operand)} cannot be compared", path, remedy)
    if isinstance(operand, float) and not math.isfinite(operand):
        raise FilterInvalid("the number is not finite", path, "Give a finite number.")
    if isinstance(operand, bool) and operator in _ORDER_OPERATORS:
        raise FilterInvalid("true and false have no order", path, "Use eq or ne.")
    return _seconds(operand, path) if field in TIMES else operand


def _seconds(operand: Scalar, path: str) -> float:
    remedy = "Give RFC 3339 text, for example 2024-01-31 or 2024-01-31T09:30:00Z."
    if not isinstance(operand, str):
        raise FilterInvalid(f"{_a(operand)} is not a time", path, remedy)
    try:
        time = datetime.fromisoformat(operand)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise FilterInvalid(f"`{operand[:40]}` is not a time", path, remedy) from None


def _conditions(filter_: Filter) -> int:
    if isinstance(filter_, Condition):
        return 1
    return _conditions(filter_.part) if isinstance(filter_, Not) else sum(map(_conditions, filter_.parts))


def _is_list(value: object) -> TypeIs[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _a(value: object) -> str:
    """What a JSON value is called."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float):
        return "a number"
    return "an object" if isinstance(value, Mapping) else "a list"
