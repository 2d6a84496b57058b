"""Times as a page says them, in the viewer's zone; UTC text in, words out."""

from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask import g, has_request_context, request

from utils.clock import parse_utc
from utils.sizes import duration


@lru_cache(maxsize=64)
def zone_named(name: str) -> tzinfo | None:
    """The zone a browser named, or None (the server's own) where it cannot be had."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, LookupError):
        return None


def local(moment: datetime) -> datetime:
    """`moment` in the viewer's zone, which theme.js keeps in a cookie."""
    return moment.astimezone(viewer_zone())


def local_day(moment: datetime) -> date:
    """On which day the moment lies for the viewer."""
    return local(moment).date()


def viewer_zone() -> tzinfo | None:
    """None is the server's own. Looked up once per request: a list says hundreds of times."""
    if not has_request_context():
        return None
    if "zone" not in g:
        g.zone = zone_named(request.cookies.get("timezone", ""))
    zone: tzinfo | None = g.zone
    return zone


def in_zone(moment: datetime) -> datetime:
    """The naive `moment` of the viewer's clock as a moment of the world's."""
    zone = viewer_zone()
    return moment.replace(tzinfo=zone) if zone else moment.astimezone()


def moment_of(text: str) -> datetime:
    """UTC text, or the naive local text of the legacy files, as a moment."""
    return parse_utc(text).astimezone(UTC)


def today() -> date:
    return local(datetime.now(UTC)).date()


def utc_offset() -> int:
    """Minutes by which shown times are ahead of UTC, for theme.js to compare."""
    offset = local(datetime.now(UTC)).utcoffset()
    return int(offset.total_seconds() // 60) if offset else 0


def clock_time(text: str) -> str:
    """`07:02`."""
    return local(moment_of(text)).strftime("%H:%M")


def second_time(text: str) -> str:
    """`07:02:04`, for log lines."""
    return local(moment_of(text)).strftime("%H:%M:%S")


def clock_now() -> str:
    """`07:02:04`, the time on the viewer's wall."""
    return local(datetime.now(UTC)).strftime("%H:%M:%S")


def day(text: str) -> str:
    """`Today`, `Yesterday`, `Tue 17 Nov`, `Tue 17 Nov 2025`."""
    return _day(local(moment_of(text)).date())


def _day(moment: date) -> str:
    present = today()
    age = (present - moment).days
    if age in {0, 1}:
        return ("Today", "Yesterday")[age]
    year = "" if moment.year == present.year else f" {moment.year}"
    return f"{moment:%a} {moment.day} {moment:%b}{year}"


def short_day(moment: date) -> str:
    """`17 Nov`, `17 Nov 2025`."""
    return f"{moment.day} {moment:%b}" + ("" if moment.year == today().year else f" {moment.year}")


def when(text: str) -> str:
    """`02:14 today`, `18:02 yesterday`, `Mon 16 Nov, 21:00`."""
    moment = local(moment_of(text))
    name = _day(moment.date())
    if name in {"Today", "Yesterday"}:
        return f"{moment:%H:%M} {name.lower()}"
    return f"{name}, {moment:%H:%M}"


def stamp(text: str) -> str:
    """`Today, 02:00`, the name of a run in a table."""
    return f"{day(text)}, {clock_time(text)}"


def short(text: str) -> str:
    """`07:30` today, `Wed 21:00` within a week, else the day."""
    moment = local(moment_of(text))
    age = (today() - moment.date()).days
    if age == 0:
        return f"{moment:%H:%M}"
    return f"{moment:%a %H:%M}" if age < 7 else f"{moment.day} {moment:%b}"


def absolute(text: str) -> str:
    """`Saturday 21 November 2026, 07:02:04 CET`, for titles."""
    moment = local(moment_of(text))
    return f"{moment:%A} {moment.day} {moment:%B %Y, %H:%M:%S %Z}"


def seconds_between(start: str, end: str = "") -> float:
    """Seconds from `start` to `end`, or to now; 0 where `start` is unknown."""
    if not start:
        return 0.0
    until = moment_of(end) if end else datetime.now(UTC)
    return max(0.0, (until - moment_of(start)).total_seconds())


def ago(text: str) -> str:
    """`1 h 46 min ago`; format.js keeps it true while the page is open."""
    seconds = seconds_between(text)
    return "just now" if seconds < 10 else f"{duration(seconds)} ago"
