"""The one place time comes from; whoever needs it takes a `Clock`, so that a test can pass its own."""

import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Protocol

_EPOCH = date(1970, 1, 1)


class Clock(Protocol):
    def now(self) -> datetime:
        """The moment, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def sleep(self, seconds: float) -> None:
        """Wait; other green threads go on."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def utc_text(moment: datetime) -> str:
    """`2026-11-21T07:02:04.123Z`, which also sorts."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def moment_text(moment: int) -> str:
    """As `utc_text`, of milliseconds of the epoch, for thousands at a time."""
    seconds, milliseconds = divmod(moment, 1000)
    days, seconds = divmod(seconds, 86400)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_day(days)}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z"


@lru_cache(maxsize=4096)
def _day(days: int) -> str:
    return (_EPOCH + timedelta(days=days)).isoformat()


def parse_utc(text: str) -> datetime:
    """The reverse of `utc_text`; ValueError on anything else."""
    return datetime.fromisoformat(text)


def local_text(moment: datetime) -> str:
    """Naive local ISO 8601 with microseconds, the legacy app's form in jobs.yaml."""
    return moment.astimezone().replace(tzinfo=None).isoformat(timespec="microseconds")


def log_stamp(moment: datetime) -> str:
    """`2026-11-21 07:02:04`, local time, the legacy app's form in logs."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")
