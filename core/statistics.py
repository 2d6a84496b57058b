"""What the past of a job amounts to: its days, its usual figures; values worked out of summaries, nothing is read."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import NamedTuple

from models.run import Run, RunState
from models.run_summary import RunSummary
from utils.clock import parse_utc

DayOf = Callable[[datetime], date]
# The worst word of a day wins.
_RANKS = {word: rank for rank, word in enumerate(("none", "good", "running", "warnings", "interrupted", "failed"))}
_WORDS = {
    RunState.DONE: "good",
    RunState.DONE_WITH_WARNINGS: "warnings",
    RunState.FAILED: "failed",
    RunState.INTERRUPTED: "interrupted",
    RunState.PAUSED: "interrupted",
}


class DayCell(NamedTuple):
    """A day of a strip. `state` is good, warnings, failed, interrupted (or paused), running or none."""

    day: date
    state: str
    runs: int


class Usual(NamedTuple):
    """What good backup runs from and to the same places were like: medians, and the middle half of the durations.

    `like` is the run to compare with: the newest on the same weekday, else the newest. `total_bytes` is None where
    the tool never said.
    """

    runs: int
    seconds: float
    seconds_low: float
    seconds_high: float
    total_bytes: int | None
    transferred_bytes: int | None
    like: RunSummary


def utc_day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def strip_of(
    runs: Iterable[RunSummary], active: Run | None, now: datetime, days: int, day_of: DayOf
) -> tuple[DayCell, ...]:
    """One cell for each of the last `days`, oldest first; `runs` are newest first."""
    today = day_of(now)
    first = today - timedelta(days=days - 1)
    words: dict[date, list[str]] = {first + timedelta(days=number): [] for number in range(days)}
    for run in runs:
        day = day_of(parse_utc(run.ended_at))
        if day < first:
            break
        if run.state in _WORDS and day in words:
            words[day].append(_WORDS[run.state])
    if active is not None:
        words[today].append("running")
    return tuple(
        DayCell(day, max(found, key=_RANKS.__getitem__, default="none"), len(found)) for day, found in words.items()
    )


def usual_of(runs: Sequence[RunSummary], places: int, now: datetime, day_of: DayOf) -> Usual | None:
    """The usual figures of good runs between the same places, newest first; None if there are none."""
    good = [run for run in runs if run.is_good and run.places == places]
    if not good:
        return None
    weekday = day_of(now).weekday()
    times = sorted(run.seconds for run in good)
    return Usual(
        runs=len(good),
        seconds=median(times),
        seconds_low=_quantile(times, 0.25),
        seconds_high=_quantile(times, 0.75),
        total_bytes=_median([run.total_bytes for run in good]),
        transferred_bytes=_median([run.transferred_bytes for run in good]),
        like=next((run for run in good if day_of(parse_utc(run.started_at)).weekday() == weekday), good[0]),
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Between the two nearest values, in proportion."""
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _median(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return int(median(known)) if known else None
