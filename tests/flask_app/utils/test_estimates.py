"""What is said of a run's end, and how an ended one compares; and the sentences under a job's charts."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.estimate import TimeLeft
from flask_app.utils import estimates
from flask_app.utils.past_runs import amounts, durations
from models.job import Job, JobSettings
from models.progress import Progress
from models.run import Outcome, PhaseMark, Run, RunState, Statistics
from models.run_summary import RunSummary, summary_of
from tests.flask_app.pages import Pages
from utils.clock import utc_text
from utils.ids import new_run_id

S = RunState


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (660, 840, "11 to 14 min"),
        (700, 720, "about 12 min"),
        (3300, 4800, "55 min to 1 h 20 min"),
        (3600, 7200, "1 to 2 h"),
        (3700, 7400, "1 h 2 min to 2 h 3 min"),
        (0, 780, "up to 13 min"),
        (20, 40, "20 to 40 s"),
        (50, 120, "50 s to 2 min"),
        (1740, 1740, "about 29 min"),
    ],
)
def test_a_range_is_said_shortly(low: float, high: float, words: str) -> None:
    assert estimates.between(low, high) == words


def test_the_time_left_is_empty_while_nothing_is_known() -> None:
    assert estimates.left_words(None) == ""
    assert estimates.left_words(TimeLeft(1, 4)) == "a few seconds left"
    assert estimates.left_words(TimeLeft(660, 840)) == "11 to 14 min left"


def ended(pages: Pages, job: Job, days: int, seconds: float, sent: int, state: RunState = S.DONE, **more: Any) -> Run:
    start = datetime.now(UTC) - timedelta(days=days)
    end = start + timedelta(seconds=seconds)
    report = Statistics(100, 10, 0, 0, 10**10, sent, sent, 0)
    facts = {"id": new_run_id(start), "created_at": utc_text(start), "started_at": utc_text(start)}
    marks = {"ended_at": utc_text(end), "phases": (PhaseMark(S.TRANSFERRING, utc_text(start)),)}
    return pages.run(job, state, **(facts | marks | {"statistics": report} | more))


def active(pages: Pages, job: Job, spent: float = 30, **changes: Any) -> Run:
    start = utc_text(datetime.now(UTC) - timedelta(seconds=spent))
    facts: dict[str, Any] = {"started_at": start, "created_at": start, "phases": (PhaseMark(S.STARTING, start),)}
    facts |= {"progress": Progress(), "outcome": Outcome()} | changes
    return pages.run(job, facts.pop("state", S.TRANSFERRING), **facts)


def page_of(pages: Pages, run: Run) -> str:
    return pages.get(f"/jobs/{run.job_id}/runs/{run.id}", "run").text


def test_before_the_tool_gives_a_percent_the_past_gives_the_estimate(pages: Pages) -> None:
    job = pages.job()
    for days in (21, 14, 7):
        ended(pages, job, days, 4320, 10**9)
    run = active(pages, job, 0, state=S.CHECKING)
    weekday = (datetime.now(UTC) - timedelta(days=7)).strftime("%A")
    for page in (page_of(pages, run), pages.get(f"/jobs/{job.id}", "job-head").text):
        assert "about 1 h 12 min left" in page
        assert f"like last {weekday}: about 1 h 12 min" in page
        assert 'data-figure="eta"' not in page, "what is pushed is the tool's word alone"


def test_where_durations_differ_the_estimate_is_a_range(pages: Pages) -> None:
    job = pages.job()
    for days, minutes in enumerate((20, 30, 40, 60), 1):
        ended(pages, job, days, 60 * minutes, 10**9)
    page = page_of(pages, active(pages, job, 0, state=S.CHECKING))
    assert "28 to 45 min left" in page
    assert "usually 28 to 45 min" in page
    assert "ready between" in page


def test_without_a_past_the_pushed_figure_is_shown(pages: Pages) -> None:
    job = pages.job()
    run = active(pages, job, progress=Progress(10, 100, 10.0, 5, 1740, 1, 9))
    page = page_of(pages, run)
    assert '<span data-figure="eta">about 29 min left</span>' in page
    assert "ready around" in page


def test_a_total_of_an_earlier_run_is_called_an_estimate(pages: Pages) -> None:
    page = page_of(pages, active(pages, pages.job(), progress=Progress(5 * 10**8, 10**9, 50.0, 10**6, 500, 1)))
    assert "500 MB of about 1.0 GB" in page
    assert "the total is an estimate" in page


def test_silence_slowness_and_lateness_are_named(pages: Pages) -> None:
    job = pages.job()
    for days in (1, 2, 3):
        ended(pages, job, days, 100, 4 * 10**9)
    moving = Progress(240_000_000, 10**10, 2.4, 4_000_000, 2400, 1, 9)
    slow = page_of(pages, active(pages, job, 60, progress=moving))
    assert 'data-tone="warn">slower than usual: 4.0 MB/s, usually 40.0 MB/s</p>' in slow
    other = pages.job(name="Other", dest="/mnt/other")
    for days in (1, 2, 3):
        ended(pages, other, days, 100, 10)
    late = page_of(pages, active(pages, other, 600))
    assert 'data-tone="warn">longer than usual, which is about 2 min</p>' in late
    third = pages.job(name="Third", dest="/mnt/third")
    stalled = page_of(pages, active(pages, third, 600, note="stalled for 130 s"))
    assert 'data-tone="warn" data-figure="note">stalled for 130 s</p>' in stalled


def test_a_speed_limit_makes_nothing_slow(pages: Pages) -> None:
    job = pages.job(settings=JobSettings(bandwidth_limit=4000))
    for days in (1, 2, 3):
        ended(pages, job, days, 100, 4 * 10**9)
    moving = Progress(240_000_000, 10**10, 2.4, 4_000_000, 2400, 1, 9)
    assert "slower than usual" not in page_of(pages, active(pages, job, 60, progress=moving))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(600, "as long as usual"), (900, "5 min longer than usual"), (300, "5 min shorter than usual")],
)
def test_an_ended_run_says_how_it_compares(pages: Pages, seconds: float, words: str) -> None:
    job = pages.job()
    for days in (2, 3, 4):
        ended(pages, job, days, 600, 9 * 10**8)
    run = ended(pages, job, 1, seconds, 12 * 10**8)
    page = page_of(pages, run)
    assert f'<span class="hint">{words}</span>' in page
    assert "1.2 GB sent, usually 900 MB" in page
    assert f"</time>, {words}</span>" in pages.get(f"/jobs/{job.id}", "job-head").text


@pytest.mark.parametrize("state", [S.FAILED, S.PAUSED, S.INTERRUPTED, S.CANCELLED])
def test_a_run_that_did_not_end_well_is_compared_with_nothing(pages: Pages, state: RunState) -> None:
    job = pages.job()
    ended(pages, job, 2, 600, 10**9)
    assert "than usual" not in page_of(pages, ended(pages, job, 1, 6000, 10**9, state))


def summaries(*figures: tuple[float, int]) -> tuple[RunSummary, ...]:
    """Newest first, as the core gives them."""
    start = datetime(2026, 10, 30, 2, tzinfo=UTC)
    found = [
        RunSummary("j", str(number), "backup", S.DONE, utc_text(start + timedelta(days=number)),
                   utc_text(start + timedelta(days=number, seconds=seconds)), seconds, 10**10, sent)
        for number, (seconds, sent) in enumerate(figures)
    ]  # fmt: skip
    return tuple(reversed(found))


def test_under_each_chart_stand_the_usual_and_the_extreme_with_its_date() -> None:
    runs = summaries((2280, 46 * 10**8), *[(600 + 60 * n, (7 + n) * 10**8) for n in range(5)])
    times, sizes = durations(runs), amounts(runs)
    assert times is not None
    assert sizes is not None
    assert times.sentence == "Usually 11 to 14 min. Longest 38 min, 30\N{NO-BREAK SPACE}Oct."
    assert sizes.sentence == "Usually 0.8 to 1.1 GB. Most 4.6 GB, 30\N{NO-BREAK SPACE}Oct."
    assert (times.newest, sizes.newest, times.values[0]) == ("14 min", "1.1 GB", 2280)


def test_few_runs_have_short_sentences() -> None:
    one, same = summaries((600, 10**9)), summaries((600, 10**9), (600, 10**9), (600, 10**9))
    assert [chart.sentence for chart in (durations(one), amounts(one)) if chart] == ["1 good run so far."] * 2
    assert [chart.sentence for chart in (durations(same), amounts(same)) if chart] == [
        "Usually about 10 min.",
        "Usually 1.0 GB.",
    ]
    assert durations(()) is None
    assert amounts((summary_of(Run("r", "j", S.FAILED, utc_text(datetime.now(UTC)))),)) is None


@pytest.mark.parametrize(
    ("hours", "days", "words"), [(10, 0, ""), (20, 1, " tomorrow"), (40, 2, " on %A"), (240, 10, " on %-d %B")]
)
def test_an_end_that_is_not_today_has_its_day(pages: Pages, hours: int, days: int, words: str) -> None:
    behind = datetime.now(UTC).hour - 12
    pages.in_zone(f"Etc/GMT{behind:+d}")  # where it is noon now
    page = page_of(pages, active(pages, pages.job(), progress=Progress(10, 100, 10.0, 5, 3600 * hours, 1, 9)))
    end = datetime.now(UTC) - timedelta(hours=behind) + timedelta(days=days)
    assert re.search(rf"ready around \d\d:\d\d{end.strftime(words)}\b(?! on| tomorrow)", page)
