"""How the loops of the search are compiled: without the interpreter's lock, kept on disk, each in its caller."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def compiled(function: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Put whole into the compiled functions that call it, or else every call counts references to all it is handed.

    A walk hands some fifty arrays from function to function: counting them took five sixths of its time.
    """
    return cast(Callable[Arguments, Answer], njit(nogil=True, cache=True, forceinline=True)(function))
