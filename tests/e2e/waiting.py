"""Waiting for something to become true, with a deadline; there are no fixed pauses."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def until(look: Callable[[], Found], seconds: float = 20.0, what: str = "it") -> Found:
    """The first true answer of `look`; AssertionError with the last one after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() >= deadline:
            raise AssertionError(f"{what} did not come true within {seconds:g} s: {found!r}")
        time.sleep(0.02)
    return found
