"""One holder at a time, between processes and threads; a holder that never lets go costs a refusal."""

import os
import signal
import threading
from pathlib import Path

import pytest

from models.errors import StoreUnavailable
from storage.file_lock import FileLock, try_lock


def test_a_lock_that_is_never_let_go_costs_patience_only(tmp_path: Path) -> None:
    descriptor = try_lock(tmp_path / "jobs.lock")
    assert descriptor is not None
    with (
        pytest.raises(StoreUnavailable, match="jobs is being written by another program"),
        FileLock(tmp_path / "jobs.lock", patience=0.05).hold(),
    ):
        raise AssertionError("two holders")
    os.close(descriptor)
    with FileLock(tmp_path / "jobs.lock", patience=0.05).hold():
        assert try_lock(tmp_path / "jobs.lock") is None


def test_threads_of_one_process_take_turns(tmp_path: Path) -> None:
    entered: list[str] = []
    inside, release = threading.Event(), threading.Event()

    def first() -> None:
        with FileLock(tmp_path / "lock").hold():
            inside.set()
            release.wait(10)
            entered.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(10)
    with pytest.raises(StoreUnavailable), FileLock(tmp_path / "lock", patience=0.05).hold():
        raise AssertionError("two holders")
    release.set()
    with FileLock(tmp_path / "lock").hold():
        entered.append("second")
    thread.join()
    assert entered == ["first", "second"]


def test_a_killed_holder_lets_go(tmp_path: Path) -> None:
    ready, ready_writer = os.pipe()
    child = os.fork()
    if child == 0:
        try_lock(tmp_path / "lock")
        os.write(ready_writer, b"1")
        signal.pause()
        os._exit(0)
    os.close(ready_writer)
    assert os.read(ready, 1) == b"1"
    os.kill(child, 9)
    os.waitpid(child, 0)
    os.close(ready)
    with FileLock(tmp_path / "lock", patience=1.0).hold():
        assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600


def test_a_stopped_waiter_holds_nobody_up_for_long(tmp_path: Path) -> None:
    stopped = try_lock(tmp_path / "lock.queue")
    assert stopped is not None
    with FileLock(tmp_path / "lock", patience=5.0).hold():
        assert try_lock(tmp_path / "lock") is None
    os.close(stopped)


def test_a_lock_in_no_folder_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="Nothing was changed"), FileLock(tmp_path / "none" / "lock").hold():
        raise AssertionError("held")


def test_descriptors_are_not_inherited(tmp_path: Path) -> None:
    descriptor = try_lock(tmp_path / "lock")
    assert descriptor is not None
    assert not os.get_inheritable(descriptor)
    os.close(descriptor)
