"""Asking for the files alone that a backup left out; which those are is `left_out`'s business."""

from collections.abc import Callable
from typing import Any

from core.left_out import left_out, refusal, retry_since, unnameable, wish_of
from core.starting import Starting
from models.errors import CannotStart, RunNotFound
from models.job import Job
from models.request import Request
from models.run import Run
from storage.data_folder import DataFolder
from storage.job_store import JobStore
from storage.run_store import RunStore


class Retries:
    """Raises `AppError` with words for the user. May be used from any (green) thread."""

    def __init__(
        self, folder: DataFolder, jobs: JobStore, runs: RunStore, starting: Starting, tell: Callable[[Run], Any]
    ) -> None:
        self._folder, self._jobs, self._runs = folder, jobs, runs
        self._starting, self._tell = starting, tell

    def refusal(self, run: Run, job: Job) -> str:
        """Why what this run left out cannot be asked for alone now ("" = it can)."""
        last = _later(run, self._runs.last(job.id, "backup"), "backup")
        newest = _later(run, retry_since(self._runs, last) or last, "retry") if last else None
        return refusal(run, job, last, newest)

    def start(self, job_id: str, run_id: str, trigger: str = "hand", accept_identity: bool = False) -> Run:
        """Begin a run that copies exactly what the run left out; `CannotStart` where that would not do."""
        job, run = self._jobs.get(job_id), self._runs.find(run_id)
        if run.job_id != job.id:
            raise RunNotFound
        if sentence := self.refusal(run, job):
            raise CannotStart(sentence)
        found = left_out(self._folder, job, run)
        if not found.names:
            raise CannotStart(unnameable(found) if found.others else _NOT_KEPT)
        begun = self._starting.start(job, Request("retry", trigger, accept_identity, retry=wish_of(run, found)))
        self._tell(begun)
        return begun


def _later(run: Run, recorded: Run | None, kind: str) -> Run | None:
    """The run itself may have ended so lately that its job's history does not hold it yet."""
    is_later = run.kind == kind and (recorded is None or run.id > recorded.id)
    return run if is_later else recorded


_NOT_KEPT = "The list of these files is not kept any more. Start the job again."
