"""What another program's changes of jobs.yaml ask of our runs, and our figures for its pages; it starts nothing."""

from contextlib import suppress
from datetime import timedelta

from core.admission import Admission
from core.definitions import Definitions
from core.dispatch import Dispatcher
from core.foreign import explains_running
from core.orders import PAUSE
from models.errors import AppError
from models.job import Job
from models.progress import Progress
from models.run import Outcome, Run, RunState
from storage.data_folder import DataFolder
from storage.file_lock import try_lock
from storage.job_store import JobStore
from storage.run_store import RunStore
from utils.clock import Clock, local_text, parse_utc

STARTED_ELSEWHERE = Outcome("Another program started this job first, so this run did not begin.")
DELETED_ELSEWHERE = Outcome("Another program deleted this job from jobs.yaml.")
_DOUBT = 1.0  # seconds that a job has to be gone before that counts
_AFTER_START = timedelta(seconds=5)  # until then a status may still be the one from before
_BETWEEN_FIGURES = 5.0
_REMEMBERED = 7 * 86_400.0


class LegacyWishes:
    """A deletion or a "recover" of a job that we run asks us to pause it; a start of one that we only
    queued takes it out of the queue. `look` is called once a second by one thread."""

    def __init__(
        self,
        jobs: JobStore,
        runs: RunStore,
        admission: Admission,
        dispatcher: Dispatcher,
        definitions: Definitions,
        clock: Clock,
    ) -> None:
        self._jobs, self._runs, self._admission = jobs, runs, admission
        self._dispatcher, self._definitions, self._clock = dispatcher, definitions, clock
        self._gone_since: dict[str, float] = {}
        self._to_delete: set[str] = set()
        self._told: set[str] = set()
        self._seen_running: set[str] = set()

    def look(self) -> None:
        """One round. While jobs.yaml is broken or unconfirmed it says nothing."""
        with suppress(AppError):
            snapshot = self._jobs.snapshot()
            if not snapshot.writable:
                return
            active = self._admission.active()
            for run in active:
                self._look_at(run, snapshot.jobs.get(run.job_id))
            self._delete_paused({run.job_id for run in active}, set(snapshot.jobs))
            known = {run.id for run in active}
            self._told &= known
            self._seen_running &= known

    def _look_at(self, run: Run, job: Job | None) -> None:
        if job is None:
            self._deleted(run)
            return
        self._gone_since.pop(run.job_id, None)
        self._to_delete.discard(run.job_id)
        if run.kind != "backup":
            return
        if run.state is RunState.QUEUED:
            self._started(run, job)
        elif job.status == "running":
            self._seen_running.add(run.id)
        elif self._is_recovered(run, job):
            self._pause(run)

    def _deleted(self, run: Run) -> None:
        now = self._clock.monotonic()
        if now - self._gone_since.setdefault(run.job_id, now) >= _DOUBT:
            self._to_delete.add(run.job_id)
            self._stop(run)

    def _started(self, run: Run, job: Job) -> None:
        """Its entry says so since the run was queued, and our own last run is not the reason."""
        if job.status != "running" or job.updated_at <= local_text(parse_utc(run.created_at)):
            return
        if not explains_running(job, self._runs.last(job.id, "backup")):
            self._admission.cancel(run, STARTED_ELSEWHERE)

    def _is_recovered(self, run: Run, job: Job) -> bool:
        if not run.started_at:
            return False
        begun = parse_utc(run.started_at)
        if job.updated_at > local_text(begun + _AFTER_START):
            return True
        was_running = run.id in self._seen_running or self._jobs.was_made_running(job.id, run.started_at)
        return was_running and job.updated_at > local_text(begun)

    def _stop(self, run: Run) -> None:
        if run.state is RunState.QUEUED:
            self._admission.cancel(run, DELETED_ELSEWHERE)
        else:
            self._pause(run)

    def _pause(self, run: Run) -> None:
        if run.id not in self._told:
            self._told.add(run.id)
            self._dispatcher.tell(run, PAUSE)

    def _delete_paused(self, busy: set[str], present: set[str]) -> None:
        """What was asked for with the deletion, now that the run has ended."""
        for job_id in self._to_delete - busy:
            self._to_delete.discard(job_id)
            self._gone_since.pop(job_id, None)
            if job_id not in present:
                self._definitions.forget(job_id)
                self._runs.remove_job(job_id)


class LegacyFigures:
    """Puts the figures of all running jobs into jobs.yaml at once, every five seconds at most, from one
    web process, and only while another program was seen to write the file within a week."""

    def __init__(self, folder: DataFolder, jobs: JobStore, runs: RunStore, admission: Admission, clock: Clock) -> None:
        self._folder, self._jobs, self._runs = folder, jobs, runs
        self._admission, self._clock = admission, clock
        self._lock: int | None = None
        self._written: dict[str, Progress] = {}
        self._looked_at = clock.monotonic() - _BETWEEN_FIGURES

    def look(self) -> None:
        """One round."""
        now = self._clock.monotonic()
        if now - self._looked_at < _BETWEEN_FIGURES:
            return
        self._looked_at = now
        with suppress(AppError):
            if self._is_wanted() and self._is_ours_to_do():
                self._write(self._figures())

    def _is_wanted(self) -> bool:
        return self._clock.now().timestamp() - self._jobs.foreign_seen_at() < _REMEMBERED

    def _is_ours_to_do(self) -> bool:
        """Whether this is the one process that does it; it stays so as long as it lives."""
        if self._lock is None:
            self._lock = try_lock(self._folder.figures_lock)
        return self._lock is not None

    def _figures(self) -> dict[str, Progress]:
        """Of each job that we run and that the file calls running; only what has changed."""
        jobs, found = self._jobs.snapshot().jobs, {}
        for run in self._admission.active():
            job = jobs.get(run.job_id)
            if run.kind == "backup" and run.has_started and job is not None and job.status == "running":
                shown = self._runs.read_live(run.job_id, run.id) or run
                found[run.job_id] = shown.progress
        return {job_id: figures for job_id, figures in found.items() if self._written.get(job_id) != figures}

    def _write(self, figures: dict[str, Progress]) -> None:
        if figures:
            self._jobs.set_figures(figures)
            self._written = figures
