"""What the dashboard shows of the jobs beyond its figures: their last days, what happened lately; in words and rows."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from flask import request

from core.statistics import DayCell
from core.views import DashboardView, JobView
from flask_app.utils.container import services
from flask_app.utils.moments import local_day, today
from models.run import Run, RunState
from utils.text import plural

DAYS = 30
JOBS = 12
_ROWS = 10
_WAITING = frozenset({RunState.QUEUED, RunState.WAITING})
_DAY_WORDS = {
    "good": "good",
    "warnings": "with warnings",
    "failed": "failed",
    "interrupted": "interrupted",
    "running": "running",
}


class DayRow(NamedTuple):
    """One job's row: `words` say what the strip draws."""

    view: JobView
    cells: tuple[DayCell, ...]
    words: str


def day_rows() -> tuple[DayRow, ...]:
    """The jobs that matter most with their last days, as the viewer's calendar has them."""
    zone = request.cookies.get("timezone", "")
    rows = services().overview.days(JOBS, DAYS, today(), local_day, zone)
    return tuple(DayRow(view, cells, day_words(cells)) for view, cells in rows)


def day_words(cells: Sequence[DayCell]) -> str:
    """`30 days: 27 good, 1 failed, 2 without a run`."""
    counts = Counter(cell.state for cell in cells)
    told = [f"{counts[state]} {word}" for state, word in _DAY_WORDS.items() if counts[state]]
    if idle := counts["none"]:
        told.append(f"{idle} without a run")
    return f"{plural(len(cells), 'day')}: {', '.join(told)}"


def lately(board: DashboardView) -> list[Run]:
    """The runs that ended or began last, newest first; what waits stands elsewhere with its reason."""
    ended = {run.id for run in board.recent}  # one may have ended since its job was looked at
    active = [view.active for view in board.active if view.active and view.active.id not in ended]
    begun = [run for run in active if run.state not in _WAITING]
    return sorted([*begun, *board.recent], key=_moment, reverse=True)[:_ROWS]


def _moment(run: Run) -> str:
    return run.ended_at or run.started_at or run.created_at


def failing(board: DashboardView) -> str:
    """Whose runs failed, for below their number: one name, or how many runs."""
    if board.failed_24h == 1:
        names = [view.job.name for view in board.attention if view.last and view.last.state is RunState.FAILED]
        if len(names) == 1:
            return names[0]
    return plural(board.failed_24h, "run")
