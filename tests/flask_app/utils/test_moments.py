"""Times in words, in the viewer's zone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from flask_app.utils import moments
from utils.clock import utc_text


def ago(**span: float) -> str:
    return utc_text(datetime.now(UTC) - timedelta(**span))


def test_the_viewers_zone_is_what_the_browser_said(app: Flask) -> None:
    with app.test_request_context(headers={"Cookie": "timezone=Asia/Kolkata"}):
        assert moments.clock_time("2026-11-21T07:02:04.123Z") == "12:32"
        assert moments.utc_offset() == 330


@pytest.mark.parametrize("name", ["", "Nowhere/City", "../../etc/passwd", "America", "x" * 5000, "\x00"])
def test_a_zone_that_cannot_be_had_is_the_servers_own(name: str) -> None:
    assert moments.zone_named(name) is None


def test_days_have_names_near_and_dates_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "today", lambda: date(2026, 11, 21))
    noon = "T12:00:00.000Z"
    assert moments.when(f"2026-11-21{noon}").endswith(" today")
    assert moments.when(f"2026-11-20{noon}").endswith(" yesterday")
    assert moments.when(f"2026-11-16{noon}").startswith("Mon 16 Nov, ")
    assert moments.day(f"2025-11-16{noon}") == "Sun 16 Nov 2025"
    assert moments.stamp(f"2026-11-21{noon}").startswith("Today, ")
    assert moments.short(f"2026-11-18{noon}").startswith("Wed ")
    assert moments.short(f"2026-10-18{noon}") == "18 Oct"


def test_how_long_ago() -> None:
    assert moments.ago(ago(seconds=2)) == "just now"
    assert moments.ago(ago(minutes=14)) == "14 min ago"
    assert moments.ago(ago(hours=1, minutes=46)) == "1 h 46 min ago"


def test_an_unknown_start_has_taken_no_time() -> None:
    assert moments.seconds_between("") == 0
    assert moments.seconds_between("2026-11-21T07:00:00.000Z", "2026-11-21T07:01:30.000Z") == 90
