"""The files that a run left out on its page, what can be asked for, and what the pages say afterwards."""

import json
from typing import Any

import pytest

from models.findings import Finding, Tally, Verification
from models.job import Job
from models.run import Outcome, Run, RunState
from storage.findings import FindingsLog
from tests.flask_app.pages import Pages

S = RunState
NAMES = (b"a/<b>x</b>", "b\u202e\n".encode(), b"not utf-8 \xff", b"folder/")
BUTTON = "Retry only these"


def left_out(pages: Pages, job: Job, names: tuple[bytes, ...] = NAMES, **changes: Any) -> Run:
    """A run that left out files of these names."""
    outcome = Outcome("4 files could not be copied.", "Mend it.", 23, None, (), len(names))
    facts: dict[str, Any] = {
        "state": S.DONE_WITH_WARNINGS,
        "outcome": outcome,
        "tallies": (Tally("failed", len(names)),),
    } | changes
    run = pages.run(job, facts.pop("state"), **facts)
    log = FindingsLog(pages.core.folder, job.id, run.id)
    log.add(Finding("failed", name) for name in names)
    log.flush()
    return run


def page_of(pages: Pages, run: Run) -> str:
    return pages.get(f"/jobs/{run.job_id}/runs/{run.id}").text


def retry(pages: Pages, run: Run, **changes: Any) -> Run:
    facts: dict[str, Any] = {
        "kind": "retry",
        "retries": run.id,
        "settles": True,
        "outcome": Outcome("4 files copied, 9 kB."),
    } | changes
    job = pages.core.jobs.get(run.job_id)
    return pages.run(job, facts.pop("state", S.DONE), **facts)


def test_every_file_is_listed_harmlessly_and_can_be_asked_for(pages: Pages) -> None:
    run = left_out(pages, pages.job())
    page = page_of(pages, run)
    assert "4 files not copied" in page
    assert "a/&lt;b&gt;x&lt;/b&gt;" in page
    assert "<b>x</b>" not in page
    assert f'action="/jobs/{run.job_id}/runs/{run.id}/retry-failed"' in page
    assert f'href="/jobs/{run.job_id}/runs/{run.id}/findings.txt?what=failed"' in page


def test_of_many_files_the_first_are_shown_and_the_rest_has_a_page_a_search_and_a_download(pages: Pages) -> None:
    names = tuple(b"mail/%03d" % number for number in range(230))
    run = left_out(pages, pages.job(), names)
    page, place = page_of(pages, run), f"/jobs/{run.job_id}/runs/{run.id}/findings"
    assert page.count('<li class="finding">') == 10
    assert f'<a class="link" href="{place}?what=failed">All 230, with search</a>' in page
    assert "mail/120" in pages.get(f"{place}?what=failed&page=3").text
    found = pages.get(f"{place}?what=failed&q=229").text
    assert "1 file" in found
    assert len(pages.get(f"{place}.txt?what=failed").text.splitlines()) == 230


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": S.FAILED, "outcome": Outcome("Full.", "", 11, failed_count=4)}, "did not get through all files"),
        ({"dest": "/elsewhere"}, "The job was changed since"),
    ],
)
def test_where_they_cannot_be_asked_for_alone_the_page_says_why(
    pages: Pages, changes: dict[str, Any], words: str
) -> None:
    job = pages.job()
    run = left_out(pages, job, **{key: value for key, value in changes.items() if key != "dest"})
    if "dest" in changes:
        pages.core.jobs.update(job._replace(dest=changes["dest"]))
    page = page_of(pages, run)
    assert BUTTON not in page
    assert words in page
    refused = pages.post(f"/jobs/{job.id}/runs/{run.id}/retry-failed")
    assert refused.status_code == 409
    assert words in refused.text


def test_an_older_run_offers_nothing(pages: Pages) -> None:
    job = pages.job()
    run = left_out(pages, job)
    pages.run(job, S.DONE)
    assert BUTTON not in page_of(pages, run)
    assert pages.post(f"/jobs/{job.id}/runs/{run.id}/retry-failed").status_code == 409


@pytest.mark.parametrize("state", [S.PAUSED, S.INTERRUPTED, S.TRANSFERRING, S.PAUSING])
def test_what_a_tool_complains_of_when_it_is_stopped_is_no_list(pages: Pages, state: RunState) -> None:
    run = left_out(pages, pages.job(), state=state, outcome=Outcome("Paused."))
    page = page_of(pages, run)
    assert "not copied" not in page.casefold()
    assert BUTTON not in page


def test_a_list_that_is_not_kept_shows_what_the_record_has(pages: Pages) -> None:
    job = pages.job()
    run = pages.run(job, S.DONE_WITH_WARNINGS)
    page = page_of(pages, run)
    assert "3 files not copied" in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert BUTTON not in page


@pytest.mark.parametrize("state", list(RunState))
def test_a_retry_shows_every_state_and_what_it_belongs_to(pages: Pages, state: RunState) -> None:
    run = left_out(pages, pages.job())
    page = page_of(pages, retry(pages, run, state=state))
    assert "Retry of" in page
    assert f'Only what the <a class="link" href="/jobs/{run.job_id}/runs/{run.id}">run before</a> left out.' in page


def test_a_retry_that_settled_everything_makes_the_job_protected_as_of_its_backup(pages: Pages) -> None:
    job = pages.job()
    run = left_out(pages, job)
    settling = retry(pages, run)
    pages.core.watcher.step()
    assert "the job counts as protected as of then" in page_of(pages, settling)
    page = page_of(pages, run)
    assert "All of them have been copied since" in page
    assert BUTTON not in page
    head = pages.get(f"/jobs/{job.id}", "job-head").text
    assert "Protected" in head
    assert f'completed by a <a class="link" href="/jobs/{job.id}/runs/{settling.id}">retry</a>' in head
    assert "4 files copied, 9 kB. They had been left out before." in pages.get("/jobs/").text
    answer = json.loads(pages.get(f"/api/v1/jobs/{job.id}").text)["data"]
    assert (answer["state"], answer["status"]) == ("done", "completed")


def test_a_retry_that_could_not_settle_everything_says_so(pages: Pages) -> None:
    job = pages.job()
    run = left_out(pages, job, tallies=(Tally("failed", 4), Tally("unset", 2)))
    rest = retry(pages, run, settles=False)
    pages.core.watcher.step()
    assert "so the job stays as it was until it runs again" in page_of(pages, rest)
    assert "Done with warnings" in pages.get(f"/jobs/{job.id}", "job-head").text


def test_a_retry_proves_no_more_than_its_own_files(pages: Pages) -> None:
    job = pages.job()
    run = left_out(pages, job)
    retry(pages, run, verification=Verification("checksum", 4, 9000, passed=True))
    pages.core.watcher.step()
    assert "Verify compares every file" in pages.get(f"/jobs/{job.id}", "job-head").text


def test_a_run_of_another_job_is_not_found(pages: Pages) -> None:
    run, other = left_out(pages, pages.job()), pages.job()
    assert pages.post(f"/jobs/{other.id}/runs/{run.id}/retry-failed").status_code == 404
    assert pages.post(f"/jobs/{other.id}/runs/../retry-failed").status_code == 404


def test_a_run_of_an_engine_that_is_not_installed_any_more_has_its_page(pages: Pages) -> None:
    run = left_out(pages, pages.job(), engine="tape")
    page = page_of(pages, run)
    assert "4 files not copied" in page
    assert BUTTON not in page
