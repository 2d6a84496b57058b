"""The list of jobs, the form, the page of a job, and what can be asked of it."""

import json
from typing import Any

import pytest
from flask import Flask

from core.container import Container
from models.errors import HostKeyUnknown, IdentityChanged, StoreUnavailable
from models.job import JobSettings, SshAccess
from models.run import Run, RunState
from models.settings import Settings
from storage.run_history import RunHistory
from tests.flask_app.pages import ALL_STATES, Pages

S = RunState
FORM = '<form class="job-form"\n      id="job-form"\n      action="/jobs/create"\n      method="post"'


def typed(pages: Pages, **changes: str) -> dict[str, Any]:
    source = pages.folder / "photos"
    source.mkdir(exist_ok=True)
    return {"name": "Photos", "type": "rsync", "source": str(source), "dest": str(pages.folder / "copy")} | changes


# The list


@pytest.mark.parametrize("path", ["/jobs/", "/jobs/create"])
def test_the_form_for_a_new_job_stands_in_both_pages(pages: Pages, path: str) -> None:
    assert FORM in pages.get(path).text


def test_without_jobs_the_list_says_what_it_is_for_and_has_one_button(pages: Pages) -> None:
    page = pages.get("/jobs/").text
    assert "No backups yet" in page
    assert "A job copies one folder to one place" in page


@pytest.mark.parametrize("state", ALL_STATES)
def test_a_row_shows_every_state_with_the_action_that_fits(pages: Pages, state: RunState) -> None:
    job = pages.job(name="Photos <b>")
    pages.run(job, state)
    row = pages.get("/jobs/", "jobs-list").text
    assert f'id="job-{job.id}"' in row
    assert "Photos &lt;b&gt;" in row
    action = {S.QUEUED: "cancel", S.WAITING: "pause", S.PAUSING: ""}.get(state)
    if action is None:
        action = (
            "start"
            if state in {S.DONE, S.DONE_WITH_WARNINGS, S.FAILED, S.PAUSED, S.INTERRUPTED, S.CANCELLED}
            else "pause"
        )
    assert (f'action="/jobs/{job.id}/{action}"' in row) is bool(action)


def test_search_and_filter_stand_in_the_address(pages: Pages) -> None:
    pages.run(pages.job(name="Videos"), S.FAILED)
    pages.run(pages.job(name="Photos", settings=JobSettings(tags=("family",))), S.DONE)
    assert "Videos" not in pages.get("/jobs/?search=family", "jobs-list").text
    attention = pages.get("/jobs/?state=attention", "jobs-list").text
    assert "Videos" in attention
    assert "Photos" not in attention
    assert 'aria-current="true">Attention <span>1</span>' in attention
    assert "No job matches “vidoe”" in pages.get("/jobs/?search=vidoe").text


def test_a_list_of_many_has_pages_of_fifty(pages: Pages) -> None:
    for number in range(51):
        pages.job(name=f"Job {number:02}")
    first, second = pages.get("/jobs/").text, pages.get("/jobs/?page=2").text
    assert first.count('class="job-row"') == 50
    assert second.count('class="job-row"') == 1
    assert "51 jobs, page 1 of 2" in first
    assert pages.get("/jobs/?page=99").status_code == 200


def test_an_unchanged_poll_of_the_list_is_204(pages: Pages) -> None:
    pages.job()
    asked = pages.get("/jobs/").text.split('id="jobs-list"', 1)[1].split('hx-get="', 1)[1].split('"', 1)[0]
    answer = pages.get(asked.replace("&amp;", "&"), "jobs-list")
    assert (answer.status_code, answer.data) == (204, b"")


# The form


def test_a_new_job_is_saved_and_its_page_follows(pages: Pages) -> None:
    answer = pages.post("/jobs/create", **typed(pages, exclude="*.tmp\r\n/cache/\r\n", tags="family, photos"))
    job = next(iter(pages.core.jobs.snapshot().jobs.values()))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/jobs/{job.id}")
    assert job.settings.exclude == ("*.tmp", "/cache/")
    assert job.settings.tags == ("family", "photos")
    assert "Photos created" in pages.get(f"/jobs/{job.id}").text


def test_with_htmx_the_answer_is_a_toast_and_the_lists_ask_again(pages: Pages) -> None:
    answer = pages.post("/jobs/create", htmx=True, **typed(pages))
    assert answer.status_code == 201
    assert answer.headers["HX-Trigger"] == "jobs:changed"
    assert answer.headers["HX-Retarget"] == "#toasts"
    assert "Photos created" in answer.text
    assert "<html" not in answer.text


WRONG = {
    "name": "",
    "source": "/no/such/folder",
    "dest": "photos",
    "bandwidth_limit": "-1",
    "max_retries": "many",
    "stall_minutes": "0",
    "ssh_port": "99999",
}


@pytest.mark.parametrize("field", WRONG)
def test_a_wrong_field_has_its_message_beside_it_and_nothing_is_lost(pages: Pages, field: str) -> None:
    answer = pages.post("/jobs/create", **typed(pages, exclude="kept <pattern>", **{field: WRONG[field]}))
    assert answer.status_code == 422
    assert f'id="field-{field}-error"' in answer.text
    assert f'href="#field-{field}"' in answer.text
    assert f'value="{WRONG[field]}"' in answer.text
    assert "kept &lt;pattern&gt;</textarea>" in answer.text
    assert not pages.core.jobs.snapshot().jobs


def test_all_wrong_fields_are_told_at_once(pages: Pages) -> None:
    page = pages.post("/jobs/create", **typed(pages, name="", source="relative", bandwidth_limit="fast")).text
    assert "3 fields need a change:" in page


def test_with_htmx_a_wrong_form_comes_back_into_the_dialog(pages: Pages) -> None:
    answer = pages.post("/jobs/create", htmx=True, **typed(pages, name=""))
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#dialog")
    assert answer.text.lstrip().startswith('<form class="job-form"')


def test_where_the_files_will_lie_is_said_before_saving(pages: Pages) -> None:
    fields = typed(pages)
    fragment = pages.post("/jobs/check", htmx=True, **fields).text
    assert f"{fields['dest']}/photos" in fragment
    assert f"{fields['dest']}/photos" in pages.post("/jobs/check", **fields).text
    closed = pages.post("/jobs/check", htmx=True, **fields | {"source": fields["source"] + "/"}).text
    assert f"{fields['dest']}/photos" not in closed
    assert not pages.core.jobs.snapshot().jobs


def test_an_edit_keeps_what_the_form_did_not_send(pages: Pages) -> None:
    settings = JobSettings(exclude=("a",), options=("acls",), ssh=SshAccess(2222), list_files=True, enabled=False)
    job = pages.job(settings=settings)
    assert pages.post(f"/jobs/{job.id}/edit", name="Renamed").status_code == 303
    changed = pages.core.jobs.get(job.id)
    assert (changed.name, changed.settings) == ("Renamed", settings)


def test_a_password_that_a_refusal_lost_is_asked_for_again(pages: Pages) -> None:
    for password in ("s3cret-canary", ""):
        answer = pages.post(
            "/jobs/create", **typed(pages, dest="nas::backup", bandwidth_limit="fast", password=password)
        )
        assert answer.status_code == 422
        assert "s3cret-canary" not in answer.text
        assert ("Type it again" in answer.text) is bool(password)


def test_boxes_that_are_unticked_are_off(pages: Pages) -> None:
    job = pages.job(settings=JobSettings(options=("acls", "xattrs"), list_files=True))
    pages.post(f"/jobs/{job.id}/edit", options=["", "xattrs"], list_files="false", enabled="false")
    settings = pages.core.jobs.get(job.id).settings
    assert (settings.options, settings.list_files, settings.enabled) == (("xattrs",), False, False)


def test_a_password_is_kept_and_never_shown_again(pages: Pages) -> None:
    fields = typed(pages, dest="nas::backup", password="s3cret-canary")
    pages.post("/jobs/create", **fields)
    job = next(iter(pages.core.jobs.snapshot().jobs.values()))
    page = pages.get(f"/jobs/{job.id}/edit").text
    assert "A password is stored for this job." in page
    assert "s3cret-canary" not in page + pages.get(f"/jobs/{job.id}?tab=configuration").text
    pages.post(f"/jobs/{job.id}/edit", forget_password="1")
    assert not pages.core.manager.has_password(job.id)


def test_a_folder_that_cannot_be_written_loses_nothing_that_was_typed(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_draft: object) -> None:
        raise StoreUnavailable("The data folder is full.")

    monkeypatch.setattr(pages.core.manager, "create", full)
    answer = pages.post("/jobs/create", **typed(pages, name="Typed long ago"))
    assert answer.status_code == 503
    assert 'value="Typed long ago"' in answer.text
    assert "The data folder is full." in answer.text


# The page of a job


@pytest.mark.parametrize("tab", ["runs", "configuration", "log", "nonsense"])
@pytest.mark.parametrize("state", ALL_STATES)
def test_the_page_of_a_job_shows_every_state_in_every_tab(pages: Pages, tab: str, state: RunState) -> None:
    job = pages.job()
    pages.run(job, state)
    path = f"/jobs/{job.id}?tab={tab}"
    assert pages.get(path).status_code == 200
    assert pages.get(path, "job-head").text.strip().startswith('<div id="job-head"')
    assert 'id="job-tab"' in pages.get(path, "job-tab").text


def test_the_configuration_is_the_exact_command_and_the_text_of_the_file(pages: Pages) -> None:
    job = pages.job()
    page = pages.get(f"/jobs/{job.id}?tab=configuration").text
    assert f"-- {job.source} {job.dest}</pre>" in page
    assert f"- id: {job.id}" in page


def test_of_many_runs_the_older_ones_are_a_link_away(pages: Pages) -> None:
    job = pages.job()
    runs = [pages.run(job, S.DONE, id=f"20261121T0702{number:02}123Z-a1b2c3") for number in range(30)]
    page = pages.get(f"/jobs/{job.id}").text
    assert runs[29].id in page
    assert runs[4].id not in page
    older = page.split('">Older runs', 1)[0].rsplit('href="', 1)[1]
    assert runs[4].id in pages.get(older).text


def test_an_unknown_job_is_404_with_a_way_back(pages: Pages) -> None:
    answer = pages.get("/jobs/nope")
    assert answer.status_code == 404
    assert "There is no such job" in answer.text
    assert 'href="/jobs/"' in answer.text


# What can be asked


@pytest.fixture
def fake(app: Flask, core: Container, pages: Pages) -> Pages:
    """Over the fake core, whose runs start and stop at a word."""
    return Pages(app, core, pages.folder)


def fake_job(fake: Pages) -> str:
    manager: Any = fake.core.manager
    fake.post("/jobs/create", **typed(fake))
    return str(list(manager._jobs.jobs)[-1])


def test_a_start_answers_202_to_htmx_and_303_to_a_form(fake: Pages) -> None:
    first, second = fake_job(fake), fake_job(fake)
    answer = fake.post(f"/jobs/{first}/start", htmx=True)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (202, "jobs:changed")
    plain = fake.post(f"/jobs/{second}/start")
    assert plain.status_code == 303
    assert plain.headers["Location"].startswith(f"/jobs/{second}/runs/")


@pytest.mark.parametrize("action", ["start", "delete"])
def test_what_cannot_be_done_now_is_409_with_the_reason(fake: Pages, action: str) -> None:
    job = fake_job(fake)
    fake.post(f"/jobs/{job}/start")
    for htmx in (True, False):
        answer = fake.post(f"/jobs/{job}/{action}", htmx=htmx)
        assert answer.status_code == 409
        assert "running" in answer.text
        assert ("<html" in answer.text) is not htmx


def test_a_pause_answers_both_ways(fake: Pages) -> None:
    job = fake_job(fake)
    fake.post(f"/jobs/{job}/start")
    assert fake.post(f"/jobs/{job}/pause", htmx=True).status_code == 202
    assert fake.post(f"/jobs/{job}/pause").status_code == 303


def test_a_changed_disk_is_a_question_that_a_person_can_answer(fake: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    job, accepted = fake_job(fake), []
    start = fake.core.manager.start

    def guarded(job_id: str, accept_identity: bool = False) -> Any:
        accepted.append(accept_identity)
        if not accept_identity:
            raise IdentityChanged("The destination is another disk than last time.")
        return start(job_id)

    monkeypatch.setattr(fake.core.manager, "start", guarded)
    for htmx in (True, False):
        answer = fake.post(f"/jobs/{job}/start", htmx=htmx)
        assert answer.status_code == 409
        assert "The destination is another disk than last time." in answer.text
        assert 'name="accept_identity" value="1"' in answer.text
        assert (answer.headers.get("HX-Retarget") == "#dialog") is htmx
    assert fake.post(f"/jobs/{job}/start", accept_identity="1").status_code == 303
    assert accepted == [False, False, True]


@pytest.mark.parametrize(
    ("path", "part", "name"),
    [
        ("runs/{run}/retry-failed", "retries", "start"),
        ("runs/{run}/resume", "restores", "resume"),
        ("rehearse", "restores", "rehearse"),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_whatever_doubts_the_disk_asks_and_takes_the_answer(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, path: str, part: str, name: str, htmx: bool
) -> None:
    job = pages.job()
    run = pages.run(job, S.DONE)
    path = f"/jobs/{job.id}/" + path.format(run=run.id)

    def guarded(*_: str, accept_identity: bool = False) -> Run:
        if not accept_identity:
            raise IdentityChanged("The destination is another disk than last time.")
        return run

    monkeypatch.setattr(getattr(pages.core.manager, part), name, guarded)
    asked = pages.post(path, htmx)
    assert asked.status_code == 409
    assert "The destination is another disk than last time." in asked.text
    assert f'action="{path}" method="post" hx-post="{path}"' in asked.text
    assert 'name="accept_identity" value="1"' in asked.text
    answer = pages.post(path, htmx, accept_identity="1")
    assert answer.headers["HX-Redirect" if htmx else "Location"] == f"/jobs/{job.id}/runs/{run.id}"


@pytest.mark.parametrize("kind", ["preview", "verify"])
def test_what_only_looks_says_where_another_disk_is_agreed_to(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    def doubt(_job_id: str) -> None:
        raise IdentityChanged("Plug the disk in, or say that this is intended.")

    monkeypatch.setattr(pages.core.manager, kind, doubt)
    answer = pages.post(f"/jobs/{pages.job().id}/{kind}")
    assert answer.status_code == 409
    assert "or say that this is intended. A start of the job asks about that." in answer.text


def test_an_unknown_host_shows_its_fingerprints_to_accept(fake: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    job, accepted = fake_job(fake), []

    def start(job_id: str, accept_identity: bool = False) -> None:
        raise HostKeyUnknown("The key of nas is not known yet.")

    class Key:
        host, port, fingerprints = "nas", 22, ("SHA256:abc (ED25519)", "SHA256:def (RSA)")

    monkeypatch.setattr(fake.core.manager, "start", start)
    monkeypatch.setattr(fake.core.manager, "host_key", lambda job_id: Key, raising=False)
    monkeypatch.setattr(
        fake.core.manager, "accept_host_key", lambda job_id, shown: accepted.append(shown), raising=False
    )
    answer = fake.post(f"/jobs/{job}/start")
    assert answer.status_code == 409
    assert 'name="fingerprint" value="SHA256:abc (ED25519)"' in answer.text
    assert fake.get(f"/jobs/{job}/host-key").status_code == 200
    assert fake.post(f"/jobs/{job}/host-key", fingerprint=list(Key.fingerprints)).status_code == 303
    assert accepted == [Key.fingerprints]


def test_before_a_deletion_it_is_said_what_goes_and_what_stays(pages: Pages) -> None:
    job = pages.job()
    pages.run(job, S.DONE)
    for fragment in (None, "dialog"):
        page = pages.get(f"/jobs/{job.id}/delete", fragment).text
        assert "its history of 1 run" in page
        assert f"<strong>Stays:</strong> every file in <code>{job.dest}</code>" in page
        assert ">Keep the job</a>" in page


def test_a_deletion_counts_all_runs_and_reads_none(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    job = pages.job()
    pages.run(job, S.DONE)
    history = RunHistory(pages.core.folder).path(job.id)
    line = history.read_text()
    run_id = json.loads(line)["id"]
    history.write_text("".join(line.replace(run_id, f"{run_id[:-6]}{number:06}") for number in range(1_204)))
    monkeypatch.setattr(pages.core.manager, "runs", None)
    assert "its history of 1,204 runs" in pages.get(f"/jobs/{job.id}/delete").text


@pytest.mark.parametrize(
    ("method", "htmx", "status"), [("POST", False, 303), ("POST", True, 200), ("DELETE", True, 200)]
)
def test_a_deleted_job_is_gone(pages: Pages, method: str, htmx: bool, status: int) -> None:
    job = pages.job()
    assert pages.post(f"/jobs/{job.id}/delete", htmx, method).status_code == status
    assert job.id not in pages.core.jobs.snapshot().jobs


def test_a_disabled_job_says_so_and_how_to_enable_it(pages: Pages) -> None:
    job = pages.job(settings=JobSettings(enabled=False))
    for path in ("/jobs/", f"/jobs/{job.id}"):
        page = pages.get(path).text
        assert "Disabled" in page
        assert "It does not start until it is enabled" in page
        assert f'href="/jobs/{job.id}/edit"' in page
        assert f'action="/jobs/{job.id}/start"' not in page


def test_files_at_the_source_go_only_with_consent_asked_beside_the_box(pages: Pages) -> None:
    wish = {"delete_source_after": "true", "deletion_confirmed": "false", "deletion_mode": "per_file"}
    answer = pages.post("/jobs/create", **typed(pages, **wish))
    assert answer.status_code == 422
    assert 'aria-describedby="field-deletion_confirmed-error' in answer.text
    assert 'name="deletion_mode" value="per_file" checked' in answer.text
    assert pages.core.jobs.snapshot().jobs == {}
    assert pages.post("/jobs/create", **typed(pages, **wish | {"deletion_confirmed": "true"})).status_code == 303
    (job,) = pages.core.jobs.snapshot().jobs.values()
    assert (job.settings.delete_source_after, job.settings.deletion_mode) == (True, "per_file")


def test_the_form_offers_the_remotes_that_are_set_up(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages.core.remotes, "names", lambda: ("nas", "b2"))
    form = pages.get("/jobs/create").text
    assert '<option value="nas:"></option>' in form
    assert form.count('list="remotes"') == 2
    assert 'href="/remotes/"' in form


def test_the_form_names_the_global_check(pages: Pages) -> None:
    pages.core.settings.save(Settings(verification_mode="verify_after"))
    assert "As in Settings: by content, after copying" in pages.get("/jobs/create").text
