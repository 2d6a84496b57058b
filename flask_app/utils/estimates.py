"""What the past of a job says about a run, in words: how long still, how it compares; `core.estimate` works it out."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from flask import g

from core.estimate import (
    TimeLeft,
    is_late,
    is_slow,
    is_total_guessed,
    time_left,
    usual_before,
    usual_speed,
)
from core.statistics import Usual
from flask_app.utils.container import services
from flask_app.utils.moments import local, local_day, moment_of, today
from models.run import GOOD, Run, RunState
from models.run_summary import RunSummary, places_of
from utils.sizes import duration, size, speed

_PAST = 100  # runs
_FEWEST = 2  # before anything is usual
_WAITS = frozenset({RunState.QUEUED, RunState.WAITING, RunState.PAUSING})


class Outlook(NamedTuple):
    """What a run under way can be told of its end: `left` first, `detail` below it; `tone` is warn for trouble.

    `is_told`: `left` is the tool's word alone, as it is pushed to pages; there is no past.
    """

    left: str
    detail: str = ""
    tone: str = ""
    is_told: bool = False


def outlook(run: Run) -> Outlook:
    """The lines beside the percentage of an active run."""
    now = datetime.now(UTC)
    past = _past(run.job_id)
    usual = usual_before(past, run, now, local_day)
    left = None if run.state in _WAITS else time_left(run, usual, now)
    seen = Outlook(left_words(left), run.note or _detail(run, left, usual, now), is_told=usual is None)
    if trouble := _trouble(run, past, now):
        return seen._replace(detail=trouble, tone="warn")
    if usual and usual.runs >= _FEWEST and is_late(run, usual, now):
        return seen._replace(detail=f"longer than usual, which is {_usually(usual)}", tone="warn")
    return seen


def _trouble(run: Run, past: tuple[RunSummary, ...], now: datetime) -> str:
    """Silence and slowness, by name."""
    if run.note.startswith("stalled"):
        return run.note
    usual_rate = usual_speed(past, places_of(run.engine, run.source, run.dest))
    if not usual_rate or not is_slow(run, usual_rate, _limit(run), now):
        return ""
    return f"slower than usual: {speed(run.progress.speed_bytes)}, usually {speed(usual_rate)}"


def _limit(run: Run) -> int:
    """Bytes per second that the job may use (0 = no limit)."""
    wanted = services().jobs.get(run.job_id).settings.bandwidth_limit
    return 1024 * (services().settings.load().default_bandwidth_limit if wanted is None else wanted)


def left_words(left: TimeLeft | None) -> str:
    """`about 29 min left`, `11 to 14 min left`; empty while nothing is known."""
    if left is None:
        return ""
    if left.high < 5:
        return "a few seconds left"
    return f"{between(left.low, left.high)} left"


def between(low: float, high: float) -> str:
    """`about 12 min`, `11 to 14 min`, `55 min to 1 h 20 min`, `up to 14 min`."""
    first, last = duration(low), duration(high)
    if first == last or high - low < max(5.0, 0.15 * high):
        return f"about {duration((low + high) / 2)}"
    if low < 5:
        return f"up to {last}"
    number, _, unit = first.partition(" ")
    return f"{number if f' {unit}' == last[-len(unit) - 1 :] and last.count(' ') == 1 else first} to {last}"


def _detail(run: Run, left: TimeLeft | None, usual: Usual | None, now: datetime) -> str:
    """`ready around 08:15, like last Tuesday (1 h 12 min)`."""
    parts = [_ready(left, now)]
    if usual and run.kind == "backup" and not run.resumes:
        parts.append(likeness(usual))
    if is_total_guessed(run):
        parts.append("the total is an estimate")
    return ", ".join(filter(None, parts))


def _ready(left: TimeLeft | None, now: datetime) -> str:
    if left is None or left.high < 60:
        return ""
    first, last = (local(now + timedelta(seconds=seconds)) for seconds in left[:2])
    ready = f"{last:%H:%M}{_coming_day(last)}"
    if left.high - left.low < 120:
        return f"ready around {ready}"
    return f"ready between {first:%H:%M}{_coming_day(first) if first.date() != last.date() else ''} and {ready}"


def _coming_day(moment: datetime) -> str:
    """Nothing today, else ` tomorrow`, ` on Tuesday`, ` on 4 December`."""
    days = (moment.date() - today()).days
    if days < 2:
        return " tomorrow" if days == 1 else ""
    return f" on {moment:%A}" if days < 7 else f" on {moment.day} {moment:%B}"


def likeness(usual: Usual) -> str:
    """`like last Tuesday: about 1 h 12 min`; where durations differ, `usually 55 min to 1 h 20 min`."""
    if usual.runs > 1 and not between(usual.seconds_low, usual.seconds_high).startswith("about"):
        return f"usually {between(usual.seconds_low, usual.seconds_high)}"
    return f"like {_day_words(usual.like)}: about {duration(usual.like.seconds)}"


def _usually(usual: Usual) -> str:
    return between(usual.seconds_low, usual.seconds_high)


def _day_words(run: RunSummary) -> str:
    moment = local(moment_of(run.started_at))
    age = (today() - moment.date()).days
    if age <= 1:
        return f"{'yesterday' if age else 'today'} at {moment:%H:%M}"
    return f"last {moment:%A}" if age <= 7 else f"{moment.day} {moment:%B}"


def compared(run: Run) -> str:
    """`3 min longer than usual`, `as long as usual`; empty for a run that did not end well, or has no past."""
    if run.kind != "backup" or run.state not in GOOD or run.resumes:
        return ""
    usual = usual_before(_past(run.job_id), run, moment_of(run.started_at), local_day)
    if usual is None or usual.runs < _FEWEST:
        return ""
    return _against(_seconds(run), usual)


def _against(seconds: float, usual: Usual) -> str:
    middle = usual.seconds
    slack = max(5.0, 0.1 * middle)
    if usual.seconds_low - slack <= seconds <= usual.seconds_high + slack:
        return "as long as usual"
    word = "longer" if seconds > middle else "shorter"
    return f"{duration(abs(seconds - middle))} {word} than usual"


def _seconds(run: Run) -> float:
    past = _past(run.job_id)
    return next((other.seconds for other in past if other.run_id == run.id), 0.0)


def usual_amount(run: Run) -> str:
    """`usually 0.9 GB`, below what a run copied; empty without a past."""
    if run.kind != "backup":
        return ""
    usual = usual_before(_past(run.job_id), run, datetime.now(UTC), local_day)
    if usual is None or usual.runs < _FEWEST or usual.transferred_bytes is None:
        return ""
    return f"usually {size(usual.transferred_bytes)}"


def _past(job_id: str) -> tuple[RunSummary, ...]:
    """The job's newest runs, looked up once per request."""
    known: dict[str, tuple[RunSummary, ...]] = g.setdefault("past", {})
    if job_id not in known:
        known[job_id] = services().queries.history(job_id, _PAST)
    return known[job_id]
