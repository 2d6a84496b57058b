"""Many jobs at once: the bar, the questions before, and what was done and refused."""

import re
from typing import Any

import pytest

from core.bulk import LIMIT
from models.job import Job, JobSettings
from models.run import RunState
from tests.flask_app.pages import Pages

S = RunState


@pytest.fixture
def jobs(pages: Pages) -> list[Job]:
    return [pages.job(name=name) for name in ("Photos", "Mail", "Videos <b>")]


def ids(jobs: list[Job]) -> list[str]:
    return [job.id for job in jobs]


def settings(pages: Pages, job: Job) -> JobSettings:
    return pages.core.jobs.get(job.id).settings


def test_every_row_has_a_box_of_the_one_form(pages: Pages, jobs: list[Job]) -> None:
    page = pages.get("/jobs/").text
    for job in jobs:
        assert f'name="job_id" value="{job.id}" form="bulk"' in page
    assert 'aria-label="Select Videos &lt;b&gt;"' in page
    assert re.search(r'<form[^>]*id="bulk" action="/jobs/bulk" method="post"', page)
    assert " checked></label>" not in page


def test_without_scripts_a_button_ticks_the_whole_page(pages: Pages, jobs: list[Job]) -> None:
    answer = pages.post("/jobs/bulk", action="all", job_id=jobs[0].id, back="search=mail")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/jobs/?search=mail&select=all")
    assert pages.get(answer.headers["Location"]).text.count(" checked></label>") == 1
    assert "select=all" not in pages.get("/jobs/?select=all").text.split('hx-get="', 1)[1].split('"', 1)[0]


@pytest.mark.parametrize("htmx", [True, False])
def test_what_was_done_is_told_and_the_list_keeps_its_filters(pages: Pages, jobs: list[Job], htmx: bool) -> None:
    back = "search=o&state=&tag=a%26b&next=https%3A%2F%2Fevil.example&page=2"
    answer = pages.post("/jobs/bulk", htmx, action="disable", job_id=ids(jobs), back=back)
    assert not any(settings(pages, job).enabled for job in jobs)
    if htmx:
        assert answer.status_code == 200
        assert "3 jobs disabled" in answer.text
        assert answer.headers["HX-Trigger"] == "jobs:changed, jobs:picked"
    else:
        assert (answer.status_code, answer.headers["Location"]) == (303, "/jobs/?search=o&tag=a%26b&page=2")
        assert "3 jobs disabled" in pages.get("/jobs/").text


def test_refusals_are_named_and_the_others_done(pages: Pages, jobs: list[Job]) -> None:
    pages.run(jobs[1], S.TRANSFERRING)
    answer = pages.post("/jobs/bulk", True, action="disable", job_id=[*ids(jobs), "nope", "<script>alert(1)"])
    assert answer.status_code == 200
    assert "2 jobs disabled, 3 refused" in answer.text
    assert "Mail: This job is running, so it cannot be disabled now. Pause it first." in answer.text
    assert "unknown job, unknown job: There is no such job." in answer.text
    assert "<script>" not in answer.text
    assert 'data-tone="warn"' in answer.text


@pytest.mark.parametrize("htmx", [True, False])
def test_where_all_are_refused_it_is_409(pages: Pages, jobs: list[Job], htmx: bool) -> None:
    answer = pages.post("/jobs/bulk", htmx, action="pause", job_id=ids(jobs))
    assert answer.status_code == 409
    assert "Photos, Mail, Videos &lt;b&gt;: This job is not running" in answer.text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"action": "start"}, "Choose one job or more first."),
        ({"action": "start", "job_id": [str(n) for n in range(LIMIT + 1)]}, "201 jobs are too many at once."),
        ({"action": "explode", "job_id": ["a"]}, "There is no such action."),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_what_makes_no_sense_is_422(pages: Pages, fields: dict[str, Any], sentence: str, htmx: bool) -> None:
    answer = pages.post("/jobs/bulk", htmx, **fields)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_without_an_action_nothing_is_done(pages: Pages, jobs: list[Job]) -> None:
    assert pages.post("/jobs/bulk", True, action="", job_id=ids(jobs)).status_code == 204
    plain = pages.post("/jobs/bulk", action="", job_id=ids(jobs), back="search=o")
    assert (plain.status_code, plain.headers["Location"]) == (303, "/jobs/?search=o")


@pytest.mark.parametrize("htmx", [True, False])
def test_a_deletion_is_asked_about_first(pages: Pages, jobs: list[Job], htmx: bool) -> None:
    pages.run(jobs[1], S.TRANSFERRING)
    question = pages.post("/jobs/bulk", htmx, action="delete", job_id=ids(jobs), back="search=o")
    assert question.status_code == 200
    assert "Delete 2 jobs?" in question.text
    assert "Photos, Videos &lt;b&gt;, with settings, history and logs." in question.text
    assert "<strong>Stays:</strong> every backed-up file, and every source." in question.text
    assert "<strong>Not deleted, as it runs:</strong> Mail" in question.text
    assert 'href="/jobs/?search=o"' in question.text
    assert len(pages.core.jobs.snapshot().jobs) == 3
    sent = re.findall(r'name="job_id" value="([^"]*)"', question.text)
    assert sent == [jobs[0].id, jobs[2].id]
    pages.post("/jobs/bulk", htmx, action="delete", confirmed="1", job_id=sent)
    assert list(pages.core.jobs.snapshot().jobs) == [jobs[1].id]


def test_of_many_only_some_are_named(pages: Pages) -> None:
    jobs = [pages.job(name=f"Job {number:02}") for number in range(20)]
    question = pages.post("/jobs/bulk", True, action="delete", job_id=ids(jobs)).text
    assert "Job 11 and 8 more jobs, with settings" in question
    told = pages.post("/jobs/bulk", True, action="pause", job_id=ids(jobs)).text
    assert "Job 04 and 15 more: This job is not running" in told


@pytest.mark.parametrize("htmx", [True, False])
def test_a_tag_is_asked_for_then_put_on_or_taken_off(pages: Pages, jobs: list[Job], htmx: bool) -> None:
    question = pages.post("/jobs/bulk", htmx, action="tag", job_id=ids(jobs))
    assert question.status_code == 200
    assert "Tag 3 jobs" in question.text
    wrong = pages.post("/jobs/bulk", htmx, action="add_tag", tag="a, b", job_id=ids(jobs))
    assert wrong.status_code == 422
    assert 'id="field-tag-error"' in wrong.text
    assert 'value="a, b"' in wrong.text
    pages.post("/jobs/bulk", htmx, action="add_tag", tag=" family ", job_id=ids(jobs))
    assert all(settings(pages, job).tags == ("family",) for job in jobs)
    pages.post("/jobs/bulk", htmx, action="remove_tag", tag="family", job_id=ids(jobs)[:2])
    assert [settings(pages, job).tags for job in jobs] == [(), (), ("family",)]


def test_jobs_that_are_gone_are_no_question(pages: Pages) -> None:
    answer = pages.post("/jobs/bulk", action="delete", job_id=["gone"])
    assert answer.status_code == 409
    assert "None of these jobs is there any more." in answer.text
