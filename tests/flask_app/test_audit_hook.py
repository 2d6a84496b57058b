"""What pages and API change stands in the audit log: who, from where, what, and what came of it; and nothing else."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import g
from flask.testing import FlaskClient

from models.audit import AuditRecord
from models.run import RunState
from storage.audit_log import audit_file
from storage.audit_reading import Wanted
from tests.flask_app.pages import Pages
from tests.flask_app.test_restore_pages import leave
from tests.flask_app.test_transfer import send, written

SECRET = "s3cret-canary"


@pytest.fixture(autouse=True)
def _ended(pages: Pages) -> Iterator[None]:
    """No supervisor outlives the test that started it."""
    yield
    leave(pages.core)


def records(pages: Pages) -> list[AuditRecord]:
    """Oldest first."""
    return list(pages.core.audit.each(Wanted()))[::-1]


def last(pages: Pages) -> AuditRecord:
    return records(pages)[-1]


def api(pages: Pages) -> FlaskClient:
    """A script: no session."""
    return pages.app.test_client()


def form_of(job: Any, **changes: str) -> dict[str, Any]:
    return {"name": job.name, "source": job.source, "dest": job.dest, "type": job.type} | changes


def test_a_start_is_recorded_with_who_from_where_and_what(pages: Pages) -> None:
    job = pages.job()
    pages.post(f"/jobs/{job.id}/start")
    run = pages.core.manager.latest(job.id)
    assert run is not None
    found = last(pages)
    assert (found.action, found.outcome, found.status, found.code) == ("run.start", "done", 303, "")
    assert (found.account, found.role, found.via, found.address) == ("", "administrator", "open", "127.0.0.1")
    assert (found.job_id, found.job_name, found.run_id) == (job.id, "Photos", run.id)
    assert found.asked == "POST /jobs/<job_id>/start"


def test_an_account_and_its_way_in_are_recorded(pages: Pages) -> None:
    @pages.app.before_request
    def enter() -> None:
        g.account, g.credential = SimpleNamespace(name="anna", role="operator"), "token:nightly"

    job = pages.job()
    pages._client.post(f"/api/v1/jobs/{job.id}/start")
    found = last(pages)
    assert (found.account, found.role, found.via) == ("anna", "operator", "token:nightly")


def test_a_start_by_the_api_is_recorded_once_with_its_run(pages: Pages) -> None:
    job = pages.job()
    keyed = pages._client.post(f"/api/v1/jobs/{job.id}/start", headers={"Idempotency-Key": "k"})
    again = pages._client.post(f"/api/v1/jobs/{job.id}/start", json={"accept_identity": True})
    assert (keyed.status_code, again.status_code) == (202, 409)
    first, second = records(pages)
    assert first.run_id == (keyed.json or {})["data"]["run_id"]
    assert (second.outcome, second.code, second.names) == ("refused", "job_busy", ("accept_identity",))
    assert first.job_name == second.job_name == "Photos"
    repeated = pages._client.post(f"/api/v1/jobs/{job.id}/start", headers={"Idempotency-Key": "k"})
    assert repeated.headers["Idempotency-Replayed"] == "true"
    assert len(records(pages)) == 2


def test_a_change_names_the_fields_and_never_their_values(pages: Pages) -> None:
    job = pages.job(dest="nas::backup")
    body = {**form_of(job, name="Pictures"), "settings": {"exclude": [SECRET]}, "password": SECRET}
    assert pages._client.put(f"/api/v1/jobs/{job.id}", json=body).status_code == 200
    found = last(pages)
    assert (found.action, found.job_name) == ("job.change", "Photos")
    assert found.names == ("password", "name", "settings.exclude")
    pages.post("/settings/save", section="defaults", max_retry_attempts="4", default_bandwidth_limit="77777")
    assert set(last(pages).names) == {"max_retry_attempts", "default_bandwidth_limit"}
    api(pages).put("/api/v1/settings", json={"max_retry_attempts": 5, "auto_refresh_interval": 2})
    assert last(pages).names == ("max_retry_attempts",)
    text = audit_file(pages.core.folder).read_text()
    assert SECRET not in text
    assert "77777" not in text


def test_a_deleted_job_is_named_all_the_same(pages: Pages) -> None:
    job = pages.job(name="Mail")
    pages.post(f"/jobs/{job.id}/delete")
    assert (last(pages).action, last(pages).job_name) == ("job.delete", "Mail")


def test_what_is_made_is_named(pages: Pages) -> None:
    job = pages.job()
    pages.post(f"/jobs/{job.id}/duplicate")
    copy = next(one for one in pages.core.jobs.snapshot().jobs.values() if one.id != job.id)
    assert (last(pages).job_id, last(pages).names) == (job.id, (copy.name, copy.id))
    body = form_of(job, name="Third", dest=str(pages.folder / "third"))
    made = api(pages).post("/api/v1/jobs", json=body).json or {}
    assert (last(pages).action, last(pages).job_id, last(pages).job_name) == ("job.create", made["data"]["id"], "Third")
    pages.post(f"/jobs/{job.id}/template", name="Pattern")
    assert (last(pages).action, last(pages).names) == ("template.create", ("Pattern",))


def test_an_import_is_a_record_for_each_job_and_a_trial_none(pages: Pages) -> None:
    text = written(pages, "Photos", "Mail")
    send(pages._client, text, "?dry_run=1")
    assert records(pages) == []
    send(pages._client, text)
    assert [(one.action, one.job_name) for one in records(pages)] == [("job.import", "Photos"), ("job.import", "Mail")]


def test_many_jobs_at_once_are_a_record_each_with_its_own_outcome(pages: Pages) -> None:
    idle, busy = pages.job(name="Idle"), pages.job(name="Busy", dest=str(pages.folder / "other"))
    pages.run(busy, RunState.TRANSFERRING)
    pages.post("/jobs/bulk", action="delete", job_id=[idle.id, busy.id])
    assert records(pages) == [], "only a question was asked back"
    pages.post("/jobs/bulk", action="delete", confirmed="1", job_id=[idle.id, busy.id])
    assert {(one.action, one.job_name, one.outcome) for one in records(pages)} == {
        ("job.delete", "Idle", "done"),
        ("job.delete", "Busy", "refused"),
    }


def test_a_menu_is_recorded_as_what_it_does(pages: Pages) -> None:
    job = pages.job()
    pages.post(f"/jobs/{job.id}/do", do="disable")
    assert (last(pages).action, last(pages).job_id) == ("job.disable", job.id)
    pages.post(f"/jobs/{job.id}/do", do="export")
    assert len(records(pages)) == 1


def test_a_restore_says_where_to(pages: Pages) -> None:
    job = pages.job()
    pages._client.post(f"/api/v1/jobs/{job.id}/restore", json={"target": "/srv/away"})
    assert last(pages).action == "run.restore"
    assert last(pages).names == ("to /srv/away",)


def test_reading_and_checking_leave_no_record(pages: Pages) -> None:
    job = pages.job()
    for path in ("/", "/jobs/", f"/jobs/{job.id}", "/logs/", "/settings/", "/jobs/nope", "/nowhere"):
        pages.get(path)
    pages.post("/jobs/check", **form_of(job))
    pages.post("/jobs/browse")
    pages.post("/settings/tools")
    pages.post("/nowhere")
    assert records(pages) == []


@pytest.mark.parametrize(
    ("how", "status", "code", "via"),
    [
        ({"headers": {"X-Forwarded-For": "10.0.0.1"}}, 401, "account_required", ""),
        ({"headers": {"Origin": "http://evil.example"}}, 403, "foreign_origin", "open"),
        ({"headers": {"Origin": "http://localhost"}}, 403, "csrf", "open"),
    ],
)
def test_a_refused_change_is_recorded_with_its_code(pages: Pages, how: Any, status: int, code: str, via: str) -> None:
    job = pages.job()
    assert pages._client.post(f"/jobs/{job.id}/start", **how).status_code == status
    found = last(pages)
    assert (found.action, found.outcome, found.code, found.status) == ("run.start", "refused", code, status)
    assert (found.via, found.job_id) == (via, job.id)


def test_a_stranger_who_asks_for_pages_is_recorded_and_fills_nothing(pages: Pages) -> None:
    pages.job()
    for number in range(300):
        path = f"/jobs/{'x' * 500}{number}" if number % 2 else f"/{number}" * 50
        assert pages._client.get(path, headers={"X-Forwarded-For": "10.0.0.1"}).status_code == 401
    found = records(pages)
    assert 1 <= len(found) <= 3
    assert {one.action for one in found} == {"access.refused"}
    assert {one.asked for one in found} <= {"GET /jobs/<job_id>", "GET (no such address)"}
    assert audit_file(pages.core.folder).stat().st_size < 2000


def test_the_body_of_whoever_is_refused_is_not_read(pages: Pages) -> None:
    answer = pages._client.post("/templates/delete", data={"name": "n" * 1000}, headers={"X-Forwarded-For": "10.0.0.1"})
    assert answer.status_code == 401
    assert last(pages).names == ()


def test_hostile_words_stay_in_their_record(pages: Pages) -> None:
    name = 'x"}\u2028\u202e\x1b[31m{"at":"'
    pages.post("/templates/delete", name=name)
    (found,) = records(pages)
    assert (found.outcome, found.code) == ("refused", "template_not_found")
    assert not re.search("[\u2028\u202e\x1b\n]", found.names[0])


def test_a_failure_of_ours_is_recorded_as_one(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    job = pages.job()

    def broken(job_id: str) -> None:
        raise RuntimeError(job_id)

    monkeypatch.setattr(pages.core.manager, "pause", broken)
    assert pages._client.post(f"/api/v1/jobs/{job.id}/pause").status_code == 500
    assert (last(pages).outcome, last(pages).code) == ("failed", "internal_error")


def test_a_log_that_cannot_be_written_keeps_no_job_from_starting(pages: Pages) -> None:
    job = pages.job()
    audit_file(pages.core.folder).mkdir()
    assert pages._client.post(f"/api/v1/jobs/{job.id}/start").status_code == 202
    assert pages.core.audit.trouble is not None
