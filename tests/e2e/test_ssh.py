"""Copies to and from an ssh host, and everything that keeps one from being reached, with a real sshd."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e.remote_hosts import SilentHost, SshHost, fingerprint, make_key
from tests.e2e.service import Disk, Service
from tests.e2e.trees import LARGE_FILE, MEBIBYTE, contents, leftovers, make_tree
from tests.e2e.waiting import until

SLOW = 1000  # KiB/s: what is to be caught in its midst lasts for seconds on a busy machine too
CANARY_NAME = 'it\'s "a" `touch canary1` $(touch canary2) $HOME ; touch canary3 & | > canary4 \\ <b>'
LARGE = 8 * MEBIBYTE


@pytest.mark.both_modes
@pytest.mark.parametrize("direction", ["push", "pull"])
def test_a_copy_over_ssh_is_paused_resumed_and_identical(
    service: Service, known_sshd: SshHost, tmp_path: Path, direction: str
) -> None:
    source, dest = make_tree(tmp_path / "source", LARGE), tmp_path / "copy"
    here, there = f"{source}/", str(dest)
    sides = (here, known_sshd.address(there)) if direction == "push" else (known_sshd.address(here), there)
    job_id = service.create(*sides, bandwidth_limit=SLOW, **known_sshd.access)

    first = service.start(job_id)
    service.moving(first, 30)
    service.pause(job_id)
    paused = service.end(first)
    assert (paused["state"], paused["reason"]) == ("paused", "Paused. What was copied is kept.")

    service.change(job_id, bandwidth_limit=0)
    second = service.start(job_id)
    done = service.end(second)
    assert done["state"] == "done", service.log(second)
    assert contents(dest) == contents(source)
    assert leftovers(dest) == []
    assert done["resumes"] == first
    assert done["result"]["files_transferred"] < done["result"]["files_seen"] / 2
    assert done["result"]["literal_bytes"] < LARGE, "what the paused run had sent of the large file was not used"


def test_a_remote_name_full_of_shell_signs_is_a_name(service: Service, known_sshd: SshHost, tmp_path: Path) -> None:
    there = tmp_path / "there" / CANARY_NAME
    source = make_tree(tmp_path / "source")

    pushed = service.backup(service.create(f"{source}/", known_sshd.address(there), **known_sshd.access))
    assert pushed["state"] == "done", pushed
    assert contents(there) == contents(source)

    back = tmp_path / "back"
    pulled = service.backup(service.create(known_sshd.address(f"{there}/"), back, **known_sshd.access))
    assert pulled["state"] == "done", pulled
    assert contents(back) == contents(source)
    assert list((tmp_path / "there").iterdir()) == [there]
    assert not list(Path.home().glob("canary*"))


def test_a_wildcard_at_the_other_host_is_a_name_too(service: Service, known_sshd: SshHost, tmp_path: Path) -> None:
    for name in ("[ab] * ?", "a", "b", "[ab] x y"):
        make_tree(tmp_path / "there" / name)
    back = tmp_path / "back"
    done = service.backup(
        service.create(known_sshd.address(tmp_path / "there" / "[ab] * ?"), back, **known_sshd.access)
    )
    assert done["state"] == "done", done
    assert os.listdir(back) == ["[ab] * ?"]


def test_an_unknown_host_is_refused_until_its_fingerprint_is_confirmed(
    service: Service, sshd: SshHost, tmp_path: Path
) -> None:
    source, dest = make_tree(tmp_path / "source"), tmp_path / "copy"
    job_id = service.create(f"{source}/", sshd.address(dest), **sshd.access)
    error = service.refused_start(job_id)
    assert error["code"] == "host_key_unknown"
    assert "127.0.0.1" in error["message"]
    assert service.runs(job_id) == []

    question = service.visitor.post(f"/jobs/{job_id}/start")
    assert question.status == 409
    assert sshd.fingerprint in question.words
    shown = question.all_values("fingerprint")
    assert shown == [f"{sshd.fingerprint} (ED25519)"]

    other = f"{fingerprint(sshd.foreign_key)} (ED25519)"
    foreign = service.visitor.post(f"/jobs/{job_id}/host-key", {"fingerprint": other})
    assert foreign.status in {409, 422}
    assert service.refused_start(job_id)["code"] == "host_key_unknown"

    accepted = service.visitor.post(f"/jobs/{job_id}/host-key", [("fingerprint", value) for value in shown])
    assert (accepted.status, accepted.location) == (303, f"/jobs/{job_id}")
    assert service.backup(job_id)["state"] == "done"
    assert contents(dest) == contents(source)


def test_a_changed_host_key_stops_the_job_until_the_new_one_is_confirmed(
    service: Service, known_sshd: SshHost, tmp_path: Path
) -> None:
    job_id = service.create(make_tree(tmp_path / "source"), known_sshd.address(tmp_path / "copy"), **known_sshd.access)
    assert service.backup(job_id)["state"] == "done"
    known_sshd.set_up_anew()

    failed = service.end(service.start(job_id), 10)
    assert failed["state"] == "failed"
    assert "another key than the one that was accepted" in failed["reason"]
    assert "accept it" in failed["next_step"]

    question = service.visitor.get(f"/jobs/{job_id}/host-key")
    assert known_sshd.fingerprint in question.words
    accepted = service.visitor.post(f"/jobs/{job_id}/host-key", {"fingerprint": question.values["fingerprint"]})
    assert accepted.status == 303, accepted.words
    assert service.backup(job_id)["state"] == "done"


def test_a_key_that_is_not_there_is_named(service: Service, known_sshd: SshHost, tmp_path: Path) -> None:
    missing = tmp_path / "no such key"
    ssh = {"port": known_sshd.port, "key": str(missing)}
    job_id = service.create(make_tree(tmp_path / "source"), known_sshd.address(tmp_path / "copy"), ssh=ssh)
    failed = service.end(service.start(job_id), 10)
    assert (failed["state"], failed["reason"]) == ("failed", f"The private key {missing} cannot be read.")
    assert failed["next_step"]


def test_a_key_that_the_host_does_not_know_is_refused_without_a_prompt(
    service: Service, known_sshd: SshHost, tmp_path: Path
) -> None:
    ssh = {"port": known_sshd.port, "key": str(known_sshd.foreign_key)}
    job_id = service.create(make_tree(tmp_path / "source"), known_sshd.address(tmp_path / "copy"), ssh=ssh)
    failed = service.end(service.start(job_id), 10)
    assert failed["state"] == "failed"
    assert failed["reason"] == "The host refused the login: it does not know this user or this key."
    assert "assword:" not in service.log(failed["run_id"])


def test_a_key_with_a_passphrase_is_refused_without_a_prompt(
    service: Service, known_sshd: SshHost, tmp_path: Path
) -> None:
    locked = make_key(tmp_path / "locked")
    assert os.spawnlp(os.P_WAIT, "ssh-keygen", "ssh-keygen", "-q", "-p", "-N", "secret words", "-f", str(locked)) == 0
    ssh = {"port": known_sshd.port, "key": str(locked)}
    job_id = service.create(make_tree(tmp_path / "source"), known_sshd.address(tmp_path / "copy"), ssh=ssh)
    failed = service.end(service.start(job_id), 10)
    assert failed["state"] == "failed"
    assert failed["reason"]
    assert failed["next_step"]


def test_a_host_that_refuses_connections_is_waited_for_and_said_so(
    service: Service, known_sshd: SshHost, tmp_path: Path
) -> None:
    job_id = service.create(
        make_tree(tmp_path / "source"), known_sshd.address(tmp_path / "copy"), max_retries=3, **known_sshd.access
    )
    known_sshd.stop()
    run_id = service.start(job_id)
    waiting = service.noted(run_id, "for 127.0.0.1 to answer")
    assert waiting["reason"] == "The host refused the connection: nothing listens on that port."
    page = service.visitor.get(f"/jobs/{job_id}/runs/{run_id}").words
    assert waiting["note"] in page
    assert waiting["reason"] in page

    known_sshd.start()
    assert service.end(run_id, 60)["state"] == "done"


def test_a_host_that_never_answers_is_a_sentence_within_ten_seconds(
    service: Service, sshd: SshHost, tmp_path: Path
) -> None:
    """Asked for its key at the same time, which keeps nobody else waiting."""
    with SilentHost() as silent:
        ssh = {"port": silent.port, "key": str(sshd.key)}
        job_id = service.create(make_tree(tmp_path / "source"), sshd.address(tmp_path / "copy"), ssh=ssh)
        with (service.data / "known_hosts").open("a") as known:
            known.write(f"[127.0.0.1]:{silent.port} {Path(f'{sshd.host_key}.pub').read_text()}")
        begun = time.monotonic()
        run_id = service.start(job_id)
        with ThreadPoolExecutor(1) as other:
            asked = other.submit(service.visitor.get, f"/jobs/{job_id}/host-key")
            waiting = service.wait(run_id, "waiting", seconds=10)
            answer = asked.result(10 - (time.monotonic() - begun))
        assert waiting["reason"] == "The host did not answer in time."
        assert waiting["note"] in {"asking whether 127.0.0.1 answers", "for 127.0.0.1 to answer"}
        assert answer.status == 409
        assert f"No ssh server showed a key at 127.0.0.1, port {silent.port}, within 8 seconds." in answer.words
        assert service.ask("POST", f"/jobs/{job_id}/cancel", {})[0] == 202
        assert service.end(run_id, 3)["state"] == "cancelled"


def test_a_link_that_breaks_is_taken_up_again_by_itself(service: Service, known_sshd: SshHost, tmp_path: Path) -> None:
    source, dest = make_tree(tmp_path / "source", LARGE), tmp_path / "copy"
    job_id = service.create(f"{source}/", known_sshd.address(dest), bandwidth_limit=SLOW, **known_sshd.access)
    run_id = service.start(job_id)
    service.moving(run_id, 30)
    assert known_sshd.cut()
    waiting = service.noted(run_id, "trying again in ")
    assert waiting["reason"]
    done = service.wait(run_id, "done")
    assert (done["attempt"], done["percent"]) == (2, 100)
    assert contents(dest) == contents(source)
    assert leftovers(dest) == []


def test_the_server_that_dies_in_the_middle_of_a_pull_leaves_nothing_half(
    service: Service, known_sshd: SshHost, tmp_path: Path
) -> None:
    source, dest = make_tree(tmp_path / "source", LARGE), tmp_path / "copy"
    job_id = service.create(known_sshd.address(f"{source}/"), dest, bandwidth_limit=SLOW, **known_sshd.access)
    run_id = service.start(job_id)
    service.moving(run_id, 30)
    assert known_sshd.cut()
    known_sshd.stop()
    service.pause(job_id)
    assert service.end(run_id)["state"] == "paused"
    assert not (dest / LARGE_FILE).exists()
    known_sshd.start()
    service.change(job_id, bandwidth_limit=0)
    assert service.backup(job_id)["state"] == "done"
    assert contents(dest) == contents(source)
    assert leftovers(dest) == []


def test_a_link_that_falls_silent_is_named_and_the_run_can_be_paused(
    service: Service, known_sshd: SshHost, tmp_path: Path
) -> None:
    source, dest = make_tree(tmp_path / "source", LARGE), tmp_path / "copy"
    job_id = service.create(
        f"{source}/", known_sshd.address(dest), bandwidth_limit=SLOW, stall_minutes=0.05, **known_sshd.access
    )
    run_id = service.start(job_id)
    service.moving(run_id, 30)
    assert known_sshd.freeze()
    until(lambda: service.run(run_id)["note"].startswith("stalled for "), 15, "the stall")
    service.pause(job_id)
    assert service.end(run_id, 13)["state"] == "paused"
    assert known_sshd.cut()

    service.change(job_id, bandwidth_limit=0)
    assert service.backup(job_id)["state"] == "done"
    assert contents(dest) == contents(source)
    assert leftovers(dest) == []


def test_a_run_that_waits_for_a_silent_host_is_paused_at_once(service: Service, sshd: SshHost, tmp_path: Path) -> None:
    with SilentHost() as silent:
        ssh = {"port": silent.port, "key": str(sshd.key)}
        job_id = service.create(make_tree(tmp_path / "source"), sshd.address(tmp_path / "copy"), ssh=ssh)
        with (service.data / "known_hosts").open("a") as known:
            known.write(f"[127.0.0.1]:{silent.port} {Path(f'{sshd.host_key}.pub').read_text()}")
        run_id = service.start(job_id)
        service.wait(run_id, "checking")
        service.pause(job_id)
        assert service.end(run_id, 3)["state"] == "paused"


def test_a_full_disk_at_the_other_host_is_named(
    service: Service, known_sshd: SshHost, tmp_path: Path, disk: Disk
) -> None:
    full = disk("4m")
    job_id = service.create(make_tree(tmp_path / "source", LARGE), known_sshd.address(full), **known_sshd.access)
    failed = service.backup(job_id)
    assert (failed["state"], failed["exit_code"]) == ("failed", 11)
    # The far rsync's own words do not always arrive before the connection ends.
    assert failed["reason"] in {"The destination is full.", "A file could not be written at the destination."}
    assert "ree space" in failed["next_step"]


def test_a_missing_folder_at_the_other_host_is_named(service: Service, known_sshd: SshHost, tmp_path: Path) -> None:
    job_id = service.create(known_sshd.address(tmp_path / "nowhere"), tmp_path / "copy", **known_sshd.access)
    failed = service.backup(job_id)
    assert failed["state"] == "done_with_warnings", failed
    assert failed["reason"].endswith("The source was not found.")
    assert failed["next_step"] == "Check the source's path, and that its disk is mounted."


def test_every_connection_is_gone_at_the_end(service: Service, known_sshd: SshHost, tmp_path: Path) -> None:
    job_id = service.create(make_tree(tmp_path / "source"), known_sshd.address(tmp_path / "copy"), **known_sshd.access)
    assert service.backup(job_id)["state"] == "done"
    until(lambda: not known_sshd.sessions(), 5, "no connection is left")
