"""Spans of days that a person chooses, ready-made or by their ends, and their words; finds nothing that lies there."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from flask_app.utils.moments import short_day, today

Choices = list[tuple[str, str]]


def recent_days(*numbers: int) -> Choices:
    """The ready-made choices of so many days, and the day each begins with."""
    present = today()
    return [
        ("Today" if number == 1 else f"Last {number} days", (present - timedelta(days=number - 1)).isoformat())
        for number in numbers
    ]


def span_words(first: str, last: str, choices: Choices) -> str:
    """`Any time`, `Last 14 days`, `From 17 Nov`, `To 17 Nov 07:30`, `17 Nov 2025 to 20 Nov`."""
    for words, since in choices:
        if (first, last) == (since, ""):
            return words
    if first and last:
        return f"{_shown(first)} to {_shown(last)}"
    return f"From {_shown(first)}" if first else f"To {_shown(last)}" if last else "Any time"


def _shown(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return "?"
    return short_day(moment.date()) + (f" {moment:%H:%M}" if len(text) > 10 else "")


def address_of(path: str, values: dict[str, str]) -> str:
    """In its shortest form."""
    query = urlencode({name: value for name, value in values.items() if value})
    return f"{path}?{query}" if query else path
