"""What a web process does once a second besides serving: recovery, the queue, reaping; nothing a page waits for."""

from contextlib import suppress

from core.admission import Admission
from core.dispatch import Dispatcher
from core.manager import JobManager
from core.recovery import Recovery
from core.run_index import RunIndex
from models.errors import AppError
from models.job import Job
from models.run import Run, job_status
from storage.job_store import JobStore
from storage.settings_store import SettingsStore
from utils.clock import local_text, parse_utc

_BETWEEN_RECONCILES = 3  # rounds


class Chores:
    """`do` is called by one thread only."""

    def __init__(
        self,
        recovery: Recovery,
        admission: Admission,
        dispatcher: Dispatcher,
        manager: JobManager,
        settings: SettingsStore,
        index: RunIndex,
        jobs: JobStore,
    ) -> None:
        self._recovery, self._admission, self._dispatcher = recovery, admission, dispatcher
        self._manager, self._settings = manager, settings
        self._index, self._jobs = index, jobs
        self._round = 0

    def do(self) -> None:
        """One round."""
        self.tend()
        if self._round == 0:
            self._index.warm(tuple(self._jobs.snapshot().jobs))
            self._resume_at_launch()
        if self._round % _BETWEEN_RECONCILES == 1:
            self._reconcile_status()
        self._round += 1

    def tend(self) -> None:
        """What also a command does that waits for a run; a full disk keeps none from its turn."""
        self._dispatcher.reap()
        with suppress(AppError):
            self._recovery.look()
        with suppress(AppError):
            self._admission.submit_due()

    def _resume_at_launch(self) -> None:
        """`auto_start_on_launch`: carry on with what was interrupted, never with what a person paused or settled."""
        if not self._settings.load().auto_start_on_launch:
            return
        for offer in self._manager.recoverable():
            if offer.run is not None:
                self._resume(offer.job.id)

    def _resume(self, job_id: str) -> None:
        """A job that cannot start now stays in the recovery prompt, which says why."""
        with suppress(AppError):
            self._manager.start(job_id, trigger="launch")

    def _reconcile_status(self) -> None:
        """What a supervisor could not write to jobs.yaml is written now; what somebody wrote since stands."""
        active = {run.job_id: run for run in self._admission.active() if run.kind == "backup"}
        for job in self._jobs.snapshot().jobs.values():
            run = active.get(job.id) or self._index.latest(job.id).last
            if run and job.status != job_status(run) and _is_later(run, job):
                self._correct(job, run)

    def _correct(self, job: Job, run: Run) -> None:
        with suppress(AppError):
            self._jobs.set_status(job.id, job_status(run), run.progress)


def _is_later(run: Run, job: Job) -> bool:
    """Whether the run began, or ended, after the job's entry was last written."""
    moment = run.started_at if run.is_active else run.started_at and run.ended_at
    return bool(moment) and job.updated_at <= local_text(parse_utc(moment))
