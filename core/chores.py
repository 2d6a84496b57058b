"""What a web process does once a second besides serving: recovery, the queue, reaping; nothing a page waits for."""

from core.admission import Admission
from core.dispatch import Dispatcher
from core.foreign import explains_running
from core.manager import JobManager
from core.recovery import Recovery
from core.run_index import RunIndex
from models.errors import AppError
from models.job import Job
from models.run import Run, RunState, job_status
from storage.job_store import JobStore
from storage.settings_store import SettingsStore

_BETWEEN_RECONCILES = 15  # rounds


class Chores:
    """`do` is called by the watcher's thread only."""

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
        """What also a command does that waits for a run."""
        self._dispatcher.reap()
        self._recovery.look()
        self._admission.submit_due()

    def _resume_at_launch(self) -> None:
        """`auto_start_on_launch`: carry on with what was interrupted, never with what a person paused."""
        if not self._settings.load().auto_start_on_launch:
            return
        for job in self._jobs.snapshot().jobs.values():
            last = self._index.latest(job.id).last
            if last and last.state is RunState.INTERRUPTED:
                self._resume(job.id)

    def _resume(self, job_id: str) -> None:
        """A job that cannot start now stays in the recovery prompt, which says why."""
        try:
            self._manager.start(job_id, trigger="launch")
        except AppError:
            return

    def _reconcile_status(self) -> None:
        """Where the end of a run could not be written to jobs.yaml, write it now."""
        for job in self._jobs.snapshot().jobs.values():
            last = self._index.latest(job.id).last
            if job.status == "running" and last and explains_running(job, last):
                self._correct(job, last)

    def _correct(self, job: Job, last: Run) -> None:
        if self._manager.active_run(job.id):
            return
        try:
            self._jobs.set_status(job.id, job_status(last), last.progress)
        except AppError:
            return
