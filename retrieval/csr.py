"""Compressed sparse rows: cutting, gathering and turning them over."""

import numpy as np
from numpy.typing import NDArray


def starts(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Row pointers int64[n + 1] of rows with these lengths."""
    pointers = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=pointers[1:])
    return pointers


def positions(pointers: NDArray[np.int64], rows: NDArray[np.integer]) -> NDArray[np.int64]:
    """Where the entries of these rows lie, row after row: int64[sum of their lengths]."""
    lengths = pointers[rows + 1] - pointers[rows]
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total) + np.repeat(pointers[rows] - (ends - lengths), lengths))


def transpose(column_of: NDArray[np.int32], columns: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row pointers by column, and the order that sorts the entries by column, keeping their order within each."""
    order = np.argsort(column_of, kind="stable")
    return starts(np.bincount(column_of, minlength=columns).astype(np.int64)), order
