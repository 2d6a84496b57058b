"""The job store on real files, beside hand edits, other processes and full disks."""

import errno
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from models.errors import AppError, JobChanged, JobNotFound, StoreBroken, StoreUnavailable
from models.job import Job, JobSettings, SshAccess
from models.progress import Progress
from storage.data_folder import DataFolder
from storage.job_store import JobStore
from tests import build
from tests.storage.test_broken_jobs_files import BOTH, GOOD, OTHER
from utils.clock import SystemClock

LEGACY = Path(__file__).parent / "samples"
SAMPLES = sorted(LEGACY.glob("jobs.*.yaml"))


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return build.data_folder(tmp_path)


@pytest.fixture
def store(folder: DataFolder) -> JobStore:
    return JobStore(folder)


def legacy_view(folder: DataFolder) -> list[dict[str, object]]:
    """What the legacy app reads."""
    found: list[dict[str, object]] = yaml.safe_load(folder.jobs_file.read_text())["jobs"]
    return found


def hand_edit(folder: DataFolder, old: str, new: str) -> None:
    text = folder.jobs_file.read_text()
    assert old in text
    folder.jobs_file.write_text(text.replace(old, new))


# Reading


def test_no_file_is_no_jobs(store: JobStore) -> None:
    snapshot = store.snapshot()
    assert (dict(snapshot.jobs), snapshot.problems, snapshot.writable) == ({}, (), True)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_the_files_of_the_legacy_app_load(folder: DataFolder, sample: Path) -> None:
    shutil.copy(sample, folder.jobs_file)
    snapshot = JobStore(folder).snapshot()
    assert snapshot.problems == ()
    assert [job.id for job in snapshot.jobs.values()] == [job["id"] for job in legacy_view(folder)]
    unbuilt = {job.name: job.settings.unbuilt for job in snapshot.jobs.values() if job.settings.unbuilt}
    assert unbuilt == {}


def test_a_password_in_an_address_is_shown_to_nobody_and_stays_in_the_file(folder: DataFolder, store: JobStore) -> None:
    job = store.create(build.job(name="Photos", dest="rsync://anna@nas/data"))
    hand_edit(folder, "rsync://anna@nas/data", "rsync://anna:se cret@nas/data")
    assert store.get(job.id).dest == "rsync://anna:***@nas/data"
    assert "name: Photos\n" in store.text(job.id)
    assert "se cret" not in store.text(job.id)
    store.update(store.get(job.id)._replace(name="Holidays"), store.get(job.id))
    store.set_status(job.id, "paused")
    [kept] = legacy_view(folder)
    assert (kept["name"], kept["status"], kept["dest"]) == ("Holidays", "paused", "rsync://anna:se cret@nas/data")


def test_an_unchanged_file_gives_the_very_same_snapshot(store: JobStore) -> None:
    store.create(build.job())
    assert store.snapshot() is store.snapshot()


def test_a_hand_edit_is_seen_and_counted(folder: DataFolder, store: JobStore) -> None:
    job = store.create(build.job(name="Photos"))
    before = store.snapshot().revision
    hand_edit(folder, "name: Photos", "name: Holidays")
    assert store.get(job.id).name == "Holidays"
    assert store.snapshot().revision == before + 1


def test_an_edit_within_one_tick_of_the_clock_is_seen(folder: DataFolder) -> None:
    clock = StandingClock()
    store = JobStore(folder, clock)
    store.create(build.job(name="Photos"))
    stamp = folder.jobs_file.stat()
    hand_edit(folder, "name: Photos", "name: Phones")
    os.utime(folder.jobs_file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    clock.passed = 1.0
    assert [job.name for job in store.snapshot().jobs.values()] == ["Phones"]


class StandingClock(SystemClock):
    """Goes on only when it is told to."""

    passed = 0.0

    def __init__(self) -> None:
        self.moment = super().now()

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.passed


def test_the_first_load_lets_others_go_on(folder: DataFolder) -> None:
    clock = BusyClock()
    folder.jobs_file.write_text("jobs:\n" + "".join(GOOD.replace("good-1", f"job-{n}") for n in range(50)))
    JobStore(folder, clock).snapshot()
    assert clock.yields >= 20


class BusyClock(SystemClock):
    """Every look at it costs 6 ms; counts how often somebody let others go on."""

    looks = yields = 0

    def monotonic(self) -> float:
        self.looks += 1
        return self.looks * 0.006

    def sleep(self, seconds: float) -> None:
        self.yields += seconds == 0


@pytest.mark.parametrize(
    "text",
    [
        "jobs: [{id: a, name: A, source: /a, dest: /b, type: rsync}]\n",
        "jobs:\n- &a {id: a, name: A, source: /a, dest: /b, type: rsync}\n- {<<: *a, id: b}\n",
        f"other: 1\njobs:\n  {GOOD.replace(chr(10), chr(10) + '  ').rstrip()}\nmore: [2]\n",
        f"---\n# mine\njobs:   # all of them\n\n# the first\n{GOOD}\n# the second\n{OTHER}# the end\n",
        '{"jobs": [{"id": "a", "name": "A", "source": "/a", "dest": "/b", "type": "rsync"}]}',
        "jobs:\n-\n  id: a\n  name: A\n  source: /a\n  dest: /b\n  type: rsync\n",
        "jobs:\n-   name: A\n    source: /a\n    dest: /b\n    type: rsync\n    id: a\n",
        'jobs:\n- id: a\n  name: "first line\n- id: b"\n  source: /a\n  dest: /b\n  type: rsync\n',
    ],
)
def test_other_shapes_are_read_and_changed_with_nothing_lost(folder: DataFolder, text: str) -> None:
    folder.jobs_file.write_text(text)
    store = JobStore(folder)
    before = yaml.safe_load(text)
    assert store.snapshot().problems == ()
    assert [job.id for job in store.snapshot().jobs.values()] == [job["id"] for job in before["jobs"]]
    first = next(iter(store.snapshot().jobs.values()))
    store.set_status(first.id, "running", Progress(percent=12.5))
    store.update(first._replace(name="Renamed"))
    added = store.create(build.job())
    store.delete(added.id)
    after = yaml.safe_load(folder.jobs_file.read_text())
    assert (after["jobs"][0]["name"], after["jobs"][0]["status"]) == ("Renamed", "running")
    kept = before["jobs"][0].keys() - {"name", "status", "progress", "updated_at"}
    assert {key: after["jobs"][0][key] for key in kept} == {key: before["jobs"][0][key] for key in kept}
    assert after["jobs"][1:] == before["jobs"][1:]
    assert {key: after[key] for key in after if key != "jobs"} == {key: before[key] for key in before if key != "jobs"}
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert [line for line in comments if line not in folder.jobs_file.read_text()] == []


# Changing


def test_what_is_created_is_what_the_legacy_app_reads(folder: DataFolder, store: JobStore) -> None:
    settings = JobSettings(bandwidth_limit=5, exclude=("*.tmp",), ssh=SshAccess(2222, "/k"), options=("acls",))
    job = store.create(build.job(name="no", source="/srv/ünï: #", settings=settings))
    assert JobStore(folder).get(job.id) == job
    (seen,) = legacy_view(folder)
    figures = {"bytes_transferred": 0, "total_bytes": 0, "percent": 0, "speed_bytes": 0, "eta_seconds": 0}
    assert (seen["name"], seen["progress"], seen["created_at"]) == ("no", figures, job.created_at)
    assert f"created_at: '{job.created_at}'" in folder.jobs_file.read_text()


def test_our_output_is_in_the_form_of_safe_dump(folder: DataFolder, store: JobStore) -> None:
    jobs = [store.create(build.job(name=name)) for name in ("a", "a rather long name " * 9, "ü", "yes")]
    store.set_status(jobs[1].id, "failed", Progress(bytes_transferred=7, percent=99.9))
    store.update(jobs[2]._replace(name="b", settings=JobSettings(exclude=("a", "- b"))))
    store.delete(jobs[0].id)
    text = folder.jobs_file.read_text()
    assert yaml.safe_dump(yaml.safe_load(text), sort_keys=False, default_flow_style=False) == text


def test_figures_are_whole_numbers_and_never_null(folder: DataFolder, store: JobStore) -> None:
    job = store.create(build.job())
    store.set_status(job.id, "running", Progress(bytes_transferred=5, percent=57.6))
    expected = {"bytes_transferred": 5, "total_bytes": 0, "percent": 57, "speed_bytes": 0, "eta_seconds": 0}
    assert legacy_view(folder)[0]["progress"] == expected
    store.set_status(job.id, "paused")
    assert (legacy_view(folder)[0]["progress"], store.get(job.id).status) == (expected, "paused")


def test_a_status_touches_nothing_but_status_figures_and_time(folder: DataFolder) -> None:
    shutil.copy(SAMPLES[0], folder.jobs_file)
    store = JobStore(folder)
    job_id = list(store.snapshot().jobs)[2]
    before = folder.jobs_file.read_text().splitlines()
    store.set_status(job_id, "running", Progress(percent=3.0))
    after = folder.jobs_file.read_text().splitlines()
    changed = [left.strip().partition(":")[0] for left, right in zip(before, after, strict=True) if left != right]
    assert changed == ["status", "percent", "speed_bytes", "status", "updated_at"]


WITH_REMARKS = OTHER.replace("settings: {}", "settings:\n    theirs: kept   # why\n    bandwidth_limit: 5")
HAND_WRITTEN = f"""\
# my jobs
jobs:   # all of them
# the first one
{GOOD}  color: green   # a key of mine
  # below the first
# the second one
{WITH_REMARKS}# the end
spare: [1, 2]   # theirs
"""


def test_comments_order_and_strange_keys_survive_all_our_changes(folder: DataFolder) -> None:
    folder.jobs_file.write_text(HAND_WRITTEN)
    store = JobStore(folder)
    good = store.get("good-1")
    store.update(good._replace(name="Renamed"))
    store.set_status("good-1", "completed", Progress(percent=100.0))
    store.set_status("other-1", "failed")
    store.delete(store.create(build.job()).id)
    text = folder.jobs_file.read_text()
    remarks = [line.partition("#")[2] for line in HAND_WRITTEN.splitlines() if "#" in line]
    assert len(remarks) == 9
    assert [remark for remark in remarks if f"#{remark}" not in text] == []
    assert legacy_view(folder)[0]["color"] == "green"
    assert legacy_view(folder)[1]["settings"] == {"theirs": "kept", "bandwidth_limit": 5}
    assert yaml.safe_load(text)["spare"] == [1, 2]


def test_deleting_a_job_keeps_the_comments_around_it(folder: DataFolder) -> None:
    folder.jobs_file.write_text(HAND_WRITTEN)
    store = JobStore(folder)
    store.delete("good-1")
    store.delete("other-1")
    text = folder.jobs_file.read_text()
    assert yaml.safe_load(text) == {"jobs": [], "spare": [1, 2]}
    assert [remark for remark in ("# my jobs", "# the first one", "# the end") if remark not in text] == []


def test_a_setting_that_goes_back_to_its_default_leaves_the_file(folder: DataFolder, store: JobStore) -> None:
    job = store.create(build.job(settings=JobSettings(enabled=False, list_files=True, ssh=SshAccess(22))))
    store.update(job._replace(settings=JobSettings()))
    assert legacy_view(folder)[0]["settings"] == {}


def test_an_update_returns_the_job_as_it_then_is(store: JobStore) -> None:
    job = store.create(build.job())
    store.set_status(job.id, "running")
    updated = store.update(job._replace(name="Renamed", status="failed", created_at="x"))
    assert updated == store.get(job.id)
    assert (updated.name, updated.status, updated.created_at) == ("Renamed", "running", job.created_at)
    assert updated.updated_at > job.updated_at


def test_an_unknown_job_is_not_found(store: JobStore) -> None:
    for action in (lambda: store.get("x"), lambda: store.delete("x"), lambda: store.set_status("x", "running")):
        with pytest.raises(JobNotFound):
            action()
    with pytest.raises(JobNotFound):
        store.update(build.job())


@pytest.mark.parametrize("changes", [{"name": "a\ud800"}, {"name": ""}, {"id": "../x"}, {"type": "No Engine"}])
def test_what_could_not_be_read_again_is_not_written(folder: DataFolder, changes: dict[str, str]) -> None:
    store = JobStore(folder)
    with pytest.raises(AppError):
        store.create(build.job(**changes))
    assert not folder.jobs_file.exists()


def test_an_id_is_used_once(store: JobStore) -> None:
    job = store.create(build.job())
    with pytest.raises(AppError, match="exists already"):
        store.create(job)


# Beside other writers


@pytest.fixture
def folder_in_memory() -> Iterator[DataFolder]:
    """Where a durable write costs little: the contention is what is tested."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as place:
        yield build.data_folder(Path(place))


def test_two_writers_lose_none_of_a_thousand_changes(folder_in_memory: DataFolder) -> None:
    folder = folder_in_memory
    jobs = [JobStore(folder).create(build.job(name=f"job {number}")) for number in range(2)]
    children = [_child(lambda job=job: _count_up(folder, job, 500)) for job in jobs]
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]
    limits = [JobStore(folder).get(job.id).settings.bandwidth_limit for job in jobs]
    assert limits == [480, 480]
    assert len(JobStore(folder).snapshot().jobs) == 2 + 2 * 20


def _count_up(folder: DataFolder, job: Job, changes: int) -> None:
    """Each change builds on the one before; every 25th adds a job."""
    store = JobStore(folder)
    for number in range(changes):
        now = store.get(job.id)
        limit = (now.settings.bandwidth_limit or 0) + 1
        if number % 25:
            store.update(now._replace(settings=JobSettings(bandwidth_limit=limit)))
        else:
            store.create(build.job(name="x"))


def _child(action: object) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            action()  # type: ignore[operator]
            code = 0
        finally:
            os._exit(code)
    return child


def test_threads_of_one_process_lose_nothing_either(store: JobStore) -> None:
    def add() -> None:
        for _ in range(20):
            store.create(build.job())

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.snapshot().jobs) == 80


def test_a_write_between_our_read_and_our_rename_is_merged(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    from storage import shared_file

    folder.jobs_file.write_text(BOTH)
    store = JobStore(folder)
    store.snapshot()
    put = shared_file._put
    edits = iter(["name: Third"])

    def put_late(*arguments: object) -> object:
        for name in edits:
            hand_edit(folder, "name: Other", name)
        return put(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(shared_file, "_put", put_late)
    store.set_status("good-1", "running")
    assert [job["name"] for job in legacy_view(folder)] == ["Good", "Third"]
    assert store.get("good-1").status == "running"


@pytest.mark.parametrize("can_exchange", [True, False])
def test_rubbish_written_between_stays_as_it_is(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    from storage import shared_file

    folder.jobs_file.write_text(BOTH)
    store = JobStore(folder)
    store.snapshot()
    put, rubbish = shared_file._put, iter([b"rubbish\n"])

    def put_late(*arguments: object) -> object:
        for content in rubbish:
            folder.jobs_file.write_bytes(content)
        return put(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(shared_file, "_put", put_late)
    if not can_exchange:
        monkeypatch.setattr(shared_file, "exchange", lambda left, right: False)
    with pytest.raises(StoreBroken):
        store.set_status("good-1", "running")
    assert folder.jobs_file.read_bytes() == b"rubbish\n"


# What is gone


@pytest.fixture
def three(folder: DataFolder) -> JobStore:
    folder.jobs_file.write_text(f"{BOTH}{OTHER.replace('other-1', 'third-1').replace('Other', 'Third')}")
    store = JobStore(folder)
    store.snapshot()
    return store


def test_one_job_that_is_gone_is_gone_at_once(folder: DataFolder, three: JobStore) -> None:
    folder.jobs_file.write_text(BOTH)
    assert list(three.snapshot().jobs) == ["good-1", "other-1"]
    assert three.snapshot().writable


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("content", [f"jobs:\n{GOOD}", "jobs: []\n", None])
def test_more_than_one_waits_for_a_confirmation(
    folder: DataFolder, three: JobStore, content: str | None, restarted: bool
) -> None:
    folder.jobs_file.unlink()
    if content is not None:
        folder.jobs_file.write_text(content)
    store = JobStore(folder) if restarted else three
    snapshot = store.snapshot()
    assert len(snapshot.jobs) == 3
    assert snapshot.missing[-2:] == ("Other", "Third")
    with pytest.raises(StoreBroken, match="are gone"):
        store.create(build.job())
    assert (folder.jobs_file.read_text() if folder.jobs_file.exists() else None) == content
    store.confirm_missing()
    assert len(store.snapshot().jobs) == len(snapshot.jobs) - len(snapshot.missing)
    assert JobStore(folder).snapshot().missing == three.snapshot().missing == ()
    store.create(build.job())
    kept = [path.read_text() for path in sorted(folder.generations.glob("jobs-*"))]
    assert any("Third" in text for text in kept)


def test_putting_the_file_back_needs_no_confirmation(folder: DataFolder, three: JobStore) -> None:
    whole = folder.jobs_file.read_text()
    folder.jobs_file.write_text("jobs: []\n")
    assert three.snapshot().missing
    folder.jobs_file.write_text(whole)
    assert three.snapshot().missing == ()
    assert three.snapshot().writable


def test_deletions_by_another_process_of_ours_need_none(folder: DataFolder, three: JobStore) -> None:
    other = JobStore(folder)
    for job_id in list(other.snapshot().jobs):
        other.delete(job_id)
    assert (dict(three.snapshot().jobs), three.snapshot().missing) == ({}, ())


@pytest.mark.parametrize("restarted", [False, True])
def test_a_file_without_its_last_newline_waits_too(folder: DataFolder, three: JobStore, restarted: bool) -> None:
    folder.jobs_file.write_text(folder.jobs_file.read_text().replace("Third", "Changed").rstrip("\n"))
    store = JobStore(folder) if restarted else three
    snapshot = store.snapshot()
    assert [job.name for job in snapshot.jobs.values()] == ["Good", "Other", "Third"]
    assert "final newline" in snapshot.problems[0].reason
    with pytest.raises(StoreBroken):
        store.delete("good-1")
    store.confirm_missing()
    assert [job.name for job in store.snapshot().jobs.values()] == ["Good", "Other", "Changed"]
    assert JobStore(folder).snapshot().problems == ()


def test_a_first_file_without_its_last_newline_is_taken_as_it_is(folder: DataFolder) -> None:
    folder.jobs_file.write_text(BOTH.rstrip("\n"))
    store = JobStore(folder)
    assert (len(store.snapshot().jobs), store.snapshot().problems) == (2, ())
    os.utime(folder.jobs_file)  # so every process reads the same bytes again
    assert (len(store.snapshot().jobs), store.snapshot().problems) == (2, ())
    assert JobStore(folder).snapshot().problems == ()
    store.create(build.job())
    assert len(legacy_view(folder)) == 3


def test_ten_generations_are_kept_and_states_of_runs_are_none(folder: DataFolder, store: JobStore) -> None:
    job = store.create(build.job())
    for number in range(15):
        store.update(job._replace(name=f"name {number}"))
        store.set_status(job.id, "running", Progress(percent=float(number)))
    names = sorted(path.name for path in folder.generations.glob("jobs-*"))
    texts = [(folder.generations / name).read_text() for name in names]
    assert [f"name: name {number}\n" in text for number, text in zip(range(5, 15), texts, strict=True)] == [True] * 10


def test_a_hand_edit_is_kept_before_ours_comes_on_top(folder: DataFolder, store: JobStore) -> None:
    job = store.create(build.job(name="Photos"))
    hand_edit(folder, "name: Photos", "name: Holidays   # by hand")
    store.update(job._replace(name="Third"))
    assert any("# by hand" in path.read_text() for path in folder.generations.glob("jobs-*"))


# Owners, links, disks


def test_owner_group_mode_and_acl_are_kept(folder: DataFolder, store: JobStore) -> None:
    store.create(build.job())
    folder.jobs_file.chmod(0o664)
    if os.geteuid() == 0:
        os.chown(folder.jobs_file, 1234, 4321)
    acl = b"\x02\0\0\0\x01\0\x06\0\xff\xff\xff\xff\x02\0\x04\0\x07\0\0\0\x04\0\x04\0\xff\xff\xff\xff"
    acl += b"\x10\0\x06\0\xff\xff\xff\xff\x20\0\x04\0\xff\xff\xff\xff"
    os.setxattr(folder.jobs_file, "system.posix_acl_access", acl)
    before = folder.jobs_file.stat()
    store.create(build.job())
    after = folder.jobs_file.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert os.getxattr(folder.jobs_file, "system.posix_acl_access") == acl
    assert after.st_ino != before.st_ino


def test_a_new_file_follows_its_folder_and_ours_are_private(folder: DataFolder) -> None:
    folder.root.chmod(0o750)
    if os.geteuid() == 0:
        os.chown(folder.root, 1234, 4321)
    before = os.umask(0o022)
    try:
        JobStore(folder).create(build.job())
    finally:
        os.umask(before)
    owner = folder.root.stat()
    made = folder.jobs_file.stat()
    assert (made.st_mode & 0o777, made.st_uid, made.st_gid) == (0o640, owner.st_uid, owner.st_gid)
    private = [*folder.generations.iterdir(), folder.changes_file, folder.jobs_lock, folder.jobs_checked]
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}


def test_a_link_is_written_through(folder: DataFolder, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere" / "real.yaml"
    real.parent.mkdir()
    real.write_text(BOTH)
    folder.jobs_file.symlink_to(real)
    store = JobStore(folder)
    store.set_status("good-1", "running")
    assert folder.jobs_file.is_symlink()
    assert yaml.safe_load(real.read_text())["jobs"][0]["status"] == "running"
    assert [path.name for path in real.parent.iterdir()] == ["real.yaml"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away and become somebody else")
def test_a_file_whose_owner_cannot_be_kept_is_not_written() -> None:
    with tempfile.TemporaryDirectory() as place:  # pytest's own place is closed to others
        Path(place).chmod(0o755)
        folder = build.data_folder(Path(place))
        folder.jobs_file.write_text(BOTH)
        folder.jobs_file.chmod(0o666)
        for path in (folder.root, *folder.root.iterdir()):
            if path != folder.jobs_file:
                os.chown(path, 65534, 65534)
        child = _child(lambda: _change_as_nobody(folder))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert folder.jobs_file.read_text() == BOTH


def _change_as_nobody(folder: DataFolder) -> None:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    with pytest.raises(StoreUnavailable, match="belongs to user 0"):
        JobStore(folder).set_status("good-1", "running")


@pytest.mark.parametrize("failing", ["write", "fsync", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_full_or_failing_disk_costs_the_change_only(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, failing: str, code: int
) -> None:
    from storage import shared_file

    store = JobStore(folder)
    job = store.create(build.job())
    before = folder.jobs_file.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as broken:
        broken.setattr(os, failing, fail)
        broken.setattr(shared_file, "exchange", lambda left, right: False)
        with pytest.raises(StoreUnavailable) as refusal:
            store.set_status(job.id, "running")
    assert refusal.value.message.startswith("jobs.yaml in ")
    assert folder.jobs_file.read_bytes() == before
    assert not list(folder.root.glob(".*"))
    store.set_status(job.id, "running")
    assert store.get(job.id).status == "running"


def test_something_that_is_no_file_is_named(folder: DataFolder) -> None:
    os.mkfifo(folder.jobs_file)
    store = JobStore(folder)
    assert "not an ordinary file" in store.snapshot().problems[0].sentence
    with pytest.raises(StoreBroken):
        store.create(build.job())


def test_a_folder_with_room_is_writable(store: JobStore) -> None:
    assert store.unwritable() == ""


def test_stray_new_files_go_with_the_next_start(folder: DataFolder) -> None:
    strays = [folder.root / ".jobs.yaml.0123.backup-manager-new", folder.generations / ".a.backup-manager-new"]
    for stray in strays:
        stray.write_bytes(b"half")
    JobStore(folder)
    assert [stray for stray in strays if stray.exists()] == []


@pytest.fixture(autouse=True)
def _no_stray_files(tmp_path: Path) -> Iterator[None]:
    yield
    assert [path for path in tmp_path.rglob("*") if path.name.endswith("backup-manager-new")] == []


# Several at once, and changes on a condition


def test_many_jobs_are_added_with_one_write_or_none_is(folder: DataFolder) -> None:
    folder.jobs_file.write_text("jobs:\n" + GOOD)
    store = JobStore(folder)
    jobs = [build.job(name=f"Job {number}", settings=JobSettings(tags=("new",))) for number in range(5)]
    made = store.create_all(jobs)
    assert [job.id for job in made] == [job.id for job in jobs]
    assert list(JobStore(folder).snapshot().jobs) == ["good-1", *(job.id for job in jobs)]
    assert folder.jobs_file.read_text().startswith("jobs:\n" + GOOD)
    before = folder.jobs_file.read_bytes()
    with pytest.raises(AppError):
        store.create_all([build.job(), build.job(name="\ud800"), build.job()])
    with pytest.raises(AppError):
        store.create_all([build.job(), jobs[0]])
    assert folder.jobs_file.read_bytes() == before


def test_others_write_while_many_jobs_are_made_ready(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("utils.turns._WORK", 0)
    other = JobStore(folder)
    other.create(build.job(name="first"))

    class Others(SystemClock):
        """Others have their turn when this one gives way."""

        def sleep(self, _seconds: float) -> None:
            other.create(build.job(name="meanwhile"))

    JobStore(folder, Others()).create_all([build.job(name="One"), build.job(name="Two")])
    assert [job["name"] for job in legacy_view(folder)] == ["first", "meanwhile", "meanwhile", "One", "Two"]


@pytest.mark.parametrize("text", ["jobs: []\nother: {a: 1}\n", "{jobs: []}\n"])
def test_many_jobs_go_into_a_file_of_another_shape_too(folder: DataFolder, text: str) -> None:
    folder.jobs_file.write_text(text)
    JobStore(folder).create_all([build.job(name="One"), build.job(name="Two")])
    assert [job["name"] for job in legacy_view(folder)] == ["One", "Two"]


def test_a_change_that_expects_a_definition_is_refused_where_another_writer_was_first(folder: DataFolder) -> None:
    store = JobStore(folder)
    seen = store.create(build.job(name="Photos"))
    store.set_status(seen.id, "completed", Progress(1, 1, 100.0))
    assert store.update(seen._replace(name="Films"), seen, seen).name == "Films"
    hand_edit(folder, "name: Films", "name: Holidays")
    for change in (lambda: store.update(seen._replace(dest="/x"), seen, seen), lambda: store.delete(seen.id, seen)):
        with pytest.raises(JobChanged):
            change()
    present = store.get(seen.id)
    assert (present.name, present.dest) == ("Holidays", seen.dest)
    store.delete(seen.id, present)
    with pytest.raises(JobNotFound):
        store.delete(seen.id, present)
