"""A circuit breaker: after several failures in a row an endpoint is left alone for a while."""

import threading
import time
from collections.abc import Callable

from memory.errors import LlmUnavailable


class Breaker:
    """Opens after `failures` in a row for `pause` seconds, which double while it goes on failing. Thread-safe."""

    def __init__(
        self,
        failures: int = 8,
        pause: float = 15.0,
        longest_pause: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = failures
        self._first_pause = pause
        self._longest_pause = longest_pause
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._pause = pause
        self._closed_again_at = 0.0

    def check(self) -> None:
        """Lets a request pass. When a pause is over, one passes to try. Raises LlmUnavailable."""
        with self._lock:
            if self._failures < self._most:
                return
            now = self._clock()
            if now < self._closed_again_at:
                raise LlmUnavailable(
                    f"The LLM failed {self._failures} times in a row; it is left alone for "
                    f"{self._closed_again_at - now:.0f} more seconds."
                )
            self._closed_again_at = now + self._pause  # the others wait for the outcome of this try

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0
            self._pause = self._first_pause

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures == self._most:
                self._closed_again_at = self._clock() + self._pause
            elif self._failures > self._most:
                self._pause = min(2 * self._pause, self._longest_pause)
                self._closed_again_at = self._clock() + self._pause
