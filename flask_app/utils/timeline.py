"""The five steps of a run with the time each took; a picture of the record, made from it alone."""

from dataclasses import dataclass

from flask_app.utils.looks import run_look
from flask_app.utils.moments import seconds_between
from models.run import GOOD, Run, RunState
from utils.sizes import duration

S = RunState
CELLS = ("Queued", "Checking", "Transferring", "Verifying", "Finished")
_CELL = {S.QUEUED: 0, S.STARTING: 1, S.CHECKING: 1, S.TRANSFERRING: 2, S.VERIFYING: 3, S.DELETING: 3}


@dataclass(frozen=True, slots=True)
class TimelineCell:
    """`state` is done, current, ahead, skipped or ended."""

    name: str
    state: str
    icon: str
    tone: str
    text: str


def timeline(run: Run) -> tuple[TimelineCell, ...]:
    """Five cells; waiting and stopping belong to the step they happen in."""
    spent, place = _spent(run)
    cells = [_cell(run, index, spent[index], place) for index in range(4)]
    return (*cells, _last_cell(run))


def _spent(run: Run) -> tuple[list[float | None], int]:
    """Seconds in each of the first four steps (None = not entered), and the step it is or was in."""
    moments = [(S.QUEUED, run.created_at), *((mark.state, mark.at) for mark in run.phases)]
    spent: list[float | None] = [None, None, None, None]
    place = 0
    for (state, start), (_, end) in zip(moments, [*moments[1:], (None, run.ended_at)], strict=True):
        if state.value in {"done", "done_with_warnings", "failed", "paused", "interrupted", "cancelled"}:
            continue
        place = max(place, _CELL.get(state, place))
        spent[place] = (spent[place] or 0.0) + seconds_between(start, end)
    return spent, place


def _cell(run: Run, index: int, seconds: float | None, place: int) -> TimelineCell:
    name = CELLS[index]
    if run.is_active and index == place:
        look = run_look(run.state)
        return TimelineCell(look.word, "current", look.icon, look.tone, duration(seconds or 0))
    if seconds is not None:
        return TimelineCell(name, "done", "circle-check", "ok", duration(seconds))
    if run.state in GOOD:
        return TimelineCell(name, "skipped", "circle-check", "ok", "by size and date" if index == 3 else "at once")
    return TimelineCell(name, "ahead", "circle-dashed", "neutral", "" if run.is_active else "not reached")


def _last_cell(run: Run) -> TimelineCell:
    if run.is_active:
        return TimelineCell("Finished", "ahead", "circle-dashed", "neutral", "")
    look = run_look(run.state)
    whole = duration(seconds_between(run.created_at, run.ended_at))
    return TimelineCell(look.word, "ended", look.icon, look.tone, f"{whole} in all")
