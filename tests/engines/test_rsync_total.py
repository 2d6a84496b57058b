"""The total, worked out from whole-number percents."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engines.rsync_total import TotalEstimate


def percent(transferred: int, total: int) -> int:
    """As rsync computes it."""
    return 100 if transferred == total else int(100.0 * transferred / total)


def test_nothing_is_said_before_anything_is_known() -> None:
    estimate = TotalEstimate()
    assert estimate.bytes is None
    estimate.learn(0, 0)
    estimate.learn(32768, 0)
    assert estimate.bytes is None
    assert estimate.share(32768) is None


def test_a_careful_share_is_known_before_the_total() -> None:
    estimate = TotalEstimate()
    estimate.learn(1900, 1)
    assert estimate.bytes is None
    assert estimate.share(1900) == 0.01


def test_an_expected_total_is_believed_until_a_line_contradicts_it() -> None:
    estimate = TotalEstimate(1000)
    estimate.learn(100, 10)
    assert estimate.bytes == 1000
    estimate.learn(400, 10)
    assert estimate.bytes is None


def test_a_change_of_percent_tells_the_total() -> None:
    estimate, total = TotalEstimate(), 2_000_000_000
    for transferred in range(0, 60_000_000, 100_000):
        estimate.learn(transferred, percent(transferred, total))
    assert estimate.bytes is not None
    assert abs(estimate.bytes - total) / total < 0.02


def test_the_whole_is_the_total() -> None:
    estimate = TotalEstimate()
    estimate.learn(123_456, 100)
    assert estimate.bytes == 123_456


def test_an_empty_transfer_has_an_empty_total() -> None:
    estimate = TotalEstimate()
    estimate.learn(0, 100)
    assert estimate.bytes == 0


def test_the_closing_report_settles_it() -> None:
    estimate = TotalEstimate()
    estimate.learn(500, 50)
    estimate.know(1003)
    estimate.learn(900, 10)
    assert estimate.bytes == 1003


def test_a_total_that_grew_meanwhile_is_found_again() -> None:
    estimate = TotalEstimate()
    for transferred in range(1, 1000):
        estimate.learn(transferred, percent(transferred, 1000))
    for transferred in range(1000, 2000):
        estimate.learn(transferred, percent(transferred, 4000))
    assert estimate.bytes is not None
    assert abs(estimate.bytes - 4000) / 4000 < 0.02


@given(st.integers(1, 10**15), st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_the_total_lies_within_two_percent_and_hardly_moves(total: int, shares: list[float]) -> None:
    estimate, shown = TotalEstimate(), []
    for share in sorted(shares):
        transferred = round(share * total)
        estimate.learn(transferred, percent(transferred, total))
        careful = estimate.share(transferred)
        assert careful is None or 0.0 <= careful <= transferred / total + 0.02
        if estimate.bytes is not None:
            shown.append(estimate.bytes)
    assert all(abs(amount - total) <= 0.0201 * total + 1 for amount in shown)
    assert all(abs(later - earlier) <= 0.0301 * total + 1 for earlier, later in pairwise(shown))
