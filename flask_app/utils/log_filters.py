"""What a person has chosen on the Logs page: read from the address and written back into it; finds no lines."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from flask_app.utils.moments import local, viewer_zone
from flask_app.utils.spans import address_of, recent_days, span_words
from storage.log_streams import FAR, Question
from utils.clock import parse_utc

LEVELS = {"": "All levels", "warn": "Warnings and errors", "error": "Errors"}
NAMES = ("job_id", "run", "level", "from", "to", "search")
_NO_TIME = "This is no time. Write it like 2026-11-21 or 2026-11-21T07:30."
DAYS = (1, 7, 14, 30)


@dataclass(frozen=True)
class LogFilters:
    """As they stand in the address; `errors` are sentences by field."""

    job_id: str = ""
    run: str = ""
    level: str = ""
    begin: str = ""
    end: str = ""
    search: str = ""
    follow: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_any(self) -> bool:
        return any((self.job_id, self.run, self.level, self.begin, self.end, self.search))

    def address(self, path: str = "/logs/", **more: str) -> str:
        """The address of these filters and of `more`, shortest form."""
        told = zip(NAMES, (self.job_id, self.run, self.level, self.begin, self.end, self.search), strict=True)
        values = {**dict(told), **more, "follow": more.get("follow", "1" if self.follow else "")}
        return address_of(path, values)

    @property
    def place(self) -> tuple[str, str]:
        return self.job_id, self.run

    def with_run(self, job_id: str) -> "LogFilters":
        """The run belongs to this job ("" = to none that counts)."""
        others = {name: words for name, words in self.errors.items() if name != "job"}
        return replace(self, job_id=job_id, errors=others) if job_id else replace(self, run="")

    @property
    def question(self) -> Question:
        since = _moment(self.begin) if self.begin and "from" not in self.errors else None
        until = _moment(self.end, is_end=True) if self.end and "to" not in self.errors else None
        return Question(self.search, self.level, since or 0, FAR if until is None else until)

    @property
    def time_words(self) -> str:
        return span_words(self.begin, self.end, recent_days(*DAYS))


def read_filters(arguments: Mapping[str, str], job_id: str, errors: Mapping[str, str]) -> LogFilters:
    """`job_id` is what the address says of the job, resolved, and `errors` what was wrong with that."""
    asked = {name: arguments.get(name, "")[:200].strip() for name in NAMES}
    level = asked["level"] if asked["level"] in LEVELS else ""
    asked["from"] = asked["from"].removesuffix("T00:00")
    asked["to"] = asked["to"].removesuffix("T23:59")
    found = dict(errors) | {name: _NO_TIME for name in ("from", "to") if asked[name] and _moment(asked[name]) is None}
    filters = LogFilters(
        job_id, asked["run"], level, asked["from"], asked["to"], asked["search"], arguments.get("follow") == "1", found
    )
    if not found and filters.question.until <= filters.question.since:
        found["to"] = "This is before the beginning."
    return filters


def _moment(text: str, is_end: bool = False) -> int | None:
    """ms since 1970 of a day or a minute in the viewer's zone; the end of it, if it is an end. None for no time."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=viewer_zone())
        if is_end:
            moment += timedelta(days=1) if len(text) <= 10 else timedelta(minutes=1)
        return max(0, round(moment.timestamp()) * 1000)
    except (ValueError, OverflowError, OSError):
        return None


def exact(at: str) -> str:
    """UTC text as ISO 8601 with the viewer's offset, for files."""
    return local(parse_utc(at)).isoformat(timespec="seconds") if at else ""
