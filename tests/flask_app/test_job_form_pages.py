"""What the job form tells before anything is saved, and that a refusal loses nothing."""

from typing import Any

import pytest

from models.errors import AppError, CannotStart, JobBusy, StoreBroken
from models.job import JobSettings
from models.run import RunState
from tests.flask_app.pages import Pages
from tests.flask_app.test_jobs_pages import typed


def filled(pages: Pages, **changes: str) -> dict[str, Any]:
    fields = typed(pages, **changes)
    (pages.folder / "photos/cache").mkdir(exist_ok=True)
    (pages.folder / "photos/cache/x").write_bytes(b"123")
    (pages.folder / "photos/a<b>.tmp").write_bytes(b"12345")
    return fields


@pytest.mark.parametrize("htmx", [True, False])
def test_a_check_tells_words_room_and_the_exact_command(pages: Pages, htmx: bool) -> None:
    fields = filled(pages, exclude="*.tmp\n", bandwidth_limit="5000", verify="checksum", max_retries="3")
    page = pages.post("/jobs/check", htmx=htmx, **fields).text
    assert "At most 5,000 KiB/s" in page
    assert "What 1 pattern catches" in page
    assert "By content, before copying" in page
    assert "Up to 3 tries" in page
    assert f"-- {fields['source']} {fields['dest']}</pre>" in page
    assert "&#39;--exclude=*.tmp&#39;" in page
    assert page.count(" free of ") == 1
    assert ('id="room-now" hidden' in page) is htmx


def test_a_check_of_a_new_job_says_what_is_wrong_and_shows_no_command(pages: Pages) -> None:
    page = pages.post("/jobs/check", htmx=True, **filled(pages, source="relative", bandwidth_limit="fast")).text
    assert "Speed limit: Write a whole number" in page
    assert "Exact command" not in page


def test_consent_that_is_wanting_is_told(pages: Pages) -> None:
    page = pages.post("/jobs/check", htmx=True, **filled(pages, delete_source_after="true")).text
    assert "Deleted once proven, all or nothing. You have not agreed yet" in page


def test_the_first_page_is_told_in_short(pages: Pages) -> None:
    page = pages.post("/jobs/check", htmx=True, form="first", **filled(pages)).text
    assert "The files will lie in" in page
    assert "Exact command" not in page
    assert "room-" not in page


@pytest.mark.parametrize("htmx", [True, False])
def test_what_patterns_catch_is_told_before_saving(pages: Pages, htmx: bool) -> None:
    fields = filled(pages, exclude="*.tmp\n/photos/cache/\nnothing")
    page = pages.post("/jobs/catch", htmx=htmx, **fields).text
    assert "2 files would be left out" in page
    assert "a&lt;b&gt;.tmp" in page
    assert "catches nothing" in page
    assert ("<html" in page) is not htmx
    if not htmx:
        assert 'value="Photos"' in page
        assert '<details class="fold" open>' in page
    assert not pages.core.jobs.snapshot().jobs


@pytest.mark.parametrize("engine", ["rsync", "rclone"])
def test_a_source_that_cannot_be_asked_is_told_in_words(pages: Pages, engine: str) -> None:
    page = pages.post("/jobs/catch", htmx=True, **filled(pages, type=engine, exclude="x", source="/no/such")).text
    assert "field-error" in page
    assert "Nothing is left out" not in page


def test_without_patterns_nothing_is_left_out(pages: Pages) -> None:
    assert "there is no pattern" in pages.post("/jobs/catch", htmx=True, **filled(pages)).text


def test_saving_can_go_on_with_a_preview(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def preview(job_id: str) -> Any:
        asked.append(job_id)
        return pages.run(pages.core.jobs.get(job_id), RunState.QUEUED, kind="preview")

    monkeypatch.setattr(pages.core.manager, "preview", preview)
    plain = pages.post("/jobs/create", then="preview", **filled(pages))
    assert plain.status_code == 303
    assert plain.headers["Location"].startswith(f"/jobs/{asked[0]}/runs/")
    scripted = pages.post("/jobs/create", htmx=True, then="preview", **filled(pages, name="Other"))
    assert scripted.headers["HX-Redirect"].startswith(f"/jobs/{asked[1]}/runs/")
    other = pages.job()
    edited = pages.post(f"/jobs/{other.id}/edit", then="preview", name="Renamed")
    assert edited.headers["Location"].startswith(f"/jobs/{other.id}/runs/")


def test_a_preview_that_cannot_be_made_leaves_the_job_saved_and_says_why(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(job_id: str) -> None:
        raise CannotStart("The host is away.")

    monkeypatch.setattr(pages.core.manager, "preview", refused)
    answer = pages.post("/jobs/create", then="preview", **filled(pages))
    job = next(iter(pages.core.jobs.snapshot().jobs))
    assert answer.headers["Location"] == f"/jobs/{job}"
    page = pages.get(f"/jobs/{job}").text
    assert "without a preview" in page
    assert "The host is away." in page


@pytest.mark.parametrize("error", [JobBusy("It runs now."), StoreBroken("jobs.yaml, line 3"), CannotStart("No.")])
@pytest.mark.parametrize("htmx", [True, False])
def test_a_refused_change_loses_nothing_that_was_typed(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, error: AppError, htmx: bool
) -> None:
    job = pages.job(settings=JobSettings())

    def refused(*_: object) -> None:
        raise error

    monkeypatch.setattr(pages.core.manager, "update", refused)
    answer = pages.post(f"/jobs/{job.id}/edit", htmx=htmx, name="Typed long ago", password="typed")
    assert answer.status_code == error.status
    assert 'value="Typed long ago"' in answer.text
    assert 'value="typed"' not in answer.text, "a password is never on a page"
    assert error.message in answer.text


def test_a_refused_first_job_comes_back_on_the_first_page(pages: Pages) -> None:
    answer = pages.post("/jobs/create", form="first", suggest_name="1", type="rsync", source="/no/such", dest="/tmp/x")
    assert answer.status_code == 422
    assert "Set up your first backup" in answer.text
    assert 'id="field-source-error"' in answer.text
    assert 'value="/no/such"' in answer.text


def test_the_first_page_offers_folders_and_remotes(pages: Pages) -> None:
    page = pages.get("/").text
    assert "or a remote as name:path" in page
    assert "Show me a preview" in page
    assert "Set up a remote" in page
