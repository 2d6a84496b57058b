"""Where the run of an id may lie when its job is not known; the records themselves are `run_store`'s."""

import os
from collections.abc import Callable, Iterator

from models.errors import RunNotFound
from storage.data_folder import DataFolder
from utils.ids import is_job_id

JobOf = Callable[[str], str]


def nobody_knows(_run_id: str) -> str:
    """What a process says that keeps no index of ended runs."""
    return ""


def possible_jobs(folder: DataFolder, run_id: str, marked: str, job_of: JobOf) -> Iterator[str]:
    """Ids of jobs, likeliest first: the marker's, the one that `job_of` names, those with its folder, then all.

    `job_of` gives "" where it does not know, and raises `RunNotFound` where no ended run has this id.
    """
    if marked:
        yield marked
    try:
        known, is_certain = job_of(run_id), False
    except RunNotFound:
        known, is_certain = "", True
    if known:
        yield known
    if not folder.runs.is_dir():
        return
    jobs = [entry.name for entry in os.scandir(folder.runs) if is_job_id(entry.name) and entry.is_dir()]
    yield from (name for name in jobs if os.path.isdir(f"{folder.runs}/{name}/{run_id}"))
    if not is_certain:
        yield from jobs
