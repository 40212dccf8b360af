"""Memory that was freed goes back to the system."""

from pathlib import Path

import numpy as np
import pytest

from memory.freeing import _malloc_trim, give_back

KIB = 1024


def _anonymous() -> int:
    """KiB of this process that no file stands behind."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon"))


@pytest.mark.skipif(_malloc_trim() is None, reason="this C library knows no malloc_trim")
def test_what_was_freed_between_things_that_stay_is_given_back() -> None:
    pieces = [np.ones(64 * KIB, np.uint8) for _ in range(2000)]  # each too small to be mapped by itself
    kept = pieces[::100]
    full = _anonymous()
    del pieces
    give_back()
    assert full - _anonymous() > 100_000
    assert all(one.all() for one in kept)
