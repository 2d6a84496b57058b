"""The families of storage faults, small; and each once against a broken build, where it must go red."""

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.job_store import JobStore
from tests import build
from tests.faults import family_legacy, family_syscalls, family_yaml_kills, yaml_broken_builds
from tests.faults.yaml_broken_builds import VARIABLE
from tests.whole import some


def test_kills_of_two_writers_tear_nothing_and_lose_nothing(tmp_path: Path) -> None:
    tally = family_yaml_kills.run(build.data_folder(tmp_path), 30, seed=1)
    assert tally.fault == ""
    assert (tally.kills, tally.starts) == (30, 2)


@pytest.mark.parametrize("broken", ["no-lock", "no-atomic-rename"])
def test_the_kill_harness_goes_red_on_a_broken_build(
    tmp_path: Path, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, broken)
    tally = family_yaml_kills.run(build.data_folder(tmp_path), 300, seed=2)
    assert tally.fault != ""


@pytest.mark.parametrize("change", some(["status", "delete"], 0))
def test_a_failed_or_deadly_system_call_leaves_the_old_or_the_new(tmp_path: Path, change: str) -> None:
    tally = family_syscalls.Tally()
    family_syscalls.run(tmp_path / "case", change, tally, every=7)
    assert tally.faults == []
    assert tally.endings["killed"] > 0
    assert tally.endings["refused"] > 0


def test_the_system_call_harness_goes_red_without_an_atomic_rename(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        _prove_broken(tmp_path / "case")
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 3


def _prove_broken(place: Path) -> None:
    """Never returns; in a process of its own, for it breaks the storage of the process it is in."""
    code = 1
    try:
        yaml_broken_builds.apply("no-atomic-rename")
        tally = family_syscalls.Tally()
        family_syscalls.run(place, "status", tally, every=3)
        code = 3 if tally.faults else 0
    finally:
        os._exit(code)


@pytest.fixture
def memory() -> Iterator[Path]:
    """Where a durable write costs little: the contention is what is tested."""
    with tempfile.TemporaryDirectory(dir=family_legacy.in_memory()) as place:
        yield Path(place)


def test_four_legacy_writers_lose_none_of_ours_and_none_of_theirs_is_undone(memory: Path) -> None:
    owner = family_legacy.OWNER if os.geteuid() == 0 else 0
    tally = family_legacy.run(memory, 24, seed=3, owner=owner)
    assert tally.faults == []
    assert (tally.writes >= 24, tally.ours >= 120, sum(tally.kills.values())) == (True, True, 2)
    assert tally.versions > 24


def test_the_legacy_harness_goes_red_where_nothing_is_made_again(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "no-reassertion")
    assert family_legacy.run(memory, 40, seed=4).faults != []


def test_a_writer_stopped_with_the_lock_does_not_freeze_readers(tmp_path: Path) -> None:
    folder = build.data_folder(tmp_path)
    store = JobStore(folder)
    job = store.create(build.job())
    ready, ready_writer = os.pipe()
    child = os.fork()
    if child == 0:
        _stop_with_the_lock(folder.jobs_lock, ready_writer)
    try:
        assert os.read(ready, 1) == b"1"
        os.kill(child, signal.SIGSTOP)
        os.waitpid(child, os.WUNTRACED)
        folder.jobs_file.write_text(folder.jobs_file.read_text().replace("Photos", "Holidays"))
        assert store.get(job.id).name == "Holidays"
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(ready)
        os.close(ready_writer)
    store.set_status(job.id, "running")
    assert store.get(job.id).status == "running"


def _stop_with_the_lock(path: Path, ready: int) -> None:
    """Never returns: holds the lock until it is killed."""
    from storage.file_lock import FileLock

    try:
        with FileLock(path).hold():
            os.write(ready, b"1")
            while True:
                signal.pause()
    finally:
        os._exit(1)
