"""One line of a log and the two forms it is written in: the shared logs' and a run's own; not the reading of files."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from utils.clock import utc_text
from utils.text import plural, visible

SHOWN = 8192  # characters of a line


class LogLine(NamedTuple):
    """One line: `at` is UTC ISO 8601 ("" = unknown), `text` fit to show, `job_id` may be ""."""

    at: str
    level: str
    text: str
    job_id: str = ""


class Stamp(NamedTuple):
    """When a line was written, in ms since 1970: an hour that a clock repeats gives it two moments."""

    early: int
    late: int


class Told(NamedTuple):
    """A time as a clock shows it: its moments in ms, and their UTC text, "" for a time that no calendar has."""

    early: int
    late: int
    early_text: str
    late_text: str


class Form(NamedTuple):
    """How lines of a file are written. `dated` matches the head of a line with a time of its own: time and level."""

    dated: re.Pattern[bytes]
    anchor: bytes
    is_shared: bool

    def stamp(self, head: re.Match[bytes]) -> Stamp | None:
        """None for a time that no calendar has."""
        told = self.told(head)
        return Stamp(told.early, told.late) if told.early_text else None

    def told(self, head: re.Match[bytes]) -> Told:
        return _told(head[1], self.is_shared)

    def level(self, head: re.Match[bytes]) -> str:
        word = head[2]
        return _LEVELS[word] if self.is_shared else word.decode()


_NO_TIME = Told(0, 0, "", "")
_LEVELS = {b"Warning": "warn", b"Error": "error", None: "info"}
SHARED = Form(re.compile(rb"(?m)^\[(\d{4}-\d\d-\d\d \d\d:\d\d:[0-5]\d)\] (?:(Warning|Error): )?"), b"\n[", True)
OWN = Form(re.compile(rb"(?m)^(\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d\.\d{3})Z ([a-z]{1,16}) "), b"\n2", False)


def text_of(line: bytes, beyond: int = 0) -> str:
    """What a line without its head says, fit to show, and how much is left out; `beyond` bytes are not in `line`.

    No page is a place for more than 8,192 characters of one line.
    """
    if len(line) <= SHOWN and not beyond:
        return _visible(line.decode("utf-8", "surrogateescape"))
    shown = line[: SHOWN * 4].decode("utf-8", "surrogateescape")[:SHOWN]
    left_out = len(line) + beyond - len(shown.encode("utf-8", "surrogateescape"))
    return f"{visible(shown)} … ({plural(left_out, 'more byte')})" if left_out else visible(shown)


def _visible(text: str) -> str:
    return text if text.isprintable() else visible(text.rstrip("\r"))


@lru_cache(maxsize=4096)
def shared_head(start: str) -> Told | None:
    """What the first characters of a line in a shared log tell; None where they are no head."""
    head = SHARED.dated.match(start.encode())
    return SHARED.told(head) if head else None


@lru_cache(maxsize=4096)
def _told(told: bytes, is_local: bool) -> Told:
    """Of `2026-11-21 07:02:04`, or with `.123` behind."""
    early, late, early_text, late_text = _minute(told[:16], is_local)
    seconds = float(told[17:])
    rest, text = round(seconds * 1000), f"{seconds:06.3f}Z"
    return Told(early + rest, late + rest, early_text + text, late_text + text) if early_text else _NO_TIME


@lru_cache(maxsize=16_384)
def _minute(told: bytes, is_local: bool) -> Told:
    """Its texts go up to the seconds."""
    try:
        moment = datetime.fromisoformat(told.decode())
        if not is_local:
            moment = moment.replace(tzinfo=UTC)
        early, late = (round(moment.replace(fold=fold).timestamp()) * 1000 for fold in (0, 1))
        late = max(early, late)
        return Told(early, late, *(at_text(one)[:17] for one in (early, late)))
    except (ValueError, OverflowError, OSError):
        return _NO_TIME


def at_text(moment: int) -> str:
    """UTC ISO 8601 of ms since 1970."""
    return utc_text(datetime.fromtimestamp(moment / 1000, UTC))
