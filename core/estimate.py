"""How long a run will still take and whether it is slower than it should be: worked out of figures, nothing is read."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import median, quantiles
from typing import NamedTuple

from core.statistics import DayOf, Usual, usual_of
from models.run import Run, RunState
from models.run_summary import RunSummary, places_of, summary_of
from utils.clock import utc_text

# A speed is one of the line or the disk only where this much was sent, for this long.
_ENOUGH_BYTES, _ENOUGH_SECONDS, _ENOUGH_RUNS = 50_000_000, 5.0, 2
_SLOW = 3.0
_TOO_EARLY = 20.0
_LATE = 1.2


class TimeLeft(NamedTuple):
    """Seconds that a run is likely to take still, from `low` to `high`; `from_history`: the tool has said nothing."""

    low: float
    high: float
    from_history: bool = False


class Spread(NamedTuple):
    """The middle half of a figure over some runs, and the run with the highest."""

    low: float
    high: float
    highest: float
    run: RunSummary


def worked(run: Run, now: datetime) -> float:
    """Seconds that an active run has worked, without its waits."""
    return summary_of(run._replace(ended_at=utc_text(now))).seconds if run.started_at else 0.0


def time_left(run: Run, usual: Usual | None, now: datetime) -> TimeLeft | None:
    """What the past and the tool say together, the tool the more the further the run is; None where neither can.

    A run that takes longer than usual already has no past to go by.
    """
    past, told = _by_history(run, usual, now), run.progress.eta_seconds
    if told is None:
        return past
    if past is None:
        return TimeLeft(told, told)
    share = (run.progress.percent or 0.0) / 100
    low = share * told + (1 - share) * min(told, past.low)
    return TimeLeft(low, share * told + (1 - share) * max(told, past.high))


def _by_history(run: Run, usual: Usual | None, now: datetime) -> TimeLeft | None:
    if usual is None or run.kind != "backup":
        return None
    if run.resumes:  # a part of the work was done before
        rest = 1 - (run.progress.percent or 0.0) / 100
        return TimeLeft(usual.seconds_low * rest, usual.seconds_high * rest, True)
    spent = worked(run, now)
    if spent >= usual.seconds_high:
        return None
    return TimeLeft(max(0.0, usual.seconds_low - spent), usual.seconds_high - spent, True)


def is_late(run: Run, usual: Usual | None, now: datetime) -> bool:
    """Whether a backup takes noticeably longer than usual already."""
    is_whole = run.kind == "backup" and not run.resumes
    return bool(usual and is_whole and worked(run, now) > max(usual.seconds_high * _LATE, usual.seconds_high + 10))


def is_total_guessed(run: Run) -> bool:
    """Whether the total is one of an earlier run: engines know no number of files then."""
    return run.is_active and run.progress.total_bytes is not None and run.progress.files_total is None


def usual_speed(runs: Iterable[RunSummary], places: int) -> int | None:
    """Bytes per second of good runs between the same places that sent enough to tell; None where too few did."""
    rates = [
        (run.transferred_bytes or 0) / run.seconds
        for run in runs
        if run.is_good and run.places == places and run.seconds >= _ENOUGH_SECONDS
        and (run.transferred_bytes or 0) >= _ENOUGH_BYTES
    ]  # fmt: skip
    return int(median(rates)) if len(rates) >= _ENOUGH_RUNS else None


def is_slow(run: Run, usual_rate: int | None, limit: int, now: datetime) -> bool:
    """Whether bytes move at less than a third of their usual speed, now and on the whole.

    `limit` is the one in force (bytes per second, 0 = none): what it allows is not slow.
    """
    spent, speed = worked(run, now), run.progress.speed_bytes
    if run.state is not RunState.TRANSFERRING or not usual_rate or speed <= 0 or spent < _TOO_EARLY:
        return False
    on_the_whole = (run.progress.bytes_transferred - run.settled_bytes * bool(run.resumes)) / spent
    expected = min(usual_rate, limit) if limit else usual_rate
    return max(speed, on_the_whole) * _SLOW < expected


def usual_before(runs: Sequence[RunSummary], run: Run, now: datetime, day_of: DayOf) -> Usual | None:
    """What good runs before this one were like, between its own places."""
    earlier = [other for other in runs if other.run_id < run.id]
    return usual_of(earlier, places_of(run.engine, run.source, run.dest), now, day_of)


def spread(figures: Sequence[tuple[float, RunSummary]]) -> Spread | None:
    """Of at least one figure; None of none."""
    if not figures:
        return None
    values = [figure for figure, _ in figures]
    low, _, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    highest, run = max(figures, key=lambda pair: pair[0])
    return Spread(low, high, highest, run)
