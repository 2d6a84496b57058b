"""Days as a person types them into filters, in the viewer's zone; which things lie in them is found elsewhere."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from flask_app.utils.moments import in_zone

_NO_DAY = "This is no day. Write it like 2026-11-21."
_BEFORE = "This is before the first day."


def typed_days(asked: Mapping[str, str], errors: dict[str, str]) -> tuple[datetime | None, datetime | None]:
    """When the day in `from` begins and the one in `to` is over, None where none is given; what is wrong goes in."""
    first, last = (_day(asked[name], name, errors) for name in ("from", "to"))
    if first and last and last < first:
        errors["to"] = _BEFORE
    return _start(first) if first else None, _start(last + timedelta(days=1)) if last else None


def _day(text: str, name: str, errors: dict[str, str]) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        day = None
    if text and (day is None or not 1971 <= day.year <= 9000):
        errors[name] = _NO_DAY
        return None
    return day


def _start(day: date) -> datetime:
    return in_zone(datetime.combine(day, time.min))
