"""Amounts and durations in words."""

import pytest

from utils.sizes import duration, size, size_range, speed


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (1536, "1.5 kB"),
        (99_940, "99.9 kB"),
        (99_960, "100.0 kB"),
        (100_000, "100 kB"),
        (999_500, "1.0 MB"),
        (999_499, "999 kB"),
        (264_600_000_000, "265 GB"),
        (5 * 10**15, "5.0 PB"),
        (10**19, "10000 PB"),
    ],
)
def test_sizes(amount: int, words: str) -> None:
    assert size(amount) == words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (62_200_000, 150_000_000, "62 to 150 MB"),
        (825_000_000, 1_100_000_000, "0.8 to 1.1 GB"),
        (10**9, 10**9, "1.0 GB"),
        (400, 3_900_000_000, "up to 3.9 GB"),
        (3, 800, "3 to 800 bytes"),
        (0, 0, "0 bytes"),
    ],
)
def test_two_sizes_share_a_unit(low: float, high: float, words: str) -> None:
    assert size_range(low, high) == words


def test_speed_is_a_size_per_second() -> None:
    assert speed(118_000_000) == "118 MB/s"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s"),
        (0.4, "0 s"),
        (9, "9 s"),
        (59.6, "1 min"),
        (14 * 60, "14 min"),
        (3599, "1 h"),
        (72 * 60, "1 h 12 min"),
        (86_399, "1 day"),
        (3 * 86_400, "3 days"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words
