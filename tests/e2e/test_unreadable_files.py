"""Files and folders that may not be read, made readable, and copied alone: by real tools, over the JSON API."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.service import Service

HARD = "new\nline [x] -v"


def made(place: Path, name: str, engine: str, service: Service) -> tuple[Path, Path, str]:
    """A source with files in two folders, all of nobody's, and the job that copies it."""
    source, dest = place / f"{name} {engine}", place / f"{name} {engine} copy"
    for file in ("fine", HARD, "closed/inside", "closed/deep/inside"):
        (source / file).parent.mkdir(parents=True, exist_ok=True)
        (source / file).write_text(file)
    for path in (source, *source.rglob("*")):
        os.chown(path, place.stat().st_uid, place.stat().st_gid)
    draft = {"name": name, "type": engine, "source": f"{source}/", "dest": str(dest), "settings": {}}
    return source, dest, service.ask("POST", "/jobs", draft)[1]["data"]["id"]


def retry(service: Service, run: dict[str, Any]) -> tuple[int, Any]:
    return service.ask("POST", f"/jobs/{run['job_id']}/runs/{run['run_id']}/retry-failed", {})


def failed(service: Service, run: dict[str, Any]) -> list[str]:
    return [row["name"] for row in service.ask("GET", f"/runs/{run['run_id']}/findings?what=failed")[1]["data"]]


@pytest.mark.parametrize("engine", ["rsync", "rclone"])
def test_an_unreadable_file_is_copied_alone_once_it_may_be_read(
    unprivileged: tuple[Service, Path], engine: str
) -> None:
    service, place = unprivileged
    source, dest, job_id = made(place, "file", engine, service)
    (source / HARD).chmod(0)
    left = service.backup(job_id)
    assert left["state"] == ("done_with_warnings" if engine == "rsync" else "failed"), left
    assert failed(service, left) == [HARD]
    again = service.end(retry(service, left)[1]["data"]["run_id"])
    assert failed(service, again) == [HARD], "it still may not be read"
    (source / HARD).chmod(0o600)
    (source / "new since").write_text("for the next run")
    done = service.end(retry(service, again)[1]["data"]["run_id"])
    assert (done["kind"], done["state"], done["retries"]) == ("retry", "done", left["run_id"])
    assert done["result"]["files_transferred"] == 1
    assert (dest / HARD).read_text() == HARD
    assert not (dest / "new since").exists()
    job = service.ask("GET", f"/jobs/{job_id}")[1]["data"]
    assert (job["state"], job["status"]) == ("done", "completed")
    assert retry(service, left)[0] == 409


def test_rsync_copies_a_folder_that_could_not_be_opened_with_all_it_holds(unprivileged: tuple[Service, Path]) -> None:
    service, place = unprivileged
    source, dest, job_id = made(place, "folder", "rsync", service)
    (source / "closed").chmod(0)
    left = service.backup(job_id)
    assert failed(service, left) == ["closed/"]
    (source / "closed").chmod(0o700)
    done = service.end(retry(service, left)[1]["data"]["run_id"])
    assert (done["state"], done["result"]["files_transferred"]) == ("done", 2)
    assert (dest / "closed/deep/inside").read_text() == "closed/deep/inside"


def test_a_folder_that_rclone_could_not_list_takes_the_whole_job(unprivileged: tuple[Service, Path]) -> None:
    service, place = unprivileged
    source, dest, job_id = made(place, "folder", "rclone", service)
    (source / "closed").chmod(0)
    left = service.backup(job_id)
    assert failed(service, left) == ["closed/"]
    (source / "closed").chmod(0o700)
    status, answer = retry(service, left)
    assert status == 409
    assert "cannot be copied alone" in answer["error"]["message"]
    assert service.backup(job_id)["state"] == "done"
    assert (dest / "closed/deep/inside").read_text() == "closed/deep/inside"
