"""The dashboard, its three panels, the first-run page and the recovery prompt."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from models.run import RunState
from models.settings import Settings
from tests.flask_app.pages import ALL_STATES, Pages
from utils.clock import utc_text

S = RunState
PANELS = {
    "/stats": "dashboard-stats",
    "/active-jobs": "active-jobs",
    "/recent-activity": "recent-activity",
    "/last-days": "last-days",
}


def test_without_a_job_the_first_page_asks_three_things(pages: Pages) -> None:
    page = pages.get("/").text
    assert "Set up your first backup" in page
    assert '<form class="card" id="job-form" action="/jobs/create" method="post"' in page
    for field in ('name="source"', 'name="dest"', 'name="type"'):
        assert field in page


def test_three_answers_make_a_job_named_after_its_source(pages: Pages) -> None:
    (pages.folder / "holiday pictures").mkdir()
    answer = pages.post(
        "/jobs/create",
        suggest_name="1", source=f"{pages.folder}/holiday pictures/", dest=f"{pages.folder}/copy", type="rsync",
    )  # fmt: skip
    assert answer.status_code == 303
    assert [job.name for job in pages.core.jobs.snapshot().jobs.values()] == ["holiday pictures"]


def test_wrong_answers_keep_what_was_typed(pages: Pages) -> None:
    answer = pages.post("/jobs/create", suggest_name="1", source="/no/such <folder>", dest="", type="rsync")
    assert answer.status_code == 422
    assert 'value="/no/such &lt;folder&gt;"' in answer.text
    assert 'id="field-dest-error"' in answer.text


@pytest.mark.parametrize(
    ("states", "verdict"),
    [
        ([S.DONE], "Your job is protected"),
        ([S.DONE, S.DONE], "All 2 jobs are protected"),
        ([S.DONE, S.DONE, S.FAILED], "1 of 3 jobs needs attention"),
        ([S.FAILED, S.DONE_WITH_WARNINGS], "2 of 2 jobs need attention"),
        ([S.INTERRUPTED, S.DONE], "1 run was interrupted"),
        ([S.TRANSFERRING], "The first backup is running"),
        ([S.PAUSED], "Your job is not protected yet"),
        ([S.PAUSED, S.DONE], "1 of 2 jobs protected"),
    ],
)
def test_the_verdict_comes_first(pages: Pages, states: list[RunState], verdict: str) -> None:
    for state in states:
        pages.run(pages.job(name=f"Job {state}"), state)
    heading = pages.get("/").text.split('<h1 class="verdict">')[1].split("</h1>")[0]
    assert re.sub("<[^>]*>", "", heading) == verdict
    needs_attention = "attention" in verdict or "interrupted" in verdict
    assert ('href="/jobs/?state=attention"' in heading) == needs_attention, "it leads to those that need it"


def test_what_is_safe_beside_the_trouble_is_said(pages: Pages) -> None:
    for state in (S.FAILED, S.DONE, S.DONE):
        pages.run(pages.job(), state)
    assert "The other 2 are protected. Last good run " in pages.get("/").text


def test_a_failed_job_stands_with_cause_remedy_and_retry(pages: Pages) -> None:
    job = pages.job()
    run = pages.run(job, S.FAILED)
    page = pages.get("/stats", "dashboard-stats").text
    assert "The destination is full. Free space or choose another destination." in page
    assert f'action="/jobs/{job.id}/start"' in page
    assert "Retry" in page
    assert f'href="/jobs/{job.id}/runs/{run.id}"' in page


def test_a_job_with_warnings_leads_to_the_files_that_were_left_out(pages: Pages) -> None:
    job = pages.job()
    run = pages.run(job, S.DONE_WITH_WARNINGS)
    page = pages.get("/stats", "dashboard-stats").text
    assert f'href="/jobs/{job.id}/runs/{run.id}#run-left-out"' in page
    assert ">See the 3 files</a>" in page
    assert ">Start again</button>" in page
    assert 'id="run-left-out"' in pages.get(f"/jobs/{job.id}/runs/{run.id}").text


def test_no_job_is_counted_twice(pages: Pages) -> None:
    for state in (S.DONE, S.DONE, S.DONE_WITH_WARNINGS, S.FAILED):
        pages.run(pages.job(), state)
    page = pages.get("/").text
    assert "2 of 4 jobs need attention" in page
    assert "The other 2 are protected." in page
    assert ">2 protected</span>" in page
    jobs = pages.get("/jobs/").text
    assert "Attention <span>2</span>" in jobs
    assert "Protected <span>2</span>" in jobs


@pytest.mark.parametrize("state", ALL_STATES)
@pytest.mark.parametrize("path", PANELS)
def test_every_panel_shows_every_state(pages: Pages, path: str, state: RunState) -> None:
    pages.run(pages.job(name="Photos <b>"), state)
    panel = pages.get(path, PANELS[path])
    assert panel.status_code == 200
    assert f'id="{PANELS[path]}"' in panel.text
    assert "<html" not in panel.text
    assert "Photos <b>" not in panel.text


def test_an_active_job_has_a_bar_and_figures_that_can_be_pushed(pages: Pages) -> None:
    job = pages.job()
    run = pages.run(job, S.TRANSFERRING)
    panel = pages.get("/active-jobs", "active-jobs").text
    assert f'data-job="{job.id}" data-run="{run.id}" data-seq="0"' in panel
    assert '<span data-figure="percent">62</span>' in panel
    assert '<span data-figure="bytes">620 MB of 1.0 GB</span>' in panel
    assert "about 29 min left" in panel
    assert 'value="62.0"' in panel


def test_a_waiting_job_leads_to_the_job_that_it_waits_for(pages: Pages) -> None:
    videos = pages.job(name="Videos")
    pages.run(videos, S.TRANSFERRING)
    pages.run(pages.job(), S.QUEUED, note=f"{videos.dest} is being written by Videos.")
    panel = pages.get("/active-jobs", "active-jobs").text
    assert f'<a class="link" href="/jobs/{videos.id}">Videos</a>, about 29 min left' in panel


def test_what_hundreds_of_runs_do_is_a_list_elsewhere(pages: Pages) -> None:
    for number in range(24):
        pages.run(pages.job(name=f"Job {number}"), S.TRANSFERRING)
        pages.run(pages.job(name=f"Other {number}"), S.QUEUED)
    panel = pages.get("/active-jobs", "active-jobs").text
    assert "24 running, 24 waiting" in panel
    assert (panel.count('id="active-2'), panel.count('id="waiting-2')) == (20, 20)
    assert '<a class="link" href="/jobs/?state=active">All 48 jobs that run or wait</a>' in panel


def test_the_last_days_show_each_job_once_with_words_for_its_strip(pages: Pages) -> None:
    job = pages.job(name="Photos <b>")
    pages.run(job, S.DONE, ended_at=utc_text(datetime.now(UTC)))
    panel = pages.get("/last-days", "last-days").text
    assert (
        f'<a class="target truncate text-row font-medium text-ink" href="/jobs/{job.id}">Photos &lt;b&gt;</a>' in panel
    )
    assert 'aria-label="30 days: 1 good, 29 without a run"' in panel
    assert "today</time>" in panel


def test_of_many_jobs_the_last_days_show_those_that_matter_and_lead_to_the_others(pages: Pages) -> None:
    quiet = [pages.job(name=f"Quiet {number}") for number in range(14)]
    pages.run(pages.job(name="Ran last"), S.DONE, ended_at="2026-11-21T09:00:00.000Z")
    pages.run(pages.job(name="Broken"), S.FAILED)
    pages.run(pages.job(name="Moving"), S.TRANSFERRING)
    panel = pages.get("/last-days", "last-days").text
    names = re.findall(r'href="/jobs/[^"]*">([^<]+)</a>\s*<span class="days">', panel)
    assert names[:3] == ["Broken", "Moving", "Ran last"]
    assert len(names) == 12
    assert f'href="/jobs/">All {len(quiet) + 3} jobs</a>' in panel


def test_recent_activity_tells_what_began_too(pages: Pages) -> None:
    pages.run(pages.job(name="Old"), S.DONE)
    pages.run(pages.job(name="New"), S.TRANSFERRING, started_at="2026-11-21T08:00:00.000Z")
    panel = pages.get("/recent-activity", "recent-activity").text
    assert panel.index("New</b> started by hand") < panel.index("Old</b> finished")


def test_a_changed_interval_reaches_an_open_dashboard(pages: Pages) -> None:
    pages.job()
    asked = pages.get("/").text.split('hx-get="/stats', 1)[1].split('"', 1)[0]
    pages.core.settings.save(replace(Settings(), auto_refresh_interval=20))
    panel = pages.get(f"/stats{asked}", "dashboard-stats")
    assert panel.status_code == 200
    assert 'hx-trigger="every 50000ms, ' in panel.text


def test_a_silent_host_is_named_with_how_often_it_is_asked(pages: Pages) -> None:
    run = {"note": "for nas.lan to answer", "waits_for": "nas.lan"}
    pages.run(pages.job(name="Photos"), S.WAITING, **run)
    pages.core.settings.save(replace(Settings(), network_check_interval=90))
    panel = pages.get("/active-jobs", "active-jobs").text
    assert "<strong>nas.lan does not answer.</strong>" in panel
    assert "it is asked every 2 min" in panel


def test_a_waiting_job_says_why_and_can_leave_the_queue(pages: Pages) -> None:
    job = pages.job()
    pages.run(job, S.QUEUED, note="/mnt/usb is being written by Videos.")
    panel = pages.get("/active-jobs", "active-jobs").text
    assert "/mnt/usb is being written by Videos." in panel
    assert f'action="/jobs/{job.id}/cancel"' in panel


@pytest.mark.parametrize("path", PANELS)
def test_an_unchanged_poll_is_204_and_a_changed_one_is_not(pages: Pages, path: str) -> None:
    pages.job()
    page = pages.get("/").text
    asked = page.split(f'hx-get="{path}', 1)[1].split('"', 1)[0]
    assert "revision=" in asked
    again = pages.get(f"{path}{asked}", PANELS[path])
    assert (again.status_code, again.data) == (204, b"")
    pages.job(name="Another")
    assert pages.get(f"{path}{asked}", PANELS[path]).status_code == 200


def test_the_panel_of_active_jobs_is_rendered_at_every_poll_while_figures_move(pages: Pages) -> None:
    pages.run(pages.job(), S.TRANSFERRING)
    assert 'hx-get="/active-jobs"' in pages.get("/").text


@pytest.mark.parametrize(("setting", "expected"), [(2, ("5000", "3000", "10000")), (10, ("25000", "15000", "50000"))])
def test_the_panels_ask_as_often_as_the_setting_says(pages: Pages, setting: int, expected: tuple[str, ...]) -> None:
    pages.job()
    pages.core.settings.save(replace(Settings(), auto_refresh_interval=setting))
    page = pages.get("/").text
    for milliseconds in expected:
        assert f'hx-trigger="every {milliseconds}ms, jobs:changed from:body"' in page


def test_an_interrupted_run_is_offered_on_every_page_and_can_be_marked_paused(pages: Pages) -> None:
    job = pages.job(name="Videos")
    pages.run(job, S.INTERRUPTED)
    for path in ("/", "/jobs/", "/logs/", "/settings/"):
        assert "1 run was interrupted" in pages.get(path).text
    answer = pages.post("/recover-jobs", job_id=job.id, action="mark_paused")
    assert answer.status_code == 303
    assert "run was interrupted" not in pages.get("/recovery", "recovery").text


def test_the_prompt_can_be_dismissed(pages: Pages) -> None:
    pages.run(pages.job(), S.INTERRUPTED)
    assert pages.post("/dismiss-recovery", htmx=True).status_code == 200
    assert "run was interrupted" not in pages.get("/recovery", "recovery").text


def test_a_broken_file_is_named_with_line_and_reason_on_every_page(pages: Pages) -> None:
    job = pages.job(name="Photos")
    file = pages.core.folder.jobs_file
    file.write_text(file.read_text().replace("  type: rsync", "  type: [rsync"))
    for path in ("/", "/jobs/", f"/jobs/{job.id}", "/logs/", "/settings/"):
        page = pages.get(path).text
        assert "jobs.yaml, line " in page
        assert "The last good version stays in force." in page
    refused = pages.post("/jobs/create", name="Kept", source="/etc", dest="/tmp/x", type="rsync")
    assert refused.status_code == 409
    assert 'value="Kept"' in refused.text


def test_vanished_jobs_stay_until_a_person_confirms(pages: Pages) -> None:
    for name in ("One", "Two", "Three"):
        pages.job(name=name)
    pages.core.folder.changes_file.unlink()  # else they are so new that they are made again
    pages.core.folder.jobs_file.write_text("jobs: []\n")
    page = pages.get("/jobs/").text
    assert "3 jobs are gone from jobs.yaml: One, Two, Three." in page
    assert 'action="/confirm-missing"' in page
    assert pages.post("/confirm-missing").status_code == 303
    assert "Set up your first backup" in pages.get("/").text


def test_after_an_answer_the_browser_goes_back_to_where_it_was_and_nowhere_else(pages: Pages) -> None:
    seen = {
        "": "/",
        "http://localhost/jobs/?tag=a": "/jobs/?tag=a",
        "http://localhost//evil.example/": "/evil.example/",
        "http://evil.example/jobs/": "/",
    }
    for referrer, place in seen.items():
        assert pages.post("/dismiss-recovery", referrer=referrer).headers["Location"] == place
