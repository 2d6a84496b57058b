"""What a web process does once a second besides serving: recovery, the queue, reaping; nothing a page waits for."""

from collections.abc import Callable
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
from utils.clock import Clock, local_text, parse_utc
from utils.turns import Turns

_KINDS, _BETWEEN_PACKINGS = 3, 20_000  # of rounds; rounds
_BETWEEN_TENDINGS = 1.0  # seconds


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
        clock: Clock,
        begun_by_itself: Callable[[Run], object] = lambda _run: None,
    ) -> None:
        self._begun_by_itself = begun_by_itself
        self._recovery, self._admission, self._dispatcher = recovery, admission, dispatcher
        self._manager, self._settings = manager, settings
        self._index, self._jobs, self._clock = index, jobs, clock
        self._tended_at = clock.monotonic()
        self._round = 0
        self._has_launched = self._is_warm = False

    def do(self) -> None:
        """One round of three kinds, so that what fails each time keeps only its own kind from being done."""
        this, self._round = self._round, self._round + 1
        self.tend()
        if this % _KINDS == 0:
            self._launch()
        elif this % _KINDS == 1:
            self._reconcile_status()
        else:  # not in the first round: first come the pages that were waiting for the start
            self._warm()
        if this % _BETWEEN_PACKINGS == _BETWEEN_PACKINGS - 1:
            self._index.pack(tuple(self._jobs.snapshot().jobs), self._tend_now_and_then)

    def _launch(self) -> None:
        if not self._has_launched:
            self._resume_at_launch()
            self._has_launched = True

    def _warm(self) -> None:
        if not self._is_warm:
            self._index.warm(tuple(self._jobs.snapshot().jobs), self._tend_now_and_then)
            self._is_warm = True

    def tend(self) -> None:
        """What also a command does that waits for a run; a full disk keeps none from its turn."""
        self._tended_at = self._clock.monotonic()
        self._dispatcher.reap()
        with suppress(AppError):
            self._recovery.look()
        with suppress(AppError):
            self._admission.submit_due()

    def _tend_now_and_then(self) -> None:
        """What is due once a second is so during a long reading too."""
        if self._clock.monotonic() - self._tended_at >= _BETWEEN_TENDINGS:
            self.tend()

    def _resume_at_launch(self) -> None:
        """`auto_start_on_launch`: carry on with what was interrupted, never with what a person paused or settled."""
        if not self._settings.load().auto_start_on_launch:
            return
        for offer in self._manager.recoverable():
            if offer.run is not None and not self._recovery.was_told(offer.run):
                self._resume(offer.job.id)

    def _resume(self, job_id: str) -> None:
        """A job that cannot start now stays in the recovery prompt, which says why."""
        with suppress(AppError):
            self._begun_by_itself(self._manager.start(job_id, trigger="launch"))

    def _reconcile_status(self) -> None:
        """What a supervisor could not write to jobs.yaml is written now; what somebody wrote since stands."""
        active = {run.job_id: run for run in self._admission.active() if run.kind == "backup"}
        turns = Turns(lambda: self._clock.sleep(0))
        for job in self._jobs.snapshot().jobs.values():
            turns.pause()
            if job.id not in active and self._index.bears_out(job.id, job.status):
                continue
            latest = self._index.latest(job.id)
            run = active.get(job.id) or latest.settled or latest.last
            if run and job.status != job_status(run) and _is_later(run, job):
                self._correct(job, run)

    def _correct(self, job: Job, run: Run) -> None:
        with suppress(AppError):
            self._jobs.set_status(job.id, job_status(run), run.progress)


def _is_later(run: Run, job: Job) -> bool:
    """Whether the run began, or ended, after the job's entry was last written."""
    moment = run.started_at if run.is_active else run.started_at and run.ended_at
    return bool(moment) and job.updated_at <= local_text(parse_utc(moment))
