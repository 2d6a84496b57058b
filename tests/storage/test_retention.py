"""What goes and what stays, with records and files as they lie on the disk."""

import gzip
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.findings import Verification
from models.run import Run, RunState, Statistics
from storage.data_folder import DataFolder
from storage.log_archive import MEGABYTE, LogLimits, archives, rotate
from storage.log_store import LogStore, RunLog
from storage.retention import NEWEST, Retention
from storage.run_json import encoded
from storage.run_store import RunStore
from tests import build
from tests.build import JOB_ID
from tests.whole import only_whole
from utils.clock import utc_text
from utils.ids import new_run_id

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
PROVEN = Verification("checksum", 3, passed=True)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return build.data_folder(tmp_path)


def past(days: float, **changes: object) -> Run:
    """A run that ended well so many days ago."""
    moment = NOW - timedelta(days=days)
    at = utc_text(moment)
    values = {"state": RunState.DONE, "created_at": at, "started_at": at, "ended_at": at, **changes}
    return build.run(id=new_run_id(moment), statistics=Statistics(files_seen=3), **values)


def lay(folder: DataFolder, run: Run, size: int = 1000, **files: bytes) -> Path:
    """The folder of a run as it lies there when the run has ended."""
    place = folder.run_folder(run.job_id, run.id)
    place.mkdir(parents=True)
    (place / "run.json").write_bytes(encoded(run))
    (place / "output.log").write_bytes(b"x" * size)
    for name, content in files.items():
        (place / name.replace("__", ".")).write_bytes(content)
    return place


def left(folder: DataFolder, *runs: Run) -> list[bool]:
    return [folder.run_folder(run.job_id, run.id).exists() for run in runs]


def tidy(folder: DataFolder, limits: LogLimits | None = None, jobs: set[str] | None = None, days: float = 0) -> None:
    Retention(folder, limits or LogLimits()).tidy(NOW + timedelta(days=days), jobs)


def test_old_runs_go_but_the_newest_stay_however_old(folder: DataFolder) -> None:
    runs = [past(200 - number) for number in range(20)]
    for run in runs:
        lay(folder, run)
    tidy(folder)
    assert left(folder, *runs) == [False] * (20 - NEWEST) + [True] * NEWEST


def test_the_last_backup_the_last_good_one_and_the_last_proof_stay(folder: DataFolder) -> None:
    proof = past(300, kind="verify", verification=PROVEN)
    good, failed = past(250), past(240, state=RunState.FAILED)
    old = [past(400 - number, verification=PROVEN) for number in range(5)]
    previews = [past(200 - number, kind="preview") for number in range(15)]
    for run in (proof, good, failed, *old, *previews):
        lay(folder, run)
    for limits in (LogLimits(), LogLimits(total_megabytes=1, days=0)):
        lay(folder, bulk := past(500), 2 * MEGABYTE)
        tidy(folder, limits)
        assert left(folder, proof, good, failed) == [True, True, True]
        assert left(folder, bulk) == [False]
    assert left(folder, *old) == [False] * 5


def test_what_runs_is_left_alone_however_old(folder: DataFolder) -> None:
    running = past(300, state=RunState.TRANSFERRING)
    lay(folder, running)
    (folder.active / running.id).write_text(JOB_ID)
    unmarked = past(299, state=RunState.TRANSFERRING)
    lay(folder, unmarked)
    for number in range(12):
        lay(folder, past(number))
    tidy(folder, LogLimits(1, 1, 1))
    assert left(folder, running, unmarked) == [True, True]


def test_the_oldest_goes_first_whatever_it_is(folder: DataFolder) -> None:
    log = folder.log_file("rsync", JOB_ID)
    for days in (30, 20, 10):
        log.write_bytes(os.urandom(380_000))
        rotate(log, NOW - timedelta(days=days))
    runs = [past(25), past(15), past(5)]
    for run in runs:
        lay(folder, run, 380_000)
    newest = past(1)
    lay(folder, newest, 380_000)
    tidy(folder, LogLimits(total_megabytes=2))
    assert left(folder, *runs, newest) == [False, True, True, True]
    assert [archive.stamp[:8] for archive in archives(folder.logs)] == ["20261101", "20261111"]


def test_history_outlives_the_folders(folder: DataFolder) -> None:
    store = RunStore(folder)
    runs = [past(100 + number) for number in range(13, 0, -1)]
    for run in runs:
        store.create(run, {})
        store.finish(run)
    tidy(folder)
    assert left(folder, runs[0]) == [False]
    assert store.read(JOB_ID, runs[0].id) == runs[0]
    assert len(store.history(JOB_ID)) == 13
    assert LogStore(folder).run_text(JOB_ID, runs[0].id) == ("", 0)


def test_what_was_deleted_at_a_source_stays_on_record(folder: DataFolder) -> None:
    record = b'{"at": "2026-01-01T00:00:00.000Z", "what": "deleted", "name": "a"}\n'
    old = past(200)
    (lay(folder, old, deletions__jsonl=record) / "deletions.jsonl").chmod(0o600)
    for number in range(12):
        lay(folder, past(number))
    tidy(folder)
    assert left(folder, old) == [False]
    kept = folder.job_folder(JOB_ID) / "deletions" / f"{old.id}.jsonl.gz"
    assert gzip.decompress(kept.read_bytes()) == record
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_removal_that_was_cut_off_is_finished_the_next_day(folder: DataFolder) -> None:
    torn = folder.run_folder(JOB_ID, past(200).id)
    torn.mkdir(parents=True)
    (torn / "output.log").write_bytes(b"x")
    for number in range(12):
        lay(folder, past(number))
    tidy(folder)
    assert torn.exists(), "a run may just be coming"
    os.utime(torn, (0, 0))
    tidy(folder)
    assert not torn.exists()


def test_what_a_person_put_there_is_left_alone(folder: DataFolder) -> None:
    strange = [folder.logs / "notes.log.txt", folder.logs / "rsync_a.log.gz", folder.runs / "my notes"]
    for path in strange:
        path.write_text("mine")
    os.utime(strange[0], (0, 0))
    tidy(folder, LogLimits(1, 1, 1))
    assert all(path.exists() for path in strange)


def test_the_log_of_a_job_that_is_gone_goes_if_we_ran_it(folder: DataFolder) -> None:
    theirs = "3f2b6c1e-0000-4000-8000-000000000001"
    logs = [folder.log_file("rsync", JOB_ID), folder.log_file("rclone", theirs)]
    for log in logs:
        log.write_text("[2020-01-01 00:00:00] old\n")
        os.utime(log, (0, 0))
    run = past(300)
    lay(folder, run)
    for jobs in (None, {JOB_ID, theirs}):
        tidy(folder, jobs=jobs)
        assert [log.exists() for log in logs] == [True, True]
    tidy(folder, jobs={"another"})
    assert [log.exists() for log in logs] == [False, True]
    assert left(folder, run) == [False]


def test_a_log_that_a_former_version_put_away_is_taken_over(folder: DataFolder) -> None:
    former = folder.logs / f"rsync_{JOB_ID}.log.1"
    former.write_text("[2026-11-20 00:00:00] old\n")
    moment = NOW.timestamp()
    os.utime(former, (moment, moment))
    tidy(folder)
    (archive,) = archives(folder.logs)
    assert archive.path.name == f"rsync_{JOB_ID}.log.20261121-120000.gz"
    assert gzip.decompress(archive.path.read_bytes()) == b"[2026-11-20 00:00:00] old\n"


def test_without_limits_nothing_goes(folder: DataFolder) -> None:
    runs = [past(9000 + number) for number in range(15)]
    for run in runs:
        lay(folder, run, 100_000)
    tidy(folder, LogLimits(days=0, total_megabytes=0), jobs=set())
    assert all(left(folder, *runs))


@only_whole
def test_in_a_year_nothing_grows_for_ever(folder: DataFolder) -> None:
    """Two jobs a day, one of them verbose and one that proves; every tenth run fails."""
    limits = LogLimits(1, 30, 6)
    jobs = {JOB_ID: 150_000, "3f2b6c1e-0000-4000-8000-000000000001": 20_000}
    sizes = []
    for day in range(365):
        moment = NOW + timedelta(days=day)
        for job_id, amount in jobs.items():
            run = past(-day, verification=PROVEN)._replace(job_id=job_id)
            if day % 10 == 9:
                run = run._replace(state=RunState.FAILED, verification=None)
            lay(folder, run, 0, verified=os.urandom(amount // 4))
            log = RunLog(folder, "rsync", job_id, run.id, limits)
            for _ in range(amount // 8000):
                log.write(moment, "copy", os.urandom(4000).hex())
            log.end()
            with (folder.job_folder(job_id) / "history.jsonl").open("ab") as history:
                history.write(encoded(run))
        Retention(folder, limits).tidy(moment, set(jobs))
        sizes.append(_size(folder))
    assert max(sizes) < (6 + 4) * MEGABYTE
    assert max(sizes[-100:]) < max(sizes[60:160]) * 1.2
    for job_id in jobs:
        lines = (folder.job_folder(job_id) / "history.jsonl").read_bytes().splitlines()
        assert len({json.loads(line)["id"] for line in lines}) == 365
        assert len(list(folder.job_folder(job_id).iterdir())) <= 33


def _size(folder: DataFolder) -> int:
    """Of everything but the histories."""
    files = [path for path in folder.root.rglob("*") if path.is_file() and path.name != "history.jsonl"]
    return sum(path.stat().st_size for path in files)
