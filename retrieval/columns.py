"""What filters see of all passages, in columns: a row holds the number of its value in a list of distinct values."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from retrieval.types import Attributes, Scalar

Value = Scalar | tuple[Scalar, ...]
Codes = NDArray[np.int32]
Arrays = dict[str, NDArray[np.generic]]

MISSING = -1  # the code of a row without a value
EXACT = 2**53  # up to here, floating point holds every whole number


class Distinct:
    """The distinct values of a column, in the order of their codes. Stored ones are decoded when first asked for."""

    def __init__(self, values: Sequence[Value] = (), stored: NDArray[np.uint8] | None = None) -> None:
        self._stored = stored
        if stored is None:
            self.values = values

    @cached_property
    def values(self) -> Sequence[Value]:
        stored = b"[]" if self._stored is None else self._stored.tobytes()
        return [tuple(value) if isinstance(value, list) else value for value in json.loads(stored)]

    @cached_property
    def hashes(self) -> NDArray[np.int64]:
        """Equal values have equal hashes; what a list hashes to says nothing of its elements."""
        return np.fromiter(map(hash, self.values), np.int64, len(self.values))

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The numbers; NaN stands for text, truth values, lists and whole numbers too long to be exact."""
        return np.array([float(value) if is_exact(value) else np.nan for value in self.values], np.float64)  # type: ignore[arg-type]

    @cached_property
    def irregular(self) -> NDArray[np.intp]:
        """Codes of lists and of whole numbers too long to be exact: `hashes` and `numbers` do not decide about them."""
        long = [isinstance(value, int) and abs(value) > EXACT for value in self.values]
        return np.flatnonzero(
            [isinstance(value, tuple) or is_long for value, is_long in zip(self.values, long, strict=True)]
        )


Select = Callable[[Distinct], NDArray[np.bool_]]
"""Which of the distinct values are wanted."""


def is_exact(value: object) -> bool:
    """Whether floating point holds this number as it is."""
    if isinstance(value, bool):
        return False
    return isinstance(value, float) or (isinstance(value, int) and abs(value) <= EXACT)


class Column:
    """One field: read-only codes that may be memory-mapped, what came after them, and what replaced some of them."""

    def __init__(self, codes: Codes | None = None, distinct: Distinct | None = None) -> None:
        self.base = codes if codes is not None else np.zeros(0, np.int32)
        self.base_distinct = distinct or Distinct()
        self.tail: list[int] = []
        self.replaced: dict[int, int] = {}  # row of the base -> code in the tail's own list of values
        self.tail_values: list[Value] = []
        self._known: dict[tuple[object, ...], int] = {}

    def put(self, row: int, value: Value | None) -> None:
        """Sets what the column says of a row; rows that were passed over are missing."""
        code = MISSING if value is None else self._code(value)
        after = row - len(self.base)
        if after < 0:
            self.replaced[row] = code
        elif after < len(self.tail):
            self.tail[after] = code
        elif code != MISSING:
            self.tail.extend([MISSING] * (after - len(self.tail)))
            self.tail.append(code)

    def where(self, select: Select, missing: bool, rows: int) -> NDArray[np.bool_]:
        """Which of the first `rows` rows have a wanted value; `missing` is the answer for rows without any."""
        mask = np.full(rows, missing)
        base = _answers(select, self.base_distinct, missing)
        np.take(base, self.base, out=mask[: len(self.base)], mode="wrap")  # the code -1 wraps to the last answer
        if self.tail or self.replaced:
            tail = _answers(select, Distinct(tuple(self.tail_values)), missing)
            mask[len(self.base) : len(self.base) + len(self.tail)] = tail[np.array(self.tail, np.int32)]
            if self.replaced:
                mask[np.fromiter(self.replaced, np.intp)] = tail[np.fromiter(self.replaced.values(), np.int32)]
        return mask

    def codes(self, rows: int) -> Codes:
        """A code a row; codes of the tail follow those of the base, so a value may have two codes."""
        if not self.tail and not self.replaced and len(self.base) == rows:
            return self.base
        codes = np.full(rows, MISSING, np.int32)
        codes[: len(self.base)] = self.base
        shift = len(self.base_distinct.values)
        codes[len(self.base) : len(self.base) + len(self.tail)] = _shifted(self.tail, shift)
        for row, code in self.replaced.items():
            codes[row] = code if code == MISSING else code + shift
        return codes

    def at(self, row: int) -> Value | None:
        after = row - len(self.base)
        code = self.replaced.get(row, None) if after < 0 else self.tail[after] if after < len(self.tail) else MISSING
        if code is None:
            code = int(self.base[row])
            return None if code == MISSING else self.base_distinct.values[code]
        return None if code == MISSING else self.tail_values[code]

    def among(self, rows: NDArray[np.integer]) -> list[Value | None]:
        """The value in each of these rows, None where there is none."""
        values, is_old = [*self.base_distinct.values, None], rows < len(self.base)  # the code -1 is the last one
        found = [values[MISSING]] * len(rows)
        for place, code in zip(np.flatnonzero(is_old).tolist(), self.base[rows[is_old]].tolist(), strict=True):
            found[place] = values[code]
        changed = ~is_old if self.tail else np.zeros(len(rows), np.bool_)
        if self.replaced:
            changed |= np.isin(rows, np.fromiter(self.replaced, np.int64))
        for place in np.flatnonzero(changed).tolist():
            found[place] = self.at(int(rows[place]))
        return found

    def values(self) -> list[Value]:
        return [*self.base_distinct.values, *self.tail_values]

    def is_compact(self, rows: int) -> bool:
        """Whether the base says all of `rows` rows, each value in use and under one code."""
        return not self.tail and not self.replaced and len(self.base) == rows

    @property
    def nbytes(self) -> int:
        """About what the tail takes; the base is memory-mapped."""
        return 8 * len(self.tail) + 120 * len(self.replaced) + 250 * len(self.tail_values)

    def _code(self, value: Value) -> int:
        code = self._known.setdefault(_identity(value), len(self.tail_values))
        if code == len(self.tail_values):
            self.tail_values.append(value)
        return code


class Columns:
    """What filters see of every passage. Rows are only added, or replaced as a whole."""

    def __init__(self) -> None:
        self._columns: dict[str, Column] = {}
        self._rows = 0

    def __len__(self) -> int:
        return self._rows

    @property
    def fields(self) -> list[str]:
        return list(self._columns)

    def append(self, attributes: Attributes) -> None:
        for field, value in attributes.items():
            self._columns.setdefault(field, Column()).put(self._rows, _value(value))
        self._rows += 1

    def replace(self, row: int, attributes: Attributes) -> None:
        """The row is seen as `attributes` from now on; what they do not name is missing."""
        for field in self._columns.keys() - attributes.keys():
            self._columns[field].put(row, None)
        for field, value in attributes.items():
            self._columns.setdefault(field, Column()).put(row, _value(value))

    def codes(self, field: str) -> Codes:
        """int32 a row, -1 where the field is missing. Not to be written to."""
        return self._columns.get(field, Column()).codes(self._rows)

    def values(self, field: str) -> list[Value]:
        """What the codes of a field stand for."""
        return self._columns.get(field, Column()).values()

    def at(self, field: str, rows: NDArray[np.integer]) -> list[Value | None]:
        """The value of a field in each of these rows, None where it is missing."""
        column = self._columns.get(field)
        return [None] * len(rows) if column is None else column.among(rows)

    def where(self, field: str, select: Select, missing: bool) -> NDArray[np.bool_]:
        """Which rows have a wanted value in this field; `missing` is the answer for rows without any."""
        column = self._columns.get(field)
        return np.full(self._rows, missing) if column is None else column.where(select, missing, self._rows)

    def select(self, rows: NDArray[np.integer]) -> "Columns":
        """New columns of these rows in this order."""
        chosen = Columns()
        chosen._rows = len(rows)
        for field, column in self._columns.items():
            codes, values = _compact(column.codes(self._rows)[rows], column.values())
            if values:
                chosen._columns[field] = Column(codes, Distinct(values))
        return chosen

    def to_arrays(self) -> Arrays:
        """All that must be stored, as arrays; lists of values are JSON text."""
        stored: Arrays = {"rows": np.array([self._rows], np.int64), "fields": _encode(self.fields)}
        for number, column in enumerate(self._columns.values()):
            codes, values = column.base, column.base_distinct.values
            if not column.is_compact(self._rows):
                codes, values = _compact(column.codes(self._rows), column.values())
            stored[f"codes.{number}"], stored[f"values.{number}"] = codes, _encode(values)
        return stored

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "Columns":
        """The columns as they were stored. The arrays are kept, not copied, and never written to."""
        columns = cls()
        columns._rows = int(arrays["rows"][0])
        for number, field in enumerate(json.loads(arrays["fields"].tobytes())):
            codes, stored = arrays[f"codes.{number}"], arrays[f"values.{number}"]
            columns._columns[field] = Column(codes.view(np.int32), Distinct(stored=stored.view(np.uint8)))
        return columns

    @property
    def nbytes(self) -> int:
        return sum(column.nbytes for column in self._columns.values())


def _value(value: Scalar | Sequence[Scalar]) -> Value:
    return value if isinstance(value, str | int | float) else tuple(value)


def _identity(value: Value) -> tuple[object, ...]:
    """Tells 1, 1.0 and True apart, which are equal in Python."""
    if isinstance(value, tuple):
        return (tuple, *map(_identity, value))
    return (type(value), repr(value) if isinstance(value, float) else value)


def _answers(select: Select, distinct: Distinct, missing: bool) -> NDArray[np.bool_]:
    """An answer a code, and a last one for rows without a value."""
    return np.append(select(distinct), missing)


def _shifted(codes: Sequence[int], shift: int) -> Codes:
    array = np.array(codes, np.int32)
    array[array != MISSING] += shift
    return array


def _compact(codes: Codes, values: Sequence[Value]) -> "Compacted":
    """The codes renumbered so that every value is used and has one code."""
    renumbered = np.full(len(values) + 1, MISSING, np.int32)
    known: dict[tuple[object, ...], int] = {}
    kept: list[Value] = []
    for code in np.unique(codes[codes != MISSING]).tolist():
        number = known.setdefault(_identity(values[code]), len(kept))
        if number == len(kept):
            kept.append(values[code])
        renumbered[code] = number
    return renumbered[codes], kept


Compacted = tuple[Codes, list[Value]]


def _encode(values: Sequence[Value]) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(values).encode(), np.uint8)
