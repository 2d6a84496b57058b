"""All jobs as YAML by the API, and back: proposals, all or nothing, what was not understood."""

from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.errors import StoreBroken
from models.job import Job, JobDraft, JobSettings
from tests.flask_app.pages import Pages


@pytest.fixture
def client(pages: Pages) -> FlaskClient:
    return pages._client


def send(client: FlaskClient, text: str, query: str = "", kind: str = "application/yaml") -> TestResponse:
    return client.post(f"/api/v1/import{query}", data=text.encode(), content_type=kind)


def told(answer: TestResponse, status: int) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.json
    return answer.json["error" if status >= 400 else "data"]


def jobs_of(pages: Pages) -> list[Job]:
    return list(pages.core.jobs.snapshot().jobs.values())


def written(pages: Pages, *names: str, **more: Any) -> str:
    """A file of jobs whose folders exist."""
    source = pages.folder / "photos"
    source.mkdir(exist_ok=True)
    jobs = [
        {"name": name, "type": "rsync", "source": str(source), "dest": str(pages.folder / name), **more}
        for name in names
    ]
    return yaml.safe_dump({"jobs": jobs})


def test_what_was_exported_can_be_taken_in_elsewhere(pages: Pages, client: FlaskClient) -> None:
    pages.job(name="Photos", settings=JobSettings(exclude=("*.tmp",), tags=("family",), enabled=False))
    pages.job(name="Films", dest=str(pages.folder / "films"))
    exported = client.get("/api/v1/export")
    assert exported.mimetype == "application/yaml"
    assert "attachment" in exported.headers["Content-Disposition"]
    before = jobs_of(pages)
    for job in before:
        pages.core.manager.delete(job.id)
    answer = told(send(client, exported.text), 201)
    after = jobs_of(pages)
    assert [job["id"] for job in answer["jobs"]] == [job.id for job in after]
    assert [job._replace(id="", created_at="", updated_at="") for job in after] == [
        job._replace(id="", created_at="", updated_at="") for job in before
    ]
    assert {job.id for job in before} & {job.id for job in after} == set()


def test_no_secret_leaves_with_the_export(pages: Pages, client: FlaskClient) -> None:
    job = pages.job(dest="nas::backup")
    draft = JobDraft(job.name, job.type, job.source, job.dest, job.settings, "s3cret-canary")
    pages.core.manager.update(job.id, draft)
    assert "canary" not in client.get("/api/v1/export").text


def test_a_dry_run_tells_everything_and_makes_nothing(pages: Pages, client: FlaskClient) -> None:
    pages.job(name="Photos", dest=str(pages.folder / "Photos"), source=str(pages.folder / "photos"))
    text = written(pages, "Photos", settings={"schedule": {"cron": "0 3 * * *"}, "delete_source_after": True})
    text += written(pages, "Films", "Films").removeprefix("jobs:\n") + "- {name: 7, source: relative}\n- words\n"
    answer = told(send(client, text, "?dry_run=1"), 200)
    photos, films, again, odd, words = answer["jobs"]
    assert not answer["ready"]
    assert photos["not_understood"].keys() == {"schedule", "delete_source_after"}
    assert (photos["fields"], photos["settings"]["delete_source_after"]) == ({}, False)
    assert [bool(job["warnings"]) for job in (photos, films, again)] == [True, False, True]
    assert (odd["fields"].keys(), odd["source"], odd["id"]) == ({"name"}, None, None)
    assert words["fields"].keys() == {"body"}
    assert [job["line"] for job in answer["jobs"]] == [2, 10, 14, 18, 19]
    assert len(jobs_of(pages)) == 1
    assert told(send(client, written(pages, "Music"), "?dry_run=1"), 200)["ready"]
    assert len(jobs_of(pages)) == 1


def test_one_job_that_cannot_be_created_keeps_all_out(pages: Pages, client: FlaskClient) -> None:
    text = written(pages, "Photos", "Films") + written(pages, "Music", settings={"stall_minutes": 0.001}).removeprefix(
        "jobs:\n"
    )
    text += (
        "- {name: Books, type: rsync, source: relative, dest: /x}\n- {name: Tape, type: tape, source: /, dest: /x}\n"
    )
    error = told(send(client, text), 422)
    assert error["code"] == "invalid_input"
    assert error["fields"].keys() == {"jobs.2.settings.stall_minutes", "jobs.3.source", "jobs.4.type"}
    assert "3 of the 5 jobs" in error["message"]
    assert jobs_of(pages) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "Line 1: the file is empty."),
        ("jobs: []\n", "0 jobs"),
        ("jobs:\n" + "- a\n" * 1001, "1,001 jobs"),
        ("- a\n", "no list of jobs"),
        ("jobs: {\n", "Line"),
        ("jobs: &a [*a]\n", "contains itself"),
    ],
)
def test_what_is_no_file_of_jobs_is_refused_with_its_line(client: FlaskClient, text: str, word: str) -> None:
    assert word in told(send(client, text), 422)["fields"]["body"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_a_page_of_another_site_can_send_is_refused(pages: Pages, client: FlaskClient, kind: str) -> None:
    error = told(send(client, written(pages, "Photos"), kind=kind), 415)
    assert (error["code"], "YAML" in error["message"]) == ("unsupported_media_type", True)
    assert jobs_of(pages) == []


def test_a_word_that_is_no_flag_is_refused(pages: Pages, client: FlaskClient) -> None:
    assert told(send(client, written(pages, "Photos"), "?dry_run=maybe"), 422)["fields"].keys() == {"dry_run"}
    assert jobs_of(pages) == []


def test_nothing_is_taken_in_while_jobs_yaml_is_broken(pages: Pages, client: FlaskClient) -> None:
    text = written(pages, "Photos")
    pages.core.folder.jobs_file.write_text("jobs: {\n")
    assert told(send(client, text), 409)["code"] == StoreBroken.code


def test_two_hundred_jobs_come_in_with_one_write(pages: Pages, client: FlaskClient) -> None:
    text = written(pages, *(f"Job {number}" for number in range(200)))
    before = pages.core.jobs.snapshot().revision
    assert len(told(send(client, text), 201)["jobs"]) == 200
    assert pages.core.jobs.snapshot().revision == before + 1
    assert [job.name for job in jobs_of(pages)] == [f"Job {number}" for number in range(200)]
