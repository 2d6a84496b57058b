"""Runs on disk: claimed once, recorded durably, ended once, found again from anywhere."""

import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.errors import JobBusy, JobNotFound, RunNotFound, StoreUnavailable
from models.progress import Progress
from models.run import Run, RunState
from storage.data_folder import DataFolder
from storage.run_store import RunStore
from tests import build
from tests.build import JOB_ID, MOMENT


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return build.data_folder(tmp_path)


@pytest.fixture
def store(folder: DataFolder) -> RunStore:
    return RunStore(folder)


def ended(store: RunStore, **changes: object) -> Run:
    """A cancelled run, recorded everywhere."""
    run = build.run(**changes)
    store.create(run, {})
    run = run.moved(RunState.CANCELLED, MOMENT)
    store.finish(run)
    return run


def test_a_created_run_is_active_and_private(folder: DataFolder, store: RunStore) -> None:
    run = build.run()
    before = os.umask(0)
    try:
        store.create(run, {"steps": ["ä"]})
    finally:
        os.umask(before)
    place = folder.run_folder(JOB_ID, run.id)
    assert store.active() == ((JOB_ID, run.id),)
    assert store.read(JOB_ID, run.id) == store.find(run.id) == run
    assert store.spec(JOB_ID, run.id) == {"steps": ["ä"]}
    assert {path.stat().st_mode & 0o777 for path in place.iterdir()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (place, place.parent)} == {0o700}


def test_a_run_is_claimed_once(store: RunStore) -> None:
    run = build.run()
    store.create(run, {})
    with pytest.raises(JobBusy):
        store.create(run, {})
    assert store.active() == ((JOB_ID, run.id),)


def test_claiming_an_ended_run_again_does_not_wake_it(store: RunStore) -> None:
    run = ended(store)
    with pytest.raises(JobBusy):
        store.create(run, {})
    assert store.active() == ()


def test_two_processes_claim_one_run_once(folder: DataFolder) -> None:
    runs = [build.run() for _ in range(20)]
    children = [_claimer(folder, runs) for _ in range(2)]
    won = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert sum(won) == 20


def _claimer(folder: DataFolder, runs: list[Run]) -> int:
    child = os.fork()
    if child == 0:
        won = 0
        try:
            for run in runs:
                try:
                    RunStore(folder).create(run, {})
                    won += 1
                except JobBusy:
                    pass
        finally:
            os._exit(won)
    return child


def test_a_create_that_fails_leaves_nothing(folder: DataFolder, store: RunStore) -> None:
    run = build.run()
    folder.runs.rmdir()
    with pytest.raises(StoreUnavailable):
        store.create(run, {})
    assert store.active() == ()
    assert list(folder.active.iterdir()) == []


def test_what_is_written_is_read(store: RunStore) -> None:
    run = build.run()
    store.create(run, {})
    run = run.moved(RunState.STARTING, MOMENT, progress=Progress(7, 9, 77.7, current_file="a\udcffb"))
    store.write(run)
    assert store.read(JOB_ID, run.id) == run


def test_an_end_is_recorded_once_however_often_it_is_told(folder: DataFolder, store: RunStore) -> None:
    run = ended(store)
    store.finish(run)
    store.finish(run)
    assert store.active() == ()
    assert store.history(JOB_ID) == (run,)
    assert store.last(JOB_ID) == run
    assert store.ended_since(0)[0] == ((JOB_ID, run.id),)
    assert (folder.job_folder(JOB_ID) / "history.jsonl").stat().st_mode & 0o777 == 0o600


def test_only_an_end_is_an_end(store: RunStore) -> None:
    run = build.run()
    store.create(run, {})
    with pytest.raises(ValueError, match="has not ended"):
        store.finish(run)


def test_an_end_told_halfway_is_completed(folder: DataFolder, store: RunStore) -> None:
    run = build.run()
    store.create(run, {})
    run = run.moved(RunState.CANCELLED, MOMENT)
    history = folder.job_folder(JOB_ID) / "history.jsonl"
    whole = json.dumps({"id": run.id, "state": "cancelled"})
    history.write_text(whole[: len(whole) // 2])
    folder.ended_file.write_text('{"job_id": "x')
    store.finish(run)
    assert store.history(JOB_ID) == (run,)
    assert store.ended_since(0)[0] == ((JOB_ID, run.id),)


def test_history_is_newest_first_and_pages(store: RunStore) -> None:
    runs = [ended(store, id=f"20261121T07020412{digit}Z-abcdef") for digit in range(7)][::-1]
    assert store.history(JOB_ID) == tuple(runs)
    assert store.history(JOB_ID, limit=3) == tuple(runs[:3])
    assert store.history(JOB_ID, limit=3, before=runs[2].id) == tuple(runs[3:6])
    assert store.history(JOB_ID, before=runs[-1].id) == ()


def test_the_last_run_is_seen_when_another_process_ends_one(folder: DataFolder, store: RunStore) -> None:
    assert store.last(JOB_ID) is None
    first = ended(RunStore(folder))
    assert store.last(JOB_ID) == first
    second = ended(RunStore(folder))
    assert store.last(JOB_ID) == second


def test_an_ended_run_is_found_without_its_folder(folder: DataFolder, store: RunStore) -> None:
    run = ended(store)
    for path in folder.run_folder(JOB_ID, run.id).iterdir():
        path.unlink()
    folder.run_folder(JOB_ID, run.id).rmdir()
    assert store.read(JOB_ID, run.id) == store.find(run.id) == run


@pytest.mark.parametrize("run_id", ["20261121T070204123Z-000000", "../../etc", "", "x" * 500])
def test_an_unknown_run_is_not_found(store: RunStore, run_id: str) -> None:
    for lookup in (lambda: store.find(run_id), lambda: store.read(JOB_ID, run_id), lambda: store.live_path(run_id)):
        with pytest.raises(RunNotFound):
            lookup()


def test_ids_are_checked_before_they_meet_a_path(store: RunStore) -> None:
    with pytest.raises(JobNotFound):
        store.history("../x")


def test_what_ended_is_heard_from_a_position_on(store: RunStore) -> None:
    assert store.ended_since(store.ended_position()) == ((), 0)
    first = ended(store)
    pairs, position = store.ended_since(0)
    second = ended(store)
    assert pairs == ((JOB_ID, first.id),)
    assert store.ended_since(position) == (((JOB_ID, second.id),), store.ended_position())


def test_a_stream_that_was_cut_is_heard_from_its_start(folder: DataFolder, store: RunStore) -> None:
    ended(store)
    second = ended(store)
    _, position = store.ended_since(0)
    folder.ended_file.write_text(folder.ended_file.read_text().splitlines(keepends=True)[1])
    assert store.ended_since(position) == (((JOB_ID, second.id),), store.ended_position())


def test_the_stream_of_ends_stays_short(folder: DataFolder, store: RunStore) -> None:
    folder.ended_file.write_text('{"job_id": "a", "run_id": "b"}\n' * 40_000)
    run = ended(store)
    assert store.ended_position() < 70_000
    assert store.ended_since(0)[0][-1] == (JOB_ID, run.id)


def test_an_order_is_left_and_found(store: RunStore) -> None:
    run = build.run()
    store.create(run, {})
    assert store.requested(JOB_ID, run.id) == ""
    store.request(JOB_ID, run.id, "pause")
    assert store.requested(JOB_ID, run.id) == "pause"


@pytest.fixture
def in_memory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as place:  # a tmpfs everywhere
        yield Path(place)


@pytest.mark.parametrize("has_runtime_folder", [True, False])
def test_live_figures_are_found_by_every_process(
    folder: DataFolder, in_memory: Path, monkeypatch: pytest.MonkeyPatch, has_runtime_folder: bool
) -> None:
    runtime = in_memory / "runtime"
    runtime.mkdir()
    if has_runtime_folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    store = RunStore(folder)
    run = build.run()
    store.create(run, {})
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert store.read_live(JOB_ID, run.id) is None
    store.write_live(run._replace(seq=4))
    assert RunStore(folder).read_live(JOB_ID, run.id) == run._replace(seq=4)
    path = RunStore(folder).live_path(run.id)
    assert path.is_relative_to(runtime) == has_runtime_folder
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    store.remove_live(run)
    assert not path.exists()
    path.parent.rmdir() if not any(path.parent.iterdir()) else None
    store.write_live(run)
    assert path.exists()
    store.finish(run.moved(RunState.CANCELLED, MOMENT))
    assert not path.exists()


def test_live_figures_never_wait_for_a_disk(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from storage import live_figures

    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(live_figures, "file_system_type", lambda path: "ext4" if path == tmp_path else "tmpfs")
    chosen = live_figures.choose_live_folder(folder.root)
    assert chosen is not None
    assert not chosen.is_relative_to(tmp_path)
    chosen.rmdir()
    monkeypatch.setattr(live_figures, "file_system_type", lambda path: "overlay")
    assert live_figures.choose_live_folder(folder.root) is None


def test_a_folder_that_somebody_else_prepared_is_not_used(tmp_path: Path) -> None:
    from storage.live_figures import make_private

    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").write_text("")
    assert not make_private(tmp_path / "link")
    assert not make_private(tmp_path / "file")
    assert not make_private(tmp_path / "none" / "x")


def test_one_supervisor_has_the_right_to_a_run(folder: DataFolder, store: RunStore) -> None:
    run = build.run()
    store.create(run, {})
    lock = store.lock(JOB_ID, run.id)
    assert lock is not None
    assert not os.get_inheritable(lock.descriptor)
    assert RunStore(folder).lock(JOB_ID, run.id) is None
    lock.release()
    again = store.lock(JOB_ID, run.id)
    assert again is not None
    again.release()


def test_there_is_no_right_to_a_run_that_is_not_there(store: RunStore) -> None:
    with pytest.raises(RunNotFound):
        store.lock(JOB_ID, build.run().id)


def test_a_marker_without_a_run_goes_when_it_is_old(folder: DataFolder, store: RunStore) -> None:
    marker = folder.active / build.run().id
    marker.write_text(JOB_ID)
    assert store.active() == ()
    assert marker.exists()
    os.utime(marker, (time.time() - 60,) * 2)
    assert store.active() == ()
    assert not marker.exists()


def test_a_removed_job_leaves_no_run(folder: DataFolder, store: RunStore) -> None:
    ended(store)
    run = build.run()
    store.create(run, {})
    store.write_live(run)
    path = store.live_path(run.id)
    store.remove_job(JOB_ID)
    assert (store.active(), store.history(JOB_ID), store.last(JOB_ID)) == ((), (), None)
    assert not path.exists()
    assert not folder.job_folder(JOB_ID).exists()
