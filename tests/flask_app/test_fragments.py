"""Every fragment draws its region the same way at first and later, and carries what htmx needs."""

import json
import re

import pytest

from models.run import RunState
from tests.flask_app.pages import Pages

S = RunState
REGIONS = [
    ("/", "dashboard-stats", "/stats"),
    ("/", "active-jobs", "/active-jobs"),
    ("/", "recent-activity", "/recent-activity"),
    ("/", "last-days", "/last-days"),
    ("/", "recovery", "/recovery"),
    ("/", "notices", "/notices"),
    ("/jobs/", "jobs-list", "/jobs/"),
    ("/jobs/{job}", "job-head", "/jobs/{job}"),
    ("/jobs/{job}", "job-past", "/jobs/{job}"),
    ("/jobs/{job}", "job-tab", "/jobs/{job}"),
    ("/jobs/{job}/runs/{run}", "run", "/jobs/{job}/runs/{run}"),
    ("/jobs/{job}/runs/{run}", "run-log", "/jobs/{job}/runs/{run}"),
    ("/logs/", "logs-list", "/logs/"),
    ("/logs/runs", "runs-list", "/logs/runs"),
]


def steady(text: str) -> str:
    """Without what is new in every answer, and without the page's own indentation."""
    text = re.sub(r'value="[^"]{60,}"|revision=[^"&]*|content="[^"]{60,}"|data-updated>[\d:]*', "", text)
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize(("page", "region", "source"), REGIONS, ids=[region for _, region, _ in REGIONS])
def test_a_region_is_drawn_once_for_the_first_page_and_every_update(
    pages: Pages, page: str, region: str, source: str
) -> None:
    job = pages.job()
    run = pages.run(job, S.DONE)
    pages.run(pages.job(name="Other"), S.INTERRUPTED)
    pages.get("/")
    names = {"job": job.id, "run": run.id}
    fragment = steady(pages.get(source.format(**names), region).text).strip()
    assert f'id="{region}"' in fragment
    assert fragment in steady(pages.get(page.format(**names)).text)


def test_htmx_is_set_up_without_eval_and_shows_refusals(pages: Pages) -> None:
    page = pages.get("/jobs/").text
    found = re.search(r"<meta name=\"htmx-config\" content='([^']+)'>", page)
    assert found
    setup = json.loads(found[1])
    assert (setup["allowEval"], setup["includeIndicatorStyles"], setup["selfRequestsOnly"]) == (False, False, True)
    assert setup["historyCacheSize"] == 0
    for status in ("403", "409", "422", "429"):
        rule = next(rule for rule in setup["responseHandling"] if re.search(rule["code"], status))
        assert rule["swap"] is True, status


def test_pages_need_no_inline_script_or_style_and_nothing_from_elsewhere(pages: Pages) -> None:
    job = pages.job()
    run = pages.run(job, S.TRANSFERRING)
    for path in ("/", "/jobs/", f"/jobs/{job.id}", f"/jobs/{job.id}/runs/{run.id}", "/logs/", "/settings/", "/nowhere"):
        page = pages.get(path).text
        assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=|hx-on", page), path
        assert not re.search(r'(src|href|action)="(https?:)?//', page), path


def test_every_form_that_changes_something_carries_a_token(pages: Pages) -> None:
    job = pages.job()
    pages.run(job, S.INTERRUPTED)
    for path in ("/", "/jobs/", f"/jobs/{job.id}", f"/jobs/{job.id}/edit", f"/jobs/{job.id}/delete", "/settings/"):
        for form in re.findall(r'<form(?=[^>]*method="post").*?</form>', pages.get(path).text, re.DOTALL):
            assert 'name="csrf_token"' in form, path


def test_going_back_in_the_browser_gets_a_whole_page(pages: Pages) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in pages._client.get("/jobs/", headers=headers).text


def test_one_notice_is_a_polite_region_and_failures_are_alerts(pages: Pages) -> None:
    assert pages.get("/").text.count('role="status"') == 1
    assert 'role="alert"' in pages.post("/jobs/nope/start", htmx=True).text


def test_fifty_rows_weigh_less_than_ten_kilobytes(pages: Pages) -> None:
    import gzip

    for number in range(50):
        pages.run(pages.job(name=f"Job {number}", dest=f"/mnt/disk{number}/copy"), S.DONE)
    assert len(gzip.compress(pages.get("/jobs/").data, 6)) < 10_000


def test_whoever_is_refused_learns_nothing_of_the_jobs(pages: Pages) -> None:
    pages.run(pages.job(name="Secret name"), S.INTERRUPTED)
    answer = pages._client.get("/", headers={"X-Forwarded-For": "10.0.0.1"})
    assert answer.status_code == 401
    assert "Secret name" not in answer.text


def test_the_notices_answer_nothing_until_they_change(pages: Pages) -> None:
    pages.job()
    found = re.search(r'hx-get="(/notices[^"]*)"', pages.get("/settings/").text)
    assert found
    assert pages.get(found[1], "notices").status_code == 204
    pages.core.folder.jobs_file.write_text("jobs: [")
    assert "jobs.yaml" in pages.get(found[1], "notices").text
