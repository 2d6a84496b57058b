"""The files that a job's page offers, and where they are offered."""

from models.job import JobDraft
from tests.flask_app.pages import Pages


def test_the_page_of_a_job_offers_script_cron_line_and_yaml_and_they_are_files(pages: Pages) -> None:
    job = pages.job(name="Photos & <b>")
    page = pages.get(f"/jobs/{job.id}?tab=configuration").text
    for suffix in ("sh", "cron", "yaml"):
        path = f"/jobs/{job.id}/export.{suffix}"
        assert f'href="{path}"' in page
        answer = pages.get(path)
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"] == f'attachment; filename="Photos-b.{suffix}"'
        assert job.source in answer.text


def test_a_job_that_cannot_run_offers_no_script_and_says_why(pages: Pages) -> None:
    job = pages.job(dest="relative")
    page = pages.get(f"/jobs/{job.id}?tab=configuration").text
    assert "The command cannot be built" in page
    assert "export.sh" not in page
    assert pages.get(f"/jobs/{job.id}/export.sh").status_code == 422


def test_all_jobs_are_one_file_without_secrets(pages: Pages) -> None:
    pages.core.manager.create(JobDraft("NAS", "rsync", "nas::photos", str(pages.folder), password="s3cret-canary"))
    answer = pages.get("/jobs/export.yaml")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="jobs-')
    assert "name: NAS" in answer.text
    assert "canary" not in answer.text


def test_an_unknown_job_is_404(pages: Pages) -> None:
    assert pages.get("/jobs/no-such-job/export.sh").status_code == 404
    assert pages.get("/jobs/no-such-job/export.cron").status_code == 404
