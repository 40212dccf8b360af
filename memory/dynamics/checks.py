"""What every mechanism asks of its numbers: ranges, times, vectors. All problems are raised at once."""

import math
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from memory.errors import ParamsInvalid, Problem

Floats = npt.NDArray[np.float64]

DAY = timedelta(days=1)


def require(*found: Problem | None) -> None:
    """Raises ParamsInvalid with every problem of `found`; None stands for no problem."""
    problems = [problem for problem in found if problem is not None]
    if problems:
        raise ParamsInvalid(problems)


def within(field: str, value: float, low: float, high: float = math.inf) -> Problem | None:
    """The problem of a number that is not finite or not in [low, high]."""
    if low <= value <= high and math.isfinite(value):
        return None
    if math.isinf(high):
        return Problem(field, f"is {value}, which is below {low:g} or not finite", f"use {low:g} or more")
    return Problem(field, f"is {value}, outside [{low:g}, {high:g}]", f"use a number from {low:g} to {high:g}")


def above(field: str, value: float, low: float, below: float = math.inf) -> Problem | None:
    """The problem of a number that is not finite or not strictly between `low` and `below`."""
    if low < value < below and math.isfinite(value):
        return None
    if math.isinf(below):
        return Problem(field, f"is {value}, which is not above {low:g} or not finite", f"use more than {low:g}")
    return Problem(field, f"is {value}, outside ({low:g}, {below:g})", f"use more than {low:g} and less than {below:g}")


def ordered(low_field: str, low: float, high_field: str, high: float) -> Problem | None:
    """The problem of a lower bound above its upper bound."""
    if low <= high:
        return None
    return Problem(low_field, f"is {low:g}, above `{high_field}` ({high:g})", f"use at most {high:g}")


def aware(field: str, moment: datetime) -> Problem | None:
    """The problem of a time without a time zone."""
    if moment.utcoffset() is not None:
        return None
    return Problem(field, "has no time zone", "add one, for example Z")


def days_between(earlier: datetime, later: datetime) -> float:
    """Fractional days, never negative: a clock that went backwards counts as no time at all.

    Raises ParamsInvalid if a time has no zone.
    """
    if earlier.tzinfo is None or later.tzinfo is None:
        require(aware("earlier", earlier), aware("later", later))
    return max(0.0, (later - earlier) / DAY)


def day_after(moment: datetime, days: float) -> datetime:
    """The time `days` >= 0 later; the end of the calendar, if that is too far away to be written down."""
    try:
        return moment + days * DAY
    except OverflowError:
        return datetime.max.replace(tzinfo=moment.tzinfo)


def clip(value: float, low: float = 0.0, high: float = 1.0) -> float:
    """The nearest number in [low, high]."""
    return low if value < low else high if value > high else value


def round_half_up(value: float, digits: int) -> float:
    """Rounds ties towards plus infinity, as the originals do; `round` takes them to the even digit."""
    scale = 10.0**digits
    return math.floor(value * scale + 0.5) / scale


def finite_arrays(**named: Floats) -> None:
    """Raises ParamsInvalid unless all have one shape and finite numbers; names those at fault."""
    problems: list[Problem | None] = []
    shape = next(iter(named.values())).shape
    for field, values in named.items():
        if values.shape != shape:
            problems.append(Problem(field, f"has the shape {values.shape}, not {shape}", "send arrays of one shape"))
        if not np.isfinite(values).all():
            problems.append(Problem(field, "has a number that is not finite", "send finite numbers"))
    require(*problems)


def finite_vectors(**named: Floats) -> None:
    """Raises ParamsInvalid unless all have one dimension, one length and finite numbers; names those at fault."""
    problems: list[Problem | None] = []
    lengths = {vector.shape for vector in named.values()}
    for field, vector in named.items():
        if vector.ndim != 1:
            problems.append(Problem(field, f"has {vector.ndim} dimensions", "send one row of numbers"))
        elif not np.isfinite(vector).all():
            problems.append(Problem(field, "has a number that is not finite", "send finite numbers"))
    if not problems and len(lengths) > 1:
        both = ", ".join(f"{field} has {vector.size}" for field, vector in named.items())
        problems.append(Problem(next(iter(named)), f"has another length: {both}", "use vectors of one model"))
    require(*problems)
