"""What /proc says: real processes."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.process_facts import (
    RUN_VARIABLE,
    Group,
    boot_id,
    group_members,
    groups_of_run,
    identity,
    io_total,
    is_alive,
    open_files,
)
from tests.core.arena import wait_for


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    child = subprocess.Popen(["sleep", "1000"], process_group=0, env={RUN_VARIABLE: "a-run"})
    yield child
    child.kill()
    child.wait()


def test_a_living_process_is_who_it_was(sleeper: "subprocess.Popen[bytes]") -> None:
    who = identity(sleeper.pid)
    assert is_alive(who)
    assert who is not None
    assert who.boot_id == boot_id() == Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def test_a_zombie_is_dead(sleeper: "subprocess.Popen[bytes]") -> None:
    who = identity(sleeper.pid)
    sleeper.kill()
    wait_for(lambda: identity(sleeper.pid) is None)
    os.kill(sleeper.pid, 0)
    assert not is_alive(who)
    assert group_members(sleeper.pid) == Group(sleeper.pid).members() == []


def test_another_process_with_the_same_pid_is_not_it(sleeper: "subprocess.Popen[bytes]") -> None:
    who = identity(sleeper.pid)
    assert who is not None
    assert not is_alive(who._replace(start_ticks=who.start_ticks - 1))
    assert not is_alive(who._replace(boot_id="00000000-0000-0000-0000-000000000000"))
    assert not is_alive(None)


def test_a_pid_that_nobody_has_is_nobody() -> None:
    assert identity(2**22 + 1) is None


def test_a_name_with_brackets_does_not_confuse(tmp_path: Path) -> None:
    program = tmp_path / ") R 1 1 ("
    program.symlink_to("/bin/sleep")
    child = subprocess.Popen([str(program), "1000"])
    try:
        who = wait_for(lambda: identity(child.pid))
        assert is_alive(who)
        assert who is not None
        assert who.start_ticks > 1
    finally:
        child.kill()
        child.wait()


def test_a_group_knows_all_its_living_members_at_every_look() -> None:
    child = subprocess.Popen(["sh", "-c", "sleep 1000 & read line; sleep 1000"], process_group=0, stdin=subprocess.PIPE)
    group = Group(child.pid)
    try:
        wait_for(lambda: len(group.members()) == 2)
        assert child.pid in group.members()
        assert child.stdin is not None
        child.stdin.write(b"\n")
        child.stdin.close()
        wait_for(lambda: len(group.members()) == 3)
        assert group.members() == sorted(group_members(child.pid))
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    wait_for(lambda: group.members() == [])


def test_a_run_is_found_by_its_mark(sleeper: "subprocess.Popen[bytes]") -> None:
    assert wait_for(lambda: groups_of_run("a-run")) == [sleeper.pid]
    assert groups_of_run("a-ru") == []


def test_a_tool_that_is_just_being_executed_is_found_by_its_session() -> None:
    """Without an environment, as every process is for a moment in execve."""
    child = subprocess.Popen(["sleep", "1000"], env={}, start_new_session=True)
    try:
        assert wait_for(lambda: groups_of_run("a-run", child.pid)) == [child.pid]
        assert groups_of_run("a-run") == groups_of_run("a-run", os.getsid(0)) == []
    finally:
        child.kill()
        child.wait()


def test_our_own_group_is_never_a_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    child = subprocess.Popen(["sleep", "1000"], env={RUN_VARIABLE: "our-own"})
    try:
        assert groups_of_run("our-own") == []
    finally:
        child.kill()
        child.wait()


@pytest.mark.parametrize("place", ["tmp", "/dev/shm"])
def test_open_files_are_told_with_their_use(tmp_path: Path, place: str) -> None:
    folder = tmp_path if place == "tmp" else Path(place)
    name = folder / f"bm \n test {os.getpid()}"
    reading, writing = f"{name}.r", f"{name}.w"
    Path(reading).touch()
    try:
        with open(reading) as one, open(writing, "w") as two, open("/dev/null") as nothing:
            found = open_files([os.getpid()])
            assert (reading, False) in found
            assert (writing, True) in found
            assert not [path for path, _ in found if path.startswith(("/dev/null", "/proc/"))]
            assert not one.closed
            assert not two.closed
            assert not nothing.closed
    finally:
        Path(reading).unlink()
        Path(writing).unlink()


def test_a_process_that_is_gone_has_nothing_open() -> None:
    assert open_files([2**22 + 1]) == []
    assert io_total([2**22 + 1]) == 0


def test_reading_counts_as_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 100_000)
    before = io_total([os.getpid()])
    (tmp_path / "file").read_bytes()
    assert io_total([os.getpid()]) >= before + 100_000
