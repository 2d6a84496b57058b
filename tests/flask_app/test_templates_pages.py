"""Templates of jobs: kept, listed, used, shared, taken in, deleted; what is hostile is refused with its line."""

import io
from typing import Any

import pytest
from markupsafe import escape

from models.job import JobDraft, JobSettings
from tests.flask_app.pages import Pages

SETTINGS = JobSettings(
    exclude=("*.tmp", "/cache/"), tags=("family",), delete_source_after=True, deletion_confirmed=True
)


def keep(pages: Pages, name: str, htmx: bool = False) -> Any:
    job = pages.job(settings=SETTINGS)
    return pages.post(f"/jobs/{job.id}/template", htmx, name=name)


@pytest.mark.parametrize("htmx", [True, False])
def test_a_job_becomes_a_template_and_the_template_a_form(pages: Pages, htmx: bool) -> None:
    answer = keep(pages, "  Nightly & <b>", htmx)
    assert answer.status_code == (200 if htmx else 303)
    listed = pages.get("/templates/").text
    assert "Nightly &amp; &lt;b&gt;" in listed
    assert 'href="/jobs/create?template=Nightly%20%26%20%3Cb%3E"' in listed
    form = pages.get("/jobs/create?template=Nightly%20%26%20%3Cb%3E").text
    assert 'value="Nightly &amp; &lt;b&gt;"' in form
    assert "*.tmp\n/cache/</textarea>" in form
    assert f'value="{pages.folder / "photos"}"' in form
    assert 'name="delete_source_after" value="true" checked' in " ".join(form.split())
    assert 'name="deletion_confirmed" value="true" checked' not in " ".join(form.split())
    assert len(pages.core.jobs.snapshot().jobs) == 1


def test_what_does_not_go_into_a_template_is_said(pages: Pages) -> None:
    job = pages.job(dest="nas::backup", settings=SETTINGS)
    pages.core.manager.update(job.id, JobDraft(job.name, job.type, job.source, job.dest, SETTINGS, "s3cret"))
    question = pages.get(f"/jobs/{job.id}/template").text
    assert "the password of the rsync daemon; your consent to delete files at the source." in question
    pages.post(f"/jobs/{job.id}/template", name="Daemon")
    assert "s3cret" not in (pages.core.folder.root / "templates.yaml").read_text()
    assert "confirmed" not in (pages.core.folder.root / "templates.yaml").read_text()


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\nb", "Taken"])
def test_a_name_that_will_not_do_is_told_beside_it(pages: Pages, name: str, htmx: bool) -> None:
    keep(pages, "Taken")
    answer = keep(pages, name, htmx)
    assert answer.status_code == 422
    assert 'id="field-name-error"' in answer.text
    assert len(pages.core.templates.all()) == 1


def test_a_template_is_deleted_after_a_question(pages: Pages) -> None:
    keep(pages, "Nightly")
    question = pages.get("/templates/delete?name=Nightly").text
    assert "<strong>Stays:</strong> every job that was made from it." in question
    assert pages.post("/templates/delete", name="Nightly").status_code == 303
    assert "No templates yet" in pages.get("/templates/").text
    assert pages.post("/templates/delete", name="Nightly").status_code == 404


@pytest.mark.parametrize(
    "path", ["/jobs/create?template=no", "/templates/export.yaml?name=no", "/templates/delete?name=no"]
)
def test_a_template_that_is_not_there_is_404(pages: Pages, path: str) -> None:
    answer = pages.get(path)
    assert answer.status_code == 404
    assert "There is no such template" in answer.text


def test_a_template_goes_out_and_comes_in_again(pages: Pages) -> None:
    keep(pages, "Nightly")
    text = pages.get("/templates/export.yaml?name=Nightly").text
    answer = pages.post("/templates/import", text=text.replace("\n", "\r\n"), name="Weekly", action="template")
    assert answer.status_code == 303
    nightly, weekly = pages.core.templates.all()
    assert weekly == nightly._replace(name="Weekly")


def test_what_comes_in_fills_the_form_and_saves_nothing(pages: Pages) -> None:
    job = pages.job(name="Shared", settings=SETTINGS)
    content = pages.get(f"/jobs/{job.id}/export.yaml").data
    answer = pages.post("/templates/import", text="", action="form", file=(io.BytesIO(content), "job.yaml"))
    assert answer.status_code == 200
    assert 'value="Shared"' in answer.text
    assert 'action="/jobs/create"' in answer.text
    assert len(pages.core.jobs.snapshot().jobs) == 1
    assert pages.core.templates.all() == ()


HOSTILE = {
    "": "Line 1: the file is empty.",
    "backup_manager_job: 1\nname: !!python/object/apply:os.system [id]\n": "Line 2: the tag",
    "backup_manager_job: 1\nname: A\ntype: rsync\nsource: /a\ndest: /b\nhooks: rm\n": "Line 6: `hooks` is not known",
    "a: &a [*a]\n": "Line 1: the anchor a contains itself",
    "<script>alert(1)</script>": "this is not a shared job",
    "#" * 70_000: "more than 64 KiB",
}


@pytest.mark.parametrize("action", ["form", "template"])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_yaml_is_refused_with_line_and_reason_and_stays_typed(pages: Pages, text: str, action: str) -> None:
    answer = pages.post("/templates/import", text=text, action=action)
    assert answer.status_code == 422
    assert 'id="field-text-error"' in answer.text
    assert HOSTILE[text] in answer.text
    assert "<script>alert" not in answer.text
    assert escape(text[:40]) in answer.text
    assert pages.core.templates.all() == ()


def test_bytes_that_are_no_text_are_refused(pages: Pages) -> None:
    answer = pages.post("/templates/import", text="", action="form", file=(io.BytesIO(b"a\n\xff\xfe"), "x.yaml"))
    assert answer.status_code == 422
    assert "Line 2: this is not UTF-8" in answer.text


def test_a_broken_file_of_templates_is_told_and_stays(pages: Pages) -> None:
    (pages.core.folder.root / "templates.yaml").write_text("templates: [")
    answer = pages.get("/templates/")
    assert answer.status_code == 409
    assert "templates.yaml, line 2" in answer.text
    assert pages.get("/jobs/").status_code == 200


@pytest.mark.parametrize("htmx", [True, False])
def test_a_broken_file_of_templates_loses_nothing_that_was_typed(pages: Pages, htmx: bool) -> None:
    job = pages.job(name="Shared")
    text = pages.get(f"/jobs/{job.id}/export.yaml").text
    (pages.core.folder.root / "templates.yaml").write_text("templates: [")
    taken = pages.post("/templates/import", text=text, name="Typed <name>", action="template")
    kept = pages.post(f"/jobs/{job.id}/template", htmx, name="Typed <name>")
    for answer in (taken, kept):
        assert answer.status_code == 409
        assert "templates.yaml, line 2" in answer.text
        assert 'value="Typed &lt;name&gt;"' in answer.text
    assert str(escape(text)).splitlines()[1] in taken.text
