"""Starting and ending programs."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.process import ROOT, capture, end_groups, scrubbed, spawn_supervisor
from core.process_facts import group_members
from tests.core.arena import wait_for


def test_both_streams_and_the_exit_code_are_captured() -> None:
    found = capture(["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (found.exit_code, found.output, found.timed_out) == (3, b"out\nerr\n", False)


def test_a_program_gets_what_it_is_given() -> None:
    assert capture(["cat"], given=b"\x00typed").output == b"\x00typed"


def test_a_program_that_does_not_end_is_ended_with_its_children(tmp_path: Path) -> None:
    found = capture(["sh", "-c", f"echo $$ > {tmp_path}/pid; sleep 1000 & sleep 1000"], timeout=0.5)
    assert found.timed_out
    group = int((tmp_path / "pid").read_text())
    wait_for(lambda: group_members(group) == [])


@pytest.mark.parametrize(("apart", "stream"), [(False, ""), (True, ">&2")])
def test_a_program_that_says_more_than_is_wanted_is_ended(tmp_path: Path, apart: bool, stream: str) -> None:
    found = capture(["sh", "-c", f"echo $$ > {tmp_path}/pid; yes {stream}"], apart=apart, most=1000)
    assert (found.is_cut, found.timed_out) == (True, False)
    assert found.output + found.errors == b"y\n" * 500
    group = int((tmp_path / "pid").read_text())
    wait_for(lambda: group_members(group) == [])


def test_of_a_program_that_ended_by_itself_no_more_is_read_than_is_wanted() -> None:
    found = capture(["sh", "-c", "echo 12345678; exit 3"], most=4)
    assert (found.output, found.is_cut, found.timed_out) == (b"1234", True, False)
    found = capture(["sh", "-c", "echo 123; exit 3"], most=4)
    assert (found.output, found.is_cut, found.exit_code) == (b"123\n", False, 3)


def test_a_signal_is_a_negative_code() -> None:
    assert capture(["sh", "-c", "kill -9 $$"]).exit_code == -signal.SIGKILL


def test_a_missing_program_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        capture(["/nowhere/program"])


def test_the_environment_is_scrubbed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RSYNC_RSH", "RCLONE_CONFIG", "LD_PRELOAD", "PYTHONPATH", "SECRET_KEY", "BACKUP_MANAGER_PORT"):
        monkeypatch.setenv(name, "evil")
    monkeypatch.setenv("HOME", "/home/a person")
    assert scrubbed({"LC_ALL": "C"}).keys() <= {
        "PATH", "HOME", "USER", "LOGNAME", "TZ", "TMPDIR", "SSH_AUTH_SOCK", "XDG_RUNTIME_DIR", "LC_ALL",
    }  # fmt: skip
    assert scrubbed()["HOME"] == "/home/a person"
    assert b"evil" not in capture(["env"]).output


def test_a_path_is_always_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PATH")
    assert "/usr/bin" in scrubbed()["PATH"]


def test_a_supervisor_gets_its_own_session_and_no_descriptor_of_ours(tmp_path: Path) -> None:
    """It finds no such run and leaves; what it was given is seen before that."""
    folder = tmp_path / "runs" / "job" / "run"
    folder.mkdir(parents=True)
    descriptor = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(descriptor, True)
    try:
        child = spawn_supervisor(folder)
        assert os.getsid(child.pid) == child.pid
        links = [os.path.realpath(f"/proc/{child.pid}/fd/{number}") for number in os.listdir(f"/proc/{child.pid}/fd")]
        assert str(tmp_path) not in links
        assert child.wait(20) == 1
    finally:
        os.close(descriptor)
    assert (folder / "supervisor.log").stat().st_mode & 0o777 == 0o600
    assert "RunNotFound" in (folder / "supervisor.log").read_text()


def test_signals_that_were_ignored_or_blocked_work_again() -> None:
    script = """
import signal
from core.process import reset_signals
reset_signals()
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
print(int(status["SigIgn"], 16), int(status["SigBlk"], 16))
"""
    deaf = f"trap '' HUP INT TERM USR1 PIPE; exec {sys.executable} -sc '{script}'"
    found = subprocess.run(["sh", "-c", deaf], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["0", "0"]


def test_ending_a_group_that_is_gone_is_no_error() -> None:
    child = subprocess.Popen(["true"], process_group=0)
    child.wait()
    end_groups([child.pid], signal.SIGTERM)
    assert child.returncode == 0
