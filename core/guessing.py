"""How often a password may be tried: a growing wait after wrong ones, by account and address; not the check itself.

A browser that has logged in once carries a device mark and has a count of its own, so strangers who try cannot
keep an owner out (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
"""

import ipaddress
import math
import threading
from collections import OrderedDict
from typing import NamedTuple

from models.errors import AppError
from utils.clock import Clock

LONGEST = 900.0  # seconds of one wait
FORGOTTEN = 3600.0  # seconds after the last wrong one
KEPT = 20_000
FREE_BY_PAIR, FREE_BY_ADDRESS, FREE_BY_DEVICE = 5, 20, 10
Key = tuple[str, ...]


class TooManyGuesses(AppError):
    """`seconds` until the next try is looked at."""

    code = "too_many_guesses"
    status = 429

    def __init__(self, seconds: float) -> None:
        self.seconds = math.ceil(seconds)
        wait = f"{self.seconds} s" if self.seconds < 120 else f"{math.ceil(seconds / 60)} minutes"
        super().__init__(f"Too many wrong tries. The next one is looked at in {wait}.")


class Wrong(NamedTuple):
    tries: int
    at: float
    free: int


class Guesses:
    """Counts in memory: a restart forgets them, and nobody outside can restart the server."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._wrong: OrderedDict[Key, Wrong] = OrderedDict()

    def charge(self, keys: dict[Key, int]) -> None:
        """Count a try before it is looked at, so that many at once are many. `TooManyGuesses` counts nothing."""
        now = self._clock.monotonic()
        with self._lock:
            waits = [self._wait(key, now) for key in keys]
            if max(waits) > 0:
                raise TooManyGuesses(max(waits))
            for key, free in keys.items():
                self._wrong[key] = Wrong(self._count(key, now) + 1, now, free)
                self._wrong.move_to_end(key)
            while len(self._wrong) > KEPT:
                self._wrong.popitem(last=False)

    def refund(self, keys: dict[Key, int]) -> None:
        """The try was right: what this one pair or device had wrong before is forgotten, the rest loses this one."""
        with self._lock:
            for place, key in enumerate(keys):
                found = self._wrong.get(key)
                if found is None:
                    continue
                if place == 0 or found.tries == 1:
                    del self._wrong[key]
                else:
                    self._wrong[key] = found._replace(tries=found.tries - 1)

    def take_back(self, keys: dict[Key, int]) -> None:
        """The try could not be looked at, so it is none."""
        with self._lock:
            for key in keys:
                if found := self._wrong.get(key):
                    self._wrong[key] = found._replace(tries=max(0, found.tries - 1))

    def _count(self, key: Key, now: float) -> int:
        found = self._wrong.get(key)
        return found.tries if found and now - found.at < FORGOTTEN else 0

    def _wait(self, key: Key, now: float) -> float:
        found = self._wrong.get(key)
        if found is None or found.tries < found.free or now - found.at >= FORGOTTEN:
            return 0.0
        return min(LONGEST, 2.0 ** min(found.tries - found.free, 12)) - (now - found.at)


def guess_keys(name: str, address: str, device: str) -> dict[Key, int]:
    """What a try counts for, and how many of each are free. `device`: the mark, if it is a right one for the name.

    Nothing counts for the name alone: whoever tries from many addresses could keep its owner out.
    """
    if device:
        return {("device", device): FREE_BY_DEVICE}
    place = _network(address)
    return {("pair", name, place): FREE_BY_PAIR, ("address", place): FREE_BY_ADDRESS}


def _network(address: str) -> str:
    """An IPv6 address as its /64, which one machine has to itself."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    found = getattr(found, "ipv4_mapped", None) or found  # as a socket for both versions writes it
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))
