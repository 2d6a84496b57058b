"""Figures never go back."""

from hypothesis import given
from hypothesis import strategies as some

from models.progress import Progress

amounts = some.integers(0, 1 << 60)
figures = some.builds(
    Progress,
    bytes_transferred=amounts,
    total_bytes=some.none() | amounts,
    percent=some.none() | some.floats(0, 100),
    files_done=amounts,
)


@given(some.lists(figures, max_size=20))
def test_no_figure_falls_whatever_comes(sequence: list[Progress]) -> None:
    shown = Progress()
    for newer in sequence:
        after = shown.advance(newer)
        assert after.bytes_transferred >= shown.bytes_transferred
        assert after.files_done >= shown.files_done
        assert shown.percent is None or (after.percent or 0) >= shown.percent
        shown = after


def test_an_unknown_percent_stays_unknown() -> None:
    assert Progress().advance(Progress(bytes_transferred=5)).percent is None


def test_figures_survive_json_and_foreign_names() -> None:
    progress = Progress(1, 2, 3.0, 4, 5, 6, 7, "x")
    assert Progress.from_json(progress.to_json() | {"foreign": 1}) == progress
