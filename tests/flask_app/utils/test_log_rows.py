"""Log lines under the names of their days."""

from flask import Flask

from flask_app.utils.log_rows import under_days
from storage.log_line import LogLine


def test_lines_of_many_days_stand_under_their_days_in_their_order(app: Flask) -> None:
    lines = [
        LogLine("2025-11-04T12:00:00.000Z", "info", "first"),
        LogLine("2025-11-04T13:00:00.000Z", "info", "second"),
        LogLine("2025-11-05T12:00:00.000Z", "warn", "third"),
        LogLine("", "info", "of no time"),
    ]
    with app.test_request_context():
        told = [(day, [line.text for line in part]) for day, part in under_days(lines)]
    assert told == [
        ("Tue 4 Nov 2025", ["first", "second"]),
        ("Wed 5 Nov 2025", ["third"]),
        ("Without a time", ["of no time"]),
    ]
