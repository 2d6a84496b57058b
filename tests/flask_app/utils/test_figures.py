"""A run's figures in words."""

import pytest

from flask_app.utils import figures
from models.progress import Progress


@pytest.mark.parametrize(("percent", "text"), [(None, ""), (0.0, "0"), (62.9, "62"), (99.99, "99"), (100.0, "100")])
def test_a_percentage_is_never_rounded_up(percent: float | None, text: str) -> None:
    assert figures.percent(Progress(percent=percent)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0, "a few seconds left"),
        (40, "about 40 s left"),
        (1740, "about 29 min left"),
        (4320, "about 1 h 12 min left"),
    ],
)
def test_the_time_left(seconds: int | None, text: str) -> None:
    assert figures.eta(Progress(eta_seconds=seconds)) == text


@pytest.mark.parametrize(
    ("done", "total", "text"),
    [
        (0, None, "0 bytes so far"),
        (1, None, "1 byte so far"),
        (26_460_000_000, 42_680_000_000, "26.5 of 42.7 GB"),
        (900_000_000, 1_200_000_000, "900 MB of 1.2 GB"),
    ],
)
def test_bytes_with_or_without_a_total(done: int, total: int | None, text: str) -> None:
    assert figures.bytes_of(Progress(done, total, files_total=9)) == text


def test_a_total_without_a_number_of_files_is_a_guess_until_the_end() -> None:
    assert figures.bytes_of(Progress(900_000_000, 1_200_000_000, 75.0)) == "900 MB of about 1.2 GB"
    assert figures.bytes_of(Progress(26_460_000_000, 42_680_000_000)) == "26.5 of about 42.7 GB"
    assert figures.bytes_of(Progress(1_200_000_000, 1_200_000_000, 100.0)) == "1.2 of 1.2 GB"


def test_files_and_speed() -> None:
    known = Progress(files_done=3812, files_total=6120)
    assert (figures.files(known), figures.files_of(known)) == ("3,812", "of 6,120")
    assert (figures.files(Progress(files_done=1)), figures.files_of(Progress(files_done=1))) == ("1", "")
    assert figures.rate(Progress(speed_bytes=118_000_000)) == "118 MB/s"
    assert figures.rate(Progress()) == ""
