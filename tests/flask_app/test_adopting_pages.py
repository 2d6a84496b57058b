"""Adopting jobs in the browser: proposals first, jobs after consent, every refusal beside its cause."""

import io
from typing import Any

import pytest

from tests.flask_app.pages import Pages


def crontab(pages: Pages, dest: str = "copy") -> str:
    source = pages.folder / "photos"
    source.mkdir(exist_ok=True)
    return f"0 3 * * * rsync -a --delete {source}/ {pages.folder / dest}\n"


def test_the_page_is_found_from_the_jobs(pages: Pages) -> None:
    assert 'href="/jobs/adopt"' in pages.get("/jobs/").text
    assert "Adopt jobs" in pages.get("/jobs/adopt").text


def test_a_text_becomes_proposals_and_nothing_is_created(pages: Pages) -> None:
    answer = pages.post("/jobs/adopt", text=crontab(pages) + "1 1 * * * rsync --daemon <b>\n", action="read")
    assert answer.status_code == 200
    assert "<code>--delete</code> deletes at the destination" in answer.text
    assert f'value="{pages.folder / "photos"}/"' in answer.text
    assert 'name="take" value="0" checked' in answer.text
    assert "Line 2: A tool is named here" in answer.text
    assert len(pages.core.jobs.snapshot().jobs) == 0


def test_what_is_ticked_is_created_as_it_was_changed(pages: Pages) -> None:
    text = crontab(pages) + crontab(pages, "other")
    name: Any = {"name-0": "My <b>"}
    answer = pages.post("/jobs/adopt", text=text, kind="crontab", action="create", take="0", **name)
    assert answer.status_code == 303
    [job] = pages.core.jobs.snapshot().jobs.values()
    assert (job.name, job.dest) == ("My <b>", str(pages.folder / "copy"))
    assert not job.settings.delete_source_after


def test_nothing_is_created_where_one_ticked_job_cannot_be(pages: Pages) -> None:
    wrong: Any = {"dest-1": "relative"}
    text = crontab(pages) + crontab(pages, "other")
    answer = pages.post("/jobs/adopt", text=text, action="create", take=["0", "1"], **wrong)
    assert answer.status_code == 422
    assert 'id="field-dest-1-error"' in answer.text
    assert 'value="relative"' in answer.text
    assert "Nothing was created." in answer.text
    assert len(pages.core.jobs.snapshot().jobs) == 0


def test_no_tick_is_told_and_creates_nothing(pages: Pages) -> None:
    answer = pages.post("/jobs/adopt", text=crontab(pages), action="create")
    assert answer.status_code == 422
    assert "Tick the jobs that are to be created." in answer.text
    assert len(pages.core.jobs.snapshot().jobs) == 0


def test_a_job_that_is_there_already_is_not_ticked(pages: Pages) -> None:
    pages.post("/jobs/adopt", text=crontab(pages), action="create", take="0")
    answer = pages.post("/jobs/adopt", text=crontab(pages), action="read").text
    assert "A job copies from there to there already" in answer
    assert 'name="take" value="0" checked' not in answer


def test_a_file_is_read_as_well(pages: Pages) -> None:
    file = (io.BytesIO(crontab(pages).encode()), "crontab")
    assert "photos" in pages.post("/jobs/adopt", file=file, action="read").text


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"text": "x", "kind": "makefile"}, "field-kind-error"),
        ({"text": "jobs: ["}, "field-text-error"),
        ({"text": "rsync /a /b\n" * 41}, "field-text-error"),
    ],
)
def test_what_will_not_do_is_told_beside_it_and_nothing_typed_is_lost(
    pages: Pages, fields: dict[str, Any], place: str
) -> None:
    answer = pages.post("/jobs/adopt", action="read", **fields)
    assert answer.status_code == 422
    assert f'id="{place}"' in answer.text
    assert fields["text"].split("\n")[0] in answer.text


def test_a_text_without_backups_says_so(pages: Pages) -> None:
    assert "No backup was found" in pages.post("/jobs/adopt", text="<b>hello", action="read").text
