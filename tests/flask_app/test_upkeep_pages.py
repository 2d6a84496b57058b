"""What the menu of a job does: on and off, a copy, a template, a file to share."""

import re

import pytest
import yaml

from models.job import JobDraft, JobSettings
from models.run import RunState
from tests.flask_app.pages import Pages


@pytest.mark.parametrize("htmx", [True, False])
def test_a_job_goes_off_and_on(pages: Pages, htmx: bool) -> None:
    job = pages.job()
    for action, enabled in (("disable", False), ("enable", True)):
        answer = pages.post(f"/jobs/{job.id}/{action}", htmx)
        assert answer.status_code == (200 if htmx else 303)
        assert pages.core.jobs.get(job.id).settings.enabled is enabled


def test_a_running_job_is_not_disabled(pages: Pages) -> None:
    job = pages.job()
    pages.run(job, RunState.TRANSFERRING)
    answer = pages.post(f"/jobs/{job.id}/disable")
    assert answer.status_code == 409
    assert "This job is running, so it cannot be disabled now." in answer.text


@pytest.mark.parametrize("htmx", [True, False])
def test_a_copy_says_what_it_does_and_does_not(pages: Pages, htmx: bool) -> None:
    settings = JobSettings(delete_source_after=True, deletion_confirmed=True)
    job = pages.job(dest="nas::backup", settings=settings)
    pages.core.manager.update(job.id, JobDraft(job.name, job.type, job.source, job.dest, settings, "s3cret"))
    answer = pages.post(f"/jobs/{job.id}/duplicate", htmx)
    copy = next(other for other in pages.core.jobs.snapshot().jobs.values() if other.id != job.id)
    assert copy.name == "Photos (copy)"
    assert pages.core.manager.active_run(copy.id) is None
    text = answer.text if htmx else pages.get(answer.headers["Location"]).text
    assert answer.status_code == (201 if htmx else 303)
    for sentence in ("It is disabled", "It has the same password.", "before you agree again."):
        assert sentence in text
    assert "s3cret" not in text


MENU = {"enable": 303, "disable": 303, "duplicate": 303, "template": 303, "export": 303, "nothing": 422}


@pytest.mark.parametrize("name", MENU)
def test_the_menu_leads_to_all_of_it_by_one_form(pages: Pages, name: str) -> None:
    job = pages.job()
    page = pages.get("/jobs/").text
    assert f'action="/jobs/{job.id}/do"' in page
    assert (f'name="do" value="{name}"' in page) is (name not in {"enable", "nothing"})
    assert pages.post(f"/jobs/{job.id}/do", do=name).status_code == MENU[name]


def test_with_htmx_the_menu_answers_in_the_dialog_or_with_a_file(pages: Pages) -> None:
    job = pages.job()
    dialog = pages.post(f"/jobs/{job.id}/do", True, do="template")
    assert dialog.headers["HX-Retarget"] == "#dialog"
    assert pages.post(f"/jobs/{job.id}/do", True, do="export").headers["HX-Redirect"] == f"/jobs/{job.id}/export.yaml"


def test_a_job_is_exported_as_a_file_with_a_harmless_name(pages: Pages) -> None:
    job = pages.job(name='../"Photos"; \u202e<b> of Anna', settings=JobSettings(exclude=("*.tmp",)))
    answer = pages.get(f"/jobs/{job.id}/export.yaml")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Photos-b-of-Anna.yaml"'
    assert answer.mimetype == "application/yaml"
    assert yaml.safe_load(answer.text) == {
        "backup_manager_job": 1,
        "name": job.name,
        "type": "rsync",
        "source": job.source,
        "dest": job.dest,
        "settings": {"exclude": ["*.tmp"]},
    }


@pytest.mark.parametrize("path", ["enable", "disable", "duplicate", "do", "template"])
def test_what_is_not_there_is_404(pages: Pages, path: str) -> None:
    assert pages.post(f"/jobs/nope/{path}", do="duplicate").status_code == 404


def test_a_disabled_job_offers_to_be_enabled(pages: Pages) -> None:
    job = pages.job(settings=JobSettings(enabled=False))
    assert f'action="/jobs/{job.id}/enable"' in pages.get("/jobs/").text


def test_the_menu_starts_a_preview_and_tells_why_not(pages: Pages) -> None:
    job = pages.job()
    pages.run(job, RunState.TRANSFERRING)
    assert pages.post(f"/jobs/{job.id}/do", do="preview").status_code == 409


# Why a job waits


def test_a_waiting_job_links_to_the_one_that_blocks(pages: Pages) -> None:
    first, second = pages.job(name="Videos <i>"), pages.job(name="Music", dest=str(pages.folder / "copy" / "music"))
    pages.run(first, RunState.TRANSFERRING)
    place = pages.folder / "copy"
    pages.run(second, RunState.QUEUED, note=f"{place} is being written by Videos <i>.")
    row = pages.get("/jobs/").text.split(f'id="job-{second.id}"', 1)[1]
    link = f'<a class="link" href="/jobs/{first.id}">Videos &lt;i&gt;</a>, about 29 min left.'
    assert f"{place} is being written by {link}" in " ".join(row.split())
    assert "since " in row.split("</li>", 1)[0]


def test_a_note_that_names_no_job_stands_as_it_is(pages: Pages) -> None:
    job = pages.job(name="Music")
    pages.run(job, RunState.QUEUED, note="For nas.lan <b> to answer.")
    assert "For nas.lan &lt;b&gt; to answer." in pages.get("/jobs/").text


# Filters


def test_filters_survive_paging_sorting_and_updates(pages: Pages) -> None:
    for number in range(60):
        pages.job(name=f"Job {number:02}", settings=JobSettings(tags=("a&b", "c")))
    page = pages.get("/jobs/?tag=a%26b&engine=rsync&search=job&sort=updated&page=2").text
    query = "search=job&amp;engine=rsync&amp;tag=a%26b"
    assert re.search(rf'href="/jobs/\?{query}&amp;sort=updated"\s*>Previous', page)
    assert f'href="/jobs/?{query}&amp;sort=state"' in page
    assert f'hx-get="/jobs/?{query}&amp;sort=updated&amp;page=2&amp;revision=' in page
    assert 'name="tag" value="a&amp;b"' in page
    assert "60 jobs, page 2 of 2" in page


def test_tags_are_links_and_menus_offer_what_there_is(pages: Pages) -> None:
    assert 'id="tag-menu"' not in pages.get("/jobs/").text
    pages.job(name="Tagged", settings=JobSettings(tags=("family", "<b>", "c", "d", "e")))
    pages.job(name="Cloud", type="rclone")
    page = pages.get("/jobs/").text
    assert '<a class="tag" href="/jobs/?tag=%3Cb%3E">&lt;b&gt;</a>' in page
    assert ">+2<" in page
    for menu, words in (("engine", ["All engines", "rclone", "rsync"]), ("tag", ["All tags", "family", "&lt;b&gt;"])):
        found = re.search(rf'id="{menu}-menu".*?</div>', page, re.DOTALL)
        assert found
        assert all(word in found[0] for word in words)
    assert "Cloud" not in pages.get("/jobs/?tag=family", "jobs-list").text
    assert "No job matches" in pages.get("/jobs/?tag=never", "jobs-list").text


def test_the_keys_are_told_on_a_page_and_in_the_dialog(pages: Pages) -> None:
    assert "Go to the dashboard" in pages.get("/keys").text
    assert pages.get("/keys", "dialog").headers["HX-Retarget"] == "#dialog"
    page = pages.get("/logs/").text
    for key in ("n", "?", "gd", "gj", "gl", "gs"):
        assert f'data-key="{key}"' in page
