"""Builders of the values that tests need, each with sensible defaults; not fixtures."""

from pathlib import Path
from typing import Any

from models.job import Job
from models.run import Run, RunState
from storage.data_folder import DataFolder
from utils.clock import SystemClock
from utils.ids import new_job_id, new_run_id

JOB_ID = "84d41cda-ff40-4534-b611-110f236108dd"
MOMENT = "2026-11-21T07:02:04.123Z"


def job(**changes: Any) -> Job:
    """A pending rsync job; every call another id."""
    values: dict[str, Any] = {
        "id": new_job_id(),
        "name": "Photos",
        "source": "/srv/photos/",
        "dest": "/srv/backup/photos",
        "type": "rsync",
    }
    return Job(**(values | changes))


def run(**changes: Any) -> Run:
    """A queued backup run of `JOB_ID`; every call another id."""
    values: dict[str, Any] = {
        "id": new_run_id(SystemClock().now()),
        "job_id": JOB_ID,
        "state": RunState.QUEUED,
        "created_at": MOMENT,
        "job_name": "Photos",
        "engine": "rsync",
        "source": "/srv/photos/",
        "dest": "/srv/backup/photos",
    }
    return Run(**(values | changes))


def data_folder(tmp_path: Path) -> DataFolder:
    """A prepared data folder below `tmp_path`."""
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    return folder
