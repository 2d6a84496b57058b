"""Disks that are full or read-only, sources that go away, rights that are missing: the state and the sentence."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

from tests.bench.server import free_port
from tests.e2e.service import Disk, Service
from tests.e2e.trees import LARGE_FILE, MEBIBYTE, contents, leftovers, make_tree

SLOW = 2000  # KiB/s
LARGE = 30 * MEBIBYTE


def test_a_full_destination_fails_and_goes_on_once_there_is_room(service: Service, tmp_path: Path, disk: Disk) -> None:
    source, dest = make_tree(tmp_path / "source", LARGE), disk("20m")
    job_id = service.create(f"{source}/", dest)
    failed = service.backup(job_id)
    assert (failed["state"], failed["reason"]) == ("failed", "The destination is full.")
    assert failed["next_step"] == "Free space there or choose another destination."
    assert not (dest / LARGE_FILE).exists()
    page = service.visitor.get(f"/jobs/{job_id}/runs/{failed['run_id']}").words
    assert "The destination is full. Free space there or choose another destination." in page

    subprocess.run(["mount", "-o", "remount,size=80m", dest], check=True)
    assert service.backup(job_id)["state"] == "done"
    assert contents(dest) == contents(source)
    assert leftovers(dest) == []


def test_a_read_only_destination_is_refused_at_the_form_and_at_the_start(
    service: Service, tmp_path: Path, disk: Disk
) -> None:
    source, dest = make_tree(tmp_path / "source"), disk("20m")
    job_id = service.create(f"{source}/", dest)
    subprocess.run(["mount", "-o", "remount,ro", dest], check=True)
    words = f"{dest} is on a read-only file system. Remount it writable, or choose another destination."
    assert service.refused_start(job_id) == {"code": "cannot_start", "message": words, "fields": {"dest": words}}
    assert service.runs(job_id) == []
    typed = {"name": "x", "source": str(source), "dest": str(dest)}
    answer = service.visitor.post("/jobs/create", typed)
    assert (answer.status, answer.beside("dest")) == (422, words)

    subprocess.run(["mount", "-o", "remount,rw", dest], check=True)
    assert service.backup(job_id)["state"] == "done"


def test_a_destination_that_turns_read_only_between_two_tries_ends_the_run(
    service: Service, tmp_path: Path, disk: Disk
) -> None:
    dest, port = disk("20m"), free_port()
    job_id = service.create(f"rsync://127.0.0.1:{port}/data/x", dest)
    run_id = service.start(job_id)
    service.noted(run_id, "for 127.0.0.1 to answer")
    subprocess.run(["mount", "-o", "remount,ro", dest], check=True)
    with socket.create_server(("127.0.0.1", port)):
        failed = service.end(run_id)
    assert failed["state"] == "failed"
    assert "is on a read-only file system. Remount it writable" in failed["reason"]


def test_a_source_that_is_gone_is_refused_with_its_name(service: Service, tmp_path: Path) -> None:
    source = make_tree(tmp_path / "source")
    job_id = service.create(f"{source}/", tmp_path / "copy")
    shutil.rmtree(source)
    error = service.refused_start(job_id)
    assert error["message"] == f"{source}/ does not exist. Check the spelling, or plug in the disk it is on."
    assert service.runs(job_id) == []


def test_a_source_that_is_gone_since_a_good_run_is_refused_and_the_copy_stays(service: Service, tmp_path: Path) -> None:
    source, dest = make_tree(tmp_path / "source"), tmp_path / "copy"
    job_id = service.create(f"{source}/", dest)
    assert service.backup(job_id)["state"] == "done"
    kept = contents(dest)
    shutil.rmtree(source)
    error = service.refused_start(job_id)
    assert error["code"] == "identity_changed"
    assert f"The source {source}/ is gone since the last good run. Plug the disk in" in error["message"]
    assert service.ask("POST", f"/jobs/{job_id}/start", {"accept_identity": True})[0] == 409
    assert contents(dest) == kept


def test_a_source_that_goes_away_during_the_run_is_no_good_run(service: Service, tmp_path: Path) -> None:
    source, dest = tmp_path / "source", tmp_path / "copy"
    for number in range(6):
        make_tree(source / f"folder {number}", 2 * MEBIBYTE)
    job_id = service.create(f"{source}/", dest, bandwidth_limit=SLOW)
    run_id = service.start(job_id)
    service.moving(run_id, 20)
    shutil.rmtree(source)
    ended = service.end(run_id)
    assert ended["state"] == "failed", ended
    assert f"{source}/ went away during the run" in ended["reason"]
    assert ended["next_step"]


def test_single_files_that_vanish_during_the_run_are_said_and_the_run_is_good(service: Service, tmp_path: Path) -> None:
    source, dest = make_tree(tmp_path / "source", 6 * MEBIBYTE), tmp_path / "copy"
    (source / "zz" / "zz vanishes").write_bytes(b"soon gone")
    job_id = service.create(f"{source}/", dest, bandwidth_limit=SLOW)
    run_id = service.start(job_id)
    service.moving(run_id, 20)
    (source / "zz" / "zz vanishes").unlink()
    ended = service.end(run_id)
    assert (ended["state"], ended["exit_code"]) == ("done", 24)
    assert "Some files vanished from the source while it was read." in ended["reason"]
    assert "zz vanishes" in service.log(run_id)


def test_a_destination_that_became_a_file_is_refused(service: Service, tmp_path: Path) -> None:
    dest = tmp_path / "copy"
    job_id = service.create(make_tree(tmp_path / "source"), dest)
    dest.write_text("not a folder")
    error = service.refused_start(job_id)
    assert error["message"] == f"{dest} is a file, not a folder. Choose a folder."
    assert dest.read_text() == "not a folder"


def test_a_file_where_a_folder_has_to_be_is_listed(service: Service, tmp_path: Path) -> None:
    source, dest = make_tree(tmp_path / "source"), tmp_path / "copy"
    (dest / "deeper down" / "plain").mkdir(parents=True)
    (dest / "deeper down" / "plain" / "kept").write_text("a person's own")
    ended = service.backup(service.create(f"{source}/", dest))
    assert ended["state"] == "done_with_warnings"
    assert (dest / "deeper down" / "plain" / "kept").read_text() == "a person's own"
    assert ended["reason"]
    assert ended["next_step"]


def test_files_that_may_not_be_read_are_listed(unprivileged: tuple[Service, Path]) -> None:
    service, place = unprivileged
    source, dest = make_tree(place / "source"), place / "copy"
    (source / "deeper down" / "plain").chmod(0o600)
    (source / "closed").mkdir(mode=0o700)
    job_id = service.create(f"{source}/", dest)
    ended = service.backup(job_id)
    assert ended["state"] == "done_with_warnings", ended
    assert ended["reason"] == "2 files could not be copied. Some files could not be read: permission denied."
    assert ended["next_step"] == "See the list of files. Give the user read access, or leave them out."
    assert sorted(ended["failed_files"]) == [f"{source}/closed", f"{source}/deeper down/plain"]
    page = service.visitor.get(f"/jobs/{job_id}/runs/{ended['run_id']}").words
    assert "deeper down/plain" in page
    assert ended["next_step"] in page
    assert (dest / "plain").read_bytes() == (source / "plain").read_bytes()


def test_a_source_that_may_not_be_read_is_refused_beside_its_field(unprivileged: tuple[Service, Path]) -> None:
    service, place = unprivileged
    closed = place / "closed source"
    closed.mkdir(mode=0o700)
    answer = service.visitor.post("/jobs/create", {"name": "x", "source": str(closed), "dest": str(place / "copy 2")})
    assert answer.status == 422
    assert answer.beside("source") == f"{closed} cannot be read: permission denied. Let this user read it."
    below = service.visitor.post("/jobs/create", {"name": "x", "source": f"{closed}/in", "dest": str(place / "copy 2")})
    assert below.beside("source") == f"{closed}/in cannot be looked at: permission denied. Let this user read it."


def test_a_destination_that_may_not_be_written_is_refused_beside_its_field(unprivileged: tuple[Service, Path]) -> None:
    service, place = unprivileged
    source = make_tree(place / "readable source")
    closed = place / "closed dest"
    closed.mkdir(mode=0o755)
    for dest in (closed, closed / "below"):
        answer = service.visitor.post("/jobs/create", {"name": "x", "source": str(source), "dest": str(dest)})
        assert answer.status == 422
        assert answer.beside("dest") == f"{closed} cannot be written: permission denied. Let this user write there."


def test_a_folder_at_the_destination_that_may_not_be_written_is_named(unprivileged: tuple[Service, Path]) -> None:
    service, place = unprivileged
    source, dest = make_tree(place / "third source"), place / "third copy"
    (dest / "deeper down").mkdir(parents=True)
    os.chown(dest, place.stat().st_uid, place.stat().st_gid)
    ended = service.backup(service.create(f"{source}/", dest))
    assert ended["state"] == "done_with_warnings", ended
    assert ended["reason"].endswith("The destination, or a folder in it, may not be written by this user.")
    assert ended["next_step"] == "Give the user write access there, then start the job again."
    assert ended["failed_count"] >= 1


def test_without_root_a_job_says_that_owners_are_lost(unprivileged: tuple[Service, Path]) -> None:
    service, place = unprivileged
    source = make_tree(place / "fourth source")
    typed = {"name": "x", "source": str(source), "dest": str(place / "fourth copy")}
    assert "does not run as root, so owners are lost" in service.visitor.post("/jobs/check", typed).words
