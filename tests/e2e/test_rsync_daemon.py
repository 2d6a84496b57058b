"""Copies to and from an rsync daemon with a password, which must be seen nowhere, with a real daemon."""

import json
import os
import signal
from pathlib import Path

import pytest

from tests.e2e.remote_hosts import PASSWORD, Link, RsyncDaemon, SilentHost
from tests.e2e.service import ArgumentWatch, Disk, Service, files_with
from tests.e2e.trees import MEBIBYTE, contents, leftovers, make_tree
from tests.e2e.waiting import until

SLOW = 1500  # KiB/s
LARGE = 8 * MEBIBYTE
CANARY_NAME = 'it\'s "a" `touch canary1` $(touch canary2) $HOME ; touch canary3 & | > canary4 \\ <b>'


@pytest.mark.both_modes
@pytest.mark.parametrize("direction", ["push", "pull"])
def test_a_copy_by_the_daemon_is_paused_resumed_and_identical(
    service: Service, rsync_daemon: RsyncDaemon, tmp_path: Path, direction: str
) -> None:
    far, near = rsync_daemon.module / "photos", tmp_path / "near"
    source, dest = (near, far) if direction == "push" else (far, near)
    make_tree(source, 2 * LARGE)
    sides = (f"{near}/", rsync_daemon.address("photos"))
    if direction == "pull":
        sides = (rsync_daemon.address("photos/"), str(near))
    job_id = service.create(*sides, PASSWORD, bandwidth_limit=SLOW)

    first = service.start(job_id)
    service.moving(first, 30)
    service.pause(job_id)
    assert service.end(first)["state"] == "paused"

    service.change(job_id, bandwidth_limit=0)
    done = service.backup(job_id)
    assert done["state"] == "done", done["reason"]
    assert contents(dest) == contents(source)
    assert leftovers(dest) == []
    assert done["result"]["files_transferred"] < done["result"]["files_seen"] / 2
    assert done["result"]["literal_bytes"] < 2 * LARGE, "what the paused run had sent of the large file was not used"


def test_the_password_is_in_no_argument_log_record_or_page(
    service: Service, rsync_daemon: RsyncDaemon, tmp_path: Path
) -> None:
    source = make_tree(tmp_path / "near", LARGE)
    with ArgumentWatch(PASSWORD) as watch:
        job_id = service.create(f"{source}/", rsync_daemon.address("photos"), PASSWORD, bandwidth_limit=SLOW)
        run_id = service.start(job_id)
        service.moving(run_id, 30)
        held = list((service.data / "runs" / job_id / run_id).glob("password"))
        assert [path.stat().st_mode & 0o777 for path in held] == [0o600]
        looks = watch.looks
        service.pause(job_id)
        service.end(run_id)
        service.change(job_id, bandwidth_limit=0)
        assert service.backup(job_id)["state"] == "done"
    assert looks >= 3, "nobody looked while it ran"
    assert watch.found == []
    assert files_with(PASSWORD, service.data) == ["secrets.yaml"]
    assert (service.data / "secrets.yaml").stat().st_mode & 0o777 == 0o600

    pages = [f"/jobs/{job_id}", f"/jobs/{job_id}?tab=configuration", f"/jobs/{job_id}?tab=log", f"/jobs/{job_id}/edit"]
    pages += [f"/jobs/{job_id}/runs/{run_id}", f"/logs/?job_id={job_id}", "/", "/jobs/"]
    pages += [f"/api/v1/jobs/{job_id}", f"/api/v1/runs/{run_id}", f"/api/v1/runs/{run_id}/log"]
    answers = {page: service.visitor.get(page) for page in pages}
    assert {page for page, answer in answers.items() if answer.status != 200} == set()
    assert {page for page, answer in answers.items() if PASSWORD in answer.text} == set()


def test_a_supervisor_that_is_killed_leaves_no_password_behind(
    service: Service, rsync_daemon: RsyncDaemon, tmp_path: Path
) -> None:
    source = make_tree(tmp_path / "near", LARGE)
    job_id = service.create(f"{source}/", rsync_daemon.address("photos"), PASSWORD, bandwidth_limit=SLOW)
    run_id = service.start(job_id)
    service.moving(run_id)
    assert files_with(PASSWORD, service.data) == ["password", "secrets.yaml"]
    supervisor = json.loads((service.data / "runs" / job_id / run_id / "run.json").read_text())["supervisor"]
    os.kill(supervisor["pid"], signal.SIGKILL)
    assert service.end(run_id)["state"] == "interrupted"
    until(lambda: files_with(PASSWORD, service.data) == ["secrets.yaml"], 5, "only our secrets")


def test_the_password_goes_with_the_job(service: Service, rsync_daemon: RsyncDaemon, tmp_path: Path) -> None:
    job_id = service.create(make_tree(tmp_path / "near"), rsync_daemon.address("x"), "a password of its own 17")
    assert files_with("a password of its own 17", service.data) == ["secrets.yaml"]
    assert service.ask("DELETE", f"/jobs/{job_id}")[0] == 204
    assert files_with("a password of its own 17", service.data) == []


def test_a_password_refused_with_the_rest_of_the_form_is_not_kept(service: Service, tmp_path: Path) -> None:
    typed = {"name": "x", "source": str(tmp_path / "nowhere"), "dest": "anna@127.0.0.1::data/x", "password": PASSWORD}
    answer = service.visitor.post("/jobs/create", typed)
    assert answer.status == 422
    assert PASSWORD not in answer.text


@pytest.mark.parametrize("password", ["wrong", None])
def test_a_wrong_or_missing_password_is_refused_without_a_prompt(
    service: Service, rsync_daemon: RsyncDaemon, tmp_path: Path, password: str | None
) -> None:
    job_id = service.create(make_tree(tmp_path / "near"), rsync_daemon.address("photos"), password)
    failed = service.end(service.start(job_id), 10)
    assert failed["state"] == "failed"
    assert failed["reason"] == "The daemon refused the user or the password for module data."
    assert failed["next_step"] == "Check the user in the address, and enter the password again."

    service.visitor.get(f"/jobs/{job_id}/edit")
    saved = service.visitor.post(f"/jobs/{job_id}/edit", {"password": PASSWORD})
    assert saved.status == 303, saved.words
    assert service.backup(job_id)["state"] == "done"


def test_the_port_may_stand_in_the_port_field(service: Service, rsync_daemon: RsyncDaemon, tmp_path: Path) -> None:
    source = make_tree(tmp_path / "near")
    job_id = service.create(
        f"{source}/", rsync_daemon.short_address("photos"), PASSWORD, ssh={"port": rsync_daemon.port}
    )
    done = service.backup(job_id)
    assert done["state"] == "done", done["reason"]
    assert contents(rsync_daemon.module / "photos") == contents(source)


def test_a_name_full_of_shell_signs_is_a_name(service: Service, rsync_daemon: RsyncDaemon, tmp_path: Path) -> None:
    source = make_tree(tmp_path / "near")
    pushed = service.backup(service.create(f"{source}/", rsync_daemon.address(CANARY_NAME), PASSWORD))
    assert pushed["state"] == "done", pushed
    pulled = service.backup(service.create(rsync_daemon.address(f"{CANARY_NAME}/"), tmp_path / "back", PASSWORD))
    assert pulled["state"] == "done", pulled
    assert contents(tmp_path / "back") == contents(source)
    assert os.listdir(rsync_daemon.module) == [CANARY_NAME]


def test_a_module_that_does_not_exist_is_named(service: Service, rsync_daemon: RsyncDaemon, tmp_path: Path) -> None:
    dest = f"rsync://127.0.0.1:{rsync_daemon.port}/nothing/photos"
    failed = service.end(service.start(service.create(make_tree(tmp_path / "near"), dest)), 10)
    assert (failed["state"], failed["reason"]) == ("failed", "The daemon has no module called nothing.")
    assert failed["next_step"]


def test_a_daemon_that_is_not_there_is_waited_for_and_said_so(
    service: Service, rsync_daemon: RsyncDaemon, tmp_path: Path
) -> None:
    rsync_daemon.stop()
    job_id = service.create(make_tree(tmp_path / "near"), rsync_daemon.address("photos"), PASSWORD)
    run_id = service.start(job_id)
    waiting = service.noted(run_id, "for 127.0.0.1 to answer")
    assert waiting["reason"] == "The host refused the connection: nothing listens on that port."
    service.pause(job_id)
    assert service.end(run_id, 3)["state"] == "paused"
    rsync_daemon.start()
    assert service.backup(job_id)["state"] == "done"


def test_a_daemon_that_never_answers_is_a_sentence_within_ten_seconds(service: Service, tmp_path: Path) -> None:
    with SilentHost() as silent:
        job_id = service.create(make_tree(tmp_path / "near"), f"rsync://127.0.0.1:{silent.port}/data/x", max_retries=1)
        failed = service.end(service.start(job_id), 10)
    assert (failed["state"], failed["reason"]) == ("failed", "The rsync daemon did not answer in time.")
    assert failed["next_step"]


def test_a_link_that_breaks_is_taken_up_again_by_itself(
    service: Service, rsync_daemon: RsyncDaemon, tmp_path: Path
) -> None:
    source, dest = make_tree(rsync_daemon.module / "photos", LARGE), tmp_path / "copy"
    with Link(rsync_daemon.port) as link:
        address = rsync_daemon.address("photos/").replace(f":{rsync_daemon.port}/", f":{link.port}/")
        run_id = service.start(service.create(address, dest, PASSWORD, bandwidth_limit=SLOW))
        service.moving(run_id, 30)
        assert link.cut() == 1
        waiting = service.noted(run_id, "trying again in ")
        assert waiting["reason"]
        assert waiting["note"].endswith(", 2 of 10")
        done = service.wait(run_id, "done")
    assert (done["attempt"], done["percent"]) == (2, 100)
    assert contents(dest) == contents(source)
    assert leftovers(dest) == []


def test_a_full_disk_behind_the_daemon_is_named(
    service: Service, rsync_daemon: RsyncDaemon, tmp_path: Path, disk: Disk
) -> None:
    disk("4m", rsync_daemon.module / "full")
    job_id = service.create(make_tree(tmp_path / "near", LARGE), rsync_daemon.address("full/"), PASSWORD)
    failed = service.backup(job_id)
    assert (failed["state"], failed["exit_code"]) == ("failed", 11)
    assert "ree space" in failed["next_step"]
