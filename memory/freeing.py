"""Gives memory back that was freed: glibc keeps it for a process that has needed much for a short while."""

import ctypes
from functools import cache


def give_back() -> None:
    """Takes some milliseconds for a large heap. Does nothing where the C library knows no such thing."""
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _malloc_trim() -> "ctypes._NamedFuncPointer | None":
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):
        return None
