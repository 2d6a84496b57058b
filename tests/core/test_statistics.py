"""Days and usual figures of a job."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.statistics import strip_of, usual_of, utc_day
from models.run import RunState
from models.run_summary import RunSummary
from tests import build
from utils.clock import utc_text

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)  # a Saturday


def summary(days_ago: float, state: RunState = RunState.DONE, seconds: float = 60, **changes: object) -> RunSummary:
    ended = NOW - timedelta(days=days_ago)
    values = {"total_bytes": 1000, "transferred_bytes": 10, "places": 7, **changes}
    started = utc_text(ended - timedelta(seconds=seconds))
    return RunSummary(build.JOB_ID, f"r{days_ago}", "backup", state, started, utc_text(ended), seconds, **values)  # type: ignore[arg-type]


def test_a_strip_has_a_cell_a_day_and_the_worst_of_a_day_wins() -> None:
    runs = [
        summary(0.1),
        summary(0.2, RunState.FAILED),
        summary(1, RunState.DONE_WITH_WARNINGS),
        summary(1.1),
        summary(2, RunState.PAUSED),
        summary(40, RunState.FAILED),
    ]
    cells = strip_of(runs, None, NOW, 5, utc_day)
    assert [cell.state for cell in cells] == ["none", "none", "interrupted", "warnings", "failed"]
    assert [cell.runs for cell in cells] == [0, 0, 1, 2, 2]
    assert (cells[0].day, cells[-1].day) == (date(2026, 11, 17), date(2026, 11, 21))


def test_a_run_under_way_shows_today_unless_something_failed() -> None:
    active = build.run(state=RunState.TRANSFERRING)
    assert strip_of([summary(0.1)], active, NOW, 3, utc_day)[-1].state == "running"
    assert strip_of([summary(0.1, RunState.FAILED)], active, NOW, 3, utc_day)[-1].state == "failed"
    assert strip_of([], active, NOW, 3, utc_day)[-1] == (date(2026, 11, 21), "running", 1)


def test_days_are_those_of_the_viewer() -> None:
    late = summary(0.5 + 1 / 48)  # 23:30 UTC on the day before
    tokyo = ZoneInfo("Asia/Tokyo")
    here = strip_of([late], None, NOW, 2, utc_day)
    there = strip_of([late], None, NOW, 2, lambda moment: moment.astimezone(tokyo).date())
    assert [cell.state for cell in here] == ["good", "none"]
    assert [cell.state for cell in there] == ["none", "good"]


def test_usual_figures_come_from_good_runs_between_the_same_places() -> None:
    runs = [
        summary(1, seconds=100),
        summary(2, RunState.FAILED, seconds=5),
        summary(3, seconds=300, transferred_bytes=None),
        summary(4, seconds=9000, places=8),
        summary(7, seconds=200, total_bytes=3000),
        summary(8, RunState.DONE_WITH_WARNINGS, seconds=1, found_files=False),
    ]
    usual = usual_of(runs, 7, NOW, utc_day)
    assert usual is not None
    assert (usual.runs, usual.seconds, usual.seconds_low, usual.seconds_high) == (3, 200, 150, 250)
    assert (usual.total_bytes, usual.transferred_bytes) == (1000, 10)
    assert usual.like == runs[4], "the same weekday"
    assert usual_of(runs[:4], 7, NOW, utc_day).like == runs[0]  # type: ignore[union-attr]


def test_without_good_runs_nothing_is_usual() -> None:
    assert usual_of([summary(1, RunState.FAILED)], 7, NOW, utc_day) is None
    assert usual_of([summary(1)], 8, NOW, utc_day) is None
    unknown = usual_of([summary(1, total_bytes=None)], 7, NOW, utc_day)
    assert unknown is not None
    assert unknown.total_bytes is None
