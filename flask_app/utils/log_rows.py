"""Log lines as a page shows them: under their days, with words for levels; finds no lines."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import NamedTuple
from zlib import crc32

from flask_app.utils.container import services
from flask_app.utils.log_jobs import link_of, name_of
from flask_app.utils.moments import day, viewer_zone
from storage.log_line import LogLine
from storage.log_streams import Entry, Key
from utils.clock import parse_utc

LEVEL_WORDS = {
    "warn": ("warn", "triangle-alert", "Warning"),
    "error": ("error", "octagon-x", "Error"),
    "copy": ("neutral", "", "Copied"),
    "delete": ("neutral", "", "Deleted"),
}
_OTHER = ("neutral", "", "Info")


class LogRow(NamedTuple):
    """`id` stays the line's own from page to page."""

    id: str
    day: str
    time: str
    tone: str
    icon: str
    word: str
    href: str
    job: str
    text: str


class LogDay(NamedTuple):
    """A day's name ("" where it goes on) and its rows."""

    name: str
    rows: tuple[LogRow, ...]


def by_day(entries: Iterable[Entry], shown: str = "") -> list[LogDay]:
    """`shown` is the day that the reader sees already."""
    words = _Words()
    rows = [_row(entry.key, entry.line, words) for entry in entries if entry.line]
    days = [LogDay(name, tuple(group)) for name, group in groupby(rows, key=_day_of)]
    return [one._replace(name="") if one.name == shown and not number else one for number, one in enumerate(days)]


class _Words:
    """What many rows of one page have in common, found once."""

    def __init__(self) -> None:
        self._zone = viewer_zone()
        self._known = services().jobs.snapshot().jobs
        self._days: dict[date, str] = {}
        self._times: dict[str, tuple[str, str]] = {"": ("Without a time", "")}
        self._jobs: dict[str, tuple[str, str]] = {}

    def time(self, at: str) -> tuple[str, str]:
        """The day's name and the time of day."""
        if at not in self._times:
            moment = parse_utc(at).astimezone(self._zone)
            day_of = moment.date()
            if day_of not in self._days:
                self._days[day_of] = day(at)
            self._times[at] = self._days[day_of], f"{moment:%H:%M:%S}"
        return self._times[at]

    def job(self, job_id: str) -> tuple[str, str]:
        """Where its name leads, and the name."""
        if job_id not in self._jobs:
            self._jobs[job_id] = link_of(job_id, self._known)
        return self._jobs[job_id]


def _row(key: Key, line: LogLine, words: _Words) -> LogRow:
    place = f"{key.offset:x}-{crc32(key.order.encode()) & 0xFFFF:x}"
    tone, icon, word = LEVEL_WORDS.get(line.level, _OTHER)
    return LogRow(place, *words.time(line.at), tone, icon, word, *words.job(line.job_id), line.text)


def _day_of(row: LogRow) -> str:
    return row.day


def under_days(lines: Iterable[LogLine]) -> list[tuple[str, list[LogLine]]]:
    """The lines of one job under the names of their days, in their order."""
    words = _Words()
    return [(name, list(part)) for name, part in groupby(lines, key=lambda line: words.time(line.at)[0])]


FILTERS = {"job_name": name_of, "under_days": under_days}
