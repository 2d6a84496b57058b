"""What a foreign rewrite of jobs.yaml undid of ours is made again; what a person did there stands."""

import os
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml

from models.job import Job, JobSettings
from models.progress import Progress
from storage import shared_file
from storage.change_journal import Change, ChangeJournal
from storage.data_folder import DataFolder
from storage.exchange import exchange
from storage.job_status import write_status
from storage.job_store import JobStore
from tests import build
from tests.faults.legacy_watch import structure_fault
from tests.stand_ins import legacy_writer
from tests.storage.test_job_store import SAMPLES
from utils.clock import SystemClock


class LaterClock(SystemClock):
    """The machine's clock, and what was added to it."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return build.data_folder(tmp_path)


@pytest.fixture
def clock() -> LaterClock:
    return LaterClock()


@pytest.fixture
def store(folder: DataFolder, clock: LaterClock) -> JobStore:
    """Beside two jobs that the legacy app made."""
    folder.jobs_file.write_text("jobs: []\n")
    legacy_writer.save(folder.jobs_file, [legacy_writer.new_job("a"), legacy_writer.new_job("b", name="Other")])
    store = JobStore(folder, clock)
    store.snapshot()
    return store


def stale(folder: DataFolder) -> list[legacy_writer.Job]:
    return legacy_writer.load(folder.jobs_file)


def write(folder: DataFolder, jobs: list[legacy_writer.Job]) -> None:
    legacy_writer.save(folder.jobs_file, jobs)


def in_file(folder: DataFolder) -> dict[str, legacy_writer.Job]:
    return {job["id"]: job for job in legacy_writer.load(folder.jobs_file)}


CHANGES: dict[str, Callable[[JobStore, DataFolder], object]] = {
    "name": lambda store, _: store.update(store.get("a")._replace(name="Renamed")),
    "setting": lambda store, _: store.update(store.get("a")._replace(settings=JobSettings(tags=("x",)))),
    "status": lambda store, _: store.set_status("a", "running", Progress(percent=3.0)),
    "supervisor's status": lambda _, folder: write_status(folder, "a", "running", Progress(percent=4.0)),
    "deletion": lambda store, _: store.delete("a"),
    "creation": lambda store, _: store.create(build.job(id="new")),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("by", ["the reader", "the next writer", "another process"])
def test_a_stale_rewrite_is_undone(folder: DataFolder, store: JobStore, change: str, by: str) -> None:
    before = stale(folder)
    CHANGES[change](store, folder)
    ours = store.snapshot().jobs
    wanted = in_file(folder)
    write(folder, legacy_writer.edited(before, "b", dest="/srv/elsewhere"))
    if by == "the reader":
        assert {key: job for key, job in store.snapshot().jobs.items() if key != "b"} == {
            key: job for key, job in ours.items() if key != "b"
        }
    elif by == "the next writer":
        store.set_status("b", "failed")
    else:
        JobStore(folder).snapshot()
    found = in_file(folder)
    assert found.pop("b")["dest"] == "/srv/elsewhere"
    del wanted["b"]
    assert found == wanted


def test_an_older_state_of_a_field_that_changed_twice_is_stale_too(folder: DataFolder, store: JobStore) -> None:
    before = stale(folder)
    for status in ("running", "paused", "running", "completed"):
        store.set_status("a", status)
        write(folder, before)
        assert store.get("a").status == status


def test_another_value_is_a_wish_and_stands(folder: DataFolder, store: JobStore) -> None:
    before = stale(folder)
    store.update(store.get("a")._replace(name="Renamed", dest="/srv/mine"))
    write(folder, legacy_writer.edited(before, "a", name="Third"))
    found = store.get("a")
    assert (found.name, found.dest) == ("Third", "/srv/mine")


def test_settings_are_told_apart(folder: DataFolder, store: JobStore) -> None:
    before = stale(folder)
    store.update(store.get("a")._replace(settings=JobSettings(bandwidth_limit=7, exclude=("*.tmp",))))
    settings = before[0]["settings"] | {"deletion_mode": "per_file"}
    write(folder, legacy_writer.edited(before, "a", settings=settings))
    found = store.get("a").settings
    assert (found.bandwidth_limit, found.exclude, found.deletion_mode) == (7, ("*.tmp",), "per_file")
    assert in_file(folder)["a"]["settings"]["deletion_confirmed"] is False


def test_after_half_a_minute_the_old_value_is_a_wish(folder: DataFolder, store: JobStore, clock: LaterClock) -> None:
    before = stale(folder)
    store.update(store.get("a")._replace(name="Renamed"))
    clock.ahead = timedelta(seconds=31)
    write(folder, before)
    assert store.get("a").name == "Legacy"


def test_a_deletion_stands_and_one_of_ours_that_is_changed_comes_back(folder: DataFolder, store: JobStore) -> None:
    before = stale(folder)
    write(folder, legacy_writer.without(before, "b"))
    assert list(store.snapshot().jobs) == ["a"]
    store.delete("a")
    write(folder, legacy_writer.edited(before, "a", name="Edited there"))
    assert store.get("a").name == "Edited there"


def test_a_creation_older_than_half_a_minute_may_be_deleted(
    folder: DataFolder, store: JobStore, clock: LaterClock
) -> None:
    store.create(build.job(id="new"))
    clock.ahead = timedelta(seconds=31)
    write(folder, legacy_writer.without(stale(folder), "new"))
    assert "new" not in store.snapshot().jobs


def test_several_creations_that_a_stale_rewrite_took_need_no_confirmation(folder: DataFolder, store: JobStore) -> None:
    before = stale(folder)
    made = [store.create(build.job()).id for _ in range(3)]
    write(folder, before)
    snapshot = store.snapshot()
    assert (snapshot.missing, snapshot.writable) == ((), True)
    assert set(made) <= snapshot.jobs.keys()


def test_a_writer_that_never_reads_ours_is_not_believed_in_the_end(
    folder: DataFolder, store: JobStore, clock: LaterClock
) -> None:
    before = stale(folder)
    store.update(store.get("a")._replace(name="Renamed"))
    store.create(build.job(id="new"))
    store.delete("b")
    for seconds in range(0, 100, 9):
        clock.ahead = timedelta(seconds=seconds)
        write(folder, before)
        assert {job.id: job.name for job in store.snapshot().jobs.values()} == {"a": "Renamed", "new": "Photos"}


def test_a_deleted_job_that_is_brought_back_again_and_again_stays_deleted(
    folder: DataFolder, store: JobStore, clock: LaterClock
) -> None:
    """Some changes of what comes back are too old to be known, some are not: both together make a third state."""
    store.set_status("a", "paused", Progress(percent=8.0))
    before = stale(folder)
    for seconds, status in ((5.0, "failed"), (6.0, "running"), (6.2, "paused"), (8.0, "failed")):
        clock.ahead = timedelta(seconds=seconds)
        store.set_status("a", status, Progress(percent=seconds))
    store.delete("a")
    for seconds in (9.0, 14.0, 19.0, 24.0, 29.0, 34.0, 35.5, 37.0, 41.0):
        clock.ahead = timedelta(seconds=seconds)
        write(folder, before)
        store.snapshot()
        assert list(in_file(folder)) == ["b"], f"after {seconds} s"


def test_a_click_that_puts_the_status_back_is_no_stale_rewrite(folder: DataFolder, store: JobStore) -> None:
    store.set_status("a", "paused")
    store.set_status("a", "running")
    assert store.get("a").status == "running"
    write(folder, legacy_writer.edited(stale(folder), "a", status="paused"))
    assert store.get("a").status == "paused"


def test_an_update_changes_what_differs_from_what_was_read(folder: DataFolder, store: JobStore) -> None:
    read = store.get("a")
    write(folder, legacy_writer.edited(stale(folder), "a", dest="/srv/theirs"))
    updated = store.update(read._replace(name="Renamed"), base=read)
    assert (updated.name, updated.dest) == ("Renamed", "/srv/theirs")


def test_what_we_displaced_for_a_moment_is_protected_like_ours(
    folder: DataFolder, store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The foreign write falls between our look and our exchange; somebody reads what stood in between."""
    steps = iter(["write", "read"])
    seen: list[legacy_writer.Job] = []

    def late(left: Path, right: Path) -> bool:
        if next(steps, "") == "write":
            write(folder, legacy_writer.edited(stale(folder), "b", dest="/srv/theirs"))
        else:
            seen.extend(stale(folder))
        return exchange(left, right)

    monkeypatch.setattr(shared_file, "exchange", late)
    store.set_status("a", "failed")
    monkeypatch.undo()
    assert {job["id"]: job["dest"] for job in seen}["b"] == "/srv/copy"
    assert store.get("b").dest == "/srv/theirs"
    write(folder, seen)
    assert store.get("b").dest == "/srv/theirs"


@pytest.mark.parametrize("is_whole", [True, False])
def test_what_a_killed_writer_displaced_is_put_back(folder: DataFolder, store: JobStore, is_whole: bool) -> None:
    expected, ours = folder.jobs_file.read_bytes(), folder.jobs_file.read_bytes().replace(b"Other", b"Mine")
    marks = f"{shared_file.digest(expected)}-{shared_file.digest(ours)}"
    left = folder.root / f".jobs.yaml.0123.{marks}{shared_file.SUFFIX}"
    left.write_bytes(expected.replace(b"/srv/copy", b"/srv/theirs") if is_whole else ours)
    folder.jobs_file.write_bytes(ours)
    assert store.get("b").dest == ("/srv/theirs" if is_whole else "/srv/copy")
    JobStore(folder)
    assert not left.exists()


LATER: dict[str, Callable[[DataFolder], object]] = {
    "a change": lambda folder: JobStore(folder).delete("b"),
    "a status by text": lambda folder: write_status(folder, "b", "completed"),
    "a confirmation": lambda folder: JobStore(folder).confirm_missing(),
}


@pytest.mark.parametrize("by", LATER)
def test_a_change_whose_writer_was_killed_before_it_was_in_place_is_not_made_later(
    folder: DataFolder, store: JobStore, by: str
) -> None:
    older = stale(folder)
    ChangeJournal(folder.changes_file).begin([Change("a", "name", "name: Legacy\n", "name: Never made\n")])
    LATER[by](folder)
    assert b"Never made" not in folder.changes_file.read_bytes()
    write(folder, older)
    assert JobStore(folder).get("a").name == "Legacy"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_another_user_stays_his(folder: DataFolder, store: JobStore) -> None:
    before = stale(folder)
    folder.jobs_file.chmod(0o640)
    os.chown(folder.jobs_file, 1234, 4321)
    store.set_status("a", "running")
    text = yaml.safe_dump({"jobs": before}, sort_keys=False)
    folder.jobs_file.write_text(text)
    assert store.get("a").status == "running"
    found = folder.jobs_file.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (1234, 4321, 0o640)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_after_our_writes_the_legacy_app_loads_its_files_with_nothing_lost(folder: DataFolder, sample: Path) -> None:
    shutil.copy(sample, folder.jobs_file)
    before = {job["id"]: job for job in stale(folder)}
    store = JobStore(folder)
    for job in list(store.snapshot().jobs.values()):
        _touch(store, job)
    assert structure_fault(folder.jobs_file.read_bytes()) == ""
    after = in_file(folder)
    for job_id, was in before.items():
        now = after[job_id]
        assert now["progress"].keys() == was["progress"].keys()
        assert {key: now["settings"].get(key) for key in was["settings"]} == was["settings"]
        kept = was.keys() - {"name", "status", "progress", "settings", "updated_at"}
        assert {key: now[key] for key in kept} == {key: was[key] for key in kept}
    write(folder, legacy_writer.load(folder.jobs_file))
    assert {job.name for job in store.snapshot().jobs.values()} == {f"{was['name']} again" for was in before.values()}


def _touch(store: JobStore, job: Job) -> None:
    settings = job.settings._replace(tags=("ours",))
    store.update(job._replace(name=f"{job.name} again", settings=settings), base=job)
    store.set_status(job.id, "completed", Progress(percent=100.0))
