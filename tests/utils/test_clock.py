"""Moments as text."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from utils.clock import SystemClock, local_text, log_stamp, parse_utc, utc_text

MOMENT = datetime(2026, 11, 21, 7, 2, 4, 123987, tzinfo=UTC)


def test_utc_text_has_milliseconds_and_comes_back() -> None:
    assert utc_text(MOMENT) == "2026-11-21T07:02:04.123Z"
    assert parse_utc("2026-11-21T07:02:04.123Z") == MOMENT.replace(microsecond=123000)


def test_utc_text_is_the_same_from_every_zone_and_sorts() -> None:
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert utc_text(elsewhere) == utc_text(MOMENT) < utc_text(MOMENT + timedelta(milliseconds=1))


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00Z"])
def test_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_utc(text)


def test_local_texts_are_of_the_machines_zone() -> None:
    local = MOMENT.astimezone().replace(tzinfo=None)
    assert local_text(MOMENT) == local.isoformat(timespec="microseconds")
    assert log_stamp(MOMENT) == local.strftime("%Y-%m-%d %H:%M:%S")


def test_local_text_keeps_six_digits() -> None:
    assert local_text(MOMENT.replace(microsecond=0)).endswith(".000000")


def test_the_machines_clock_goes_forward() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    clock.sleep(0.001)
    assert clock.monotonic() > before
    assert clock.now().tzinfo is UTC
