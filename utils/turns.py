"""Turns that long work leaves to others, by the clock; not a schedule of anything."""

import time
from collections.abc import Callable

_WORK = 0.005  # seconds; turns more often than that cost more than the work


class Turns:
    """Of one piece of work; asking is cheap, so it may be done for every line."""

    def __init__(self, give_way: Callable[[], object]) -> None:
        self._give_way, self._due_at = give_way, time.monotonic() + _WORK

    def pause(self) -> float:
        """Give way if it is time to; the moment after that."""
        now = time.monotonic()
        if now < self._due_at:
            return now
        self._give_way()
        now = time.monotonic()
        self._due_at = now + _WORK
        return now
