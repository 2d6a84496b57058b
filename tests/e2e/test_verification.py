"""Copies on other hosts compared with their source, by ssh and by a daemon: proven, or a flipped bit found."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.remote_hosts import PASSWORD, RsyncDaemon, SshHost
from tests.e2e.service import Service
from tests.e2e.trees import HARD_NAMES, make_tree
from tests.e2e.waiting import until

FILES = 2 * len(HARD_NAMES)


def verified(service: Service, job_id: str) -> dict[str, Any]:
    status, answer = service.ask("POST", f"/jobs/{job_id}/verify", {})
    assert status == 202, answer
    return service.end(str(answer["data"]["run_id"]))


def proven_at(service: Service, job_id: str) -> Any:
    return service.ask("GET", f"/jobs/{job_id}")[1]["data"]["last_proven_at"]


def flip(path: Path) -> None:
    """One bit; size and time stay."""
    status, content = path.stat(), bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def is_proven_then_found_out(service: Service, job_id: str, copy: Path) -> None:
    first = service.backup(job_id)
    assert first["state"] == "done", service.log(first["id"])
    assert f"{FILES} files compared, " in first["reason"]
    until(lambda: proven_at(service, job_id) == first["ended_at"], 10, "the proof on the job")
    flip(copy / "deeper down" / "new\nline")
    flip(copy / os.fsdecode(b"\xff\xfe raw"))
    run = verified(service, job_id)
    assert run["state"] == "failed", service.log(run["id"])
    assert "2 files at the destination differ from the source" in run["reason"]
    _, answer = service.ask("GET", f"/runs/{run['id']}/findings?what=mismatch")
    assert len(answer["data"]) == 2, answer
    assert "deeper down/new" in str(answer["data"])
    again = service.backup(job_id)
    assert again["state"] == "failed", "a fast copy sees no flipped bit, but the comparison behind it does"
    assert proven_at(service, job_id) == first["ended_at"]
    service.change(job_id, verify="checksum")
    assert service.backup(job_id)["state"] == "done_with_warnings"
    good = verified(service, job_id)
    assert good["state"] == "done", service.log(good["id"])
    until(lambda: proven_at(service, job_id) == good["ended_at"], 10, "the new proof on the job")


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_a_copy_over_ssh_is_proven_and_a_flipped_bit_found(
    service: Service, known_sshd: SshHost, tmp_path: Path, direction: str
) -> None:
    source, copy = make_tree(tmp_path / "source"), tmp_path / "copy"
    here, there = f"{source}/", str(copy)
    sides = (here, known_sshd.address(there)) if direction == "push" else (known_sshd.address(here), there)
    job_id = service.create(*sides, verify="verify_after", **known_sshd.access)
    is_proven_then_found_out(service, job_id, copy)


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_a_copy_by_a_daemon_is_proven_and_a_flipped_bit_found(
    service: Service, rsync_daemon: RsyncDaemon, tmp_path: Path, direction: str
) -> None:
    far, near = rsync_daemon.module / "photos", tmp_path / "near"
    source, copy = (near, far) if direction == "push" else (far, near)
    make_tree(source)
    sides = (f"{near}/", rsync_daemon.address("photos"))
    if direction == "pull":
        sides = (rsync_daemon.address("photos/"), str(near))
    job_id = service.create(*sides, PASSWORD, verify="verify_after")
    is_proven_then_found_out(service, job_id, copy)
