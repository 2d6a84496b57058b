"""When limits are applied, and to what."""

import os
from pathlib import Path

import pytest

from core.log_keeper import LogKeeper, log_limits
from models.errors import StoreUnavailable
from models.settings import Config
from storage.config_store import ConfigStore
from storage.data_folder import DataFolder
from storage.job_store import JobStore
from storage.log_archive import LogLimits
from storage.retention import Retention
from tests import build
from tests.core.test_journal import Hand

GONE = "3f2b6c1e-0000-4000-8000-000000000001"


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return build.data_folder(tmp_path)


def log_of_a_gone_job(folder: DataFolder) -> Path:
    """Old, and of a job that we ran."""
    folder.job_folder(GONE).mkdir(exist_ok=True)
    log = folder.log_file("rsync", GONE)
    log.write_text("[2020-01-01 00:00:00] old\n")
    os.utime(log, (0, 0))
    return log


def test_limits_are_those_of_the_configuration() -> None:
    assert log_limits(Config(log_megabytes=2, log_days=3, log_total_megabytes=4)) == LogLimits(2, 3, 4)
    assert log_limits(Config()) == LogLimits()


def test_they_are_applied_soon_after_the_start_and_once_an_hour(folder: DataFolder) -> None:
    clock, gone = Hand(), []
    keeper = LogKeeper(folder, ConfigStore(folder), JobStore(folder), clock)
    for second in range(3 * 3600):
        if second % 60 == 0:
            log = log_of_a_gone_job(folder)
        keeper.look()
        if not log.exists():
            gone.append(second)
            log = log_of_a_gone_job(folder)
        clock.sleep(1)
    assert gone == [60, 3660, 7260]


def test_no_job_counts_as_gone_while_the_file_is_broken(folder: DataFolder) -> None:
    jobs, clock = JobStore(folder), Hand()
    jobs.create(build.job())
    folder.jobs_file.write_text("jobs: [")
    log, keeper = log_of_a_gone_job(folder), LogKeeper(folder, ConfigStore(folder), jobs, clock)
    clock.sleep(61)
    keeper.look()
    assert log.exists()


def test_limits_hold_as_they_stand_at_each_round_and_broken_ones_remove_nothing(folder: DataFolder) -> None:
    clock = Hand()
    log, keeper = log_of_a_gone_job(folder), LogKeeper(folder, ConfigStore(folder), JobStore(folder), clock)
    for text in ("log_days: many\n", "log_days: 0\n"):
        folder.config_file.write_text(text)
        clock.sleep(3601)
        keeper.look()
        assert log.exists()
    folder.config_file.write_text("log_days: 90\n")
    clock.sleep(3601)
    keeper.look()
    assert not log.exists()


def test_a_disk_that_refuses_stops_no_other_chore(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, asked = Hand(), []
    errors = [OSError(30, "Read-only file system"), StoreUnavailable("The disk is full.")]

    def refuse(*_: object) -> None:
        asked.append(clock.monotonic())
        raise errors.pop()

    keeper = LogKeeper(folder, ConfigStore(folder), JobStore(folder), clock)
    monkeypatch.setattr(Retention, "tidy", refuse)
    while errors:
        clock.sleep(3601)
        keeper.look()
    assert len(asked) == 2
