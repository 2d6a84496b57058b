"""How many refused attempts are recorded, so that nobody fills the log with them; it writes nothing."""

import threading
from typing import NamedTuple, TypeVar

from models.audit import AuditRecord
from utils.clock import Clock

HOUR, MINUTE = 3600.0, 60.0
NOBODY_HOURLY, ADDRESS_HOURLY, ACCOUNT_HOURLY = 100, 30, 100
LOOKED = "access.refused"
_REMEMBERED = 2000
Key = TypeVar("Key")
Value = TypeVar("Value")


class _Count(NamedTuple):
    """How many in the hour that began `at`."""

    at: float
    number: int


class RefusalBounds:
    """In an hour so many of each who was let in; of others so many of each address, and of all of them together.

    The same attempt within a minute is listed once; one to read within an hour, as a page that was left open asks
    for ever. What is not listed is counted, and told by the next that is.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock, self._mutex = clock, threading.Lock()
        self._same: dict[tuple[str, ...], float] = {}
        self._counts: dict[tuple[str, str], _Count] = {}
        self._left_out = 0

    def admit(self, record: AuditRecord) -> AuditRecord | None:
        """The record with the number of those left out before it; None where this one is."""
        with self._mutex:
            now = self._clock.monotonic()
            if not self._is_within(record, now):
                self._left_out += 1
                return None
            told, self._left_out = record._replace(left_out=self._left_out), 0
            return told

    def _is_within(self, record: AuditRecord, now: float) -> bool:
        same = (record.account or record.address, record.action, record.asked, record.code, record.job_id)
        if now - self._same.get(same, -HOUR) < (HOUR if record.action == LOOKED else MINUTE):
            return False
        if whoever := record.account or record.via:
            limits = {("account", whoever): ACCOUNT_HOURLY}
        else:
            limits = {("address", record.address): ADDRESS_HOURLY, ("all", ""): NOBODY_HOURLY}
        counts = {key: self._count(key, now) for key in limits}
        if any(counts[key].number >= limit for key, limit in limits.items()):
            return False
        _put_last(self._same, same, now)
        for key, count in counts.items():
            _put_last(self._counts, key, count._replace(number=count.number + 1))
        return True

    def _count(self, key: tuple[str, str], now: float) -> _Count:
        found = self._counts.get(key)
        return found if found and now - found.at < HOUR else _Count(now, 0)


def _put_last(remembered: dict[Key, Value], key: Key, value: Value) -> None:
    """What was put in longest ago goes where there are too many: memory is bounded too."""
    remembered.pop(key, None)
    if len(remembered) >= _REMEMBERED:
        del remembered[next(iter(remembered))]
    remembered[key] = value
