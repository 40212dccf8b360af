"""Time that goes by while a long piece of work runs, counted from the caller's `now`."""

import time
from datetime import datetime, timedelta


class Stopwatch:
    """Asks no wall clock: what it says moves with the time that its caller gave."""

    def __init__(self, now: datetime) -> None:
        self._start = now
        self._started = time.monotonic()

    @property
    def now(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._started)
