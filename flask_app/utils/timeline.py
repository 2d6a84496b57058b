"""The steps of a run with the time each took; a picture of the record, made from it alone."""

from dataclasses import dataclass

from flask_app.utils.looks import run_look
from flask_app.utils.moments import seconds_between
from models.run import ENDED, GOOD, Run, RunState
from utils.sizes import duration

S = RunState
_STEPS = {
    "Queued": (S.QUEUED,),
    "Checking": (S.STARTING, S.CHECKING),
    "Transferring": (S.TRANSFERRING,),
    "Verifying": (S.VERIFYING,),
    "Deleting": (S.DELETING,),
}
_OF_KIND = {"verify": ("Queued", "Checking", "Verifying"), "preview": ("Queued", "Checking")}
# What a run that ended well did instead of the step.
_SKIPPED = {"Verifying": ("Compared", "by size and date"), "Deleting": ("Deleting", "nothing deleted")}
_USUAL = ("Queued", "Checking", "Transferring", "Verifying")


@dataclass(frozen=True, slots=True)
class TimelineCell:
    """`state` is done, current, ahead, skipped or ended."""

    name: str
    state: str
    icon: str
    tone: str
    text: str


def timeline(run: Run) -> tuple[TimelineCell, ...]:
    """A cell for each step that this run has; waiting and stopping belong to the step they happen in."""
    names = _OF_KIND.get(run.kind, (*_USUAL, "Deleting") if run.deletion else _USUAL)
    spent, place = _spent(run, names)
    cells = [_cell(run, name, spent[index], index - place) for index, name in enumerate(names)]
    return (*cells, _last_cell(run))


def _spent(run: Run, names: tuple[str, ...]) -> tuple[list[float | None], int]:
    """Seconds in each of the steps (None = not entered), and the step it is or was in."""
    cells = {state: index for index, name in enumerate(names) for state in _STEPS[name]}
    moments = [(S.QUEUED, run.created_at), *((mark.state, mark.at) for mark in run.phases)]
    spent: list[float | None] = [None] * len(names)
    place = 0
    for (state, start), (_, end) in zip(moments, [*moments[1:], (None, run.ended_at)], strict=True):
        if state not in ENDED:
            place = max(place, cells.get(state, place))
            spent[place] = (spent[place] or 0.0) + seconds_between(start, end)
    return spent, place


def _cell(run: Run, name: str, seconds: float | None, distance: int) -> TimelineCell:
    if run.is_active and distance == 0:
        look = run_look(run.state)
        return TimelineCell(look.word, "current", look.icon, look.tone, duration(seconds or 0))
    if seconds is not None:
        return TimelineCell(name, "done", "circle-check", "ok", duration(seconds))
    if run.state in GOOD:
        name, words = _SKIPPED.get(name, (name, "at once"))
        return TimelineCell(name, "skipped", "circle-check", "ok", words)
    return TimelineCell(name, "ahead", "circle-dashed", "neutral", "" if run.is_active else "not reached")


def _last_cell(run: Run) -> TimelineCell:
    if run.is_active:
        return TimelineCell("Finished", "ahead", "circle-dashed", "neutral", "")
    look = run_look(run.state)
    whole = duration(seconds_between(run.created_at, run.ended_at))
    words = f"{'in' if run.state in GOOD else 'after'} {whole}"
    return TimelineCell(look.word, "ended", look.icon, look.tone, words)
