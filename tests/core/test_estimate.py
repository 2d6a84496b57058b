"""How long a run will still take, from what the tool says and what the past was like."""

from datetime import UTC, datetime, timedelta

import pytest

from core.estimate import is_late, is_slow, is_total_guessed, spread, time_left, usual_before, usual_speed, worked
from core.statistics import Usual, utc_day
from models.progress import Progress
from models.run import PhaseMark, Run, RunState
from models.run_summary import RunSummary, places_of, summary_of
from tests import build
from utils.clock import utc_text
from utils.ids import new_run_id

S = RunState
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PLACES = places_of("rsync", "/srv/photos/", "/srv/backup/photos")


def summary(days: int, seconds: float, sent: int = 10**9, state: RunState = S.DONE) -> RunSummary:
    start = NOW - timedelta(days=days)
    return RunSummary(
        build.JOB_ID, new_run_id(start), "backup", state, utc_text(start), utc_text(start + timedelta(seconds=seconds)),
        seconds, 10**10, sent, 5, places=PLACES,
    )  # fmt: skip


def usual(low: float, high: float) -> Usual:
    return Usual(5, (low + high) / 2, low, high, 10**10, 10**9, summary(7, low))


def running(spent: float, state: RunState = S.TRANSFERRING, **changes: object) -> Run:
    start = utc_text(NOW - timedelta(seconds=spent))
    facts = {"state": state, "started_at": start, "created_at": start, "phases": (PhaseMark(S.STARTING, start),)}
    return build.run(**(facts | changes))


def test_before_the_tool_says_anything_the_past_does() -> None:
    left = time_left(running(60, S.CHECKING), usual(600, 840), NOW)
    assert left is not None
    assert (left.low, left.high, left.from_history) == (540, 780, True)


def test_without_a_past_the_tool_is_believed() -> None:
    left = time_left(running(60, progress=Progress(percent=10.0, eta_seconds=90)), None, NOW)
    assert left is not None
    assert (left.low, left.high) == (90, 90)
    assert time_left(running(60, S.CHECKING), None, NOW) is None


@pytest.mark.parametrize(
    ("percent", "low", "high"), [(0.0, 60, 740), (50.0, 60, 400), (90.0, 60, 128), (100.0, 60, 60)]
)
def test_the_tool_counts_the_more_the_further_the_run_is(percent: float, low: float, high: float) -> None:
    left = time_left(running(100, progress=Progress(percent=percent, eta_seconds=60)), usual(600, 840), NOW)
    assert left is not None
    assert (round(left.low), round(left.high)) == (low, high)


def test_a_run_that_takes_longer_has_no_past_to_go_by() -> None:
    late = running(1100)
    assert time_left(late, usual(600, 840), NOW) is None
    assert is_late(late, usual(600, 840), NOW)
    assert not is_late(running(850), usual(600, 840), NOW)
    assert not is_late(running(12), usual(1, 3), NOW), "a few seconds are no news"


def test_a_resumed_run_has_only_the_rest_before_it() -> None:
    resumed = running(10, S.CHECKING, resumes="x", progress=Progress(percent=75.0))
    left = time_left(resumed, usual(400, 800), NOW)
    assert left is not None
    assert (left.low, left.high) == (100, 200)


@pytest.mark.parametrize("kind", ["verify", "preview", "restore", "rehearsal", "retry"])
def test_what_is_no_backup_is_not_like_one(kind: str) -> None:
    assert time_left(running(10, kind=kind), usual(600, 840), NOW) is None
    assert not is_late(running(10_000, kind=kind), usual(600, 840), NOW)


def test_waits_are_no_work() -> None:
    start, wait, on = (utc_text(NOW - timedelta(seconds=ago)) for ago in (100, 90, 30))
    phases = (PhaseMark(S.STARTING, start), PhaseMark(S.WAITING, wait), PhaseMark(S.TRANSFERRING, on))
    assert worked(running(100, phases=phases), NOW) == 40
    assert worked(build.run(), NOW) == 0


def test_the_usual_speed_is_that_of_runs_that_sent_enough() -> None:
    fast, slower = summary(1, 10, 4 * 10**8), summary(2, 10, 2 * 10**8)
    nothing, broken = summary(3, 300, 1000), summary(4, 10, 10**9, S.FAILED)
    assert usual_speed((fast, slower, nothing, broken), PLACES) == 3 * 10**7
    assert usual_speed((fast, nothing), PLACES) is None
    assert usual_speed((fast, slower), PLACES + 1) is None


@pytest.mark.parametrize(
    ("speed", "sent", "spent", "limit", "slow"),
    [
        (4_000_000, 240_000_000, 60, 0, True),
        (4_000_000, 1_800_000_000, 60, 0, False),  # it was quick on the whole
        (40_000_000, 240_000_000, 60, 0, False),
        (4_000_000, 40_000_000, 10, 0, False),  # too early to tell
        (4_000_000, 240_000_000, 60, 4_096_000, False),  # as fast as it may be
        (0, 240_000_000, 60, 0, False),  # silence has its own name
    ],
)
def test_slow_is_a_third_of_the_usual_now_and_on_the_whole(
    speed: int, sent: int, spent: int, limit: int, slow: bool
) -> None:
    run = running(spent, progress=Progress(sent, speed_bytes=speed))
    assert is_slow(run, 40_000_000, limit, NOW) is slow
    assert not is_slow(run, None, limit, NOW)
    assert not is_slow(run._replace(state=S.CHECKING), 40_000_000, limit, NOW)


def test_a_total_without_a_number_of_files_is_a_guess() -> None:
    assert is_total_guessed(running(1, progress=Progress(1, 100)))
    assert not is_total_guessed(running(1, progress=Progress(1, 100, files_total=5)))
    assert not is_total_guessed(running(1))
    assert not is_total_guessed(build.run(state=S.PAUSED, progress=Progress(1, 100)))


def test_a_run_is_compared_with_those_before_it() -> None:
    past = tuple(summary(days, 100.0 * days) for days in (1, 2, 3))
    run = build.run(id=past[0].run_id)
    found = usual_before(past, run, NOW, utc_day)
    assert found is not None
    assert (found.runs, found.seconds) == (2, 250)
    assert usual_before(past, build.run(id=past[2].run_id), NOW, utc_day) is None


def test_a_spread_is_the_middle_half_and_the_extreme() -> None:
    runs = [summary(days, days) for days in (1, 2, 3, 4, 50)]
    found = spread([(run.seconds, run) for run in runs])
    assert found is not None
    assert (found.low, found.high, found.highest, found.run) == (2, 4, 50, runs[4])
    alone = spread([(7.0, runs[0])])
    assert alone is not None
    assert (alone.low, alone.high, alone.highest) == (7, 7, 7)
    assert spread([]) is None
    assert summary_of(build.run()).seconds == 0
